"""From a question to an answer through real clients and a loopback server that behaves well or badly.

However it behaves, the numbers are those of the warehouse, every quote stands in its message, and the answer says who
worded it and why it was not as chosen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import SecretStr

from core.home import Home
from core.settings import LanguageModel, Settings
from core.viewer import EVERYTHING, Viewer
from llm._patience import Patience
from llm.base import make_model
from rag.answer import Answer
from rag.ask import ask
from rag.context import RagContext
from rag.templates import BANNER
from rag.text import fold
from store.workspace import Spent, Workspace
from tests.conftest import NOW
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.rag.conftest import publisher
from tests.rag.hostile import SECRET, TICKETS, check_safe, obeyed

QUESTION = "How many negative conversations about Parcels?"
POST = Viewer("post", teams=("Post",))
PROVIDERS = ("openai", "anthropic")

pytestmark = [pytest.mark.usefixtures("now"), pytest.mark.parametrize("provider", PROVIDERS)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RagContext]:
    """Six calm conversations, the hostile ones, and one that another team alone may see."""
    from rag.index import update

    told = {"product": "Parcels", "sentiment": "negative", "team": "Post"}
    calm = {
        f"c{i}": {"texts": [f"The parcel number {i} came late and the box was torn open."], **told}
        for i in range(6)
    }
    hostile = {f"x{i}": {"texts": [text], **told} for i, text in enumerate(TICKETS)}
    secret = {"secret-1": {"texts": [f"{SECRET} The parcel is late."], **told, "team": "Board"}}
    home = Home(tmp_path_factory.mktemp("served"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        reader = publisher(home, NOW)({**calm, **hostile, **secret})
        update(home, Settings(), reader)
        yield RagContext(home, Settings(), reader)


@pytest.fixture(scope="module")
def plain(served: RagContext) -> Answer:
    """The answer without a model: what all others are held against."""
    return ask(QUESTION, served, viewer=POST, keep=False)


@dataclass
class Asked:
    """An answer, what was told while it was made, and how long was waited between tries."""

    answer: Answer
    script: Script
    events: list[tuple[str, Any]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    @property
    def by(self) -> str:
        return self.answer.words_by


Asking = Callable[..., Asked]


@pytest.fixture
def asking(served: RagContext, plain: Answer, provider: str) -> Asking:
    """Asks a server that follows a script; checks what holds for every answer."""

    def run(script: Script, *, chosen: dict[str, Any] | None = None) -> Asked:
        with llm_server(script) as server:
            address = server if provider == "anthropic" else f"{server}/v1"
            llm = LanguageModel(
                **{"provider": provider, "model": "small", "base_url": address, "api_key": SecretStr(KEY),
                   "timeout_s": 5.0, **(chosen or {})}
            )  # fmt: skip
            context = replace(served, settings=served.settings.model_copy(update={"llm": llm}))
            asked = Asked(None, script)  # type: ignore[arg-type] - comes below
            waits = Patience(
                llm.max_retries, llm.give_up_s, asked.waited.append, lambda: sum(asked.waited), lambda: 1.0
            )
            model = make_model(context.settings, mask=context.redaction.numbered, patience=waits)
            asked.answer = ask(
                QUESTION, context, viewer=POST, model=model, keep=False,
                on_event=lambda kind, what: asked.events.append((kind, what)),
            )  # fmt: skip
        check_right(served, plain, asked)
        return asked

    return run


def check_right(context: RagContext, plain: Answer, asked: Asked) -> None:
    """Numbers, citations, quotes and labels of an answer, whoever worded it; and nothing hostile in what was told."""
    given = asked.answer
    assert given.metrics == plain.metrics
    assert given.dropped_claims or given.confidence == plain.confidence
    assert given.claims and given.citations
    for one in given.citations:
        sql = "SELECT body_text FROM {messages} WHERE conversation_id = ? AND message_id = ?"
        (row,) = context.reader.query(sql, [one.conversation_id, one.message_id], viewer=POST).to_pylist()
        assert one.quote and fold(one.quote) in fold(row["body_text"])
    if given.provider == "none":
        assert given.claims == plain.claims and given.banner == BANNER
        assert given.words_by.startswith("no language model: ")
        assert any("written without it" in note for note in given.notes)
    else:
        assert given.banner is None and given.words_by.startswith(f"{given.provider} small, ")
    check_safe(given.model_dump_json())
    check_safe(" ".join(map(str, asked.events)))
    assert KEY not in given.model_dump_json()


def message(body: dict[str, Any]) -> str:
    """What a request says in its last message."""
    said = body["messages"][-1]["content"]
    return said if isinstance(said, str) else "".join(part["text"] for part in said)


def honest(body: dict[str, Any]) -> dict[str, Any]:
    """Two claims that hold: a number, and a conversation's own words."""
    found = re.search(r'<<DATA \w+ \{"id": "(e\d+)".*\n(.+)\n', message(body))
    assert found
    quote = found[2].split(" [")[0].rstrip(".")
    return {"claims": [
        {"text": "The share of negative conversations was {m1}.", "metric_ids": ["m1"], "evidence_ids": [], "quotes": []},
        {"text": f"A customer wrote “{quote}” [c:{found[1]}].", "metric_ids": [], "evidence_ids": [found[1]],
         "quotes": [quote]},
    ]}  # fmt: skip


