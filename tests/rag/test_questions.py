"""Plain questions of a support manager: what they are read as, and which stay unanswered."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from core.viewer import EVERYTHING
from rag.answer import QueryPlan
from rag.ask import ask
from rag.context import RagContext
from rag.follow import calendar_of, followed
from rag.limits import Missing, missing
from rag.vocabulary import vocabulary


def read(sample: RagContext, question: str) -> tuple[QueryPlan, Missing | None]:
    plan = followed(sample, question, None, EVERYTHING)
    words = vocabulary(sample.reader, sample.settings, EVERYTHING)
    return plan, missing(sample, question, plan, words, calendar_of(sample), EVERYTHING)


QUIETEST = {"intent": "top_n", "metrics": ("volume",), "lowest": True}
NEGATIVE = ("sentiment_negative_share",)
PLANS: dict[str, dict[str, Any]] = {
    "What was the quietest day last week?": {**QUIETEST, "by_day": True},
    "Which weekday is quietest?": {**QUIETEST, "group_by": ("weekday",)},
    "What was the calmest week in Q3?": {**QUIETEST, "by_day": True, "grain": "week"},
    "Which month had the fewest tickets?": {**QUIETEST, "by_day": True, "grain": "month"},
    "What day of the week do we get the most chats?": {"intent": "top_n", "group_by": ("weekday",), "by_day": False},
    "Do we get more tickets on Mondays?": {"intent": "top_n", "group_by": ("weekday",)},
    "Are weekends slower than weekdays?": {"intent": "compare", "group_by": ("weekday",)},
    "How many tickets on Fridays in October?": {"intent": "count", "filters": {"created_weekday": ("Friday",)}},
    "What time of day are we busiest?": {"intent": "top_n", "group_by": ("hour",), "grain": None},
    "When is chat busiest?": {"group_by": ("hour",), "filters": {"channel": ("chat",)}},
    "Is it quiet today?": {"metrics": ("volume",)},
    "What feedback do we get about Payments?": {"intent": "summarise", "filters": {"product": ("Payments",)}, "search_text": ""},
    "What feedback do we get about refunds?": {"intent": "summarise", "search_text": "refunds"},
    "How is the feedback on Cloud Backup?": {"intent": "summarise", "search_text": ""},
    "What reviews did we get in October?": {"intent": "summarise", "search_text": ""},
    "Any praise for the Billing team?": {"intent": "summarise", "metrics": ("sentiment_positive_share",)},
    "What are the pain points of Mobile App users?": {"intent": "summarise", "metrics": NEGATIVE},
    "How was October?": {"intent": "summarise", "search_text": ""},
    "Give me the numbers for last week": {"intent": "summarise", "search_text": ""},
    "What is the breakdown of tickets by channel?": {"intent": "count", "group_by": ("channel",)},
    "Are customers satisfied with chat?": {"metrics": ("csat_share",)},
    "How long do customers wait for a first answer?": {"metrics": ("first_reply_median", "requester_wait_median")},
    "How quickly do we solve urgent tickets?": {"metrics": ("resolution_median",)},
    "Which channel is growing fastest?": {"intent": "trend", "metrics": (), "group_by": ("channel",)},
    "Which topics disappeared?": {"intent": "trend", "lowest": True, "group_by": ("topic",)},
    "Which companies write to us most often?": {"intent": "top_n", "group_by": ("organization",)},
    "What are the most frequent problems with Smart Thermostat?": {"intent": "top_n", "search_text": ""},
    "Which product causes the most trouble?": {"intent": "top_n", "metrics": NEGATIVE, "group_by": ("product",)},
    "What languages do our customers speak?": {"intent": "count", "group_by": ("language",)},
    "How many tickets are unassigned?": {"metrics": ("backlog",), "filters": {"agent": ("(none)",)}},
    "How many tickets have no tag?": {"metrics": ("volume",), "filters": {"tag": ("(none)",)}},
    "What share of conversations is handled by a bot?": {"metrics": ("bot_involvement_rate",)},
    "Were there any spikes in October?": {"intent": "why_change", "search_text": ""},
    "Which team has the oldest open tickets?": {
        "group_by": ("team",), "metrics": ("backlog_age_median", "backlog_age_p90")
    },
    "How many conversations were transferred to another team?": {"metrics": ("handoffs",), "search_text": ""},
    "What should I worry about?": {"intent": "why_change"},
    "Show me the angriest conversations of last week": {"intent": "lookup", "metrics": NEGATIVE},
    "How does Priya Raman compare to the other agents?": {"intent": "compare", "filters": {"agent": ("Priya Raman",)}},
}  # fmt: skip


@pytest.mark.parametrize(("question", "wanted"), PLANS.items(), ids=PLANS)
def test_a_plain_question_is_answered_as_it_is_meant(
    sample: RagContext, question: str, wanted: dict[str, Any]
) -> None:
    plan, lacking = read(sample, question)
    assert lacking is None
    assert {name: getattr(plan, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "question",
    [
        "What is the quietest beach near here?",
        "What is the busiest airport in the world?",
        "Which weekday is best for planting tomatoes?",
        "What feedback do we get about submarines?",
        "Any reviews of Globex Corporation?",
        "What is the slowest animal?",
        "What's the fastest car?",
        "How satisfied are our employees?",
        "Who is the happiest person in the world?",
        "How long should I wait before I water the plants?",
        "What should I worry about when buying a house?",
        "How many customers gave feedback about submarines?",
        "How many submarines are older than 30 days?",
        "How many customers from Germany contacted us?",
    ],
)
def test_the_same_words_about_something_else_stay_unanswered(sample: RagContext, question: str) -> None:
    _, lacking = read(sample, question)
    assert lacking is not None


def test_a_limit_that_no_number_keeps_to_is_said_aloud(sample: RagContext) -> None:
    plan, _ = read(sample, "What was our CSAT for more than a week?")
    assert plan.metrics == ("csat_share",) and plan.limit is None and "1 week" in plan.ambiguity[0]
    again, _ = read(sample, "How many tickets were reopened more than once?")
    assert again.metrics == ("reopen_rate",) and "more than once" in again.ambiguity[0].lower()
    slow, _ = read(sample, "What was the slowest day last month?")
    assert slow.by_day and "slow to reply" in slow.ambiguity[0]
    compared, _ = read(sample, "Did we get more tickets in October than in September?")
    assert compared.intent == "compare" and not compared.ambiguity


def test_weekdays_and_weeks_are_ranked_by_what_the_warehouse_counts(sample: RagContext) -> None:
    by_weekday = ask("Which weekday is quietest in October?", sample, keep=False)
    groups = [fact for fact in by_weekday.metrics if fact.group]
    sql = (
        "SELECT dayname(created_local) AS day, count(*) AS n FROM {conversation_facts} WHERE is_counted "
        "AND created_local >= '2026-10-01' AND created_local < '2026-11-01' GROUP BY 1 ORDER BY 2 LIMIT 2"
    )
    rows = sample.reader.query(sql, viewer=EVERYTHING).to_pylist()
    assert [(fact.group[0], fact.value) for fact in groups[:2]] == [(row["day"], row["n"]) for row in rows]
    assert any("some weekdays occur once more" in note for note in by_weekday.notes)
    by_week = ask("What was the busiest week in September?", sample, keep=False)
    best = next(fact for fact in by_week.metrics if fact.group)
    assert best.period.start.weekday() == 0 and best.period.period.days == 7
    assert best.label == f"week of {best.period.start}" and best.period.start > date(2026, 8, 30)


def test_what_has_no_weekday_is_told_and_not_raised(sample: RagContext) -> None:
    given = ask("Which weekday has the biggest backlog?", sample, keep=False)
    assert given.claims and any("has no weekday" in note for note in given.notes)


def test_patterns_are_made_of_words_of_the_question_alone(
    sample: RagContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern of every metric and dimension takes a third of a second, and Python remembers 512 of them."""
    question = "Which team has the highest reopen rate for chats about Payments?"
    before, _ = read(sample, question)
    made, write = list[str](), re._compiler.compile  # type: ignore[attr-defined]

    def noted(pattern: str, flags: int = 0) -> Any:
        made.append(pattern)
        return write(pattern, flags)

    re.purge()
    monkeypatch.setattr("re._compiler.compile", noted)
    assert read(sample, question)[0] == before
    assert 0 < len(made) < 60
