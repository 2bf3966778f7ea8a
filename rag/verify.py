"""Checks every sentence before anybody reads it. No model: ids, quotes, numbers and directions.

The same checks hold for templates and for language models. A sentence that fails is dropped and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from enrich.placeholders import PLACEHOLDER
from rag.answer import Claim, Evidence, MetricFact, QueryPlan
from rag.evidence import Pack
from rag.numbers import fill, shown
from rag.quotes import HELD, is_exact, read, told_without_marks
from rag.text import disguised, enough, fold, gives_orders, has_markup, is_reordered


class Draft(BaseModel):
    """A sentence as a writer hands it in: {m1} slots for numbers, [c:e1] for evidence, quotes word by word."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        description="One sentence. Numbers only as slots such as {m1}, {m1.n}, {m1.baseline}, {m1.delta}."
    )
    metric_ids: list[str] = Field(
        default_factory=list, description="Ids of the metrics the sentence rests on."
    )
    evidence_ids: list[str] = Field(default_factory=list, description="Ids of the conversations it rests on.")
    quotes: list[str] = Field(
        default_factory=list,
        description="Exact words from those conversations, three words or more, as they stand in the text between “ and ”.",
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A draft and what is wrong with it; nothing means that it holds."""

    draft: Draft
    problems: tuple[str, ...]


_CITED = re.compile(r"\s*\[c:(\w+)\]")
_SLOT = re.compile(r"\{(m\d+)(?:\.(\w+))?\}")
_PARTS = frozenset({None, "value", "n", "baseline", "delta", "change", "low", "high"})
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?")
_UP = re.compile(r"\b(rose|rises?|rising|risen|increas\w*|grew|grow(s|n|ing)|higher|more than usual|climb\w*|went up|up from|"
                 r"jump\w*|worsen\w* for sentiment)\b", re.IGNORECASE)  # fmt: skip
_DOWN = re.compile(r"\b(fell|falls?|fallen|falling|decreas\w*|declin\w*|dropp?\w*|lower|fewer than usual|went down|down from|"
                   r"shr[aiu]nk\w*)\b", re.IGNORECASE)  # fmt: skip
_TIMES = re.compile(
    r"\b(doubled?|twice|tripled?|halved?|half|quadrupled?|dozens?|hundreds?|thousands?|majority|most of)\b",
    re.IGNORECASE,
)
_VALUES = {word: n for n, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split())}  # fmt: skip
_VALUES |= {word: 10 * n for n, word in enumerate(
    "twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}  # fmt: skip
_ONES = "|".join(word for word, n in _VALUES.items() if 0 < n < 10)
# "One" counts nothing by itself, and "two-factor" is a name.
_SPELLED = re.compile(
    rf"\b(?:(?:{'|'.join(w for w, n in _VALUES.items() if n >= 20)})(?:[- ](?:{_ONES}))?"
    rf"|{'|'.join(w for w, n in _VALUES.items() if n != 1 and n < 20)})\b(?!-\w)",
    re.IGNORECASE,
)


def check(
    drafts: Iterable[Draft], facts: Mapping[str, MetricFact], pack: Pack, plan: QueryPlan
) -> list[Verdict]:
    """Every draft with its problems."""
    evidence = pack.by_id()
    return [Verdict(draft, tuple(_problems(draft, facts, evidence, pack, plan))) for draft in drafts]


def _problems(
    draft: Draft,
    facts: Mapping[str, MetricFact],
    evidence: Mapping[str, Evidence],
    pack: Pack,
    plan: QueryPlan,
) -> Iterable[str]:
    cited = [*dict.fromkeys([*draft.evidence_ids, *_CITED.findall(draft.text)])]
    slots = _SLOT.findall(draft.text)
    metric_ids = [*dict.fromkeys([*draft.metric_ids, *(slot[0] for slot in slots)])]
    yield from (f"there is no evidence {i}" for i in cited if i not in evidence)
    yield from (f"there is no metric {i}" for i in metric_ids if i not in facts)
    yield from (f"there is no part {part} of {i}" for i, part in slots if (part or None) not in _PARTS)
    if not metric_ids and not cited:
        yield "it rests on no metric and no evidence"
    if has_markup(draft.text) or gives_orders(_CITED.sub("", _SLOT.sub("", draft.text))):
        yield "it holds a link, markup or orders"
    texts = [body for i in cited for body in pack.bodies.get(i, [])]
    known = [facts[i] for i in metric_ids if i in facts]
    yield from _declared_problems(draft, texts)
    names = _names(plan, known)
    rest, problems = _without_quotes(draft, texts, names)
    yield from problems
    yield from _disguise_problems(draft.text, rest, names)
    yield from _number_problems(rest, known, plan)
    yield from _direction_problems(rest, known)


def _declared_problems(draft: Draft, texts: Sequence[str]) -> Iterable[str]:
    for quote in draft.quotes:
        if not enough(fold(quote)):
            yield f"the quote “{quote[:60]}” is too short to be a quote"
        elif not is_exact(quote, texts):
            yield f"the quote “{quote[:60]}” is in no cited conversation"


def _names(plan: QueryPlan, facts: Sequence[MetricFact]) -> set[str]:
    """What may stand between quotation marks without being said by anybody: segments, filters, titles."""
    names = {fold(value) for values in plan.filters.values() for value in values}
    for fact in facts:
        names |= {fold(value) for values in fact.filters.values() for value in values}
        names |= {fold(name) for name in (*fact.group, fact.label, fact.title)}
    return names - {""}


def _without_quotes(draft: Draft, texts: Sequence[str], names: set[str]) -> tuple[str, tuple[str, ...]]:
    """The sentence without its quotes and slots, and what is wrong with the quotes.

    Every word between quotation marks must stand in a cited conversation; what a writer declares proves nothing.
    """
    text = fold(_CITED.sub("", draft.text))

    def is_said(words: str) -> bool:
        return is_exact(words, texts)

    found = read(text, is_said=is_said, is_name=names.__contains__)
    if found.problems:
        # A name may hold a mark of its own: Monitor 27".
        for name in sorted((name for name in names if len(name) > 2), key=len, reverse=True):
            text = text.replace(name, "")
        again = read(text, is_said=is_said, is_name=names.__contains__)
        found = found if again.problems else again
    return _SLOT.sub(" ", found.rest), found.problems


def _disguise_problems(text: str, rest: str, names: Iterable[str]) -> Iterable[str]:
    """Signs that hide words from these checks, and speech that is told without quotation marks."""
    if HELD in text or is_reordered(text):
        yield "it holds unseen signs"
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, " ")
    if odd := disguised(rest.replace(HELD, " ")):
        yield f"it holds {odd}"
    if speech := told_without_marks(rest):
        yield f"what follows “{speech}” is told as somebody's words and is no checked quote"
    if "[c:" in _CITED.sub("", text):
        yield "it cites in a way that cannot be read"


def _number_problems(rest: str, facts: Sequence[MetricFact], plan: QueryPlan) -> Iterable[str]:
    rest = PLACEHOLDER.sub(" ", rest)  # the number of [email 1] counts nothing
    text = _without_dates(rest, plan, facts)
    for token in _NUMBER.findall(text):
        if not any(_equals(token, fact) for fact in facts):
            yield f"the number {token} is in no metric of the sentence"
    text = _without_names(rest, facts)
    for found in _SPELLED.finditer(text):
        if not any(_equals(_number(found[0]), fact) for fact in facts):
            yield f"the number {found[0]} is in no metric of the sentence"
    if _TIMES.search(text):
        yield "it states a multiple that no metric gives"


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
    spans = [span for span in (plan.period, plan.baseline, *(fact.period for fact in facts)) if span]
    for day in sorted({edge for span in spans for edge in (span.start, span.end)}):
        month = f"(?:{day:%B}|{day:%b})"
        year = rf"(?:,? {day.year})?"
        found += [rf"{day.isoformat()}", rf"{month} {day.day}(?:st|nd|rd|th)?{year}\b",
                  rf"\b{day.day}(?:st|nd|rd|th)? {month}{year}\b", rf"{month} {day.year}\b"]  # fmt: skip
    return found


def _number(spelled: str) -> str:
    """The digits of a spelled number: "ninety-nine" is 99."""
    return str(sum(_VALUES[word] for word in re.findall("[a-z]+", spelled.lower())))


def _equals(token: str, fact: MetricFact) -> bool:
    """Whether a number in the text is a number of the fact, rounded as the text has it."""
    bare = token.replace(",", "").lstrip("+-")
    decimals = len(bare.split(".")[1]) if "." in bare else 0
    wanted = float(bare)
    if any(
        bare == number.replace(",", "").lstrip("+-")
        for part in _PARTS
        for number in _NUMBER.findall(shown(fact, part))
    ):
        return True
    values = [abs(v) for v in (fact.value, fact.baseline, fact.delta, fact.low, fact.high) if v is not None]
    if fact.unit == "share":
        scaled = [v * 100 for v in values]
    elif fact.unit == "seconds":
        scaled = [v / size for v in values for size in (60, 3_600, 86_400)]
    else:
        scaled = values
    counts = [float(n) for n in (fact.n, fact.baseline_n) if n is not None]
    return any(round(v, decimals) == wanted for v in scaled) or (decimals == 0 and wanted in counts)


def _without_names(text: str, facts: Sequence[MetricFact]) -> str:
    """The text without names of segments: a topic may be called "Card declined" or "Charged twice"."""
    names = {name for fact in facts for name in (fact.label, *fact.group) if name}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def _direction_problems(rest: str, facts: Sequence[MetricFact]) -> Iterable[str]:
    deltas = [fact.delta for fact in facts if fact.delta]
    text = _without_names(rest, facts)
    if _UP.search(text) and not _DOWN.search(text) and not any(d > 0 for d in deltas):
        yield "it says up, and no metric of the sentence rose"
    if _DOWN.search(text) and not _UP.search(text) and not any(d < 0 for d in deltas):
        yield "it says down, and no metric of the sentence fell"


def number_citations(
    drafts: Sequence[Draft], facts: Mapping[str, MetricFact]
) -> tuple[list[Claim], dict[str, int]]:
    """Checked drafts as claims; display numbers from 1 in the order of first use, one per conversation."""
    numbers: dict[str, int] = {}
    claims = []
    for draft in drafts:
        cited = [*dict.fromkeys([*draft.evidence_ids, *_CITED.findall(draft.text)])]
        for evidence_id in cited:
            numbers.setdefault(evidence_id, len(numbers) + 1)
        text = fold(fill(_CITED.sub("", draft.text), facts)).replace(" .", ".").replace(" ,", ",")
        metric_ids = tuple(
            dict.fromkeys([*draft.metric_ids, *(slot[0] for slot in _SLOT.findall(draft.text))])
        )
        claims.append(
            Claim(
                text=text,
                metric_ids=metric_ids,
                citations=tuple(numbers[i] for i in cited),
                quotes=tuple(draft.quotes),
            )
        )
    return claims, numbers
