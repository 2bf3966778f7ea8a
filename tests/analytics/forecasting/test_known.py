"""What a forecast of the workspace is given beside its counts: kinds of notes that recur, and daily numbers of sources."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from analytics.anomalies.context import Told, concerning
from analytics.daily import daily, known_of
from analytics.forecasting import Calendar
from analytics.forecasting.known import beside_of, with_incidents
from analytics.forecasting.of_metric import Forecast, forecast_metric
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader
from store.workspace import Note

Make = Callable[..., Reader]
FIRST, DAYS, AHEAD = date(2026, 8, 3), 84, 7
PERIOD = Period(FIRST, FIRST + timedelta(days=DAYS - 1))
RELEASED = range(5, DAYS + AHEAD, 8)


def day(at: int) -> date:
    return FIRST + timedelta(days=at)


def told(at: int, tag: str = "release", days: int = 1) -> Told:
    return Told(day(at), day(at + days - 1), "as noted", tag)


@pytest.fixture(scope="module")
def counted() -> list[int]:
    """Conversations of each day: twice as many where something was released."""
    random = np.random.default_rng(1)
    return [int(random.poisson(24 if at in RELEASED else 12)) for at in range(DAYS)]


def opened(warehouse: Make, counted: list[int], **more: Any) -> Reader:
    facts = [
        {"created_local": datetime(day(at).year, day(at).month, day(at).day, 10)}
        for at, count in enumerate(counted)
        for _ in range(count)
    ]
    return warehouse(facts, **more)


def forecast(reader: Reader, *events: Told) -> Forecast:
    return forecast_metric(
        reader,
        "volume",
        Filters(PERIOD),
        settings=Settings(),
        viewer=EVERYTHING,
        horizon=AHEAD,
        events=events,
    ).forecasts[0]


def test_releases_that_were_noted_are_put_on_days_ahead(warehouse: Make, counted: list[int]) -> None:
    reader = opened(warehouse, counted)
    plain, known = forecast(reader), forecast(reader, *map(told, RELEASED))
    assert any(one.startswith("The forecast uses noted releases (MASE") for one in known.sentences)
    assert not any("releases" in one for one in plain.sentences)
    ahead = next(at for at in RELEASED if at >= DAYS)
    by_day = {
        one.day: (one.value or 0) / (usual.value or 1)
        for one, usual in zip(known.days, plain.days, strict=True)
    }
    assert by_day.pop(day(ahead)) > 1.4 > 1.1 > max(by_day.values())


def test_a_kind_that_was_noted_twice_does_not_recur(warehouse: Make, counted: list[int]) -> None:
    reader = opened(warehouse, counted[:14])
    twice = [told(1), told(5), told(86, "release"), told(2, "other"), told(3, "other"), told(4, "other")]
    assert beside_of(reader, twice, PERIOD, AHEAD, viewer=EVERYTHING) is None
    often = beside_of(reader, [*twice, told(9, days=3)], PERIOD, AHEAD, viewer=EVERYTHING)
    assert often is not None and list(often.columns) == ["noted releases"]
    marked = [moment.date() for moment in often.index[often["noted releases"] > 0]]
    assert marked == [day(at) for at in (1, 5, 9, 10, 11, 86)]
    assert (often.index[0].date(), often.index[-1].date()) == (FIRST, day(DAYS + AHEAD - 1))


def test_daily_numbers_of_sources_are_tried_and_added_up(warehouse: Make, counted: list[int]) -> None:
    sizes = [
        {
            "source_id": source,
            "day": day(at),
            "name": "web_orders",
            "value": 100.0 + at,
            "is_deleted": at == 2,
        }
        for source in ("shop", "other")
        for at in range(DAYS)
    ]
    reader = opened(warehouse, counted, denominators=sizes)
    found = beside_of(reader, (), PERIOD, AHEAD, viewer=EVERYTHING)
    assert found is not None and list(found.columns) == ["web orders"]
    assert found["web orders"].iloc[:2].tolist() == [200.0, 202.0] and np.isnan(found["web orders"].iloc[2])
    assert any("web orders" in one and "7 days before" in one for one in forecast(reader).sentences)


def test_days_of_an_incident_are_not_learnt_from() -> None:
    events = [told(2, "incident", 2), told(9, "incident", 15), told(4, "release")]
    calendar = with_incidents(Calendar(holidays={day(0): "closed"}), events)
    assert calendar is not None and calendar.one_off == {day(2), day(3)} and day(0) in calendar.holidays
    assert with_incidents(None, events[1:]) is None


def test_notes_that_concern_other_charts_are_left_out() -> None:
    at = datetime(2026, 8, 3)
    notes = [
        Note(1, day(0), day(1), "all", "release", "ann", None, (), at, None),
        Note(2, day(0), day(0), "chat", "release", "ann", None, (("channel", ("chat",)),), at, None),
        Note(3, day(0), day(0), "csat", "release", "ann", "csat_score", (), at, None),
    ]
    assert [one.text for one in concerning(notes, "volume", Filters())] == ["all"]
    chat = Filters.of(None, {"channel": ["chat"]})
    assert [one.text for one in concerning(notes, "volume", chat)] == ["all", "chat"]


def test_what_was_noted_or_counted_later_was_not_known_then(warehouse: Make, counted: list[int]) -> None:
    sizes = [
        {"source_id": "shop", "day": day(at), "name": "web_orders", "value": 100.0}
        for at in range(DAYS + AHEAD)
    ]
    reader = opened(warehouse, counted, denominators=sizes)
    past = [told(at) for at in RELEASED if at < DAYS]
    planned, after = (replace(told(86), noted=day(at)) for at in (80, 86))

    def marked(*events: Told, as_of: date | None) -> tuple[list[date], int]:
        read = daily(reader, "volume", Filters(PERIOD), settings=Settings(), viewer=EVERYTHING)
        _, found = known_of(
            reader, read, AHEAD, settings=Settings(), viewer=EVERYTHING, events=events, as_of=as_of
        )
        assert found is not None
        days = [one.date() for one in found.index[found["noted releases"] > 0] if one.date() >= day(DAYS)]
        return days, int(found["web orders"].notna().sum())

    first = day(DAYS)
    assert marked(*past, planned, as_of=first) == ([day(86)], DAYS)
    assert marked(*past, after, as_of=first) == ([], DAYS)
    assert marked(*past, after, as_of=None) == ([day(86)], DAYS + AHEAD)
