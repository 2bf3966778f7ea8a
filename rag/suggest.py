"""What to ask next: only questions that this data can answer."""

from __future__ import annotations

from rag.answer import QueryPlan
from rag.numbers import Numbers
from rag.vocabulary import Vocabulary


def next_questions(plan: QueryPlan, numbers: Numbers, words: Vocabulary) -> tuple[str, ...]:
    """Up to three: into the largest part, the same by another dimension, and another metric of the same scope."""
    found: list[str] = []
    period = f" from {plan.period.start} to {plan.period.end}" if plan.period else ""
    if plan.period and plan.period.start == plan.period.end:
        period = f" on {plan.period.start}"
    first = numbers.facts[0] if numbers.facts else None
    leads = numbers.role("headline") or numbers.role("mover") or numbers.role("group")
    if leads and leads[0].group and leads[0].n >= 5:
        where = " ".join(leads[0].group)
        found.append(f"What did customers say about {where}{period}?")
    title = first.title.split(",")[0].lower() if first else "volume"
    for dimension in ("channel", "product", "team"):
        if dimension not in (*plan.filters, *plan.group_by) and len(words.values.get(dimension, ())) > 1:
            found.append(f"{title.capitalize()} by {dimension}{period}")
            break
    if first and first.name != "reopen_rate" and words.values.get("status"):
        found.append(f"Which topics have the highest reopen rate{period}?")
    return tuple(found[:3])
