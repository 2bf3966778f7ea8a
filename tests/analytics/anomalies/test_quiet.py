"""What noise keeps quiet stays listed, and one of it a month is shown again: the first, and never at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from analytics.anomalies import quiet
from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import Judged, judge
from analytics.anomalies.reading import Panel
from analytics.anomalies.verdicts import Verdict, Verdicts
from store.workspace.anomaly_verdicts import Saying
from tests.analytics.anomalies.panels import counts, day

APRIL, MAY, JUNE = date(2026, 4, 29), date(2026, 5, 31), date(2026, 6, 1)
LARGE, SMALL = day(80), day(100)  # 26 March and 15 April


@pytest.fixture(scope="module")
def panel() -> tuple[Panel, Judged]:
    values = np.random.default_rng(3).integers(18, 23, 120).astype(float)
    values[80], values[100] = 90, 48
    made = counts(values)
    return made, judge(made)


@pytest.fixture(scope="module")
def large(panel: tuple[Panel, Judged]) -> Incident:
    return next(one for one in find(*panel) if one.peak == LARGE)


def said(one: Incident, word: Saying, on: date) -> Verdict:
    return Verdict(one.key, one.metric, one.where, word, on, one.start, one.end, "Ann")


def again(incidents: list[Incident], verdicts: list[Verdict], today: date) -> Incident | None:
    all_ = Verdicts(tuple(verdicts))
    return quiet.shown_again(all_.sorted_out(incidents, {})[1], all_, today)


def test_what_was_called_noise_is_shown_in_the_month_after_alone(large: Incident) -> None:
    noise = [said(large, "noise", date(2026, 4, 27))]
    assert again([large], noise, APRIL) is None and again([large], noise, JUNE) is None
    shown = again([large], noise, MAY)
    assert shown is not None and shown.key == large.key and shown.status == "again"
    assert shown.reason == (
        "Kept quiet since Ann called this noise on 27 Apr 2026; shown again once this month so that you can check"
    )


def test_the_first_is_the_one_and_a_stronger_one_later_does_not_take_its_place(large: Incident) -> None:
    later = replace(large, opened=day(81), p=large.p / 1e9)
    verdicts = [said(large, "noise", date(2026, 4, 3)), said(later, "noise", date(2026, 4, 3))]
    may = date(2026, 5, 2)
    raised = replace(large, opened=may, end=may, status="suppressed", reason=f"{quiet.RAISED} …", p=1e-99)
    for found in ([large, later], [later, large], [raised, later, large]):
        shown = again(found, verdicts, MAY)
        assert shown is not None and shown.key == large.key
    shown = again([raised], verdicts, MAY)
    assert shown is not None and shown.key == raised.key


@pytest.mark.parametrize("word", ["noise", "useful", "expected_event"])
def test_one_that_was_judged_this_month_gives_its_place_to_no_other(large: Incident, word: Saying) -> None:
    other = replace(large, opened=day(40), start=day(40), end=day(40), peak=day(40))
    verdicts = [said(one, "noise", date(2026, 4, 3)) for one in (large, other)]
    judged = [*verdicts, said(large, word, date(2026, 5, 5))]
    if word == "useful":  # it is told, and what was called noise after it has its turn
        assert Verdicts(tuple(judged)).sorted_out([large], {})[0] == [large]
    assert again([large], judged, MAY) is None
    if word == "noise":
        assert again([large, other], judged, MAY) is None


def test_a_raised_threshold_keeps_only_later_ones_quiet_and_lists_them(panel: tuple[Panel, Judged]) -> None:
    plain = find(*panel)
    assert {one.peak for one in plain} == {LARGE, SMALL}
    large, small = sorted(plain, key=lambda one: one.opened)
    noise = [said(large, "noise", day(90))] * 4
    verdicts = Verdicts(tuple(noise))
    found = find(*panel, verdicts.steps("volume", panel[0].days))
    assert [one.key for one in found] == [large.key]
    (left,) = quiet.below(*panel, found, verdicts)
    assert left.key == small.key and left.reason.startswith("below the threshold") and "5 Apr" in left.reason
    assert quiet.below(*panel, plain, verdicts) == []
    kept, suppressed = verdicts.sorted_out([*found, left], {})
    assert not kept and {one.key for one in suppressed} == {large.key, small.key}
    late = Verdicts(tuple(replace(one, on=day(101)) for one in noise))
    assert len(find(*panel, late.steps("volume", panel[0].days))) == 2
    assert quiet.below(*panel, plain, late) == [] and quiet.below(*panel, plain, Verdicts()) == []


def test_one_below_a_raised_threshold_is_shown_in_its_own_month_until_it_is_judged(
    panel: tuple[Panel, Judged],
) -> None:
    large = next(one for one in find(*panel) if one.peak == LARGE)
    noise = [said(large, "noise", day(90))] * 4
    (small,) = quiet.below(*panel, [large], Verdicts(tuple(noise)))
    shown = again([small], noise, date(2026, 4, 30))
    assert shown is not None and shown.peak == SMALL
    assert "Ann called another incident of this slice noise on 5 Apr 2026" in shown.reason
    assert again([small], noise, date(2026, 5, 1)) is None
    for month in (date(2026, 4, 30), date(2026, 5, 1)):
        assert again([small], [*noise, said(small, "noise", date(2026, 4, 20))], month) is None
    useful = Verdicts((*noise, said(small, "useful", date(2026, 4, 20))))
    (kept,) = useful.sorted_out([small], {})[0]
    assert kept.status == "alert" and not kept.reason
