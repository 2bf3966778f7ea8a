"""Limits in time that a question names: older than 30 days, answered within an hour."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.answer import Limit

_SECONDS = {
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
}
_WORDS = ("a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_VALUES = {word: number for number, word in enumerate(_WORDS, 1)} | {"an": 1, "one": 1}
_OVER = r"(?:more|longer|older|slower|greater) than|over|at least|for"
_UNDER = r"(?:less|fewer|younger|quicker|faster|shorter|sooner) than|at most|within|under|in under|up to"
LIMIT = re.compile(
    rf"\b(?:for )?(?:(?P<over>{_OVER})|(?:{_UNDER})) (?P<number>{'|'.join(sorted(_VALUES, key=len, reverse=True))}|\d+)"
    rf"(?: full| whole)? (?P<unit>{'|'.join(_SECONDS)})s?\b"
)
_NOT = re.compile(
    r"\b(?:not|never|isn't|aren't|wasn't|weren't|didn't|don't|haven't|hasn't|failed to)\b[^,.;]{0,30}$"
)
_SHARE = re.compile(r"\b(?:share|percentage|percent|proportion|part|how often|rate)\b|%")
_AGE = re.compile(
    r"\b(?:open|unsolved|unresolved|backlog|queue|waiting|older|old|sitting|pending|stuck|age|younger)\b"
)
_REPLY = re.compile(r"\b(?:answer\w*|repl(?:y|ies|ied|ying)|respon\w+|react\w*)\b")
_SOLVE = re.compile(r"\b(?:solv\w+|resolv\w+|resolution|clos(?:e|ed|ing)|fix(?:ed|ing)?|took|takes?)\b")
AGE = "backlog_age_median"
_MEANT = ((_AGE, AGE), (_REPLY, "first_reply_median"), (_SOLVE, "resolution_median"))


def limit_of(text: str) -> tuple[Limit, int, int] | None:
    """The first limit of a question in lower case, and where it stands in it; a month is 30 days."""
    for found in LIMIT.finditer(text):
        number = _VALUES.get(found["number"]) or int(found["number"] if found["number"].isdigit() else 1)
        is_negated = _NOT.search(text[: found.start()]) is not None
        limit = Limit(
            seconds=number * _SECONDS[found["unit"]],
            above=bool(found["over"]) != is_negated,
            text=f"{number} {found['unit']}" + ("s" if number != 1 else ""),
            share=_SHARE.search(text) is not None,
        )
        return limit, found.start(), found.end()
    return None


def measured(text: str, metrics: Sequence[str], durations: Collection[str]) -> str | None:
    """Which duration a limit cuts: one that is asked for, else what the words speak of; None where they do not."""
    named = next((name for name in metrics if name in durations), None)
    if named and not (named.startswith("first_reply") and _AGE.search(text)):
        return named
    return next((name for rule, name in _MEANT if rule.search(text) and name in durations), None)


def without(text: str) -> list[tuple[int, int]]:
    """Where the words stand that told which duration is meant: they are sought in no text."""
    return [found.span() for rule, _ in _MEANT for found in rule.finditer(text)]
