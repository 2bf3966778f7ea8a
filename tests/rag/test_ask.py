"""Golden questions on the sample workspace, whose causes were planted and are known from its truth file."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest

from core.errors import LLMUnavailable, QuestionError
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from llm.fake import FakeModel
from rag.answer import Answer
from rag.ask import ask
from rag.context import RagContext
from rag.templates import BANNER
from rag.text import fold

SHOW_CASE = "Why was sentiment negative on Oct 31?"


def answer(context: RagContext, question: str, **more: Any) -> Answer:
    return ask(question, context, keep=False, **more)


def one(context: RagContext, sql: str) -> Any:
    return context.reader.query(sql, viewer=EVERYTHING).column(0)[0].as_py()


def check_quotes(context: RagContext, given: Answer) -> None:
    """Every citation exists and every quote stands in its message."""
    for citation in given.citations:
        sql = (
            "SELECT body_text FROM {messages} WHERE source_id = ? AND conversation_id = ? AND message_id = ?"
        )
        keys = [citation.source_id, citation.conversation_id, citation.message_id]
        (row,) = context.reader.query(sql, keys, viewer=EVERYTHING).to_pylist()
        assert citation.quote and fold(citation.quote) in fold(row["body_text"])


def check_numbers(given: Answer) -> None:
    """No sentence holds a number that no metric has."""
    from rag.numbers import shown

    parts = ("value", "n", "baseline", "delta", "change", "low", "high")
    known = {n for m in given.metrics for p in parts for n in re.findall(r"\d[\d,.]*\d|\d", shown(m, p))}
    names = " ".join([str(given.metrics), str(given.plan), "28"])
    for claim in given.claims:
        text = claim.text
        for quote in claim.quotes:
            text = text.replace(quote, "")
        for number in re.findall(r"\d[\d,.]*\d|\d", text):
            assert number in known or number in names, f"{number} in {claim.text}"


def test_the_show_case_names_the_planted_cause_with_the_numbers_of_the_warehouse(sample: RagContext) -> None:
    given = answer(sample, SHOW_CASE)
    truth = json.loads((sample.home.sample / "truth.json").read_text())["bad_day"]
    text = given.text
    assert truth["product"] in text and truth["channel"] in text
    on_the_day = "FROM {conversation_facts} WHERE is_counted AND sentiment IS NOT NULL AND created_local::DATE = DATE '2026-10-31'"
    share = one(sample, f"SELECT avg((sentiment = 'negative')::INT) {on_the_day}")
    n = one(sample, f"SELECT count(*) {on_the_day}")
    total = given.metrics[0]
    assert (total.name, total.n) == ("sentiment_negative_share", n)
    assert total.value == pytest.approx(share)
    headline = next(m for m in given.metrics if m.group == (truth["product"], truth["channel"]))
    cell = f"{on_the_day} AND product = '{truth['product']}' AND channel = '{truth['channel']}'"
    assert headline.n == one(sample, f"SELECT count(*) {cell}")
    assert headline.value == pytest.approx(one(sample, f"SELECT avg((sentiment = 'negative')::INT) {cell}"))
    assert total.baseline is not None and total.delta == pytest.approx(share - total.baseline)
    assert 3 <= len(given.citations) <= 8
    assert {c.product for c in given.citations if c.kind == "representative"} == {truth["product"]}
    check_quotes(sample, given)
    check_numbers(given)
    assert given.banner == BANNER and given.provider == "none" and given.dropped_claims == 0
    assert "2026-10-31" in given.assumptions[0]
    assert given.confidence.level in ("high", "medium") and given.confidence.reasons


@pytest.mark.parametrize(
    ("question", "intent", "metric", "filters"),
    [
        (
            "How has the two-factor login codes topic developed over the last 120 days?",
            "trend",
            "volume",
            "topic",
        ),
        (
            "Why did first reply time of team Billing get slower in the last 60 days?",
            "why_change",
            "first_reply_median",
            "team",
        ),
        ("Volume per channel last week", "count", "volume", None),
        ("What are the top topics this month?", "top_n", "volume", None),
        ("What is the backlog now?", "count", "backlog", None),
        ("Compare email and chat in October", "compare", "volume", "channel"),
        ("What do customers say about Cloud Backup?", "summarise", "volume", "product"),
        ("Which team has the slowest first reply?", "top_n", "first_reply_median", None),
        ("What drives reopens?", "driver", "reopen_rate", None),
        ("How many conversations were created in October?", "count", "volume", None),
        ("Is volume higher this month than last month?", "compare", "volume", None),
        ("CSAT by product", "count", "csat_share", None),
        ("Which day had the most conversations in October?", "top_n", "volume", None),
        ("Negative sentiment share by channel last month", "count", "sentiment_negative_share", None),
        ("Daily volume of Cloud Backup in September", "trend", "volume", "product"),
        ("Compare chat and email by first reply time", "compare", "first_reply_median", "channel"),
    ],
)
def test_golden_questions(
    sample: RagContext, question: str, intent: str, metric: str, filters: str | None
) -> None:
    given = answer(sample, question)
    assert given.plan.intent == intent
    assert given.metrics[0].name == metric
    assert list(given.plan.filters) == ([filters] if filters else [])
    assert given.claims and given.dropped_claims == 0
    assert given.confidence.level != "not in the data"
    check_quotes(sample, given)
    check_numbers(given)


def test_counts_are_those_of_the_warehouse(sample: RagContext) -> None:
    given = answer(sample, "How many conversations were created in October?")
    october = "FROM {conversation_facts} WHERE is_counted AND created_local::DATE BETWEEN '2026-10-01' AND '2026-10-31'"
    sql = f"SELECT count(*) {october}"
    assert given.metrics[0].value == one(sample, sql)
    by_channel = answer(sample, "Volume per channel in October")
    sql = f"SELECT channel {october} GROUP BY 1 ORDER BY count(*) DESC, 1"
    assert next(m.group[0] for m in by_channel.metrics if m.group) == one(sample, sql)
    assert sum(point.n for point in by_channel.series[0].points) == given.metrics[0].n


@pytest.mark.parametrize(
    ("question", "way"), [("Which channels are growing?", 1), ("Which teams got faster?", -1)]
)
def test_what_moves_is_ranked_by_its_change(sample: RagContext, question: str, way: int) -> None:
    given = answer(sample, question)
    moved = [m for m in given.metrics if m.group and m.baseline is not None]
    assert moved and all((m.delta or 0) * way > 0 for m in moved)
    changes = [abs(m.delta or 0) for m in moved]
    assert changes == sorted(changes, reverse=True)
    assert given.claims[0].text.startswith("Rose the most" if way > 0 else "Fell the most")


def test_a_name_with_an_s_and_words_that_only_ask_are_not_searched_for(sample: RagContext) -> None:
    for question in ("How has Billing's first reply time changed?", "Which topics are declining?"):
        assert answer(sample, question).plan.search_text == "", question


def test_who_asks_how_many_mention_a_word_sees_conversations_with_it(sample: RagContext) -> None:
    given = answer(sample, "How many conversations mention refunds?")
    assert given.claims[0].text.split()[1] in ("conversation", "conversations")
    for citation in given.citations:
        said = one(
            sample,
            "SELECT string_agg(lower(body_text), ' ') FROM {messages} "
            f"WHERE conversation_id = '{citation.conversation_id}'",
        )
        assert "refund" in said


def test_an_open_month_is_compared_with_as_many_days(sample: RagContext) -> None:
    given = answer(sample, "Is volume higher this month than last month?")
    assert given.metrics[0].baseline_label == "2026-10-01 to 2026-10-15"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What is the capital of France?", "France"),
        ("Who won the football match?", "not about the conversations"),
        ("How many conversations about Quantum Toaster?", "Quantum Toaster"),
        ("First reply time of team Foobar", "no team called “Foobar”"),
        ("How many conversations on 2019-05-01?", "nothing for 2019-05-01"),
        ("What was the weather on Oct 31?", "not about the conversations"),
        ("Show me conversations about zeppelins", "zeppelins"),
    ],
)
def test_what_is_not_in_the_data_is_said(sample: RagContext, question: str, reason: str) -> None:
    given = answer(sample, question)
    assert given.confidence.level == "not in the data"
    assert reason in given.confidence.reasons[0]
    assert given.claims == () and given.metrics == () and given.nearest


def test_a_lookup_finds_the_words_and_a_known_id(sample: RagContext) -> None:
    given = answer(sample, "Show me conversations about gift card not accepted")
    assert given.plan.intent == "lookup"
    assert "gift card" in given.citations[0].quote.lower()  # type: ignore[union-attr]
    some = one(sample, "SELECT min(conversation_id) FROM {conversation_facts} WHERE customer_messages > 1")
    assert [c.conversation_id for c in answer(sample, f"What is {some} about?").citations] == [some]


def test_a_follow_up_keeps_what_it_does_not_change(home: Home, sample: RagContext) -> None:
    mine = RagContext(Home(home.root), sample.settings, sample.reader)
    _borrow_index(sample.home, mine.home)
    first = ask("Volume of Cloud Backup in October", mine)
    second = ask("and by channel?", mine, follow=first.id)
    assert second.plan.filters == {"product": ("Cloud Backup",)}
    assert second.plan.period == first.plan.period and second.plan.group_by == ("channel",)
    assert second.plan.follows == first.id and second.id > first.id
    third = ask("what about Mobile App?", mine, follow=second.id)
    assert third.plan.filters == {"product": ("Mobile App",)}
    with pytest.raises(QuestionError, match="no earlier question 999"):
        ask("and now?", mine, follow=999)


def _borrow_index(source: Home, target: Home) -> None:
    for name in ("index", "vectors"):
        (target.root / name).symlink_to(source.root / name)


def test_a_viewer_sees_only_their_part(sample: RagContext) -> None:
    billing = Viewer("b", teams=("Billing",))
    given = answer(sample, SHOW_CASE, viewer=billing)
    assert not {m.n for m in given.metrics} & {14, 16}
    found = answer(sample, "What do customers say about invoices?", viewer=billing)
    for citation in found.citations:
        sql = "SELECT team FROM {conversation_facts} WHERE conversation_id = ?"
        rows = sample.reader.query(sql, [citation.conversation_id], viewer=EVERYTHING).to_pylist()
        assert rows[0]["team"] == "Billing"
    nothing = answer(
        sample, "How many conversations were created in October?", viewer=Viewer("n", sources=())
    )
    assert not nothing.metrics or nothing.metrics[0].n == 0


def test_events_arrive_in_order(sample: RagContext) -> None:
    seen: list[str] = []
    answer(sample, SHOW_CASE, on_event=lambda name, _: seen.append(name))
    assert seen == ["plan", "metrics", "series", "evidence", "words", "verified"]


def test_a_model_that_fails_leaves_a_complete_answer_and_a_note(sample: RagContext) -> None:
    model = FakeModel([LLMUnavailable("the server is down.")])
    given = answer(sample, SHOW_CASE, model=model)
    assert given.claims == answer(sample, SHOW_CASE).claims
    assert given.banner == BANNER and given.provider == "none"
    assert any("did not answer" in note for note in given.notes)


def test_the_answer_is_plain_json(sample: RagContext, now: datetime) -> None:
    given = answer(sample, SHOW_CASE)
    assert Answer.model_validate(json.loads(given.model_dump_json())) == given
