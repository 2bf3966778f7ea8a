"""Hours that repeat or do not exist."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.notes import clock_changes
from analytics.result import MetricResult
from core.filters import Period
from core.settings import Settings, Workspace
from store.reader import Reader

HOUR = timedelta(hours=1)


def test_changes_of_the_clock() -> None:
    london, lord_howe = ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")
    year = datetime(2026, 1, 1), datetime(2027, 1, 1)
    assert clock_changes(*year, london) == [
        (datetime(2026, 3, 29, 1), HOUR),
        (datetime(2026, 10, 25, 1), -HOUR),
    ]
    assert clock_changes(*year, ZoneInfo("America/New_York")) == [
        (datetime(2026, 3, 8, 2), HOUR),
        (datetime(2026, 11, 1, 1), -HOUR),
    ]
    assert [by for _, by in clock_changes(*year, lord_howe)] == [-HOUR / 2, HOUR / 2]
    assert clock_changes(*year, ZoneInfo("Asia/Tokyo")) == []
    assert clock_changes(datetime(2026, 10, 26), datetime(2026, 11, 5), london) == []


def test_the_repeated_hour_holds_both_and_says_so(
    warehouse: Callable[..., Reader], ask: Callable[..., MetricResult]
) -> None:
    # Two conversations an hour apart in truth, at the same time by the wall clock.
    facts = [{"created_local": datetime(2026, 10, 25, 1, 30)} for _ in range(2)]
    reader = warehouse([*facts, {"created_local": datetime(2026, 11, 10)}])
    settings = Settings(workspace=Workspace(reporting_zone="Europe/London"))
    sunday = Period(date(2026, 10, 25), date(2026, 10, 25))
    result = ask(reader, "volume", sunday, grain="hour", settings=settings)
    assert len(result.rows) == 24 and result.rows[1].n == 2
    assert [note for note in result.notes if "clock" in note] == [
        "The clock went back on 25 Oct 2026: the hour from 01:00 holds two hours."
    ]
    assert not any(
        "clock" in note for note in ask(reader, "volume", sunday, grain="day", settings=settings).notes
    )
