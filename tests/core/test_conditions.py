"""Conditions joined by AND and OR: one line of text and back, and words for what cannot be read."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conditions import (
    LONGEST,
    MOST_CONDITIONS,
    MOST_GROUPS,
    MOST_VALUES,
    Condition,
    admits,
    decode,
    encode,
    narrowed,
    ordered,
    told,
)
from core.errors import QuestionError
from core.filters import Filters

BILLING = Condition.of("team", ["Billing"])
NOT_LOW = Condition.of("priority", ["low", "normal"], is_not=True)
CHAT = Condition.of("channel", ["chat"])
TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\\|;,:! "), min_size=1, max_size=12
)
CONDITIONS = st.builds(
    Condition.of, TEXT | TEXT.map(lambda t: f"custom:{t}") | st.sampled_from(["custom", "custom:"]),
    st.lists(TEXT, min_size=1, max_size=3), is_not=st.booleans(),
)  # fmt: skip
GROUPS = st.lists(st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)


def test_a_line_reads_as_it_is_written() -> None:
    line = "team:Billing;priority!:low,normal|channel:chat"
    assert decode(line) == ((BILLING, NOT_LOW), (CHAT,))
    assert encode(decode(line)) == line
    assert decode("  ") == () and encode(()) == ""
    assert decode(" team : Billing ; priority !: normal , low | channel:chat ") == decode(line)


def test_what_a_value_may_hold() -> None:
    assert decode("tag:a\\,b,c") == ((Condition.of("tag", ["a,b", "c"]),),)
    assert decode("topic:pay: card!") == ((Condition.of("topic", ["pay: card!"]),),)
    assert decode("custom:plan:gold") == ((Condition.of("custom:plan", ["gold"]),),)
    assert decode("custom:plan!:gold") == ((Condition.of("custom:plan", ["gold"], is_not=True),),)
    assert encode(((Condition.of("custom:a:b", ["x|y"]),),)) == "custom:a\\:b:x\\|y"


@given(GROUPS)
def test_every_condition_comes_back_as_it_was(groups: tuple[tuple[Condition, ...], ...]) -> None:
    assert decode(encode(groups)) == groups


@given(st.text(max_size=60) | st.text(st.sampled_from("ab\\|;,:! \x00\n"), max_size=30))
def test_whatever_an_address_holds_is_read_or_refused_in_words(text: str) -> None:
    try:
        found = decode(text)
    except QuestionError as error:
        assert "cannot be read" in error.message and error.hint
    else:
        assert decode(encode(found)) == found
        assert all(one.dimension and one.values for group in found for one in group)
        assert not any(category(character) in ("Cc", "Cs") for character in text) or not text.strip()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("team", "'team' does not say which dimension has which value"),
        ("team:", "'team:' has an empty name or value"),
        (":Billing", "has an empty name or value"),
        ("!:Billing", "has an empty name or value"),
        ("team:a,,b", "has an empty name or value"),
        ("team:a||team:b", "nothing between two signs"),
        ("team:a;", "nothing between two signs, or at an end"),
        ("team:a\\", "end with a backslash"),
        ("team:a\x00", "no text"),
        ("team:\ud800", "no text"),
        ("team:" + "a" * LONGEST, "longer than 4,000"),
        ("|".join(["team:a"] * (MOST_GROUPS + 1)), "more than 10 alternatives"),
        (";".join(["team:a"] * (MOST_CONDITIONS + 1)), "more than 10 of them"),
        ("team:" + ",".join(str(n) for n in range(MOST_VALUES + 1)), "more than 100 values"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, why: str) -> None:
    with pytest.raises(QuestionError, match="cannot be read") as raised:
        decode(text)
    assert why in raised.value.message


def test_words_for_a_caption() -> None:
    groups = ((BILLING, NOT_LOW), (CHAT,))
    assert told(groups) == "team is Billing and priority is not low or normal, or channel is chat"
    assert told(groups, str.upper).startswith("TEAM is Billing and PRIORITY")
    assert told(()) == ""


def test_equal_conditions_are_equal_keys() -> None:
    one = Filters.of(groups=((CHAT,), (NOT_LOW, BILLING), (), (Condition("team", ()),)))
    other = Filters.of(groups=((BILLING, Condition("priority", ("normal", "low"), True)), (CHAT, CHAT)))
    assert one == other and hash(one) == hash(other)
    assert one.groups == ordered(one.groups) != ()
    assert one.dimensions() == ("channel", "priority", "team")


def test_more_conditions_hold_in_every_alternative() -> None:
    assert narrowed(((BILLING,), (CHAT, NOT_LOW)), [NOT_LOW]) == ((BILLING, NOT_LOW), (CHAT, NOT_LOW))
    assert narrowed((), [CHAT, BILLING]) == ((CHAT, BILLING),)


def test_conditions_stay_with_the_filters() -> None:
    filters = Filters.of(None, {"team": ["Billing"]}, groups=((CHAT,),))
    assert filters.without("team").groups == filters.over(None).groups == ((CHAT,),)


def test_which_sources_can_pass() -> None:
    only = Condition.of("source", ["desk"])
    others = Condition.of("source", ["desk"], is_not=True)
    assert admits((), "source", "desk")
    assert [admits(((only,),), "source", name) for name in ("desk", "mail")] == [True, False]
    assert [admits(((others, BILLING),), "source", name) for name in ("desk", "mail")] == [False, True]
    assert admits(((only,), (BILLING,)), "source", "mail"), "the other alternative says nothing of sources"
    filters = Filters.of(None, {"source": ["desk", "mail"]}, groups=((others,),))
    assert [filters.admits("source", name) for name in ("desk", "mail", "web")] == [False, True, False]
