"""Erlang C against published examples, and its edges."""

from __future__ import annotations

from math import exp, factorial

import pytest

from analytics.capacity.erlang import agents_for, answered_within, heads, waiting, workload_agents


def test_the_published_example_of_call_centre_helper() -> None:
    """100 calls in half an hour of 180 s, 80 % in 20 s: "Erlang C Formula – Made Simple With an Easy Worked Example"."""
    assert waiting(10, 14) == pytest.approx(0.174, abs=5e-4)
    assert answered_within(10, 14, handling_s=180, within_s=20) == pytest.approx(0.888, abs=5e-4)
    assert agents_for(200, handling_s=180, target=0.8, within_s=20) == 14
    assert heads(14, 0.3) == 20
    assert heads(1, 0.99) == 100 and heads(14, 0.0) == 14


def test_the_published_example_of_tanner() -> None:
    """360 calls in half an hour of 240 s, 55 agents: M. Tanner, "The Erlang-C Formula"."""
    assert waiting(48, 55) == pytest.approx(0.239, abs=5e-4)
    assert answered_within(48, 55, handling_s=240, within_s=15) == pytest.approx(0.846, abs=1e-3)


def test_the_sum_itself_gives_the_same() -> None:
    load, agents = 7.3, 9
    last = load**agents / factorial(agents) * agents / (agents - load)
    by_sum = last / (sum(load**k / factorial(k) for k in range(agents)) + last)
    assert waiting(load, agents) == pytest.approx(by_sum)
    within = 1 - by_sum * exp(-(agents - load) * 30 / 200)
    assert answered_within(load, agents, handling_s=200, within_s=30) == pytest.approx(within)


def test_edges() -> None:
    assert waiting(0, 0) == 0 and waiting(5, 5) == 1
    assert agents_for(0, handling_s=180) == 0 and agents_for(10, handling_s=0) == 0
    assert agents_for(20_000, handling_s=600, target=0.9, within_s=10) > 3333
    assert agents_for(60, handling_s=600, together=3) < agents_for(60, handling_s=600)
    assert workload_agents(85, handling_s=360, hours=10, occupancy=0.85) == pytest.approx(1.0)
    assert workload_agents(1, handling_s=3600, hours=10, occupancy=0.01) == pytest.approx(10)
    assert workload_agents(0, handling_s=360, hours=8) == 0
