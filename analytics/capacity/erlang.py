"""How many people a queue needs: the Erlang C formula for chats, the hours of work for mail.

Erlang C (A. K. Erlang 1917): Poisson arrivals, exponential handling times, nobody gives up. Computed by the recursion
of Erlang B, which does not overflow.
"""

from __future__ import annotations

from math import ceil, exp

MOST_AGENTS = 10_000


def waiting(load: float, agents: int) -> float:
    """The chance to wait at all; `load` is arrivals times handling time in one unit (erlangs). 1 where agents do not keep up."""
    if load <= 0:
        return 0.0
    if agents <= load:
        return 1.0
    blocked = 1.0
    for busy in range(1, agents + 1):
        blocked = load * blocked / (busy + load * blocked)
    return agents * blocked / (agents - load * (1 - blocked))


def answered_within(load: float, agents: int, *, handling_s: float, within_s: float) -> float:
    """The share answered within so many seconds."""
    if load <= 0:
        return 1.0
    if agents <= load:
        return 0.0
    return 1.0 - waiting(load, agents) * exp(-(agents - load) * within_s / handling_s)


def agents_for(
    arrivals_h: float, *, handling_s: float, target: float = 0.8, within_s: float = 60.0, together: int = 1
) -> int:
    """The fewest people at their desks for a share `target` answered within `within_s`; each handles `together` at once."""
    if arrivals_h <= 0 or handling_s <= 0:
        return 0
    places = handling_s / max(together, 1)
    load = arrivals_h * places / 3600
    agents = int(load) + 1
    while (
        agents < MOST_AGENTS and answered_within(load, agents, handling_s=places, within_s=within_s) < target
    ):
        agents += 1
    return agents


def heads(agents: float, shrinkage: float) -> int:
    """People on the roster for so many at their desks: a share `shrinkage`, below 1, is in breaks, meetings or ill."""
    return ceil(agents / (1 - shrinkage) - 1e-9)


def workload_agents(arrivals: float, *, handling_s: float, hours: float, occupancy: float = 0.85) -> float:
    """People for mail that comes in `hours`: its work, at a share `occupancy` of the time at the desk."""
    if arrivals <= 0 or handling_s <= 0 or hours <= 0:
        return 0.0
    return arrivals * handling_s / 3600 / hours / occupancy
