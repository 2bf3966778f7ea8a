"""Whether every number that a sentence says, in digits or in words, is a number that was computed.

A number with a unit behind it must be of that unit: 41 conversations are no 41 %, and 5 minutes no 5 hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from enrich.placeholders import PLACEHOLDER
from rag.answer import MetricFact, QueryPlan, Span
from rag.number_words import NUMBER_WORDS, TENS, counted
from rag.numbers import shown

PARTS = frozenset({None, "value", "n", "baseline", "delta", "change", "low", "high"})
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?")
_TIMES = re.compile(
    r"\b(doubled?|twice|thrice|tripled?|halved?|half|quadrupled?|dozens?|hundreds?|thousands?|millions?|billions?|majority|"
    r"most of|most (?:customers|conversations|people|users|requesters)|nearly all|almost all|"
    r"(?:a|one|two|three|four)[ -](?:third|quarter|fifth|sixth|tenth)s?|\w+[ -]?fold|"
    r"(?<!-)one (?:in|out of) (?:every )?(?:two|three|four|five|ten|\d+))\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:no|not a single|not one) (?:conversations?|customers?|complaints?|tickets?|refunds?|reopens?)\b",
    re.IGNORECASE,
)
# "One" counts nothing by itself, and "two-factor" is a name.
_SPELLED = re.compile(
    rf"\b(?:{TENS}|{'|'.join(word for word, n in NUMBER_WORDS.items() if n != 1 and n < 20)}"
    r"|(?<=only )one|(?<=just )one|(?<=exactly )one)\b(?!-\w)",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[\s-]*(?:(?P<share>%|percent|per cent|percentage|pp\b)|(?P<large>k\b|thousand|million|billion|bn\b|m\b)|"
    r"(?P<time>seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h|days?|d|weeks?)\b)",
    re.IGNORECASE,
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_MONTHS = "January February March April May June July August September October November December".split()
# March and May begin sentences as other words.
_MONTH = re.compile(rf"(?<=\w )\b(?:{'|'.join(_MONTHS)})\b")


def number_problems(rest: str, facts: Sequence[MetricFact], plan: QueryPlan) -> Iterable[str]:
    """What is wrong with the numbers, multiples and months of a sentence without its quotes and slots."""
    rest = PLACEHOLDER.sub(" ", rest)  # the number of [email 1] counts nothing
    text = _without_dates(rest, plan, facts)
    spans = _spans(plan, facts)
    for found in _NUMBER.finditer(text):
        if not any(_equals(found[0], text[found.end() :], fact, spans) for fact in facts):
            yield f"the number {found[0]} is in no metric of the sentence"
    for month in _MONTH.findall(text):
        if not any(_is_in(month, span) for span in spans):
            yield f"{month} is not in the periods of the answer"
    text = without_names(rest, facts)
    for found in _SPELLED.finditer(text):
        if not any(_equals(str(counted(found[0])), text[found.end() :], fact, spans) for fact in facts):
            yield f"the number {found[0]} is in no metric of the sentence"
    if _TIMES.search(text):
        yield "it states a multiple that no metric gives"
    if _NONE.search(text) and not any(fact.value == 0 or fact.n == 0 for fact in facts):
        yield "it says that there are none, and no metric of the sentence is 0"


def spelled(text: str) -> list[str]:
    """Numbers in words, multiples and "no refunds" of a text, in order: "ninety-nine", "twice", "half"."""
    return [found[0] for rule in (_SPELLED, _TIMES, _NONE) for found in rule.finditer(text)]


def without_names(text: str, facts: Sequence[MetricFact]) -> str:
    """The text without names of segments: a topic may be called "Card declined" or "Charged twice"."""
    names = {name for fact in facts for name in (fact.label, *fact.group) if name}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def _spans(plan: QueryPlan, facts: Sequence[MetricFact]) -> list[Span]:
    return [span for span in (plan.period, plan.baseline, *(fact.period for fact in facts)) if span]


def _is_in(month: str, span: Span) -> bool:
    number = _MONTHS.index(month) + 1
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    return any((span.start.month - 1 + step) % 12 + 1 == number for step in range(min(months, 11) + 1))


def _without_dates(text: str, plan: QueryPlan, facts: Sequence[MetricFact]) -> str:
    """Dates of the plan and digits that belong to names are no numbers."""
    names = [value for values in plan.filters.values() for value in values]
    names += [value for fact in facts for values in (*fact.filters.values(), fact.group) for value in values]
    spans = [str(span) for span in (plan.period, plan.baseline) if span]
    spans += [str(fact.period) for fact in facts] + [fact.baseline_label or "" for fact in facts]
    titles = [fact.title for fact in facts]
    labels = [fact.label for fact in facts] + titles + [title[:1].lower() + title[1:] for title in titles]
    for known in sorted({*names, *spans, *labels}, key=len, reverse=True):
        if known and any(c.isdigit() for c in known):
            text = text.replace(known, " ")
    for day in _days(plan, facts):
        text = re.sub(day, " ", text)
    return text


def _days(plan: QueryPlan, facts: Sequence[MetricFact]) -> list[str]:
    """Patterns of the days that the plan and the facts speak of, as people write them."""
    found = []
    for day in sorted({edge for span in _spans(plan, facts) for edge in (span.start, span.end)}):
        month = f"(?:{day:%B}|{day:%b})"
        year = rf"(?:,? {day.year})?"
        found += [rf"{day.isoformat()}", rf"{month} {day.day}(?:st|nd|rd|th)?{year}\b",
                  rf"\b{day.day}(?:st|nd|rd|th)? {month}{year}\b", rf"{month} {day.year}\b"]  # fmt: skip
    return found


def _equals(token: str, behind: str, fact: MetricFact, spans: Sequence[Span]) -> bool:
    """Whether a number in the text is a number of the fact, rounded as the text has it and of the unit behind it."""
    bare = token.replace(",", "").lstrip("+-")
    decimals = len(bare.split(".")[1]) if "." in bare else 0
    wanted = float(bare)
    values = [abs(v) for v in (fact.value, fact.baseline, fact.delta, fact.low, fact.high) if v is not None]
    unit = _UNIT.match(behind)
    if unit is None:
        return _as_shown(bare, fact, "") or wanted in _rounded(_scaled(fact, values), decimals) | _counts(
            fact, decimals
        )
    if unit["share"]:
        return _as_shown(bare, fact, "%") or (
            fact.unit == "share" and wanted in _rounded((v * 100 for v in values), decimals)
        )
    if unit["large"]:
        size = {"k": 1e3, "t": 1e3, "m": 1e6, "b": 1e9}[unit["large"][0].lower()]
        return (
            fact.unit == "count" and decimals > 0 and wanted in _rounded((v / size for v in values), decimals)
        )
    size = _SECONDS[unit["time"][0].lower()]
    if size >= 86_400 and any(((s.end - s.start).days + 1) * 86_400 == wanted * size for s in spans):
        return True
    letter = unit["time"][0].lower()
    exact = fact.unit == "seconds" and wanted in _rounded((v / size for v in values), decimals)
    return exact or _as_shown(bare, fact, letter)


def _as_shown(bare: str, fact: MetricFact, unit: str) -> bool:
    """Whether a number stands so in what people read of the fact, with this unit behind it."""
    for part in PARTS:
        text = shown(fact, part)
        for found in _NUMBER.finditer(text):
            is_it = bare == found[0].replace(",", "").lstrip("+-")
            if is_it and text[found.end() :].lstrip().lower().startswith(unit):
                return True
    return False


def _scaled(fact: MetricFact, values: Sequence[float]) -> Iterator[float]:
    if fact.unit == "share":
        return (v * 100 for v in values)
    if fact.unit == "seconds":
        return (v / size for v in values for size in (60, 3_600, 86_400))
    return iter(values)


def _rounded(values: Iterable[float], decimals: int) -> set[float]:
    return {round(v, decimals) for v in values}


def _counts(fact: MetricFact, decimals: int) -> set[float]:
    return {float(n) for n in (fact.n, fact.baseline_n) if n is not None and decimals == 0}
