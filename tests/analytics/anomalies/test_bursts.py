"""Bursts of hours: nothing while a workspace is new, and their own numbers with a band that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from analytics.anomalies import bursts, hourly
from analytics.anomalies.causes import behind, causes_of
from analytics.anomalies.counted import band
from analytics.anomalies.grouping import Card, group
from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import gaps_of, judge
from analytics.anomalies.similar import is_compared
from analytics.anomalies.words import headline, sentences
from analytics.compute import compute
from core.effective import effective_settings
from core.filters import Filters
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.analytics.anomalies.panels import counts, day

SHAPE = np.r_[np.full(8, 0.2), np.full(10, 2.0), np.full(6, 0.5)]


def hours(days: int, a_day: float, *, before: int = 0, seed: int = 0) -> np.ndarray:
    """Days by hours, after so many days without anything."""
    table = np.random.default_rng(seed).poisson(a_day * SHAPE / SHAPE.sum(), (days, 24)).astype(float)
    return np.vstack([np.zeros((before, 24)), table])


def found(table: np.ndarray) -> list[hourly.Burst]:
    return hourly.find(table, [day(at) for at in range(len(table))], [False] * len(table))


@pytest.mark.parametrize("before", [0, 5, 300])
@pytest.mark.parametrize(("days", "a_day"), [(5, 40.0), (10, 100.0), (20, 100.0), (60, 300.0)])
def test_a_new_workspace_is_silent_however_far_back_is_looked(before: int, days: int, a_day: float) -> None:
    assert found(hours(days, a_day, before=before)) == []


@pytest.mark.parametrize(("at", "told"), [(12, False), (40, True)])
def test_a_burst_is_told_after_two_weeks_with_data(at: int, told: bool) -> None:
    table = hours(60, 100.0, before=200)
    table[200 + at, 3] = 40
    assert [one.day for one in found(table)] == ([day(200 + at)] if told else [])


def test_days_of_a_gap_are_unknown_and_teach_nothing() -> None:
    table = hours(120, 100.0)
    table[80:100] = 0
    assert found(table) == []
    assert np.flatnonzero(gaps_of(table.sum(axis=1))).tolist() == list(range(80, 100))
    young = np.r_[np.zeros(250), np.full(20, 100.0), 0.0]
    assert np.flatnonzero(gaps_of(young)).tolist() == [*range(250), 270]


def test_a_band_holds_at_least_95_of_100_hours() -> None:
    draw = np.random.default_rng(5)
    for mean, phi in ((0.05, 1.0), (1.4, 1.2), (8.0, 2.0), (300.0, 3.0)):
        size = mean / (max(phi, 1.001) - 1)
        low, high = band(mean, phi)
        came = draw.negative_binomial(size, size / (size + mean), 20_000)
        assert low <= mean <= high and ((came >= low) & (came <= high)).mean() >= 0.95, (mean, phi)
    assert band(1.4, 1.0) == (0.0, 4.0)


@pytest.fixture
def panel() -> Any:
    total = np.random.default_rng(3).integers(95, 106, 120).astype(float)
    total[110], total[115] = 190, 20
    part = np.round(total / 4)
    part[105] += 50
    total[105] += 2
    return counts(total, part)


def burst(at: int, actual: float = 22.0, expected: float = 1.4) -> hourly.Burst:
    return hourly.Burst(day(at), 3, 3, actual, expected, 0.0, 4.0, 1e-12)


def test_the_numbers_of_a_burst_are_those_of_its_hours(panel: Any) -> None:
    *_, one = bursts.added([], [burst(100)], panel)
    assert one.is_burst and one.key == f"volume||{day(100)}T03-03"
    assert headline(one) == (
        "Conversations created, 15 Apr 2026, between 03:00 and 04:00: 22 where about 1.4 would be usual "
        "(95 of 100 such hours: 0 to 4)."
    )
    assert not is_compared(one), "earlier weeks are of days"
    assert behind(Filters(), one).values("hour") == ("03",)
    wide = replace(one, hours=(22, 23))
    assert behind(Filters(), wide).values("hour") == ("22", "23") and "between 22:00 and 24:00" in headline(
        wide
    )


def test_hours_are_said_of_the_day_that_they_brought_most_of(panel: Any) -> None:
    incidents = find(panel, judge(panel))
    at = {(one.peak, one.where): one for one in incidents}
    assert {(day(110), ()), (day(115), ()), (day(105), (("product", "p0"),))} <= set(at)
    told = bursts.added(incidents, [burst(110, 80, 4), burst(115), burst(105)], panel)
    mine = {(one.peak, one.where, one.is_burst): one for one in told}
    assert "most of it between 03:00 and 04:00" in headline(mine[day(110), (), False])
    assert (day(110), (), True) not in mine
    assert mine[day(115), (), False].hours is None and mine[day(115), (), True].actual == 22
    assert mine[day(105), (("product", "p0"),), False].hours is None and (day(105), (), True) in mine
    few = bursts.added(incidents, [burst(110, 30, 4)], panel)
    assert [one.hours for one in few if one.peak == day(110) and not one.where] == [None, (3, 3)]


def test_of_a_card_the_day_is_the_headline_and_the_hours_are_named_beside_it(panel: Any) -> None:
    incidents = [one for one in find(panel, judge(panel)) if one.peak == day(110) and not one.where]
    (card,) = group(bursts.added(incidents, [burst(110, 30, 4)], panel))
    assert not card.headline.is_burst
    assert "conversations created of everything between 03:00 and 04:00" in " ".join(sentences(card))


def test_a_burst_is_explained_by_its_hours(sample_home: Any, now: Any) -> None:
    """The planted day of the sample, asked for by its busiest hours."""
    settings, reader = effective_settings(sample_home, load_settings(sample_home)), open_reader(sample_home)
    filters = Filters.of(where={"channel": ["chat"]})
    asked = {"settings": settings, "viewer": EVERYTHING}
    made = bursts.added(
        [], [hourly.Burst(date(2026, 10, 31), 0, 23, 16.0, 1.0, 0.0, 3.0, 1e-12)], counts(np.ones(5))
    )
    day_causes, _ = causes_of(reader, replace(made[0], is_burst=False), filters, **asked)
    causes, _ = causes_of(reader, made[0], filters, **asked)
    assert [one.where for one in causes] == [one.where for one in day_causes] and causes
    assert causes[0].evidence.n == day_causes[0].evidence.n and causes[0].evidence.examples
    whole = compute(reader, "volume", behind(filters, made[0]).over(None), **asked)
    assert whole.total.value
    morning = replace(made[0], hours=(0, 1))
    assert all(one.n <= 3 for one in causes_of(reader, morning, filters, **asked)[0])


def test_a_burst_marks_no_day_of_the_line(panel: Any) -> None:
    from ui.anomalies import drill_of

    (one,) = bursts.added([], [burst(100)], panel)
    drill = drill_of(one)
    assert drill.where == (("hour", ("03",)),) and drill.period and drill.period.start == day(100)
    assert drill_of(replace(one, is_burst=False)).where == ()
    assert isinstance(Card(one).headline, Incident)
