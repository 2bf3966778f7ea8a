"""A new normal: what is usual of a slice begins anew on its first day, of that slice alone, and nothing before changes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from analytics.anomalies import hourly
from analytics.anomalies.incidents import find
from analytics.anomalies.judging import judge
from analytics.anomalies.reading import Panel, Where
from analytics.anomalies.verdicts import Verdict, Verdicts
from store.workspace.anomaly_verdicts import Saying
from tests.analytics.anomalies.panels import counts, day

SLICE: Where = (("product", "p0"),)
OTHER: Where = (("product", "p1"),)
STEP = 150


def accepted(where: Where, start: int = STEP, end: int = STEP + 8) -> Verdicts:
    return Verdicts((Verdict("k", "volume", where, "new_normal", day(end), day(start), day(end)),))


def series(seed: int, *parts: tuple[float, int]) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.poisson(mean, days) for mean, days in parts]).astype(float)


def stepped(last: int = 50) -> Panel:
    """Everything, a slice that goes from 20 to 60 a day, and one that stays."""
    moved, stays = series(1, (20, STEP), (60, last)), series(2, (30, STEP + last))
    return counts(moved + stays, moved, stays)


def test_of_a_slice_what_was_before_is_unknown_and_not_none() -> None:
    judged = judge(accepted(SLICE).rebased(stepped()))
    assert judged.expected[STEP + 2, 1] == pytest.approx(60, rel=0.3)
    assert judged.expected[STEP + 30, 1] == pytest.approx(60, rel=0.1)
    assert judged.p[STEP : STEP + 14, 1].min() == 1 and judged.p[STEP + 14 :, 1].min() > 1e-4


def test_a_new_normal_of_a_slice_closes_its_incident_and_what_comes_later_is_told() -> None:
    panel = stepped(24)
    panel.series[1].sums[0][0, STEP + 20] += 90
    said = accepted(SLICE)
    rebased = said.rebased(panel)
    kept, left = said.sorted_out(find(rebased, judge(rebased)), {})
    assert [(one.peak, one.is_open) for one in kept if one.where] == [(day(STEP + 20), False)]
    assert left == []


def test_a_new_normal_leaves_all_other_series_as_they_were() -> None:
    panel = stepped()
    panel.series[2].sums[0][0, STEP + 5] += 60
    plain = judge(panel)
    for where, own in (((), 0), (SLICE, 1)):
        judged = judge(accepted(where).rebased(panel))
        for place in {0, 1, 2} - {own}:
            for name in ("p", "expected", "actual"):
                assert np.array_equal(
                    getattr(judged, name)[:, place], getattr(plain, name)[:, place], equal_nan=True
                )
    assert plain.p[STEP + 5, 2] < 1e-10


def test_what_was_told_before_a_new_normal_stays_told() -> None:
    panel = stepped()
    panel.series[1].sums[0][0, 90] += 70
    rebased = accepted(SLICE).rebased(panel)
    assert day(90) in [one.peak for one in find(rebased, judge(rebased)) if one.where == SLICE]
    assert rebased.series[1].n[90] == panel.series[1].n[90]


def test_a_day_without_anything_is_a_gap_also_after_a_new_normal() -> None:
    panel = stepped()
    for one in panel.series:
        one.sums[0][0, [60, STEP + 30]] = 0
    for where in ((), SLICE):
        judged = judge(accepted(where).rebased(panel))
        assert (judged.p[[60, STEP + 30]] == 1).all()


def test_slices_that_moved_with_everything_are_accepted_with_it() -> None:
    draw = np.random.default_rng(6)
    moved = [draw.poisson(np.r_[np.full(STEP, 20.0), np.full(50, 60.0)]).astype(float) for _ in range(2)]
    fell = draw.poisson(np.r_[np.full(STEP, 30.0), np.full(50, 6.0)]).astype(float)
    panel = counts(moved[0] + moved[1] + fell, *moved, fell)
    plain = find(panel, judge(panel))
    assert len({one.where for one in plain if one.is_shift}) == 4
    along = accepted(()).along(plain)
    rebased = along.rebased(panel)
    left = [one for one in find(rebased, judge(rebased)) if one.opened >= day(STEP)]
    assert {one.where for one in left} == {(("product", "p2"),)}
    assert accepted(SLICE).along(plain) == accepted(SLICE)


def hours(days: int, last: int, to: float) -> tuple[np.ndarray, list[date]]:
    shape = np.r_[np.zeros(8), np.full(10, 1.0), np.zeros(6)]
    level = np.r_[np.full(days - last, 2.0), np.full(last, to)]
    table = np.random.default_rng(4).poisson(level[:, None] * shape).astype(float)
    return table, [day(at) for at in range(days)]


def test_bursts_are_told_against_the_new_normal() -> None:
    table, days = hours(200, 40, 8.0)
    table[195, 14], table[60, 14] = 60, 25
    old = [one.day for one in hourly.find(table, days, [False] * 200)]
    new = hourly.find(table, days, [False] * 200, since=day(160))
    assert [one.day for one in new] == [day(60), day(195)] and day(163) in old
    assert new[-1].expected > 8


def test_what_people_said_moves_the_threshold_of_bursts() -> None:
    table, days = hours(120, 0, 2.0)
    table[100, 14] = 20
    (found,) = hourly.find(table, days, [False] * 120)
    heat = -np.log10(found.p)
    assert 8 < heat < 16

    def told(word: Saying, times: int) -> list[tuple[date, bool]]:
        said = Verdicts((Verdict("k", "volume", (), word, day(100), day(99), day(99)),) * times)
        steps = said.steps("volume", days)[()]
        return [(one.day, one.is_quiet) for one in hourly.find(table, days, [False] * 120, steps=steps)]

    assert told("noise", 1) == [(day(100), False)] and told("noise", 6) == [(day(100), True)]
    table[100, 14] = 17
    assert hourly.find(table, days, [False] * 120) == [] and told("useful", 1) == [(day(100), False)]
