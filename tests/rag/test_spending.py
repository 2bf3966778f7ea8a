"""Answers within a day's budget, and words that are used again: on a workspace of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.errors import StoreError
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from llm.fake import FakeModel
from rag.answer import Answer
from rag.ask import ask
from rag.context import RagContext
from rag.verify import Draft
from rag.words import Claims
from store.workspace import Spent, Workspace
from tests.store.workspace.spending import spent_on

QUESTION = "How many conversations on Oct 31?"
GOOD = Draft(text="There were {m1} conversations.", metric_ids=["m1"])
DAY = date(2026, 11, 16)
NARROW = Viewer(name="bea", teams=("Billing",), role="lead", rights=frozenset())

Asking = Callable[..., tuple[Answer, FakeModel]]


@pytest.fixture
def asking(sample: RagContext, home: Home) -> Asking:
    def run(viewer: Viewer = EVERYTHING, *, keep: bool = True, script: Any = None, **limits: Any) -> Any:
        llm = sample.settings.llm.model_copy(update=limits)
        context = replace(sample, home=home, settings=sample.settings.model_copy(update={"llm": llm}))
        model = FakeModel(script or [Claims(claims=[GOOD])])
        return ask(QUESTION, context, viewer=viewer, model=model, keep=keep), model

    return run


def test_an_answer_says_what_it_was_reckoned_to_take_and_took(asking: Asking, home: Home) -> None:
    given, _ = asking(keep=False, price_in=3.0, price_out=15.0, tokens_per_day=50_000)
    usage = given.usage
    assert usage.calls == 1 and usage.output_tokens == 10 and usage.cost is not None
    assert usage.cost == pytest.approx((usage.input_tokens * 3 + 10 * 15) / 1e6)
    assert usage.estimated_tokens > usage.input_tokens + 10 and (usage.estimated_cost or 0) > usage.cost
    spent = spent_on(Workspace(home), DAY)
    assert spent.tokens == usage.input_tokens + 10 and spent.dollars == pytest.approx(usage.cost)
    assert asking(keep=False)[0].usage.cost is None


def test_what_a_model_used_is_summed_also_without_a_limit(asking: Asking, home: Home) -> None:
    first, model = asking(keep=False, price_in=3.0, price_out=15.0)
    again, _ = asking(keep=False)
    (used,) = Workspace(home).model_uses()
    assert (used.provider, used.model, used.calls) == (model.provider, model.name, 2)
    assert used.input_tokens == first.usage.input_tokens + again.usage.input_tokens
    assert used.output_tokens == first.usage.output_tokens + again.usage.output_tokens
    assert used.dollars == pytest.approx(first.usage.cost)


def test_an_answer_stands_where_its_use_cannot_be_summed(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("the disk is full.")

    monkeypatch.setattr(Workspace, "count_model_use", broken)
    given, model = asking(keep=False)
    assert given.provider == "fake" and len(model.asked) == 1


@pytest.mark.parametrize(
    "limits", [{"tokens_per_day": 100_000}, {"dollars_per_day": 1.0, "price_in": 1.0, "price_out": 1.0}]
)
def test_when_the_budget_is_used_up_templates_answer_and_say_so(
    asking: Asking, home: Home, limits: dict[str, Any]
) -> None:
    Workspace(home).set_spending_aside(DAY, Spent(99_900, 0.9999))  # as another process would
    given, model = asking(keep=False, **limits)
    assert model.asked == [] and given.usage.calls == 0
    assert given.provider == "none" and given.banner and given.claims
    assert any("budget for the language model is used up" in note for note in given.notes)


def test_what_cannot_be_counted_is_not_spent(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> bool:
        raise StoreError("the disk is full.")

    monkeypatch.setattr(Workspace, "set_spending_aside", broken)
    given, model = asking(keep=False, tokens_per_day=100_000)
    assert model.asked == [] and given.claims
    assert any("cannot be counted" in note for note in given.notes)


def test_words_are_used_again_without_a_call_by_who_sees_the_same(asking: Asking) -> None:
    first, _ = asking()
    again, model = asking(replace(EVERYTHING, name="ann"))
    assert model.asked == [] and again.usage.calls == 0
    assert (first.usage.reused, again.usage.reused) == (False, True)
    assert again.text == first.text and again.provider == "fake"


def test_words_for_a_wide_role_never_reach_a_narrow_one(asking: Asking) -> None:
    asking()
    given, model = asking(NARROW)
    assert len(model.asked) == 1 and not given.usage.reused
    wider, model = asking(replace(NARROW, rights=frozenset({"unmasked"})))
    assert len(model.asked) == 1 and not wider.usage.reused
    assert asking(NARROW)[0].usage.reused and asking()[0].usage.reused


def test_kept_words_that_no_longer_hold_are_written_anew(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking()
    bad = {"claims": [{"text": "There were 999 conversations.", "metric_ids": ["m1"]}], "dropped": 0}
    read = Workspace.kept_words

    def forged(workspace: Workspace, key: str) -> Any:
        kept = read(workspace, key)
        return bad if kept and "claims" in kept else kept

    monkeypatch.setattr(Workspace, "kept_words", forged)
    given, model = asking(script=[Claims(claims=[GOOD])])
    assert len(model.asked) == 1 and not given.usage.reused
    assert "999" not in given.text


def test_a_question_that_leaves_no_trace_keeps_no_words(asking: Asking) -> None:
    asking(keep=False)
    assert len(asking(keep=False)[1].asked) == 1
