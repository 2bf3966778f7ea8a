"""Workspaces of fewer than 28 days: what scatters is no incident, and what stands out is one."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.anomalies.counted import YOUNG
from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import judge
from analytics.anomalies.reading import Panel
from tests.analytics.anomalies.panels import counts, day

WEEK = np.array([1.2, 1.2, 1.1, 1.0, 1.0, 0.6, 0.4])


def workspace(seed: int, *, a_day: float, days: int = 27, scatter: float = 20.0, times: float = 1.0) -> Panel:
    """Everything and 24 slices with weekdays, scattered more than Poisson's; on day 20 so many times of all."""
    draw = np.random.default_rng(seed)
    share = draw.dirichlet(np.ones(24))
    mean = a_day * WEEK[(np.arange(days) + seed) % 7][:, None] * share
    mean[20] *= times
    table = draw.negative_binomial(scatter, scatter / (scatter + mean)).astype(float)
    return counts(table.sum(axis=1), *table.T)


def found(panel: Panel) -> list[Incident]:
    return find(panel, judge(panel))


@pytest.mark.parametrize(("a_day", "most"), [(20.0, 0), (60.0, 0), (200.0, 0), (1000.0, 1)])
def test_twenty_short_workspaces_of_every_size_are_silent(a_day: float, most: int) -> None:
    """500 series of each size: one of the largest, of some hundred a day each, may be told."""
    assert len([one for seed in range(20) for one in found(workspace(seed, a_day=a_day))]) <= most


def test_a_day_of_three_times_as_many_is_found() -> None:
    hits = [
        any(one.where == () and one.peak == day(20) for one in found(workspace(seed, a_day=200.0, times=3)))
        for seed in range(20)
    ]
    assert sum(hits) >= 16


def test_half_as_many_more_are_needed_at_first() -> None:
    for days, wanted in ((22, False), (70, True)):
        values = np.full(days, 400.0) + np.random.default_rng(3).normal(0, 4, days)
        values[-1] = 560
        assert bool(found(counts(np.round(values)))) is wanted
    assert YOUNG == 28


def test_nothing_breaks_out_when_a_workspace_is_no_longer_young() -> None:
    told = [one for seed in range(20) for one in found(workspace(seed, a_day=1000.0, days=84))]
    assert len(told) <= 3


def test_what_comes_later_changes_no_young_day() -> None:
    panel = workspace(1, a_day=60.0, days=60, times=3)
    whole, part = judge(panel), judge(counts(*(one.n[:24] for one in panel.series)))
    for name in ("p", "expected", "low", "high", "big"):
        assert np.array_equal(getattr(whole, name)[:24], getattr(part, name), equal_nan=True)
