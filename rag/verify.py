"""Checks every sentence before anybody reads it. No model: ids, quotes, numbers and directions.

The same checks hold for templates and for language models. A sentence that fails is dropped and counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from rag.answer import Claim, Evidence, MetricFact, QueryPlan
from rag.directions import direction_problems
from rag.evidence import Pack
from rag.figures import PARTS, number_problems
from rag.numbers import SLOT, fill
from rag.quotes import HELD, Reading, is_exact, read, told_without_marks
from rag.support import support_problems
from rag.text import disguised, enough, fold, gives_orders, has_link, has_markup, is_reordered


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


def check(
    drafts: Iterable[Draft],
    facts: Mapping[str, MetricFact],
    pack: Pack,
    plan: QueryPlan,
    *,
    words_are_ours: bool = False,
) -> list[Verdict]:
    """Every draft with its problems.

    Words of the program's own sentences are what it was written to say ("that is within chance"): they need no support,
    while their numbers, quotes and directions are checked like everybody's.
    """
    evidence = pack.by_id()
    verdicts = []
    for draft in drafts:
        found = [*_problems(draft, facts, evidence, pack, plan, words_are_ours=words_are_ours)]
        verdicts.append(Verdict(draft, tuple(found)))
    return verdicts


def _problems(
    draft: Draft,
    facts: Mapping[str, MetricFact],
    evidence: Mapping[str, Evidence],
    pack: Pack,
    plan: QueryPlan,
    *,
    words_are_ours: bool,
) -> Iterable[str]:
    cited = cited_by(draft)
    slots = SLOT.findall(draft.text)
    metric_ids = [*dict.fromkeys([*draft.metric_ids, *(slot[0] for slot in slots)])]
    yield from (f"there is no evidence {i}" for i in cited if i not in evidence)
    yield from (f"there is no metric {i}" for i in metric_ids if i not in facts)
    yield from (f"there is no part {part} of {i}" for i, part in slots if (part or None) not in PARTS)
    if not metric_ids and not cited:
        yield "it rests on no metric and no evidence"
    texts = [body for i in cited for body in pack.bodies.get(i, [])]
    known = [facts[i] for i in metric_ids if i in facts]
    yield from _declared_problems(draft, texts)
    names = _names(plan, known)
    yield from _markup_problems(draft.text, names)
    found = _without_quotes(draft, texts, names)
    yield from found.problems
    rest = SLOT.sub(" ", found.rest)
    yield from _disguise_problems(draft.text, rest, names)
    yield from number_problems(rest, known, plan)
    yield from direction_problems(found.rest, known)
    if words_are_ours:
        return
    is_shown = (
        bool(slots)
        or any(c.isdigit() for c in rest)
        or any(enough(words) and words not in names for words in found.held)
    )
    yield from support_problems(rest, known, texts, plan, is_shown=is_shown)


def wording(text: str, texts: Sequence[str], names: set[str]) -> tuple[str, tuple[str, ...]]:
    """A sentence with HELD in place of its quotes, and what is wrong with its marks, quotes and signs.

    `texts` are the folded texts that it may quote, `names` what may stand between quotation marks all the same.
    """
    found = _without_quotes(Draft(text=text), texts, names)
    problems = (
        *_markup_problems(text, names),
        *found.problems,
        *_disguise_problems(text, found.rest, names),
    )
    return found.rest, problems


def _markup_problems(text: str, names: set[str]) -> Iterable[str]:
    plain = _CITED.sub("", SLOT.sub("", text))
    unnamed = fold(plain)
    for name in sorted(names, key=len, reverse=True):
        unnamed = unnamed.replace(name, " ")  # a product may be called Booking.com
    if has_link(text) or has_markup(unnamed) or gives_orders(plain):
        yield "it holds a link, markup or orders"


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


def _without_quotes(draft: Draft, texts: Sequence[str], names: set[str]) -> Reading:
    """The sentence without its quotes, and what is wrong with the quotes.

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
    return found


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


def cited_by(draft: Draft) -> list[str]:
    """Ids of the conversations that a draft names anywhere."""
    return [*dict.fromkeys([*draft.evidence_ids, *_CITED.findall(draft.text)])]


def citing_only(draft: Draft, kept: Collection[str]) -> Draft:
    """The draft without its citations of other conversations."""
    text = _CITED.sub(lambda found: found[0] if found[1] in kept else "", draft.text)
    return draft.model_copy(
        update={"text": text, "evidence_ids": [i for i in draft.evidence_ids if i in kept]}
    )


def number_citations(
    drafts: Sequence[Draft], facts: Mapping[str, MetricFact]
) -> tuple[list[Claim], dict[str, int]]:
    """Checked drafts as claims; display numbers from 1 in the order of first use, one per conversation."""
    numbers: dict[str, int] = {}
    claims = []
    for draft in drafts:
        cited = cited_by(draft)
        for evidence_id in cited:
            numbers.setdefault(evidence_id, len(numbers) + 1)
        text = fold(fill(_CITED.sub("", draft.text), facts)).replace(" .", ".").replace(" ,", ",")
        metric_ids = tuple(
            dict.fromkeys([*draft.metric_ids, *(slot[0] for slot in SLOT.findall(draft.text))])
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
