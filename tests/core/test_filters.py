"""Periods count both ends; equal filters are equal keys."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.filters import Filters, Period

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
PERIODS = st.builds(
    lambda start, days: Period(start, start + timedelta(days=days)), DAYS, st.integers(0, 800)
)


def test_both_ends_are_included() -> None:
    week = Period(date(2026, 11, 9), date(2026, 11, 15))
    assert week.days == 7
    assert week.until == date(2026, 11, 16)
    assert week.previous() == Period(date(2026, 11, 2), date(2026, 11, 8))
    assert (str(week), str(Period(week.end, week.end))) == ("2026-11-09 to 2026-11-15", "2026-11-15")


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2026, 1, 2), date(2026, 1, 1))


@given(PERIODS)
def test_the_previous_period_touches_and_is_as_long(period: Period) -> None:
    assert period.previous().until == period.start
    assert period.previous().days == period.days


@given(PERIODS, DAYS)
def test_a_clipped_period_never_grows_and_keeps_its_start(period: Period, day: date) -> None:
    clipped = period.clipped(day)
    assert clipped.start == period.start
    assert clipped.end <= period.end
    if day >= period.start:
        assert clipped.end <= day


@given(st.dictionaries(st.text(min_size=1), st.lists(st.text(), max_size=4), max_size=4), st.randoms())
def test_equal_filters_are_equal_keys(where: dict[str, list[str]], random) -> None:
    names = list(where)
    random.shuffle(names)
    shuffled = {name: random.sample(where[name], len(where[name])) * 2 for name in names}
    assert Filters.of(None, where) == Filters.of(None, shuffled)
    assert hash(Filters.of(None, where)) == hash(Filters.of(None, shuffled))


def test_narrowing_sets_one_dimension_and_nothing_removes_it() -> None:
    filters = Filters.of(None, {"channel": ["web", "chat"]})
    assert filters.values("channel") == ("chat", "web")
    assert filters.values("product") == ()
    both = filters.narrowed("product", "Payments")
    assert both.where == (("channel", ("chat", "web")), ("product", ("Payments",)))
    assert both.narrowed("channel") == Filters.of(None, {"product": ["Payments"]})


def test_the_period_travels_apart_from_the_values() -> None:
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    filters = Filters.of(None, {"channel": ["web"]}).over(period)
    assert (filters.period, filters.values("channel")) == (period, ("web",))
