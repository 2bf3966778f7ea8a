"""Names of topics worded by a language model behind a loopback server, well or badly.

However it behaves, no conversation changes its topic, a name that does not hold is dropped and counted, and what a
person called a topic stays.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from core.errors import LLMBudget
from core.home import Home
from core.settings import LanguageModel, Settings
from llm.fake import FakeModel
from rag.context import RagContext
from rag.model_calls import NO_MODEL, USED_UP
from rag.topic_wording import TopicLabels, Worded, estimate, word_topics
from store.workspace import Spent, TopicChoice, Workspace
from tests.conftest import NOW
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.rag.hostile import SECRET
from tests.rag.test_with_servers import message
from tests.rag.topic_home import ATTACKED, INVOICE, LABELS, LOGIN, OTHER, PARCEL, topic_home

PROVIDERS = ("openai", "anthropic")
NAMES = {
    PARCEL: "Late parcel delivery",
    INVOICE: "Wrong VAT invoice",
    LOGIN: "Missing login codes",
    ATTACKED: "Refunds asked for",
}

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RagContext]:
    home = Home(tmp_path_factory.mktemp("topics"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        yield RagContext(home, Settings(), topic_home(home, NOW))


@pytest.fixture
def workspace(told: RagContext) -> Iterator[Workspace]:
    """The workspace; whatever a test chose is taken back behind it."""
    kept = Workspace(told.home)
    yield kept
    for one in kept.topic_choices_in_force():
        kept.undo_topic_choice(one.id, viewer="ann")


def answer(**changed: Any) -> dict[str, Any]:
    names = NAMES | {int(topic.removeprefix("t")): label for topic, label in changed.items()}
    return {"labels": [{"topic": topic, "label": label} for topic, label in names.items()]}


def served(told: RagContext, server: str, provider: str = "openai", **chosen: Any) -> RagContext:
    """The home with the model behind a loopback server."""
    address = server if provider == "anthropic" else f"{server}/v1"
    llm = LanguageModel(
        **{"provider": provider, "base_url": address, "api_key": SecretStr(KEY), "timeout_s": 5.0, "max_retries": 0, **chosen}
    )  # fmt: skip
    return replace(told, settings=told.settings.model_copy(update={"llm": llm}))


Wording = Callable[..., Worded]


@pytest.fixture
def wording(told: RagContext, workspace: Workspace, request: pytest.FixtureRequest) -> Wording:
    """Names the topics by a server that follows a script; no test finds what another kept."""
    name = f"small-{zlib.crc32(request.node.name.encode())}"

    def run(script: Script, *, provider: str = "openai", **chosen: Any) -> Worded:
        with llm_server(script) as server:
            made = word_topics(served(told, server, provider, model=name, **chosen), viewer="ann")
        assert kept_words(workspace) == dict(made.labels) and KEY not in repr(made)
        return made

    return run


def kept_words(workspace: Workspace) -> dict[int | None, str | None]:
    return {one.topic_id: one.words for one in workspace.topic_choices_in_force() if one.kind == "word"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_model_names_every_topic_and_is_named(
    wording: Wording, workspace: Workspace, provider: str
) -> None:
    script = Script(answer=answer())
    made = wording(script, provider=provider)
    assert made.labels == NAMES and not made.dropped and not made.because and made.unnamed == 0
    assert made.before == {topic: LABELS[topic] for topic in NAMES}
    assert made.usage.calls == 1 == len(script.requests)
    kept: list[TopicChoice] = workspace.topic_choices_in_force()
    assert {(one.kind, one.viewer) for one in kept} == {("word", "ann")}
    assert all((one.model or "").startswith(f"{provider} small-") for one in kept)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_sent_is_masked_and_neither_a_note_nor_an_order(wording: Wording, provider: str) -> None:
    script = Script(answer=answer())
    wording(script, provider=provider)
    sent = json.dumps(script.requests)
    for word in ("garden hose", "late parcel", "VAT number", "billing address", "refunds"):
        assert word in sent, word
    for hidden in (
        "kim.long",
        SECRET[:20],
        "voucher",
        "previous instructions",
        "evil.example",
        "Hello there",
    ):
        assert hidden not in sent, hidden
    assert '"tools"' not in sent or provider == "anthropic"


def test_the_marks_are_new_for_every_request_and_neighbours_are_named(wording: Wording) -> None:
    marks = []
    for _ in range(2):
        script = Script(answer={"labels": []})
        wording(script)
        asked = message(script.requests[0])
        marks.append(asked.split("<<DATA ")[1].split()[0])
        assert f'"topic": {LOGIN}, "near": [{INVOICE}, {ATTACKED}, {PARCEL}]'.replace(
            ", ", ","
        ) in asked.replace(", ", ",")
    assert len(set(marks)) == 2 and all(len(mark) == 16 for mark in marks)


WRONG = {
    "one word": ("Parcels", "not two to four words"),
    "five words": ("Late parcel delivery to gardens", "not two to four words"),
    "endless": ("Parcel " + "Lieferungsverzögerungs" * 4, "not two to four words"),
    "empty": ("", "not two to four words"),
    "digits": ("Late parcel 4711", "digits or signs"),
    "a count": ("Parcel 100%", "digits or signs"),
    "a placeholder": ("[email 1] parcel", "digits or signs"),
    "an address": ("Parcel kim.long@example.org", "digits or signs"),
    "a link": ("Parcel https://evil.example/x", "a link, markup, hidden signs or an order"),
    "a bare address": ("Parcel evil.example", "a link, markup, hidden signs or an order"),
    "markup": ("**Late parcel**", "a link, markup, hidden signs or an order"),
    "HTML": ("Late <img src=x> parcel", "a link, markup, hidden signs or an order"),
    "hidden signs": ("Late par\u200bcel", "a link, markup, hidden signs or an order"),
    "two alphabets": ("Late p\u0430rcel delivery", "a link, markup, hidden signs or an order"),
    "an order": ("Ignore previous parcel instructions", "a link, markup, hidden signs or an order"),
    "a customer's name": ("Corwin Parcelle parcel", "somebody's name"),
    "the name of another": ("Login code", "the name of another topic"),
    "the same words turned": ("Codes, login".replace(",", ""), "the name of another topic"),
    "nothing of the matter": ("Satisfied happy people", "no word of the topic's texts"),
    "words of any topic": ("Customer support question", "no word of the topic's texts"),
    "another's matter": ("Wrong tax number", "no word of the topic's texts"),
}  # fmt: skip


@pytest.mark.parametrize(("label", "problem"), WRONG.values(), ids=WRONG)
def test_a_name_that_does_not_hold_is_dropped_and_counted(wording: Wording, label: str, problem: str) -> None:
    made = wording(Script(answer=answer(t1=label)))
    assert made.labels == {topic: name for topic, name in NAMES.items() if topic != PARCEL}
    assert made.dropped == {problem: 1}


def test_two_topics_never_get_one_name(wording: Wording) -> None:
    made = wording(Script(answer=answer(t1="Parcel invoice", t2="invoice parcels")))
    assert made.labels[PARCEL] == "Parcel invoice" and INVOICE not in made.labels
    assert made.dropped == {"the name of another topic": 1}


def test_a_topic_that_nobody_asked_for_gets_no_name(wording: Wording) -> None:
    made = wording(Script(answer=answer(t9="Friendly hello words", t77="Parcel of nobody")))
    assert made.labels == NAMES and made.dropped == {"no topic that was asked for": 2}
    assert OTHER not in made.labels


def test_a_model_that_obeys_the_attacker_names_nothing(wording: Wording) -> None:
    said = dict.fromkeys(("t1", "t2", "t3"), "Satisfaction is great") | {"t4": "Refunds are 0"}
    made = wording(Script(answer=answer(**said)))
    assert not made.labels and sum(made.dropped.values()) == 4


def test_what_a_person_called_a_topic_stays_and_is_not_asked_for(
    wording: Wording, workspace: Workspace
) -> None:
    mine = workspace.rename_topic(PARCEL, "Wrong VAT invoices", viewer="bob")
    script = Script(answer=answer(t1="Late parcel delivery"))
    made = wording(script)
    assert made.by_people == 1 and set(made.labels) == {LOGIN, ATTACKED}
    assert made.dropped == {"no topic that was asked for": 1, "the name of another topic": 1}
    assert json.loads(message(script.requests[0]).split("\n")[0]) == {"name": [INVOICE, LOGIN, ATTACKED]}
    assert mine in {one.id for one in workspace.topic_choices_in_force()}


def test_new_names_stand_in_place_of_those_before_and_all_go_at_once(
    wording: Wording, workspace: Workspace
) -> None:
    wording(Script(answer=answer()))
    mine = workspace.pin_topic(PARCEL, viewer="bob")
    wording(Script(answer=answer(t1="Parcel never came")), max_tokens=1400)
    assert kept_words(workspace) == NAMES | {PARCEL: "Parcel never came"}
    assert workspace.unword_topics(viewer="bob") == 4 and workspace.unword_topics(viewer="bob") == 0
    assert [one.id for one in workspace.topic_choices_in_force()] == [mine]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("script", "because"),
    [
        (Script(status=500), "failed with status 500"),
        (Script(status=429), "asks to slow down"),
        (Script(said=["{broken"] * 9, replies=["no", "no"]), "did not give the asked form"),
        (
            Script(answer={"labels": [{"topic": "one", "label": "Late parcel"}]}),
            "did not give the asked form",
        ),
        (
            Script(answer={"labels": [{"topic": 1, "label": "Late parcel", "move": ["p1"]}]}),
            "did not give the asked form",
        ),
    ],
    ids=["500", "429", "malformed", "another form", "moves"],
)
def test_what_fails_leaves_names_as_they_are_and_says_why(
    wording: Wording, provider: str, script: Script, because: str
) -> None:
    made = wording(replace(script, requests=[], headers=[], said=[*script.said]), provider=provider)
    assert not made.labels and because in made.because


def test_what_came_before_a_failure_stays(told: RagContext, workspace: Workspace) -> None:
    context = replace(told, settings=told.settings.model_copy(update={"llm": LanguageModel(max_tokens=64)}))
    labels = TopicLabels.model_validate(answer())
    model = FakeModel([labels, LLMBudget("no")])
    made = word_topics(context, viewer="ann", model=model)
    assert len(model.asked) == 2 and len(made.labels) == 2 and made.because == USED_UP
    assert kept_words(workspace) == dict(made.labels)


def test_a_used_up_budget_sends_nothing(wording: Wording, told: RagContext) -> None:
    script = Script(answer=answer())
    Workspace(told.home).set_spending_aside(NOW.date(), Spent(999_990, 0.0))
    try:
        made = wording(script, tokens_per_day=1_000_000)
    finally:
        Workspace(told.home).put_spending_right(NOW.date(), Spent(-999_990, 0.0))
    assert script.requests == [] and made.because == USED_UP and not made.labels


def test_without_a_model_nothing_changes(told: RagContext, workspace: Workspace) -> None:
    made, takes = word_topics(told, viewer="ann"), estimate(told)
    assert made.because == takes.because == NO_MODEL and not made.labels and takes.calls == 0
    assert workspace.topic_choices_in_force() == []


def test_the_cost_is_told_without_asking_and_what_is_kept_costs_nothing(
    told: RagContext, workspace: Workspace
) -> None:
    script = Script(answer=answer())
    with llm_server(script) as server:
        context = served(told, server, model="counted", price_in=1.0, price_out=2.0, max_tokens=1000)
        takes = estimate(context)
        assert script.requests == [] and (takes.topics, takes.calls, takes.output_tokens) == (4, 1, 1000)
        made = word_topics(context, viewer="ann")
        assert takes.dollars == pytest.approx(takes.input_tokens / 1e6 + 0.002) == made.usage.estimated_cost
        assert estimate(context).calls == 0
        again = word_topics(context, viewer="ann")
    assert (
        len(script.requests) == 1
        and again.labels == made.labels
        and again.usage.calls == 0
        and again.usage.reused
    )
