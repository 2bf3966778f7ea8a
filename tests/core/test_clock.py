"""One door to the time, and one way to fix it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core import clock


@pytest.mark.parametrize(
    "text", ["2026-11-16T09:00:00+00:00", "2026-11-16T10:00:00+01:00", "2026-11-16T09:00:00"]
)
def test_the_variable_fixes_the_time_in_utc(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(clock.NOW_VARIABLE, text)
    assert clock.now() == datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_without_it_time_passes_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.NOW_VARIABLE, raising=False)
    first = clock.now()
    assert first <= clock.now()
    assert first.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 15), ("Pacific/Auckland", 16), ("America/Los_Angeles", 15), ("Asia/Tokyo", 16)]
)
def test_today_is_a_day_of_its_zone(monkeypatch: pytest.MonkeyPatch, zone: str, day: int) -> None:
    monkeypatch.setenv(clock.NOW_VARIABLE, "2026-11-15T20:00:00Z")
    assert clock.today(zone) == date(2026, 11, day)
