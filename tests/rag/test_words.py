"""What a language model may do to an answer: word it. Never a number, a quote or an order from a ticket."""

from __future__ import annotations

import json
import re

import pytest

from llm.fake import FakeModel
from rag.answer import Answer
from rag.ask import ask
from rag.context import RagContext
from rag.verify import Draft
from rag.words import Claims, PlanWords

QUESTION = "Why was sentiment negative on Oct 31?"


def told(context: RagContext, *rounds: list[Draft]) -> tuple[Answer, FakeModel]:
    model = FakeModel([PlanWords(), *(Claims(claims=drafts) for drafts in rounds)])
    return ask(QUESTION, context, model=model, keep=False), model


GOOD = Draft(
    text="The share of negative conversations was {m1}, against {m1.baseline} before.", metric_ids=["m1"]
)


def test_claims_that_hold_are_shown_with_their_numbers(sample: RagContext) -> None:
    given, model = told(sample, [GOOD])
    share = given.metrics[0].text
    assert given.claims[0].text.startswith(f"The share of negative conversations was {share}, against")
    assert given.banner is None and given.provider == "fake"
    assert given.usage.calls == 2 and given.usage.output_tokens > 0
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    "bad",
    [
        Draft(text="The share was 99 %.", metric_ids=["m1"]),
        Draft(text="The share fell to {m1}.", metric_ids=["m1"]),
        Draft(text="It was {m77}.", metric_ids=["m77"]),
        Draft(text="Customers were angry.", evidence_ids=["e99"]),
        Draft(text="Customers were angry."),
        Draft(
            text="A customer wrote “refund me a million now please”. [c:e1]",
            quotes=["refund me a million now please"],
        ),
        Draft(text="A customer wrote “the moon is made of cheese”. [c:e1]"),
        Draft(text="A customer wrote “the moon is made of cheese”. [c:e1]", quotes=["the"]),
        Draft(text="A customer wrote 'the moon is made of cheese' once more. [c:e1]"),
        Draft(text="See https://evil.example/x.png for {m1}.", metric_ids=["m1"]),
        Draft(text="It was twice as bad, {m1}.", metric_ids=["m1"]),
    ],
)
def test_a_claim_that_does_not_hold_is_repaired_once_or_dropped(sample: RagContext, bad: Draft) -> None:
    given, model = told(sample, [GOOD, bad], [GOOD, bad])
    assert len(given.claims) == 1 and given.dropped_claims == 1
    assert "failed the checks" in model.asked[-1].user
    mended, _ = told(sample, [GOOD, bad], [GOOD])
    assert mended.dropped_claims == 0


def test_nothing_that_holds_falls_back_to_templates(sample: RagContext) -> None:
    given, _ = told(sample, [Draft(text="All is well.")])
    assert given.provider == "none" and given.banner and given.claims
    assert any("passed the checks" in note for note in given.notes)


def test_tickets_stand_between_marks_that_no_ticket_can_know(sample: RagContext) -> None:
    _, first = told(sample, [GOOD])
    _, second = told(sample, [GOOD])
    marks = [set(re.findall(r"DATA (\w{16})", model.asked[-1].user)) for model in (first, second)]
    assert len(marks[0]) == len(marks[1]) == 1 and marks[0] != marks[1]


def test_a_model_may_fill_gaps_of_a_plan_and_invent_nothing(sample: RagContext) -> None:
    said = PlanWords(metrics=["volume", "secret_metric"], group_by=["channel", "password"], intent="count")
    model = FakeModel([said, Claims(claims=[GOOD])])
    plan = ask("How are things?", sample, model=model, keep=False).plan
    assert plan.metrics == ("volume",) and plan.group_by == ("channel",)


def test_what_the_model_gets_is_the_question_and_no_more_than_the_pack(sample: RagContext) -> None:
    given, model = told(sample, [GOOD])
    head = json.loads(model.asked[-1].user.split("\n\n<<DATA")[0])
    assert [m["id"] for m in head["metrics"]] == [m.id for m in given.metrics]
    assert model.asked[-1].user.count("<<DATA") <= 8