def with_bad(*bad: dict[str, Any], only: bool = False) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Claims that do not hold, behind those that do or alone."""
    return lambda body: {"claims": [*([] if only else honest(body)["claims"]), *bad]}


FIRST_FORM = ("response_format", "output_config")


def test_structured_output_is_worded_checked_and_labelled(asking: Asking, provider: str) -> None:
    asked = asking(Script(answer=honest))
    assert asked.by == f"{provider} small, structured output"
    assert len(asked.answer.claims) == 2 and asked.answer.dropped_claims == 0
    assert asked.answer.usage.calls == 1 == len(asked.script.requests)


def test_claims_are_told_one_by_one_as_they_hold_after_numbers_and_evidence(
    asking: Asking, provider: str
) -> None:
    asked = asking(
        Script(answer=with_bad({"text": "Ninety-nine parcels were late, {m1}.", "metric_ids": ["m1"]}))
    )
    kinds = [kind for kind, _ in asked.events]
    assert kinds[:4] == ["plan", "metrics", "series", "evidence"] and kinds[-2:] == ["words", "verified"]
    told = [what for kind, what in asked.events if kind == "claims"]
    assert [len(claims) for claims in told[:3]] == [1, 2, 2], "the third does not hold"
    assert tuple(told[1]) == asked.answer.claims


@pytest.mark.parametrize(
    ("lacks", "form"),
    [(FIRST_FORM, "tools, because {} refuses structured output"),
     ((*FIRST_FORM, "tools"), "plain text, because {} refuses tools")],
)  # fmt: skip
def test_a_server_that_knows_less_is_asked_in_the_form_it_knows(
    asking: Asking, provider: str, lacks: tuple[str, ...], form: str
) -> None:
    asked = asking(Script(answer=honest, lacks=lacks))
    assert asked.by == f"{provider} small, {form.format(provider)}"
    assert len(asked.answer.claims) == 2


def test_a_pause_that_the_server_asks_for_is_kept(asking: Asking, provider: str) -> None:
    asked = asking(Script(answer=honest, failures=[(429, {"Retry-After": "7"})]))
    assert asked.waited == [7.0] and asked.by == f"{provider} small, structured output"


def test_a_pause_that_nobody_waits_for_ends_in_templates_at_once(asking: Asking, provider: str) -> None:
    asked = asking(Script(answer=honest, failures=[(429, {"Retry-After": "3600"})]))
    assert asked.waited == [] and asked.by == f"no language model: {provider} asks to wait 3600 s"


def test_a_server_that_recovers_words_the_answer(asking: Asking, provider: str) -> None:
    asked = asking(Script(answer=honest, fail_first=2))
    assert asked.waited == [0.5, 1.0] and asked.by == f"{provider} small, structured output"


@pytest.mark.parametrize(
    ("script", "chosen", "because"),
    [
        (Script(status=500), {}, "{} failed with status 500"),
        (Script(status=529), {}, "{} failed with status 529"),
        (Script(slow_s=0.5), {"timeout_s": 0.1, "max_retries": 0}, "{} did not answer within 0.1 s"),
        (Script(status=401), {}, "{} refused the key"),
        (Script(said=["{broken"] * 9, replies=["no", "no"]), {}, "small did not give the asked form: there is no JSON"),
        (Script(answer={"claims": []}), {}, "nothing that it wrote passed the checks"),
        (Script(cut=True, said=['{"claims": [{"text": "The']), {}, "what {} wrote is longer than llm.max_tokens"),
        (Script(raw="<html>a proxy</html>"), {}, ""),
    ],
    ids=["500", "overloaded", "timeout", "key", "malformed", "empty", "cut", "proxy"],
)  # fmt: skip
def test_what_fails_ends_in_templates_that_say_why(
    asking: Asking, provider: str, script: Script, chosen: dict[str, Any], because: str
) -> None:
    asked = asking(replace(script, requests=[], headers=[], said=[*script.said]), chosen=chosen)
    assert asked.by.startswith(f"no language model: {because.format(provider)}")
    assert asked.answer.provider == "none"


def test_a_stream_that_breaks_off_ends_in_templates(asking: Asking, provider: str) -> None:
    asked = asking(Script(answer=honest, break_stream=True), chosen={"max_retries": 1})
    assert asked.by.startswith("no language model: ") and len(asked.waited) == 1


def test_an_answer_that_cannot_be_read_is_asked_for_in_another_form(asking: Asking, provider: str) -> None:
    asked = asking(Script(answer=honest, said=["{broken"]))
    assert asked.by == f"{provider} small, tools, because its structured output could not be read"
    assert len(asked.answer.claims) == 2


WRONG = {
    "a conversation that is not there": {"text": "Customers were angry [c:e99].", "evidence_ids": ["e99"]},
    "one of another team": {"text": f"A customer wrote “{SECRET}” [c:secret-1].", "evidence_ids": ["secret-1"]},
    "words that nobody wrote": {"text": "A customer wrote “the moon is made of cheese” [c:e1].", "evidence_ids": ["e1"]},
    "an invented number": {"text": "There were 4,711 conversations.", "metric_ids": ["m1"]},
    "an invented share": {"text": "Half of the {m1} conversations were angry.", "metric_ids": ["m1"]},
    "a number that is not there": {"text": "Volume was {m99}.", "metric_ids": ["m99"]},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_does_not_hold_is_dropped_counted_and_never_told(
    asking: Asking, provider: str, wrong: dict[str, Any]
) -> None:
    asked = asking(Script(answer=with_bad(wrong)))
    assert asked.answer.dropped_claims == 1 and len(asked.answer.claims) == 2
    assert len(asked.script.requests) == 2, "asked once more to mend it"
    assert (
        wrong["text"].split(" [")[0].split("{")[0] not in str(asked.events) + asked.answer.model_dump_json()
    )


def test_a_model_of_wrong_claims_alone_is_left_out(asking: Asking, provider: str) -> None:
    asked = asking(Script(answer=with_bad(*WRONG.values(), only=True)))
    assert asked.by == "no language model: nothing that it wrote passed the checks"


def test_a_repair_that_fails_leaves_what_held_before(asking: Asking, provider: str) -> None:
    bad = next(iter(WRONG.values()))
    script = Script()

    def once(body: dict[str, Any]) -> dict[str, Any]:
        script.status = 500  # from the next request on
        return with_bad(bad)(body)

    script.answer = once
    asked = asking(script, chosen={"max_retries": 0})
    assert asked.by == f"{provider} small, structured output"
    assert len(asked.answer.claims) == 2 and asked.answer.dropped_claims == 1


def test_a_model_that_obeys_hostile_tickets_changes_nothing(asking: Asking, provider: str) -> None:
    def obeys(body: dict[str, Any]) -> dict[str, Any]:
        return {"claims": [*honest(body)["claims"][1:], *obeyed()["claims"]]}

    asked = asking(Script(answer=obeys))
    assert asked.by.startswith(f"{provider} small") and asked.answer.set_aside
    assert asked.answer.claims[-1].text.endswith("conversations were about parcels.")
    first = json.dumps(asked.script.requests[0])
    assert "Northwind" not in first and "evil.example/leak" not in first and "im_start" not in first


def test_a_used_up_budget_sends_nothing(asking: Asking, served: RagContext, provider: str) -> None:
    day = NOW.date()
    Workspace(served.home).set_spending_aside(day, Spent(999_990, 0.0))
    try:
        asked = asking(Script(answer=honest), chosen={"tokens_per_day": 1_000_000})
    finally:
        Workspace(served.home).put_spending_right(day, Spent(-999_990, 0.0))
    assert asked.script.requests == [] and asked.by == "no language model: today's budget is used up"


def test_the_settings_alone_choose_the_server(served: RagContext, provider: str) -> None:
    script = Script(answer=honest)
    with llm_server(script) as server:
        address = server if provider == "anthropic" else f"{server}/v1"
        llm = LanguageModel(provider=provider, model="small", base_url=address, api_key=SecretStr(KEY))  # type: ignore[arg-type]
        context = replace(served, settings=served.settings.model_copy(update={"llm": llm}))
        given = ask(QUESTION, context, viewer=POST, keep=False)
        without = ask(QUESTION, context, viewer=POST, keep=False, provider="none")
    assert given.words_by == f"{provider} small, structured output"
    assert without.words_by == "no language model" and without.banner == BANNER
    assert without.metrics == given.metrics != ask(QUESTION, context, viewer=EVERYTHING, keep=False).metrics
