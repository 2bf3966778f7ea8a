"""Weeks that went like the one of an incident: found where they were, with what was known of them, and only before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from analytics.anomalies.context import Told
from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import Judged, daily, judge
from analytics.anomalies.reading import Panel
from analytics.anomalies.similar import WINDOW, similar
from tests.analytics.anomalies.panels import counts, day

PEAK = 190


def panel(**sizes: int) -> tuple[Panel, Judged, Incident]:
    """200 days with a bad one, and what earlier days (day_60=…) brought."""
    values = np.random.default_rng(3).integers(18, 23, 200)
    values[PEAK] = 60
    for name, size in sizes.items():
        values[int(name.removeprefix("day_"))] = size
    made = counts(values)
    (found,) = [one for one in find(made, judge(made)) if one.peak == day(PEAK)]
    return made, daily(made), found


def test_days_like_it_are_found_the_nearest_first_with_their_numbers() -> None:
    told = similar(*panel(day_60=58, day_110=44, day_150=50))
    assert [one.day for one in told] == [day(60), day(150), day(110)]
    assert [one.actual for one in told] == [58, 50, 44] and told[0].n == 58
    assert all(15 < one.expected < 28 for one in told)
    assert [one.distance for one in told] == sorted(one.distance for one in told)


def test_three_at_most_and_never_the_same_days_twice() -> None:
    told = similar(*panel(day_40=70, day_60=80, day_61=80, day_110=80, day_150=80))
    days = [one.day for one in told]
    assert len(days) == 3 and min(abs(a - b) for a in days for b in days if a != b) >= timedelta(days=WINDOW)


def test_a_usual_week_is_not_like_it_and_a_low_one_neither() -> None:
    assert similar(*panel()) == ()
    assert similar(*panel(day_60=1, day_110=0, day_150=2)) == ()


def test_what_came_later_or_in_its_own_week_is_no_earlier_week() -> None:
    made, judged, found = panel(day_60=80)
    before = similar(made, judged, found)
    assert [one.day for one in before] == [day(60)]
    later, then, _ = panel(day_57=80, day_60=80, day_187=80, day_196=60)
    assert [one.day for one in similar(later, then, replace(found, start=day(187)))] == [day(60)]


def test_what_was_noted_then_is_told() -> None:
    events = [Told(day(59), day(61), "Outage", "incident"), Told(day(64), day(64), "Fair", "campaign")]
    (told,) = similar(*panel(day_60=80), events=events, holidays={day(60): "holiday of calendar uk"})
    assert told.noted == ("Outage (incident)", "holiday of calendar uk")


def test_a_mean_of_too_few_is_not_named_and_what_lasted_is_compared_with_no_week() -> None:
    made, judged, found = panel(day_60=58, day_110=55)
    few = judged.n.copy()
    few[60, 0], few[110, 0] = 4, 5
    mean = replace(found, unit="seconds")
    assert [one.day for one in similar(made, replace(judged, n=few), mean)] == [day(110)]
    assert similar(made, judged, replace(found, span=WINDOW)) and not similar(
        made, judged, replace(found, span=WINDOW + 1)
    )


@pytest.mark.parametrize("change", [{"where": (("product", "none"),)}, {"peak": day(3)}, {"peak": day(900)}])
def test_too_little_is_no_error(change: dict[str, Any]) -> None:
    made, judged, found = panel(day_60=80)
    assert similar(made, judged, replace(found, **change)) == ()
