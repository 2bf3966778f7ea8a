"""What a language model may do to an answer: word it. Never a number, a quote or an order from a ticket."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from llm.fake import FakeModel
from rag.answer import Answer, Evidence, QueryPlan
from rag.ask import ask
from rag.context import RagContext
from rag.evidence import Pack
from rag.few import few_cited
from rag.verify import Draft
from rag.words import MOST_SENT, Claims, PlanWords, whole_claims

QUESTION = "Why was sentiment negative on Oct 31?"


def told(context: RagContext, *rounds: list[Draft]) -> tuple[Answer, FakeModel]:
    model = FakeModel([Claims(claims=drafts) for drafts in rounds])
    return ask(QUESTION, context, model=model, keep=False), model


GOOD = Draft(
    text="The share of negative conversations was {m1}, against {m1.baseline} before.", metric_ids=["m1"]
)


def test_claims_that_hold_are_shown_with_their_numbers(sample: RagContext) -> None:
    given, model = told(sample, [GOOD])
    share = given.metrics[0].text
    assert given.claims[0].text.startswith(f"The share of negative conversations was {share}, against")
    assert given.banner is None and given.provider == "fake"
    assert given.usage.calls == 1 and given.usage.output_tokens > 0
    assert len(model.asked) == 1, "the parser read all of the question"


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
        Draft(text="Satisfaction is {m1}.", metric_ids=["m1"]),
        Draft(text="{m1} of them were reopened.", metric_ids=["m1"]),
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


def test_a_writer_reads_dozens_of_conversations_and_a_reader_is_shown_a_handful(sample: RagContext) -> None:
    seen: dict[str, Any] = {}

    def cites_all(_: str, user: str) -> Claims:
        ids = re.findall(r'<<DATA \w+ \{"id": "(e\d+)"', user)
        said = re.split(r"(?<=[.!?]) ", user.split('"id": "e12"')[1].split("\n")[1])
        quote = next(one for one in said if len(one) > 30 and not re.search(r"\d", one)).rstrip(".!?")
        cited = " ".join(f"[c:{i}]" for i in ids)
        return Claims(claims=[
            Draft(text=f"The share of negative conversations was {{m1}} {cited}.", metric_ids=["m1"], evidence_ids=ids),
            Draft(text=f"A customer wrote “{quote}” [c:e12].", quotes=[quote]),
        ])  # fmt: skip

    model = FakeModel([cites_all])
    given = ask(
        "Why was sentiment negative in October?", sample, model=model, keep=False,
        on_event=lambda kind, what: seen.update({kind: what}),
    )  # fmt: skip
    blocks = model.asked[-1].user.split("<<DATA")[1:]
    assert 20 <= len(blocks) == len(seen["evidence"]) <= 50
    assert sum(map(len, blocks)) < MOST_SENT + 250 * len(blocks), (
        "what is sent grows little with their number"
    )
    assert given.dropped_claims == 0 and len(given.citations) == 8
    assert given.claims[1].citations == (8,), "what is quoted is kept"
    keys = {(c.source_id, c.conversation_id) for c in given.citations}
    assert len(keys) == 8 and keys <= {(e.source_id, e.conversation_id) for e in seen["evidence"]}
    assert given.usage.estimated_tokens > len(model.asked[-1].user.encode()) / 3


def test_a_claim_that_needs_all_its_conversations_keeps_them() -> None:
    bodies = {f"e{i}": [f"the courier of the {i}th parcel was rude to everybody"] for i in range(1, 10)}
    bodies["e10"] = ["our invoices of spring never showed the discount that was agreed"]
    pack = Pack(items=[evidence(i) for i in bodies], bodies=bodies)
    plain = Draft(text="The courier was rude to everybody.", evidence_ids=[f"e{i}" for i in range(1, 10)])
    needs = Draft(text="The courier was rude and invoices never showed the discount agreed.",
                  evidence_ids=["e1", "e10"])  # fmt: skip
    plan = QueryPlan(intent="summarise")
    kept = few_cited([plain, needs], {}, pack, plan)
    assert kept[0].evidence_ids == [f"e{i}" for i in range(1, 9)]
    assert kept[1].evidence_ids == ["e1", "e10"]


def evidence(name: str) -> Evidence:
    return Evidence(id=name, kind="representative", source_id="desk", conversation_id=name, subject=None, created_at=None,
                    channel=None, product=None)  # fmt: skip


def test_claims_are_found_in_an_answer_that_is_still_coming() -> None:
    whole = json.dumps({"claims": [{"text": "A {m1}."}, {"odd": 1}, {"text": "B."}]})
    for length in range(len(whole) + 1):
        found = [draft.text for draft in whole_claims(f"Sure: {whole[:length]}")]
        assert found == ["A {m1}.", "B."][: len(found)]
    assert len(found) == 2
    assert whole_claims('{"claims": [' + '{"a":' * 50_000) == [] == whole_claims("no claims")


def test_conversations_are_cut_where_nothing_masked_is_parted(
    sample: RagContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enrich.redaction.Redaction.cut", lambda self, text, most: f"cut at {most}")
    _, model = told(sample, [GOOD])
    blocks = re.findall(r"<<DATA \w+ \{.*?\}\n(.*?)\nDATA", model.asked[0].user, re.S)
    assert blocks and all(re.fullmatch(r"cut at \d+", block) for block in blocks)
