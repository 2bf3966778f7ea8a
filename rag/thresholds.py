"""Limits that a question names: older than 30 days, answered within an hour, bad ratings."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from analytics.ratings import BAD_TOLD, GOOD_TOLD
from rag.answer import Limit
from rag.number_words import COUNTS, counted

_SECONDS = {
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
}
_OVER = r"(?:more|longer|older|slower|greater) than|over|at least|for"
# "Open for 2 weeks" is an age; "the backlog for 2 weeks" is a period.
_LASTING = re.compile(
    r"\b(?:open|unsolved|unresolved|unanswered|waiting|waited|sitting|pending|stuck|on hold|untouched|idle|queued|unassigned|"
    r"in (?:the|our) (?:queue|backlog))(?: (?:already|now|there|on us|for (?:an?|our) \w+))?\s*$"
)
_UNDER = r"(?:less|fewer|younger|quicker|faster|shorter|sooner) than|at most|within|under|in under|up to"
LIMIT = re.compile(
    rf"\b(?:for )?(?:(?P<over>{_OVER})|(?:{_UNDER})) (?P<number>an?|{COUNTS}|\d+)"
    rf"(?: full| whole)? (?P<unit>{'|'.join(_SECONDS)})s?\b"
)
_AHEAD = re.compile(r"\b(?:forecast\w*|predict\w*|expect\w*|will|next|coming)\b")
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
RATING = "csat_share"
GOOD, BAD = "good ratings", "bad ratings"
RATED = {
    GOOD: f"Good ratings are {GOOD_TOLD}; the last rating of a conversation counts.",
    BAD: f"Bad ratings are all that are not good: {BAD_TOLD}.",
}
_RATED = re.compile(
    r"\b(?:(?:(?P<good>good|positive|high|great|excellent|favou?rable)|bad|negative|poor|low|terrible|unfavou?rable) "
    r"(?:csat |customer |satisfaction |survey |support )*(?:ratings?|scores?|reviews?|surveys?|csats?)|"
    r"rated (?:us |it |the support |our support )?(?:(?P<well>good|well|highly|high|positively)|"
    r"bad(?:ly)?|poor(?:ly)?|low|negatively)|"
    r"thumbs[ -](?:(?P<up>up)|down)s?)\b"
)
_MEANT = ((_AGE, AGE), (_REPLY, "first_reply_median"), (_SOLVE, "resolution_median"))


def limit_of(text: str) -> tuple[Limit, int, int] | None:
    """The first limit of a question in lower case, and where it stands in it; a month is 30 days."""
    for found in LIMIT.finditer(text):
        if found["over"] == "for" and not _LASTING.search(text[: found.start()]):
            continue
        number = 1 if found["number"] in ("a", "an") else counted(found["number"])
        is_negated = _NOT.search(text[: found.start()]) is not None
        limit = Limit(
            at=number * _SECONDS[found["unit"]],
            above=bool(found["over"]) != is_negated,
            text=f"{number} {found['unit']}" + ("s" if number != 1 else ""),
            share=_SHARE.search(text) is not None,
        )
        return limit, found.start(), found.end()
    return None


def lasting(text: str) -> str:
    """The text of a question in which "for 2 weeks" that tells no age reads "for the last 2 weeks", or the next."""
    side = "next" if _AHEAD.search(text.lower()) else "last"
    for found in reversed([*LIMIT.finditer(text.lower())]):
        is_period = found["over"] == "for" and found["unit"] not in ("minute", "hour")
        if is_period and not _LASTING.search(text.lower()[: found.start()]):
            text = f"{text[: found.start('over')]}for the {side} {text[found.start('number') :]}"
    return text


def rated_of(text: str) -> tuple[Limit, int, int] | None:
    """Bad or good ratings in a question in lower case, and where they stand in it: a share that is cut into its two sides."""
    found = _RATED.search(text)
    if found is None:
        return None
    is_good = bool(found["good"] or found["well"] or found["up"])
    limit = Limit(at=0.5, above=is_good, text=GOOD if is_good else BAD, share=_SHARE.search(text) is not None)
    return limit, found.start(), found.end()


def told_limit(limit: Limit) -> str:
    """A limit as a chip says it: "over 30 days", "within 1 hour", "bad ratings"."""
    return limit.text if limit.text in RATED else f"{'over' if limit.above else 'within'} {limit.text}"


def measured(text: str, metrics: Sequence[str], durations: Collection[str]) -> str | None:
    """Which duration a limit cuts: one that is asked for, else what the words speak of; None where they do not."""
    named = next((name for name in metrics if name in durations), None)
    if named and not (named.startswith("first_reply") and _AGE.search(text)):
        return named
    return next((name for rule, name in _MEANT if rule.search(text) and name in durations), None)


def without(text: str) -> list[tuple[int, int]]:
    """Where the words stand that told which duration is meant: they are sought in no text."""
    return [found.span() for rule, _ in _MEANT for found in rule.finditer(text)]
