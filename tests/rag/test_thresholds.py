"""Limits in time, working hours and other names of numbers: read as they are meant, and counted again by plain SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from analytics.beyond import beyond
from analytics.periods import known_until
from core.errors import QuestionError
from core.filters import Filters
from core.viewer import EVERYTHING
from rag.answer import Answer
from rag.ask import ask
from rag.chips import edited
from rag.context import RagContext
from rag.evidence import gather
from rag.follow import calendar_of
from rag.golden_set import second_way
from rag.intents import compute_numbers
from rag.limits import missing
from rag.plan import parse
from rag.thresholds import lasting, limit_of, rated_of
from rag.vocabulary import _BARE, _bare, vocabulary
from store.reader import Reader

DAY, WEEK = 86_400, 7 * 86_400


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tickets older than 30 days", (30 * DAY, True, "30 days", False)),
        ("open for more than a week", (WEEK, True, "1 week", False)),
        ("what share did we answer within 15 minutes", (900, False, "15 minutes", True)),
        ("what % took over two months", (60 * DAY, True, "2 months", True)),
        ("open for more than eleven days", (11 * DAY, True, "11 days", False)),
        ("answered within forty-five minutes", (2_700, False, "45 minutes", False)),
        ("not answered within 24 hours", (DAY, True, "24 hours", False)),
        ("solved in under an hour", (3_600, False, "1 hour", False)),
        ("in the last 30 days", None),
        ("within the past two weeks", None),
        ("more than once", None),
        ("tickets that have been open for two weeks", (2 * WEEK, True, "2 weeks", False)),
        ("the backlog for two weeks", None),
    ],
)
def test_a_limit_is_read_with_its_side(text: str, wanted: tuple[int, bool, str, bool] | None) -> None:
    found = limit_of(text)
    told = None if found is None else (found[0].at, found[0].above, found[0].text, found[0].share)
    assert told == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("how many bad ratings did we get", (False, "bad ratings", False)),
        ("how many customers rated us badly", (False, "bad ratings", False)),
        ("share of good reviews", (True, "good ratings", True)),
        ("thumbs up in october", (True, "good ratings", False)),
        ("our ratings in october", None),
        ("is the mood bad", None),
    ],
)
def test_ratings_are_cut_into_their_two_sides(text: str, wanted: tuple[bool, str, bool] | None) -> None:
    found = rated_of(text)
    assert (found and (found[0].above, found[0].text, found[0].share)) == wanted


def test_a_length_of_time_that_is_no_age_is_a_period() -> None:
    assert lasting("Backlog for 2 weeks") == "Backlog for the last 2 weeks"
    assert lasting("Forecast for 2 weeks") == "Forecast for the next 2 weeks"
    for same in (
        "Open for 2 weeks",
        "Backlog for the last 2 weeks",
        "open for more than 2 weeks",
        "waiting on us for 3 days",
    ):
        assert lasting(same) == same


# The question, and what plain SQL says of the conversations that may be shown for it.
BEHIND = {
    "How many emails were not answered within 24 hours last month?": "channel = 'email' AND first_reply_s > 86400",
    "What share of chats did we answer within 15 minutes in October?": "channel = 'chat' AND first_reply_s <= 900",
    "Show me chats about parcels that were not answered within 15 minutes": "channel = 'chat' AND first_reply_s > 900",
    "How many bad ratings did we get in Q3?": "csat_score < 0.75 AND csat_local BETWEEN '2026-07-01' AND '2026-10-01'",
    "How many conversations are unanswered?": "first_reply_s IS NULL AND NOT is_solved",
    "What is our backlog by team?": "NOT is_solved",
}


@pytest.mark.parametrize("question", BEHIND)
def test_what_is_shown_lies_where_the_number_does(sample: RagContext, question: str) -> None:
    sql = f"SELECT conversation_id FROM {{conversation_facts}} WHERE is_counted AND {BEHIND[question]}"
    those = {*sample.reader.query(sql, viewer=EVERYTHING).column(0).to_pylist()}
    answer = ask(question, sample, keep=False)
    assert answer.citations and {one.conversation_id for one in answer.citations} <= those
    assert answer.metrics[0].value and answer.dropped_claims == 0


def test_a_writer_gets_no_more_than_what_lies_there(sample: RagContext) -> None:
    words = vocabulary(sample.reader, sample.settings, EVERYTHING)
    plan = parse("How many emails were not answered within 24 hours last month?", words, calendar_of(sample))
    assert plan.period
    numbers = compute_numbers(sample, plan, plan.period.period, EVERYTHING)
    pack = gather(sample, plan, numbers.strata, plan.scope(), EVERYTHING, writes=True)
    assert numbers.facts[0].value and 0 < len(pack.whole) <= numbers.facts[0].value


def test_a_count_of_ratings_is_told_as_one(sample: RagContext) -> None:
    answer = ask("How many bad ratings did we get in Q3?", sample, keep=False)
    sql = (
        "SELECT count(*) FILTER (csat_score < 0.75), count(*) FROM {conversation_facts} WHERE is_counted "
        "AND csat_score IS NOT NULL AND csat_local >= '2026-07-01' AND csat_local < '2026-10-01'"
    )
    bad, rated = (column[0].as_py() for column in sample.reader.query(sql, viewer=EVERYTHING).columns)
    count, share = answer.metrics
    assert (count.title, count.value, share.title) == ("Bad ratings", bad, "Share of bad ratings")
    assert share.value == pytest.approx(bad / rated) and any(
        "1 to 3 of 5" in one for one in answer.assumptions
    )
    why = parse(
        "Why do we get bad ratings?",
        vocabulary(sample.reader, sample.settings, EVERYTHING),
        calendar_of(sample),
    )
    assert why.limit is None and why.intent == "why_change"


def again(sample: RagContext, answer: Answer) -> list[tuple[float | None, Any]]:
    """Each number of an answer beside what its plain SQL gives, where there is one."""
    pairs = []
    for fact in answer.metrics:
        way = second_way(fact)
        if way is not None:
            rows = sample.reader.query(way[0], way[1], viewer=EVERYTHING)
            pairs.append((fact.value, rows.column("value")[0].as_py()))
    return pairs


@pytest.mark.parametrize(
    "question",
    [
        "What share of chats did we answer within 15 minutes in October?",
        "Which team took longer than two days to solve the most tickets in Q3?",
        "How many emails were not answered within 24 hours last month?",
        "How many tickets came in outside business hours last month?",
    ],
)
def test_numbers_of_limits_and_of_working_hours_are_counted_again(sample: RagContext, question: str) -> None:
    answer = ask(question, sample, keep=False)
    pairs = again(sample, answer)
    assert len(pairs) == len(answer.metrics) > 0 and answer.dropped_claims == 0
    for value, other in pairs:
        assert value and value == pytest.approx(other)


def test_the_age_of_what_is_open_is_counted_again(sample: RagContext) -> None:
    until = known_until(sample.reader, sample.settings)
    sql = (
        "SELECT coalesce(team, '(none)') AS team, epoch(?::TIMESTAMP - created_local) / 3600 AS hours "
        "FROM {conversation_facts} WHERE is_counted AND NOT is_solved AND created_local < ?"
    )
    rows = sample.reader.query(sql, [until, until], viewer=EVERYTHING).to_pylist()
    ages = sorted(row["hours"] for row in rows)
    limit = int((ages[0] + ages[-1]) / 2)  # so that some are older and some are not
    old = Counter(row["team"] for row in rows if row["hours"] > limit)
    answer = ask(f"Which team has the most tickets open for more than {limit} hours?", sample, keep=False)
    total, share, *groups = answer.metrics
    assert (total.title, total.n) == (f"Open for over {limit} hours", len(rows))
    assert total.value == old.total() and 0 < old.total() < len(rows)
    assert share.value == pytest.approx(old.total() / len(rows)) and answer.dropped_claims == 0
    assert {fact.group[0]: fact.value for fact in groups if fact.value} == old
    assert "The age of what is open counts from its creation." in answer.assumptions


def test_a_limit_is_for_durations_and_goes_with_its_number(sample: RagContext) -> None:
    with pytest.raises(QuestionError, match="is no duration"):
        beyond(sample.reader, "volume", Filters(), over=60.0, settings=sample.settings, viewer=EVERYTHING)
    words = vocabulary(sample.reader, sample.settings, EVERYTHING)
    plan = parse("How many chats were answered within an hour?", words, calendar_of(sample))
    assert plan.limit and edited(plan, {"metrics": ("volume",)}, words).limit is None
    after = parse("and by team?", words, calendar_of(sample), plan)
    assert after.limit == plan.limit and after.group_by == ("team",)
    assert parse("what about csat?", words, calendar_of(sample), plan).limit is None


def test_several_numbers_that_stand_for_quality_are_each_told(sample: RagContext) -> None:
    answer = ask("Is quality improving?", sample, keep=False)
    assert answer.plan.intent == "trend" and any("“Quality” is read as" in one for one in answer.assumptions)
    told = [fact.name for fact in answer.metrics if fact.baseline is not None][:3]
    assert told == ["csat_share", "reopen_rate", "experience_score"] and answer.dropped_claims == 0
    elsewhere = parse(
        "Complaints about the picture quality",
        vocabulary(sample.reader, sample.settings, EVERYTHING),
        calendar_of(sample),
    )
    assert "experience_score" not in elsewhere.metrics


def test_without_a_calendar_nothing_is_outside_working_hours(
    sample: RagContext, publish: Callable[..., Reader]
) -> None:
    reader = publish({"1": ["My lamp is broken."]})
    bare = RagContext(sample.home, sample.settings, reader)
    question, words = "How many tickets came in after hours?", vocabulary(reader, sample.settings, EVERYTHING)
    plan = parse(question, words, calendar_of(bare))
    lacking = missing(bare, question, plan, words, calendar_of(bare), EVERYTHING)
    assert lacking is not None and "No working hours are set" in lacking.reason


def test_places_of_customers_can_be_named_alone() -> None:
    values = dict.fromkeys((*_BARE, "language"), ()) | {"country": ("Germany", "new"), "plan": ("free",)}
    assert _bare(values, ("country", "plan")) == {"germany": ("country", "Germany")}
