"""What happened to each conversation besides the talk: statuses, teams, people, priorities, ratings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.sample import scripts as s
from jobs.sample import world
from jobs.sample.draw import Ints
from jobs.sample.hours import DAY_S
from jobs.sample.threads import (
    ASSIGNEE,
    BY_REQUESTER,
    BY_SYSTEM,
    CLOSE_AFTER_S,
    NOTHING,
    PRIORITY,
    STATUS,
    TEAM,
    Events,
    Slice,
)

FRONT_LINE, NORMAL, HIGH = 0, 1, 2
SURVEYED, ANSWERED = 0.68, 0.34  # shares of solved conversations


def of(slice_: Slice) -> Events:
    """All events of a slice, in order."""
    parts = [
        _created(slice_), _steps(slice_), _ending(slice_), *_teams(slice_), *_assignees(slice_),
        _priorities(slice_),
    ]  # fmt: skip
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    known = columns[1] <= slice_.clock.cutoff
    row, at, rank, field, old, new, actor = (column[known] for column in columns)
    order = np.lexsort((rank, at, row))
    return Events(*(column[order] for column in (row, at, rank, field, old, new, actor)))


Columns = tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]


Value = Ints | int


def _columns(row: Ints, at: Ints, rank: Value, field: int, old: Value, new: Value, actor: Value) -> Columns:
    def whole(value: Value) -> Ints:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), row.shape)

    return row, at, whole(rank), whole(field), whole(old), whole(new), whole(actor)


def _created(x: Slice) -> Columns:
    row = np.arange(len(x.rows))
    system = np.isin(x.plan.kind[x.rows], (world.AUTOMATIC, world.OUTBOUND))
    actor = np.where(system, BY_SYSTEM, BY_REQUESTER)
    return _columns(row, x.times[:, 0], 0, STATUS, NOTHING, world.NEW, actor)


def _steps(x: Slice) -> Columns:
    before, after = x.clock.tables.status_before[x.script], x.clock.tables.status_after[x.script]
    row, step = np.nonzero(x.visible & (before != after))
    role = x.role[row, step]
    actor = np.where(role == s.CUSTOMER, BY_REQUESTER, x.agent_of_step[row, step])
    return _columns(row, x.times[row, step], 10 + step, STATUS, before[row, step], after[row, step], actor)


def ending(x: Slice) -> tuple[Ints, Ints]:
    """How and when each conversation is filed away: (status, or -1 for not at all; instant)."""
    kind = x.plan.kind[x.rows]
    aside = np.isin(kind, (world.SPAM, world.TEST, world.MERGED, world.AUTOMATIC))
    status = np.where(x.last_status == world.SOLVED, world.CLOSED, -1)
    wait = np.full(len(kind), CLOSE_AFTER_S)
    status, wait = np.where(aside, world.CLOSED, status), np.where(aside, 600, wait)
    removed = kind == world.REMOVED
    status, wait = np.where(removed, world.DELETED, status), np.where(removed, DAY_S, wait)
    at = x.at(x.last) + wait
    return np.where(x.finished & (at <= x.clock.cutoff), status, -1), at


def _ending(x: Slice) -> Columns:
    status, at = ending(x)
    row = np.nonzero(status >= 0)[0]
    by_hand = np.isin(x.plan.kind[x.rows], (world.SPAM, world.TEST, world.MERGED, world.REMOVED))
    actor = np.where(by_hand, x.plan.agent[x.rows], BY_SYSTEM)
    return _columns(row, at[row], 90, STATUS, x.last_status[row], status[row], actor[row])


def _share_of_wait(x: Slice, part: int) -> Ints:
    """An instant between creation and the first answer; conversations without one wait two hours."""
    first = x.at(np.maximum(x.first_step, 0))
    wait = np.where(x.first_step > 0, first - x.times[:, 0], 7200)
    return np.asarray(x.times[:, 0] + np.minimum(wait // part, 7200), dtype=np.int64)


def _handled(x: Slice) -> NDArray[np.bool_]:
    return np.asarray(np.isin(x.plan.kind[x.rows], (world.ORDINARY, world.OUTBOUND, world.REMOVED)))


def _teams(x: Slice) -> list[Columns]:
    """Most conversations arrive at Front Line and are passed on before somebody answers."""
    team = x.plan.team[x.rows]
    via = (x.clock.draws.uniform("via front line", x.rows) < 0.65) | (team == FRONT_LINE)
    row = np.arange(len(x.rows))
    start = np.where(via, FRONT_LINE, team)
    moved = np.nonzero(via & (team != FRONT_LINE) & _handled(x))[0]
    at = _share_of_wait(x, 2)
    return [
        _columns(row, x.times[:, 0], 1, TEAM, NOTHING, start, BY_SYSTEM),
        _columns(moved, at[moved], 3, TEAM, FRONT_LINE, team[moved], BY_SYSTEM),
    ]


def _assignees(x: Slice) -> list[Columns]:
    first = np.maximum(x.first_step, 0)
    reply = x.at(first)
    at = np.maximum(reply - (reply - x.times[:, 0]) // 10, _share_of_wait(x, 2))
    one, two = x.plan.agent[x.rows], x.plan.second_agent[x.rows]
    row = np.nonzero((x.first_step >= 0) & _handled(x))[0]
    steps = np.arange(s.MAX_STEPS)
    turn = (x.role == s.AGENT) & x.visible & (steps[None, :] > x.first_step[:, None])
    handed = np.nonzero(turn.any(axis=1) & (one != two) & (x.first_step >= 0) & _handled(x))[0]
    step = np.argmax(turn[handed], axis=1)
    return [
        _columns(row, at[row], 4, ASSIGNEE, NOTHING, one[row], BY_SYSTEM),
        _columns(handed, x.times[handed, step], 9 + step, ASSIGNEE, one[handed], two[handed], one[handed]),
    ]


def _priorities(x: Slice) -> Columns:
    final = x.plan.priority[x.rows]
    old = np.where(final == NORMAL, HIGH, NORMAL)
    changed = np.nonzero((x.clock.draws.uniform("priority changed", x.rows) < 0.07) & _handled(x))[0]
    at = _share_of_wait(x, 3)
    return _columns(
        changed, at[changed], 2, PRIORITY, old[changed], final[changed], x.plan.agent[x.rows][changed]
    )


def latest(x: Slice, events: Events, field: int) -> Ints:
    """The value of a field after a slice's last event about it, -1 where there was none."""
    value = np.full(len(x.rows), -1, dtype=np.int64)
    chosen = events.field == field
    value[events.row[chosen]] = events.new[chosen]
    return value


