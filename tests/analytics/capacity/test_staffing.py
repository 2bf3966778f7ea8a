"""Arrivals of a weekday are the mean of as many such weekdays as the data has, eight at most."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from analytics.capacity.staffing import Needs, of_channel, staffing_of
from core.clock import WEEKDAYS
from core.conditions import decode
from core.errors import InputError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from tests.analytics.conftest import Make

LAST = date(2026, 11, 15)  # a Sunday; the clock stands on the day after


@pytest.mark.parametrize("days", [56, 100, 21, 10])
def test_a_history_of_less_than_eight_weeks_is_divided_by_what_there_is(
    warehouse: Make, settings: Settings, days: int
) -> None:
    """Six mails each day, whatever the length of the history."""
    facts = [
        {"created_local": datetime(day.year, day.month, day.day, 9 + at)}
        for day in (LAST - timedelta(days=back) for back in range(days))
        for at in range(6)
    ]
    found = staffing_of(
        warehouse(facts), Filters(), "email", Needs(600.0), settings=settings, viewer=EVERYTHING
    )
    assert [one.arrivals for one in found.slots] == [6.0] * len(WEEKDAYS)
    assert found.period == Period(LAST - timedelta(days=min(days, 56) - 1), LAST)


def test_weekdays_that_the_data_has_once_more_are_told_apart(warehouse: Make, settings: Settings) -> None:
    """Ten days from a Friday: Fridays to Sundays came twice, six mails one time and none the other."""
    facts = [{"created_local": datetime(2026, 11, 6 + at, 9)} for at in range(7) for _ in range(6)]
    found = staffing_of(
        warehouse([*facts, {"created_local": datetime(2026, 11, 15, 9)}]), Filters(), "email", Needs(600.0),
        settings=settings, viewer=EVERYTHING,
    )  # fmt: skip
    assert {WEEKDAYS[one.weekday - 1]: one.arrivals for one in found.slots} == {
        "Monday": 6.0, "Tuesday": 6.0, "Wednesday": 6.0, "Thursday": 6.0, "Friday": 3.0, "Saturday": 3.0, "Sunday": 3.5,
    }  # fmt: skip


def test_nothing_came_says_of_how_long(warehouse: Make, settings: Settings) -> None:
    reader = warehouse(
        [{"created_local": datetime(2026, 11, 6, 9)}, {"created_local": datetime(2026, 11, 15, 9)}]
    )
    found = staffing_of(reader, Filters(), "chat", Needs(600.0), settings=settings, viewer=EVERYTHING)
    assert found.sentences == ("Nothing came by chat in the last 10 days.",)


def test_as_if_twice_as_many_came(warehouse: Make, settings: Settings) -> None:
    facts = [{"created_local": datetime(2026, 11, 2 + at, 9)} for at in range(14) for _ in range(40)]
    reader, how = warehouse(facts), {"settings": settings, "viewer": EVERYTHING}
    once, twice = (
        staffing_of(reader, Filters(), "email", Needs(600.0, times=one), **how)  # type: ignore[arg-type]
        for one in (1.0, 2.0)
    )
    assert [one.arrivals for one in twice.slots] == [2 * one.arrivals for one in once.slots]
    assert (once.slots[0].heads, twice.slots[0].heads) == (
        2,
        3,
    )  # by hand: 400 min / 408 / 0.7, and twice that
    for wrong in (-1.0, float("inf"), float("nan")):
        with pytest.raises(InputError):
            staffing_of(reader, Filters(), "email", Needs(600.0, times=wrong), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"within_s": float("nan")}, {"within_s": float("inf")}, {"handling_s": float("inf")}, {"handling_s": float("nan")},
     {"handling_s": 1e12}, {"shrinkage": float("nan")}, {"shrinkage": 1.0}, {"together": 0}],
)  # fmt: skip
def test_numbers_that_cannot_be_are_refused(
    warehouse: Make, settings: Settings, wrong: dict[str, float]
) -> None:
    reader = warehouse([{"created_local": datetime(2026, 11, 6, 9), "channel": "chat"}])
    with pytest.raises(InputError):
        staffing_of(reader, Filters(), "chat", Needs(**wrong), settings=settings, viewer=EVERYTHING)  # type: ignore[arg-type]


def test_all_that_the_filters_say_holds_beside_the_channel() -> None:
    period = Period(date(2026, 9, 21), LAST)
    only_high = decode("priority:high")
    asked = Filters.of(None, {"team": ["Billing"]}, hours="business", include=["outbound"], groups=only_high)
    assert of_channel(asked, "chat", period) == Filters.of(
        period,
        {"team": ["Billing"], "channel": ["chat"]},
        hours="business",
        include=["outbound"],
        groups=only_high,
    )


def test_a_channel_outside_the_filters_has_nothing(warehouse: Make, settings: Settings) -> None:
    reader = warehouse(
        [{"created_local": datetime(2026, 11, 6 + at, 9), "channel": "chat"} for at in range(9)]
    )
    found = staffing_of(
        reader,
        Filters.of(None, {"channel": ["email"]}),
        "chat",
        Needs(600.0),
        settings=settings,
        viewer=EVERYTHING,
    )
    assert not found.slots and found.sentences[0].startswith("Nothing came by chat")
