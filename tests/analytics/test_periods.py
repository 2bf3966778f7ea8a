"""Frames and buckets."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.periods import auto_grain, bucket_end, bucket_start, buckets, frame
from core.filters import GRAINS, Grain, Period

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def test_a_full_period_is_compared_with_the_one_before() -> None:
    found = frame(NOVEMBER, datetime(2027, 1, 1), "previous")
    assert not found.in_progress
    assert (found.start, found.until) == (datetime(2026, 11, 1), datetime(2026, 12, 1))
    assert (found.earlier_start, found.earlier_until) == (datetime(2026, 10, 2), datetime(2026, 11, 1))


def test_an_open_period_is_cut_to_what_has_passed() -> None:
    found = frame(NOVEMBER, datetime(2026, 11, 10, 15), "previous")
    assert found.in_progress and found.until == datetime(2026, 11, 10, 15)
    assert found.earlier_until == datetime(2026, 10, 11, 15)
    ripe = frame(NOVEMBER, datetime(2026, 11, 10), "previous", ripe_days=7)
    assert (ripe.until, ripe.earlier_until) == (datetime(2026, 11, 3), datetime(2026, 10, 4))


@pytest.mark.parametrize(
    ("days", "back"),
    [(7, 364), (30, 364), (90, 364), (364, 364), (365, 365), (366, 366), (400, 728), (730, 730)],
)
def test_a_year_earlier_is_last_year_and_never_holds_a_day_of_the_period(days: int, back: int) -> None:
    period = Period(date(2026, 11, 15) - timedelta(days=days - 1), date(2026, 11, 15))
    found = frame(period, datetime(2026, 11, 16), "year")
    assert found.earlier_start and found.earlier_until
    assert found.start - found.earlier_start == found.until - found.earlier_until == timedelta(days=back)
    assert found.earlier_until <= found.start


def test_a_period_that_has_not_begun_is_compared_with_nothing() -> None:
    found = frame(NOVEMBER, datetime(2026, 10, 1), "previous")
    assert found.until == found.start and found.earlier_start is None


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)), st.integers(1, 2000), st.sampled_from(GRAINS)
)
def test_buckets_cover_a_span_once(start: datetime, hours: int, grain: Grain) -> None:
    until = start + timedelta(hours=hours)
    found = buckets(start, until, grain)
    assert found[0] <= start < bucket_end(found[0], grain)
    assert found[-1] < until <= bucket_end(found[-1], grain)
    assert all(bucket_end(a, grain) == b for a, b in itertools.pairwise(found))
    assert all(bucket_start(at, grain) == at for at in found)


def test_weeks_and_quarters() -> None:
    at = datetime(2026, 11, 15, 13, 30)  # a Sunday
    assert bucket_start(at, "week") == datetime(2026, 11, 9)
    assert bucket_start(at, "quarter") == datetime(2026, 10, 1)
    assert bucket_end(datetime(2026, 10, 1), "quarter") == datetime(2027, 1, 1)


def test_an_unknown_grain_is_refused() -> None:
    with pytest.raises(ValueError, match="no grain 'minute'"):
        buckets(datetime(2026, 1, 1), datetime(2026, 1, 2), "minute")  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "grain"), [(1, "hour"), (30, "day"), (90, "week"), (800, "month")])
def test_a_grain_that_fits(days: int, grain: str) -> None:
    assert auto_grain(Period(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days - 1))) == grain