@dataclass(frozen=True)
class Surveys:
    """Rows of csat: surveys that were sent, and what came back."""

    row: Ints
    answered: NDArray[np.bool_]
    stars: Ints  # 1 to 5; says nothing where nobody answered
    offered: Ints
    rated: Ints  # likewise


def surveys(x: Slice) -> Surveys:
    """Two in three solved conversations bring a survey, and half of those people answer it.

    Unhappy and long-waiting people give fewer stars.
    """
    draws, rows = x.clock.draws, x.rows
    solved = x.last_status == world.SOLVED
    changed = x.clock.tables.status_before[x.script] != x.clock.tables.status_after[x.script]
    to_solved = changed & (x.clock.tables.status_after[x.script] == world.SOLVED) & x.visible
    step = s.MAX_STEPS - 1 - np.argmax(to_solved[:, ::-1], axis=1)
    rated = x.at(x.last)
    rated = rated + draws.lognormal("rated", 9_000, 1.1, rows).astype(np.int64)
    usual = np.array(world.FIRST_REPLY_S)[x.channel]
    slow = np.log(np.maximum(x.first_reply_s, 1) / usual)
    base = np.array((2.0, 4.4, 4.9))[x.plan.mood[rows]]
    stars = base - 0.3 * slow + 0.9 * np.log(draws.lognormal("stars", 1.0, 1.0, rows))
    asked = solved & to_solved.any(axis=1) & (x.plan.kind[rows] == world.ORDINARY)
    lot = draws.uniform("rates", rows)
    row = np.nonzero(asked & (lot < SURVEYED))[0]
    answered = (lot < ANSWERED) & (rated <= x.clock.cutoff)
    whole = np.clip(np.rint(stars), 1, 5).astype(np.int64)
    return Surveys(row, answered[row], whole[row], x.at(step)[row], rated[row])


def first_priority(x: Slice) -> Ints:
    """The priority a conversation began with; `_priorities` turns it into that of the plan."""
    final = x.plan.priority[x.rows]
    changed = (x.clock.draws.uniform("priority changed", x.rows) < 0.07) & _handled(x)
    return np.where(changed, np.where(final == NORMAL, HIGH, NORMAL), final)
