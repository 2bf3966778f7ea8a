"""Quiet hours over midnight and over changes of the clock: late, never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.quiet import QuietHours
from core.errors import InputError

BERLIN = "Europe/Berlin"


def quiet(text: str, zone: str = BERLIN) -> QuietHours:
    found = QuietHours.of(text, zone)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "moment", "ends"),
    [
        ("22:00-07:00", "2026-11-15T20:59", "2026-11-15T20:59"),  # 21:59 in Berlin: not yet
        ("22:00-07:00", "2026-11-15T21:00", "2026-11-16T06:00"),
        ("22:00-07:00", "2026-11-16T05:59", "2026-11-16T06:00"),
        ("22:00-07:00", "2026-11-16T06:00", "2026-11-16T06:00"),
        ("12:00-13:00", "2026-11-16T11:30", "2026-11-16T12:00"),
        # On 29 March 2026 the clock jumps from 02:00 to 03:00: 07:00 is 05:00 UTC, the night an hour shorter.
        ("22:00-07:00", "2026-03-28T22:00", "2026-03-29T05:00"),
        # 02:30 is not there that night: it comes as much after the jump as it lay within it.
        ("22:00-02:30", "2026-03-29T00:30", "2026-03-29T01:30"),
        # On 25 October 2026 the clock shows 02:00 to 03:00 twice; the next 02:30 to come ends the night.
        ("22:00-02:30", "2026-10-25T00:10", "2026-10-25T00:30"),
        ("22:00-02:30", "2026-10-25T01:10", "2026-10-25T01:30"),
        ("22:00-07:00", "2026-10-25T01:10", "2026-10-25T06:00"),
    ],
)
def test_ends(text: str, moment: str, ends: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert quiet(text).ends_after(at) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


@given(
    st.integers(0, 2 * 366 * 24 * 4), st.integers(0, 95), st.integers(0, 95),
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"]),
)  # fmt: skip
def test_the_end_is_never_before_nor_a_day_later_and_is_not_quiet(
    quarter: int, first: int, last: int, zone: str
) -> None:
    if first == last:
        return
    text = f"{first // 4:02}:{first % 4 * 15:02}-{last // 4:02}:{last % 4 * 15:02}"
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    end = quiet(text, zone).ends_after(at)
    assert at <= end <= at + timedelta(hours=25, minutes=30)
    changes = at.astimezone(ZoneInfo(zone)).utcoffset() != end.astimezone(ZoneInfo(zone)).utcoffset()
    assert changes or quiet(text, zone).ends_after(end) == end


@pytest.mark.parametrize("text", ["22-7", "22:00", "soon", "22:00-22:00", "25:00-07:00"])
def test_words_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="quiet hours"):
        QuietHours.of(text, BERLIN)


def test_no_words_are_no_quiet_hours_and_an_unknown_zone_is_refused() -> None:
    assert QuietHours.of("", BERLIN) is None
    with pytest.raises(InputError):
        QuietHours.of("22:00-07:00", "Mars/Base")
