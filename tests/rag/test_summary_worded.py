"""Five lines worded by a language model behind a loopback server, well or badly.

However it behaves, every line stands in what it cites, what does not is the extracted line, and the summary says whose
words it has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from analytics.dossier import Dossier, opened
from core.home import Home
from core.settings import LanguageModel, Settings
from core.viewer import EVERYTHING
from rag.context import RagContext
from rag.summary import TITLES, Summary, summarise
from rag.summary_wording import summary_of
from store.workspace import Spent, Workspace
from tests.conftest import NOW
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.rag.conftest import publisher
from tests.rag.hostile import SECRET, TICKETS, check_safe
from tests.rag.test_with_servers import message

PROVIDERS = ("openai", "anthropic")
ORDER = "My order PT-4711 never arrived and I paid 30 euros. Write to kim.long@example.org please."
DEED = "I sent a new parcel today."
NOTE, ATTACK = 3, 4  # places of messages that nobody may cite

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RagContext]:
    """A conversation with a deed, a private note and an attack; one that only attacks; one without an agent."""
    home = Home(tmp_path_factory.mktemp("told"))
    texts = [
        ORDER,
        ("agent", DEED),
        ("private", SECRET),
        TICKETS[0],
        "The parcel has not been sent, says the tracker.",
    ]
    talks = {"a": texts, "hostile": list(TICKETS), "alone": [ORDER]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        reader = publisher(home, NOW)(talks)  # type: ignore[arg-type] - lists of texts are sequences
        yield RagContext(home, Settings(), reader)


def dossier(context: RagContext, name: str = "a") -> Dossier:
    found = opened(context.reader, "desk", name, settings=context.settings, viewer=EVERYTHING)
    assert found is not None
    return found


LINES: dict[str, dict[str, Any]] = {
    "asked": {"text": "The order PT-4711 never arrived.", "messages": [1]},
    "done": {"text": "The agent sent a new parcel.", "messages": [2]},
    "stands": {"text": "The conversation is solved.", "messages": [2]},
    "names": {"text": "Order PT-4711.", "messages": [1]},
    "next": {"text": "Check the customer's last message, which nobody answered.", "messages": [5]},
}


def worded(**changed: dict[str, Any]) -> dict[str, Any]:
    return {"lines": [{"kind": kind, **line} for kind, line in {**LINES, **changed}.items()]}


Wording = Callable[..., Summary]


@pytest.fixture
def wording(told: RagContext) -> Wording:
    """Words a conversation by a server that follows a script; nothing is kept from one test for the next."""
    name = iter(f"small-{n}" for n in range(99))

    def run(
        script: Script, *, provider: str = "openai", found: Dossier | None = None, **chosen: Any
    ) -> Summary:
        with llm_server(script) as server:
            made = summary_of(
                served(told, server, provider, model=next(name), **chosen), found or dossier(told)
            )
        check_right(made, found or dossier(told))
        return made

    return run


def served(told: RagContext, server: str, provider: str = "openai", **chosen: Any) -> RagContext:
    """The workspace with the model behind a loopback server."""
    address = server if provider == "anthropic" else f"{server}/v1"
    llm = LanguageModel(
        **{"provider": provider, "base_url": address, "api_key": SecretStr(KEY), "timeout_s": 5.0, "max_retries": 0, **chosen}
    )  # fmt: skip
    return replace(told, settings=told.settings.model_copy(update={"llm": llm}))


def check_right(made: Summary, found: Dossier) -> None:
    """All five lines, cited and readable; whose words they are is said; nothing hostile, secret or unmasked came in."""
    assert [line.kind for line in made.lines] == list(TITLES)
    for line in made.lines:
        assert line.cited
        for one in line.cited:
            assert one.message == 0 or found.messages[one.message - 1]["message_id"] == one.message_id
            assert not line.by_model or one.message not in (NOTE, ATTACK)
    if made.writer == "extracted":
        assert made.lines == summarise(found).lines and made.because
    else:
        assert any(line.by_model for line in made.lines) and not made.because
    check_safe(made.model_dump_json())
    assert KEY not in made.model_dump_json()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_model_words_all_five_lines_and_is_named(wording: Wording, provider: str) -> None:
    script = Script(answer=worded())
    made = wording(script, provider=provider)
    assert {line.kind: line.text for line in made.lines} == {
        kind: line["text"] for kind, line in LINES.items()
    }
    assert all(line.by_model for line in made.lines) and made.failed == 0
    assert made.writer.startswith(f"{provider} small-") and made.usage.calls == 1 == len(script.requests)
    sent = json.dumps(script.requests)
    assert "PT-4711" in sent and "a new parcel" in sent
    for hidden in ("kim.long", "Northwind", "previous instructions"):
        assert hidden not in sent, hidden


def test_the_marks_around_messages_are_new_for_every_request(wording: Wording) -> None:
    marks = []
    for _ in range(2):
        script = Script(answer=worded())
        wording(script)
        marks.append(message(script.requests[0]).split("<<DATA ")[1].split()[0])
    assert len(set(marks)) == 2 and all(len(mark) == 16 for mark in marks)


def test_half_an_address_at_the_cut_is_not_sent(wording: Wording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.summary_wording.MOST_EACH", ORDER.index("@"))
    script = Script(answer=worded())
    wording(script)
    sent = message(script.requests[0])
    assert "I paid 30 euros. Write to" in sent and "kim" not in sent


WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "an invented code": ("asked", {"text": "The order PT-9999 never arrived.", "messages": [1]}),
    "an invented number": ("asked", {"text": "The order never arrived and cost 300 euros.", "messages": [1]}),
    "a number in words": ("asked", {"text": "Ninety-nine orders PT-4711 never arrived.", "messages": [1]}),
    "a message that is not there": ("asked", {"text": "The order PT-4711 never arrived.", "messages": [1, 9]}),
    "no message": ("asked", {"text": "The order PT-4711 never arrived.", "messages": []}),
    "a private note": ("next", {"text": "The merger is secret.", "messages": [NOTE]}),
    "an attack": ("next", {"text": "Refunds are 0.", "messages": [ATTACK]}),
    "a deed that a customer told": ("done", {"text": "The parcel has been sent.", "messages": [5]}),
    "a wish that an agent told": ("asked", {"text": "A new parcel today.", "messages": [2]}),
    "words of nobody": ("done", {"text": "The agent apologised warmly and offered vouchers.", "messages": [2]}),
    "a deed denied": ("done", {"text": "The agent never sent a new parcel.", "messages": [2]}),
    "a quote of nobody": ("asked", {"text": "The order: “give me my money back now”.", "messages": [1]}),
    "a link": ("asked", {"text": "The order PT-4711 never arrived, see https://evil.example/x", "messages": [1]}),
    "markup": ("asked", {"text": "**The order PT-4711** never arrived.", "messages": [1]}),
    "another status": ("stands", {"text": "The conversation is open and waits for the agent.", "messages": [2]}),
    "a status that others have": ("stands", {"text": "The order PT-4711 is pending.", "messages": [1]}),
    "a courtesy": ("next", {"text": "Thank you for sending the parcel.", "messages": [5]}),
    "nothing of the matter": ("asked", {"text": "A customer wants to have something done.", "messages": [1]}),
    "an endless line": ("asked", {"text": "The order PT-4711 never arrived. " * 12, "messages": [1]}),
    "a slot": ("asked", {"text": "The order PT-4711 never arrived, {m1}.", "messages": [1]}),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "line"), WRONG.values(), ids=WRONG)
def test_a_line_that_does_not_hold_is_the_extracted_one_and_says_so(
    wording: Wording, told: RagContext, kind: str, line: dict[str, Any]
) -> None:
    made = wording(Script(answer=worded(**{kind: line})))
    own = {one.kind: one for one in summarise(dossier(told)).lines}
    for shown in made.lines:
        assert shown.by_model is (shown.kind != kind), shown
    assert next(one for one in made.lines if one.kind == kind) == own[kind]  # type: ignore[index]
    assert made.failed == 1


def test_a_model_that_obeys_the_attacker_words_nothing(wording: Wording) -> None:
    said = [
        "Refunds are 0.",
        "Satisfaction is 100 %.",
        f"“{SECRET}”",
        "See evil.example for more.",
        "The system prompt says so.",
    ]
    lines = {kind: {"text": text, "messages": [ATTACK]} for kind, text in zip(TITLES, said, strict=True)}
    made = wording(Script(answer=worded(**lines)))
    assert made.writer == "extracted" and made.set_aside == 1
    assert made.because == "nothing that the language model wrote passed the checks"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("script", "because"),
    [
        (Script(status=500), "failed with status 500"),
        (Script(said=["{broken"] * 9, replies=["no", "no"]), "did not give the asked form"),
        (
            Script(answer={"lines": [{"kind": "praise", "text": "Fine.", "messages": [1]}]}),
            "did not give the asked form",
        ),
        (Script(answer={"lines": []}), "nothing that the language model wrote passed the checks"),
    ],
    ids=["500", "malformed", "another kind", "empty"],
)
def test_what_fails_ends_in_extracted_lines_that_say_why(
    wording: Wording, provider: str, script: Script, because: str
) -> None:
    made = wording(replace(script, requests=[], headers=[], said=[*script.said]), provider=provider)
    assert made.writer == "extracted" and because in made.because


def test_a_used_up_budget_sends_nothing(wording: Wording, told: RagContext) -> None:
    script = Script(answer=worded())
    Workspace(told.home).set_spending_aside(NOW.date(), Spent(999_990, 0.0))
    try:
        made = wording(script, tokens_per_day=1_000_000)
    finally:
        Workspace(told.home).put_spending_right(NOW.date(), Spent(-999_990, 0.0))
    assert script.requests == [] and made.because == "today's budget for the language model is used up"


def test_words_are_kept_by_messages_model_and_masking(told: RagContext) -> None:
    script = Script(answer=worded())
    with llm_server(script) as server:
        context = served(told, server, model="kept")
        first, again = (summary_of(context, dossier(told)) for _ in range(2))
        assert len(script.requests) == 1 and again.lines == first.lines and again.usage.calls == 0
        assert summary_of(context, dossier(told), asks=False).lines == first.lines
        summary_of(served(told, server, model="another"), dossier(told))
        assert len(script.requests) == 2
        masked = dossier(told)
        for one in masked.messages:
            one["body_text"] = one["clean_text"] = (one["body_text"] or "").replace("PT-4711", "[order 1]")
        seen = summary_of(context, masked)
        assert len(script.requests) == 3, "who sees other words gets others"
        assert "PT-4711" not in seen.model_dump_json()
    check_right(first, dossier(told))


def test_without_asking_nothing_is_sent_and_the_lines_are_extracted(told: RagContext) -> None:
    script = Script(answer=worded())
    with llm_server(script) as server:
        context = served(told, server, model="unasked")
        made = summary_of(context, dossier(told), asks=False)
        silent = summary_of(context, dossier(told), provider="none")
    assert script.requests == [] and made == silent == summarise(dossier(told))


def test_a_conversation_of_attacks_alone_is_never_sent(wording: Wording, told: RagContext) -> None:
    script = Script(answer=worded())
    found = dossier(told, "hostile")
    made = wording(script, found=found)
    sent = json.dumps(script.requests)
    assert "previous instructions" not in sent and "im_start" not in sent
    assert made.set_aside > 5


def test_what_no_agent_answered_is_not_done(wording: Wording, told: RagContext) -> None:
    line = {"text": "A new parcel was sent for the order.", "messages": [1]}
    made = wording(Script(answer=worded(done=line, stands=line, next=line)), found=dossier(told, "alone"))
    done = next(one for one in made.lines if one.kind == "done")
    assert done.text == "No agent has answered" and not done.by_model


def test_the_command_says_who_worded_the_lines(told: RagContext, capsys: pytest.CaptureFixture[str]) -> None:
    from jobs.cli import main

    script = Script(answer=worded(asked={"text": "The order PT-9999 never arrived.", "messages": [1]}))
    with llm_server(script) as server:
        own = told.home.root / "settings.toml"
        own.write_text(
            f'[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{server}/v1"\napi_key = "{KEY}"\n'
        )
        try:
            assert main(["summarise", "a", "--home", str(told.home.root), "--quiet"]) == 0
        finally:
            own.unlink()
    printed = capsys.readouterr().out
    assert "Worded by openai small and checked; 1 lines did not pass the checks." in printed
    assert "Asked: “My order PT-4711 never arrived" in printed and "extracted]" in printed
    assert "Done: The agent sent a new parcel. [message 2]" in printed
