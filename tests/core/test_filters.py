"""Periods count both ends; equal filters are equal keys."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conditions import Condition, decode
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


def test_narrowing_adds_one_dimension_and_can_be_left_out_again() -> None:
    filters = Filters.of(None, {"channel": ["web", "chat"]})
    assert filters.values("channel") == ("chat", "web")
    assert filters.values("product") == ()
    both = filters.narrowed("product", "Payments")
    assert both.where == (("channel", ("chat", "web")), ("product", ("Payments",)))
    assert both.narrowed("channel") == both, "no values narrow nothing"
    assert both.without("channel") == Filters.of(None, {"product": ["Payments"]})


def test_of_one_value_what_is_on_both_lists_is_left() -> None:
    filters = Filters.of(None, {"channel": ["web", "chat"]})
    assert filters.narrowed("channel", "chat").where == (("channel", ("chat",)),)
    assert filters.narrowed("channel", "chat", "email").where == (("channel", ("chat",)),)
    assert filters.narrowed("channel", "chat", "email", "web") == filters
    assert filters.narrowed("channel", "email") == filters.also(Condition.of("channel", ["email"]))


def test_of_several_values_both_lists_hold() -> None:
    filters = Filters.of(None, {"tag": ["vip", "bug"]}, hours="business", include=["outbound"])
    assert filters.narrowed("tag", "vip").where == (("tag", ("vip",)),)
    assert filters.narrowed("tag", "vip", "bug", "new") == filters
    both = filters.narrowed("tag", "vip", "new")
    assert both.where == filters.where and both.groups == ((Condition.of("tag", ["vip", "new"]),),)
    assert (both.hours, both.include) == ("business", ("outbound",))
    assert both.narrowed("tag", "vip", "new") == both


VALUES = st.frozensets(st.sampled_from("abcd"), min_size=1)


@given(st.sampled_from(["tag", "team"]), st.lists(VALUES, min_size=1, max_size=4), VALUES)
def test_whatever_narrows_all_of_it_holds(name: str, lists: list[frozenset[str]], of: frozenset[str]) -> None:
    own = of if name == "tag" else frozenset(min(of))
    filters = Filters.of(None, {name: sorted(lists[0])}, groups=decode("team:x|channel:chat"))
    for values in lists[1:]:
        filters = filters.narrowed(name, *sorted(values))
    rest = [
        [one for one in group if one.dimension == name and one.values != ("x",)] for group in filters.groups
    ]
    passes = [
        all(own & set(values) for _, values in filters.where) and all(own & set(one.values) for one in group)
        for group in rest
    ]
    assert passes == [all(own & values for values in lists)] * 2


def test_the_period_travels_apart_from_the_values() -> None:
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    filters = Filters.of(None, {"channel": ["web"]}).over(period)
    assert (filters.period, filters.values("channel")) == (period, ("web",))
