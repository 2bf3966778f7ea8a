"""Keeps the conversations under an answer few: a writer reads dozens, a reader opens a handful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.answer import MetricFact, QueryPlan
from rag.evidence import SHOWN, Pack
from rag.quotes import is_exact
from rag.verify import Draft, check, cited_by, citing_only


def few_cited(
    drafts: Sequence[Draft], facts: Mapping[str, MetricFact], pack: Pack, plan: QueryPlan
) -> list[Draft]:
    """The drafts with SHOWN conversations in all: what is quoted, then the first of each, then others in order.

    A draft that does not hold without one of its conversations keeps them all.
    """
    wanted = [
        *(i for draft in drafts for i in _quoted(draft, pack)),
        *(i for draft in drafts for i in cited_by(draft)[:1]),
    ]
    wanted += [i for draft in drafts for i in cited_by(draft)]
    kept = set(list(dict.fromkeys(wanted))[:SHOWN])
    fewer = [citing_only(draft, kept) for draft in drafts]
    verdicts = check(fewer, facts, pack, plan)
    return [
        draft if verdict.problems else verdict.draft for draft, verdict in zip(drafts, verdicts, strict=True)
    ]


def _quoted(draft: Draft, pack: Pack) -> list[str]:
    """The conversations that the quotes of a draft stand in, one each."""
    found = []
    for quote in draft.quotes:
        holding = (i for i in cited_by(draft) if is_exact(quote, pack.bodies.get(i, [])))
        found += [i for i in (next(holding, None),) if i]
    return found
