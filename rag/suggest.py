"""What to ask next: only questions that this data answers, for this viewer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag import scope
from rag.answer import MetricFact, QueryPlan
from rag.limits import missing
from rag.numbers import Numbers
from rag.plan import parse
from rag.vocabulary import CLOCK, Vocabulary

if TYPE_CHECKING:
    from core.viewer import Viewer
    from rag.context import RagContext
    from rag.dates import Calendar

MOST = 3
ENOUGH = 5  # conversations of a part that is worth a question of its own


def next_questions(
    context: RagContext,
    question: str,
    plan: QueryPlan,
    numbers: Numbers,
    words: Vocabulary,
    calendar: Calendar,
    viewer: Viewer,
) -> tuple[str, ...]:
    """Up to three follow-ups, each read and looked up before it is offered; never the question itself."""
    found: list[str] = []
    for candidate in dict.fromkeys(_candidates(plan, numbers, words)):
        is_new = candidate.casefold() != question.casefold()
        if is_new and returns_data(context, candidate, words, calendar, viewer):
            found.append(candidate)
        if len(found) == MOST:
            break
    return tuple(found)


def returns_data(
    context: RagContext, question: str, words: Vocabulary, calendar: Calendar, viewer: Viewer
) -> bool:
    """Whether a question is understood and there is a counted conversation in its scope that the viewer may see."""
    plan = parse(question, words, calendar)
    if missing(context, question, plan, words, calendar, viewer):
        return False
    return scope.has_any(context.reader, plan.scope(), viewer, counted=context.settings.counting.include)


def _candidates(plan: QueryPlan, numbers: Numbers, words: Vocabulary) -> Iterator[str]:
    """Into the largest part, the same by another dimension, another metric of the scope, and its course."""
    period = f" from {plan.period.start} to {plan.period.end}" if plan.period else ""
    if plan.period and plan.period.start == plan.period.end:
        period = f" on {plan.period.start}"
    first = numbers.facts[0] if numbers.facts else None
    leads = numbers.role("headline") or numbers.role("mover") or numbers.role("group")
    if leads and leads[0].n >= ENOUGH and _is_of_customers(leads[0]):
        yield f"What did customers say about {' '.join(leads[0].group)}{period}?"
    title = first.title.split(",")[0] if first and first.name != "mentions" else "Volume"
    for dimension in ("channel", "product", "team"):
        if dimension not in (*plan.filters, *plan.group_by) and len(words.values.get(dimension, ())) > 1:
            yield f"{title} by {dimension}{period}"
            break
    if first and first.name != "reopen_rate" and words.values.get("status"):
        yield f"Which topics have the highest reopen rate{period}?"
    if plan.intent not in ("trend", "forecast"):
        yield f"How did {title[:1].lower()}{title[1:]} develop?"
    yield f"What do customers complain about{period}?"


def _is_of_customers(fact: MetricFact) -> bool:
    """Whether a group is one that customers speak of: a product or a topic, no day and no weekday."""
    named = {value for name, values in fact.filters.items() if name not in CLOCK for value in values}
    return bool(fact.group) and {*fact.group} <= named
