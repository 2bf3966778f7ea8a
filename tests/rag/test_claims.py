"""Units, multiples, months, directions and words of a sentence are held against what was computed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rag.answer import Evidence, MetricFact, QueryPlan, Quote, Span
from rag.confidence import judge
from rag.evidence import Pack
from rag.numbers import Numbers
from rag.templates import write
from rag.text import fold
from rag.verify import Draft, check

SPAN = Span(start=date(2026, 10, 1), end=date(2026, 10, 31))
PLAN = QueryPlan(intent="why_change", period=SPAN, metrics=("volume",))


def fact(at: int, **more: Any) -> MetricFact:
    usual: dict[str, Any] = {"id": f"m{at}", "name": "volume", "title": "Conversations", "unit": "count", "label": "October",
                             "value": 41.0, "n": 41, "period": SPAN, "text": "41"}  # fmt: skip
    return MetricFact(**{**usual, **more})


COUNT = fact(1, baseline=30.0, baseline_n=30, delta=11.0)
SHARE = fact(
    2,
    name="reopen_rate",
    title="Reopen rate",
    unit="share",
    value=0.127,
    n=120,
    text="12.7 %",
    baseline=0.2,
    delta=-0.073,
)
REPLY = fact(
    3,
    name="first_reply_median",
    title="First reply time",
    unit="seconds",
    value=7_200.0,
    text="2 h",
    baseline=3_600.0,
    delta=3_600.0,
)
EMAIL = fact(4, label="email", value=12.0, n=12, text="12", group=("email",))
FLAT = fact(5, value=100.0, baseline=99.0, delta=1.0, text="100")
FACTS = {f.id: f for f in (COUNT, SHARE, REPLY, EMAIL, FLAT)}
SAID = "The parcel never arrived and the courier does not answer the phone."


def problems(text: str, *ids: str, cites: tuple[str, ...] = (), ours: bool = False) -> tuple[str, ...]:
    item = Evidence(id="e1", kind="relevant", source_id="s", conversation_id="c", subject=None, created_at=None,
                    channel=None, product=None)  # fmt: skip
    pack = Pack(items=[item], bodies={"e1": [fold(SAID)]})
    draft = Draft(text=text, metric_ids=[*ids], evidence_ids=[*cites])
    return check([draft], FACTS, pack, PLAN, words_are_ours=ours)[0].problems


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("There were 41 % of them.", ("m1",)),
        ("There were forty-one percent.", ("m1",)),
        ("There were 41 thousand conversations.", ("m1",)),
        ("There were 41k conversations.", ("m1",)),
        ("Replies took 2 minutes.", ("m3",)),
        ("Replies took 120 hours.", ("m3",)),
        ("Between 41 and 50 conversations came.", ("m1",)),
        ("It was 10-41 conversations.", ("m1",)),
        ("Two thirds of {m1} were late.", ("m1",)),
        ("One in three of {m1} were late.", ("m1",)),
        ("A three-fold rise, {m1}.", ("m1",)),
        ("A hundred conversations, {m1}.", ("m1",)),
        ("Most customers had it, {m1}.", ("m1",)),
        ("There were no refunds, {m1}.", ("m1",)),
        ("Only one conversation, {m1}.", ("m1",)),
        ("It began in February with {m1}.", ("m1",)),
        ("On 3 February it was {m1}.", ("m1",)),
        ("It fell to {m1}.", ("m1",)),
        ("It rose to {m1}, while reopens rose to {m2}.", ("m1", "m2")),
        ("Replies got faster: {m3}.", ("m3",)),
        ("It was stable at {m1}.", ("m1",)),
        ("Email had more conversations than all: {m4} and {m1}.", ("m4", "m1")),
        ("{m1} is lower than {m1.baseline}.", ("m1",)),
        ("It surged to {m2}.", ("m2",)),
    ],
)
def test_what_was_not_computed_fails(text: str, ids: tuple[str, ...]) -> None:
    assert problems(text, *ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("There were 41 conversations, forty-one in words.", ("m1",)),
        ("The share was 12.7 %, about 13 percent.", ("m2",)),
        ("Replies took 2 hours, 120 minutes, 2 h.", ("m3",)),
        ("Over 31 days there were {m1}.", ("m1",)),
        ("It rose to {m1}, while reopens fell to {m2}.", ("m1", "m2")),
        ("Replies got slower: {m3}.", ("m3",)),
        ("It was stable at {m5}.", ("m5",)),
        ("Email had fewer conversations than all: {m4} and {m1}.", ("m4", "m1")),
        ("{m1} is higher than {m1.baseline}.", ("m1",)),
        ("It began in October with {m1}.", ("m1",)),
    ],
)
def test_what_was_computed_holds(text: str, ids: tuple[str, ...]) -> None:
    assert problems(text, *ids) == ()


def test_words_without_a_number_or_quote_must_be_those_of_the_conversations() -> None:
    assert problems("Parcels never arrived and the courier does not answer.", cites=("e1",)) == ()
    assert problems("The new chairman insulted everybody at the shareholder party.", cites=("e1",))
    assert problems(
        "The chairman insulted shareholders, burned furniture, robbed banks and fled abroad, {m1}.", "m1"
    )


def test_confidence_says_why() -> None:
    def level(main: MetricFact, pack: Pack | None = None, last: date | None = None) -> tuple[str, str]:
        judged = judge(PLAN, [main], pack or Pack(), dropped=0, kept=3, behind=0, last=last)
        return judged.level, " ".join(judged.reasons)

    usual: dict[str, Any] = {"source_id": "s", "conversation_id": "c", "subject": None, "created_at": None,
                             "channel": None, "product": None}  # fmt: skip
    found = [("relevant", "negative")] * 2 + [("representative", "positive")] * 2
    moods = [Evidence(id=f"e{i}", kind=kind, sentiment=mood, **usual) for i, (kind, mood) in enumerate(found)]  # type: ignore[arg-type]
    same = [item.model_copy(update={"sentiment": "negative"}) for item in moods]
    narrow = SHARE.model_copy(update={"low": 0.1, "high": 0.16})
    assert level(narrow, Pack(items=same))[0] == "high"
    assert (
        "another way" in level(narrow, Pack(items=moods))[1]
        and level(narrow, Pack(items=moods))[0] == "medium"
    )
    assert level(SHARE.model_copy(update={"low": 0.1, "high": 0.35}), Pack(items=same))[0] == "medium"
    assert level(SHARE.model_copy(update={"low": 0.0, "high": 0.6}), Pack(items=same))[0] == "low"
    assert level(narrow, Pack(items=same), date(2026, 10, 10))[0] == "medium"
    assert "goes on to" in level(narrow, Pack(items=same), date(2026, 10, 29))[1]


def test_words_of_the_program_itself_need_no_support_and_its_numbers_do() -> None:
    sentence = "No group that is large enough to judge stands out from the whole."
    assert problems(sentence, "m1") and not problems(sentence, "m1", ours=True)
    assert problems("Chance alone may give 77 of these.", "m1", ours=True)


@pytest.mark.parametrize(("said", "end"), [("It broke again.", "again.” [c:e1]"), ("Where is it now?", "now?” [c:e1]"),
                                           ("It broke at home", "home” [c:e1].")])  # fmt: skip
def test_a_quote_that_ends_a_sentence_is_followed_by_no_second_dot(said: str, end: str) -> None:
    quote = Quote(evidence_id="e1", source_id="s", conversation_id="c", message_id="m", seq=0, text=said)
    item = Evidence(id="e1", kind="relevant", source_id="s", conversation_id="c", subject=None, created_at=None,
                    channel=None, product=None, quotes=(quote,))  # fmt: skip
    drafts = write(QueryPlan(intent="summarise"), Numbers(SPAN.period), Pack(items=[item]))
    assert [draft.text.endswith(end) for draft in drafts] == [True]
