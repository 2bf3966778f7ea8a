"""A model within a budget: what is set aside before a call, and what is counted after it, worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
from pydantic import BaseModel

from core.errors import LLMBudget, LLMError, LLMRefused, LLMUnavailable
from core.settings import LanguageModel
from llm._errors import Unreadable
from llm.base import ChatModel, Hear, Reply, Usage
from llm.budget import BudgetedModel, dollars_of, tokens_of
from llm.fake import FakeModel

DAY = date(2026, 11, 16)
PRICED = LanguageModel(price_in=3.0, price_out=15.0, max_tokens=100)


@dataclass
class Purse:
    """A ledger in memory."""

    most: int
    tokens: int = 0
    dollars: float = 0.0
    seen: list[int] = field(default_factory=list)

    def set_aside(self, tokens: int, dollars: float) -> date | None:
        if self.tokens + tokens > self.most:
            return None
        self.put_right(DAY, tokens, dollars)
        return DAY

    def put_right(self, day: date, tokens: int, dollars: float) -> None:
        assert day == DAY
        self.tokens += tokens
        self.dollars += dollars
        self.seen.append(self.tokens)


def test_tokens_are_reckoned_from_bytes_and_priced_by_the_million() -> None:
    assert [tokens_of(text) for text in ("", "a", "abc", "abcd", "日本")] == [0, 1, 1, 2, 2]
    assert dollars_of(Usage(1_000_000, 200_000), PRICED) == pytest.approx(3 + 3)
    assert dollars_of(Usage(10, 10), LanguageModel(price_in=3.0)) is None
    assert dollars_of(Usage(10, 10), LanguageModel(price_in=0, price_out=0)) == 0


def test_a_call_is_set_aside_at_its_most_and_put_right_to_what_was_counted() -> None:
    purse = Purse(most=1_000)
    model = BudgetedModel(FakeModel(["four words it says"]), PRICED, purse)
    assert isinstance(model, ChatModel)
    model.complete("abc", "abc def")  # 10 bytes are 4 tokens, and up to 100 come back
    assert purse.seen == [104, 12]  # the fake counts 2 words sent and 10 received
    assert (model.bill.calls, model.bill.usage) == (1, Usage(2, 10))
    assert model.bill.reckoned == Usage(4, 100)
    assert model.bill.dollars == pytest.approx((2 * 3 + 10 * 15) / 1e6) == pytest.approx(purse.dollars)
    assert model.bill.reckoned_dollars == pytest.approx((4 * 3 + 100 * 15) / 1e6)


def test_a_used_up_budget_sends_nothing() -> None:
    inner = FakeModel(["yes"])
    model = BudgetedModel(inner, PRICED, Purse(most=120))
    model.complete("", "hello")
    with pytest.raises(LLMBudget, match="used up"):
        model.complete("", "hello there, " * 8)
    with pytest.raises(LLMBudget):
        model.complete("", "hello there, " * 8, heard=lambda _: None)
    assert len(inner.asked) == 1 and model.bill.calls == 1


@pytest.mark.parametrize(
    ("failure", "counted"), [(LLMRefused("no"), 0), (LLMUnavailable("down"), 2), (LLMError("odd"), 102)]
)
def test_a_failed_call_counts_what_it_may_have_used(failure: LLMError, counted: int) -> None:
    purse = Purse(most=1_000)
    with pytest.raises(LLMError):
        BudgetedModel(FakeModel([failure]), PRICED, purse).complete("", "hello")
    assert purse.tokens == counted


def test_what_could_not_be_read_counts_what_it_took() -> None:
    purse = Purse(most=1_000)
    failure = Unreadable("no object", usage=Usage(30, 9))
    with pytest.raises(LLMError):
        BudgetedModel(FakeModel([failure]), PRICED, purse).complete("", "hello")
    assert purse.tokens == 39


class Uncounted(FakeModel):
    """A server that does not say what it counted."""

    def complete(
        self, system: str, user: str, schema: type[BaseModel] | None = None, *, heard: Hear | None = None
    ) -> Reply:
        return Reply("abcdef")


def test_every_call_is_told_to_whoever_counts_with_a_limit_and_without() -> None:
    told: list[tuple[Usage, float | None]] = []
    for settings, ledger in ((PRICED, Purse(most=1_000)), (LanguageModel(), None)):
        model = BudgetedModel(
            FakeModel(["yes", LLMRefused("no")]), settings, ledger, count=lambda *call: told.append(call)
        )
        model.complete("", "two words")
        with pytest.raises(LLMRefused):
            model.complete("", "two words")
    assert [usage for usage, _ in told] == [model.bill.usage, Usage(), model.bill.usage, Usage()]
    assert [dollars is None for _, dollars in told] == [False, False, True, True]


def test_what_no_server_counted_is_reckoned() -> None:
    model = BudgetedModel(Uncounted(), LanguageModel())
    model.complete("", "abc")
    assert model.bill.usage == Usage(1, 2) and model.bill.dollars is None


def test_an_answer_is_counted_also_when_its_reader_goes_away() -> None:
    class Gone(BaseException):
        pass

    def leaves(_: str) -> None:
        raise Gone

    purse = Purse(most=1_000)
    with pytest.raises(Gone):
        BudgetedModel(FakeModel(["one two three"]), PRICED, purse).complete("", "abc", heard=leaves)
    assert purse.tokens == 1 + 100
