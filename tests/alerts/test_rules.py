"""What a definition says, and the words for one that cannot be."""

from __future__ import annotations

import pytest

from alerts.rules import amount, read
from core.conditions import Condition
from core.errors import InputError, QuestionError
from core.filters import Filters
from core.settings import Settings


def test_the_filters_are_those_that_a_pinned_card_keeps() -> None:
    said = {"channel": ["chat", "email"], "period": "30d", "dates": ["2026-11-01"], "grain": "week", "compare": "year",
            "click": "filter", "hours": "business", "include": ["outbound"], "any": "team:Billing;priority!:low"}  # fmt: skip
    rule = read("threshold", {"metric": "volume", "level": 5, "filters": said})
    both = (Condition("priority", ("low",), is_not=True), Condition("team", ("Billing",)))
    assert rule.filters == Filters.of(
        None, {"channel": ["chat", "email"]}, hours="business", include=["outbound"], groups=[both]
    )


@pytest.mark.parametrize(
    ("said", "number"),
    [("4h", 14_400.0), ("90 %", 0.9), ("12.5", 12.5), (7, 7.0), ("-0.2", -0.2), ("2 d", 172_800.0)],
)
def test_levels(said: object, number: float) -> None:
    assert amount(said) == number


@pytest.mark.parametrize("said", ["soon", "", None, True, "nan", "inf", "4 weeks"])
def test_no_levels(said: object) -> None:
    with pytest.raises(InputError, match="no level"):
        amount(said)


@pytest.mark.parametrize(
    ("kind", "said", "words"),
    [
        ("thresholds", {}, "no kind of rule"),
        ("threshold", {"level": 1}, "names no metric"),
        ("threshold", {"metric": "volume", "level": 1, "colour": "red"}, "has no colour"),
        ("threshold", {"metric": "volume", "level": 1, "window": "fortnight"}, "window cannot be"),
        ("threshold", {"metric": "volume", "level": 1, "direction": "either"}, "either way"),
        ("threshold", {"metric": "volume", "level": 10, "clear": 11}, "clear level"),
        ("threshold", {"metric": "volume", "level": 10, "clear": 9, "direction": "below"}, "clear level"),
        ("threshold", {"metric": "volume", "level": 1, "times": 0}, "times cannot be"),
        ("threshold", {"metric": "volume", "level": 1, "min_n": "5"}, "min_n cannot be"),
        ("threshold", {"metric": "volume", "level": 1, "channels": "ops"}, "channels is no list"),
        ("threshold", {"metric": "volume", "level": 1, "filters": {"channel": "chat"}}, "no list"),
        ("threshold", {"metric": "volume", "level": 1, "filters": {"any": "team"}}, "team"),
        ("threshold", {"metric": "volume", "level": 1, "quiet": "night"}, "quiet hours"),
        ("change", {"metric": "volume", "level": -5}, "size and a direction"),
        ("job_failed", {"by": "team"}, "no filters or segments"),
        ("sla_soon", {"direction": "below"}, "only be above"),
    ],
)
def test_what_cannot_be_is_said(kind: str, said: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(kind, said)


def test_what_is_not_there_is_said(settings: Settings) -> None:
    with pytest.raises(QuestionError, match="no metric"):
        read("threshold", {"metric": "volumes", "level": 1}).check(settings)
    with pytest.raises(InputError, match="no channel called ops"):
        read("threshold", {"metric": "volume", "level": 1, "channels": ["ops"]}).check(settings)
    with pytest.raises(InputError, match="no source called desk"):
        read("source_stale", {"level": "6h", "sources": ["desk"]}).check(settings)
    read("threshold", {"metric": "volume", "level": 1, "by": "channel"}).check(settings)
