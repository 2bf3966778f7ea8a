"""What the data cannot answer, found before a number is shown, with the nearest things that it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from core.filters import Filters
from core.viewer import Viewer
from rag.answer import QueryPlan
from rag.context import RagContext
from rag.dates import Calendar
from rag.languages import in_english
from rag.mentions import mentioning
from rag.outlook import FARTHEST_DAYS
from rag.question_words import ABOUT
from rag.vocabulary import Vocabulary

_ADVICE = re.compile(r"^(?:please,? )?how (?:do|can|could|should|would) (?:i|you|one)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no answer, in a sentence, and what there is instead."""

    reason: str
    nearest: tuple[str, ...] = ()


def missing(
    context: RagContext, question: str, plan: QueryPlan, words: Vocabulary, calendar: Calendar, viewer: Viewer
) -> Missing | None:
    """The first thing that the question needs and the data lacks, or None."""
    if calendar.first is None or calendar.last is None:
        return Missing("No conversation has been loaded yet.", ("Load a source, then refresh.",))
    return (
        _unknown(plan, words)
        or _outside(plan, calendar)
        or _no_hours(context, plan, viewer)
        or _no_messages(context, plan, viewer)
        or _unheard(context, question, plan, words, viewer)
    )


def _unknown(plan: QueryPlan, words: Vocabulary) -> Missing | None:
    for unknown in plan.unknown:
        dimension, _, name = unknown.partition(" ")
        known = words.values.get(dimension, ())
        near = get_close_matches(name, known, n=5, cutoff=0.5) or list(known[:8])
        return Missing(
            f"There is no {dimension} called “{name}” in the data.", tuple(f"{dimension}: {v}" for v in near)
        )
    return None


def _outside(plan: QueryPlan, calendar: Calendar) -> Missing | None:
    first, last = calendar.first, calendar.last
    if plan.period is None or first is None or last is None:
        return None
    if plan.intent == "forecast" and plan.period.end > last:
        if (plan.period.end - last).days <= FARTHEST_DAYS:
            return None
        return Missing(
            f"{plan.period} is too far ahead to foretell from this data.",
            (f"Forecasts reach {FARTHEST_DAYS} days beyond {last}.",),
        )
    if plan.period.end < first or plan.period.start > max(last, calendar.today):
        return Missing(
            f"The data holds nothing for {plan.period}.", (f"The data runs from {first} to {last}.",)
        )
    return None


def _no_hours(context: RagContext, plan: QueryPlan, viewer: Viewer) -> Missing | None:
    """Working hours are asked for and no calendar has any."""
    if "created_in_hours" not in (*plan.filters, *plan.group_by):
        return None
    if context.reader.query("SELECT 1 AS n FROM {business_hours} LIMIT 1", viewer=viewer).num_rows:
        return None
    return Missing(
        "No working hours are set, so nothing is inside or outside of them.",
        ("Ask by hour of the day or by weekday.", "Set working hours under Settings → Goals."),
    )


def _no_messages(context: RagContext, plan: QueryPlan, viewer: Viewer) -> Missing | None:
    """Words are asked for and no source of the scope has any."""
    if plan.intent not in ("lookup", "summarise") and "sentiment" not in " ".join(plan.metrics):
        return None
    sql = "SELECT count(*) AS n FROM {chunks}"
    wanted = plan.filters.get("source", ())
    params: list[object] = []
    if wanted:
        sql, params = f"{sql} WHERE source_id IN (SELECT unnest(?::VARCHAR[]))", [list(wanted)]
    if context.reader.query(sql, params, viewer=viewer).column("n")[0].as_py():
        return None
    who = "This source" if len(wanted) == 1 else "The data"
    return Missing(
        f"{who} has no messages, so there are no words to search or to judge.",
        ("Counts and times can still be asked.",),
    )


def _unheard(
    context: RagContext, question: str, plan: QueryPlan, words: Vocabulary, viewer: Viewer
) -> Missing | None:
    """A name, or all that is sought, occurs in no conversation."""
    question = in_english(question)
    if plan.ids:
        return None
    topics = tuple(f"topic: {topic.label}" for topic in words.topics[:5])
    for name in plan.names:
        if mentioning(context, name, Filters(), viewer, phrase=True) == []:
            return Missing(f"No conversation mentions “{name}”.", topics)
    if _ADVICE.search(question) and not plan.filters.keys() - {"topic"}:
        return Missing("The question asks for advice, not about conversations.", topics)
    sought = plan.search_text
    if not sought or "topic" in plan.filters:
        return None
    asks_for_words = bool(ABOUT.search(question)) or plan.intent in ("lookup", "summarise")
    if not asks_for_words and plan.recognised:
        measured = bool(plan.metrics) and plan.metrics != ("volume",)
        if measured or mentioning(context, sought, Filters(), viewer) != []:
            return None
        if re.search(rf"\b(?:from|in) (?:the )?{re.escape(sought)}\b", question, re.IGNORECASE):
            nearest = tuple(f"language: {one}" for one in words.values.get("language", ())[:5])
            return Missing(f"The data does not say who is from “{sought}”.", nearest or topics)
        return Missing(f"There is no number in the data for “{sought}”.", topics)
    heard = [word for word in sought.split() if mentioning(context, word, Filters(), viewer) != []]
    together = plan.recognised or mentioning(context, sought, Filters(), viewer) != []
    if not together:
        offer = "Ask about volume, speed, satisfaction, mood or topics."
        return Missing("The question is not about the conversations in this workspace.", (*topics, offer))
    if not heard:
        return Missing(f"No conversation mentions “{sought}”.", topics)
    return None
