"""Chips show a plan; what a person changes is checked like any other plan."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.errors import QuestionError
from core.viewer import EVERYTHING
from rag.answer import Limit, QueryPlan, Span
from rag.ask import ask
from rag.chips import chips, edited
from rag.context import RagContext
from rag.vocabulary import Vocabulary, vocabulary

OCTOBER = Span(start=date(2026, 10, 1), end=date(2026, 10, 31))
PLAN = QueryPlan(
    intent="top_n", metrics=("reopen_rate",), period=OCTOBER, filters={"channel": ("chat", "email")},
    group_by=("team",), search_text="parcel", names=("Parcel",), assumptions=("“x” is read as y.",),
)  # fmt: skip


@pytest.fixture
def words(sample: RagContext) -> Vocabulary:
    return vocabulary(sample.reader, sample.settings, EVERYTHING)


def test_every_part_of_a_plan_is_a_chip_that_says_it_in_words(words: Vocabulary) -> None:
    found = {chip.key: chip for chip in chips(PLAN, words)}
    assert list(found) == ["intent", "metrics", "period", "filter:channel", "group_by", "search_text"]
    assert (
        found["metrics"].label == words.titles["reopen_rate"]
        and found["period"].label == "2026-10-01 to 2026-10-31"
    )
    assert found["filter:channel"].label == "Channel: chat or email"
    assert {"chat", "email", "voice"} <= set(found["filter:channel"].choices)
    assert not found["intent"].removable and all(c.removable for k, c in found.items() if k != "intent")


def test_putting_back_what_the_chips_say_changes_nothing(words: Vocabulary) -> None:
    same = edited(PLAN, {chip.key: chip.value for chip in chips(PLAN, words)}, words)
    assert chips(same, words) == chips(PLAN, words)


def test_a_limit_is_a_chip_that_can_be_taken_away(words: Vocabulary) -> None:
    limit = Limit(at=3_600, above=False, text="1 hour", share=True)
    plan = QueryPlan(intent="count", metrics=("first_reply_median",), limit=limit)
    found = {chip.key: chip for chip in chips(plan, words)}
    assert found["limit"].label == "only within 1 hour" and found["limit"].removable
    assert edited(plan, {key: chip.value for key, chip in found.items()}, words).limit == limit
    assert edited(plan, {"limit": None}, words).limit is None
    longer = edited(plan, {"limit": "over 2 days"}, words).limit
    assert longer and (longer.at, longer.above, longer.text) == (2 * 86_400, True, "2 days")
    assert edited(plan, {"metrics": ("volume",)}, words).limit is None
    with pytest.raises(QuestionError, match="is no limit"):
        edited(plan, {"limit": "quite long"}, words)


def test_a_limit_of_an_earlier_plan_is_still_read() -> None:
    kept = {"intent": "count", "limit": {"seconds": 60, "above": True, "text": "1 minute"}}
    assert QueryPlan.model_validate(kept).limit == Limit(at=60, above=True, text="1 minute")


def test_a_chip_can_be_changed_added_and_taken_away(words: Vocabulary) -> None:
    changes: dict[str, Any] = {
        "period": "2026-11-01/2026-11-07", "filter:channel": None, "filter:team": "Billing", "group_by": None,
        "grain": "week", "intent": "trend", "search_text": None,
    }  # fmt: skip
    found = edited(PLAN, changes, words)
    assert found.period == Span(start=date(2026, 11, 1), end=date(2026, 11, 7)) and found.intent == "trend"
    assert found.filters == {"team": ("Billing",)} and found.group_by == () and found.grain == "week"
    assert found.search_text == "" and found.names == () and found.assumptions == ()


@pytest.mark.parametrize("changes", [
    {"filter:channel": "pigeon"}, {"filter:nothing": "x"}, {"metrics": "beauty"}, {"group_by": ("team", "beauty")},
    {"period": "yesterday"}, {"period": "2026-10-31/2026-10-01"}, {"grain": "second"}, {"intent": "drop table"},
    {"sql": "select 1"}, {"metrics": OCTOBER}, {"grain": ("day", "week")},
])  # fmt: skip
def test_what_does_not_exist_is_refused(words: Vocabulary, changes: dict[str, Any]) -> None:
    with pytest.raises(QuestionError):
        edited(PLAN, changes, words)


def test_a_question_is_asked_as_its_plan_says(sample: RagContext, words: Vocabulary) -> None:
    plan = edited(
        QueryPlan(intent="count"), {"metrics": "volume", "filter:channel": "chat", "period": OCTOBER}, words
    )
    given = ask("How many?", sample, keep=False, plan=plan)
    sql = (
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND channel = 'chat' "
        "AND created_local >= DATE '2026-10-01' AND created_local < DATE '2026-11-01'"
    )
    assert given.plan == plan
    assert given.metrics[0].value == sample.reader.query(sql, viewer=EVERYTHING).column(0)[0].as_py()


def test_a_plan_that_names_what_does_not_exist_is_not_asked(sample: RagContext) -> None:
    with pytest.raises(QuestionError):
        ask("How many?", sample, keep=False, plan=QueryPlan(intent="count", filters={"channel": ("pigeon",)}))
