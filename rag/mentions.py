"""Counts and finds conversations by their very words and ids, inside the scope of a question."""

from __future__ import annotations

import re
from contextlib import closing

from analytics.periods import known_until
from core.filters import Filters, Period
from core.viewer import Viewer
from rag import scope
from rag.answer import MetricFact, QueryPlan, Span
from rag.context import RagContext
from rag.corpus import corpus_of
from rag.keywords import Keywords
from rag.numbers import Numbers, describe, written

_WORD = re.compile(r"[^\W_]+")


def mentioning(
    context: RagContext,
    text: str,
    filters: Filters,
    viewer: Viewer,
    *,
    phrase: bool = False,
    counted: tuple[str, ...] | None = None,
) -> list[tuple[str, str]] | None:
    """The conversations in one of whose chunks all the words stand; None without an index.

    `counted` leaves out what no metric counts but these kinds.
    """
    if not (context.home.index / "keywords.sqlite").is_file():
        return None
    words = _WORD.findall(text)
    if not words:
        return []
    query = f'"{" ".join(words)}"' if phrase else " AND ".join(f'"{word}"' for word in words)
    with closing(Keywords(context.home)) as keywords:
        found = keywords.matching(query)
    if not len(found):
        return []
    corpus = corpus_of(context)
    at, _ = corpus.positions(found)  # what a newer index holds is not in this generation
    if counted is not None or not scope.is_everything(filters, viewer):
        passing = scope.conversation_numbers(context.reader, filters, viewer, counted=counted)
        at = at[corpus.of_conversations(passing)[at]]
    return corpus.conversations(at)


def note_mentions(context: RagContext, plan: QueryPlan, numbers: Numbers, viewer: Viewer) -> None:
    """Add how many conversations of the scope mention what the question seeks."""
    if not plan.search_text or "topic" in plan.filters or plan.ids or plan.intent == "forecast":
        return
    filters = plan.scope() if plan.intent == "lookup" else plan.scope().over(numbers.period)
    included = context.settings.counting.include
    found = mentioning(context, plan.search_text, filters, viewer, counted=included)
    if found is None:
        return
    n = len(found)
    period = filters.period or numbers.period
    label = describe(plan.filters, filters.period) if filters.period else describe(plan.filters)
    given: dict[str, object] = {
        "id": f"m{len(numbers.facts) + 1}", "name": "mentions", "title": "Conversations that mention the words",
        "unit": "count", "label": label, "value": float(n), "n": n, "period": Span.of(period), "filters": plan.filters,
        "group": (plan.search_text,), "text": written(float(n), "count"),
        "notes": ("Counted by stems of the very words; conversations that put it differently are not in this number.",),
    }  # fmt: skip
    fact = MetricFact.model_validate({**given, **_before(context, plan, filters, period, viewer, n)})
    numbers.facts.append(fact)
    numbers.roles.setdefault("mentions", []).append(fact.id)


def _before(
    context: RagContext, plan: QueryPlan, filters: Filters, period: Period, viewer: Viewer, n: int
) -> dict[str, object]:
    """How many mentioned it in the period before, where how many is asked for and the period is over."""
    if plan.intent != "count" or period.until > known_until(context.reader, context.settings).date():
        return {}
    earlier = filters.over(period.previous())
    included = context.settings.counting.include
    before = len(mentioning(context, plan.search_text, earlier, viewer, counted=included) or [])
    return {"baseline": before, "baseline_label": str(period.previous()), "delta": n - before}


def with_known_ids(context: RagContext, plan: QueryPlan, viewer: Viewer) -> QueryPlan:
    """The plan with those ids only that are ids of visible conversations."""
    if not plan.ids:
        return plan
    sql = "SELECT DISTINCT conversation_id FROM {conversation_facts} WHERE lower(conversation_id) IN (SELECT unnest(?::VARCHAR[]))"
    wanted = [name.lstrip("#").lower() for name in plan.ids]
    rows = context.reader.query(sql, [wanted], viewer=viewer).column("conversation_id").to_pylist()
    if not rows:
        return plan.model_copy(update={"ids": ()})
    return plan.model_copy(update={"ids": tuple(rows), "intent": "lookup", "recognised": True})
