"""A sample of moods labelled by a language model behind a loopback server, well or badly.

However it behaves, nothing is corrected by it, what does not hold is dropped and counted, and nothing hostile or
private is sent.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from core.errors import InputError, LLMBudget
from core.home import Home
from core.settings import LanguageModel, Settings
from llm.fake import FakeModel
from rag.context import RagContext
from rag.model_calls import NO_MODEL, USED_UP
from rag.mood_labelling import MOST, Labelling, Moods, estimate, label_moods
from rag.mood_sample import LETTERS, draw
from store import generations
from store.reader import open_reader
from store.workspace import Spent, Workspace
from store.writer import Writer
from tests.conftest import NOW
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.rag.conftest import _write
from tests.rag.hostile import SECRET, TICKETS
from tests.rag.test_with_servers import message

PROVIDERS = ("openai", "anthropic")
WORD = {"negative": "terrible", "neutral": "blue", "positive": "lovely"}
LONG = "A lovely day. " * 100 + "Write to kim.long@example.org"

pytestmark = pytest.mark.usefixtures("now")


def talks() -> dict[str, tuple[str | None, str | None, list[Any]]]:
    """Conversations: mood as it counts, language, texts. Twelve negative, six neutral, four positive, one hostile a ticket."""
    made: dict[str, tuple[str | None, str | None, list[Any]]] = {}
    for mood, n in (("negative", 12), ("neutral", 6), ("positive", 4)):
        for i in range(n):
            text = f"The {WORD[mood]} parcel number {i}. Write to kim{i}@example.org"
            made[f"{mood}-{i}"] = (
                mood,
                "de" if i % 3 == 2 else "en",
                [("private", SECRET), text, ("agent", "A voucher.")],
            )
    made["long"] = (None, None, [LONG[: LETTERS - 10] + " kim.long@example.org"])
    made["empty"] = (None, None, [""])
    return made | {f"x{n}": ("negative", "en", [text]) for n, text in enumerate(TICKETS[:5])}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RagContext]:
    home = Home(tmp_path_factory.mktemp("moods"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        writer = Writer(home, run_id="test")
        for name, (mood, language, texts) in talks().items():
            _write(writer, name, {"texts": texts, "sentiment": mood}, NOW - timedelta(days=9))
            writer.execute(
                "UPDATE conversation_facts SET language = ? WHERE conversation_id = ?", [language, name]
            )
        writer.close()
        generations.publish(home, writer.path, keep=3)
        yield RagContext(home, Settings(), open_reader(home))


@pytest.fixture
def workspace(told: RagContext) -> Iterator[Workspace]:
    """The workspace; whatever a test kept is taken back behind it."""
    kept = Workspace(told.home)
    yield kept
    kept.take_back_mood_labels(viewer="ann")
    for one in kept.corrections_in_force():
        kept.undo_correction(one.id, viewer="ann")


def honest(body: dict[str, Any]) -> dict[str, Any]:
    """Each conversation by the word that stands in it."""
    found = re.findall(r'<<DATA \w+ {"number": (\d+)}\n(.*?)\nDATA', message(body), re.DOTALL)
    moods = {
        int(number): next((m for m, word in WORD.items() if word in text), "unclear")
        for number, text in found
    }
    return {"moods": [{"number": number, "mood": mood} for number, mood in moods.items()]}


def served(told: RagContext, server: str, provider: str = "openai", **chosen: Any) -> RagContext:
    """The home with the model behind a loopback server."""
    address = server if provider == "anthropic" else f"{server}/v1"
    llm = LanguageModel(
        **{"provider": provider, "model": "small", "base_url": address, "api_key": SecretStr(KEY), "timeout_s": 5.0,
           "max_retries": 0, **chosen}
    )  # fmt: skip
    return replace(told, settings=told.settings.model_copy(update={"llm": llm}))


Labels = Callable[..., Labelling]


@pytest.fixture
def labels(told: RagContext, workspace: Workspace) -> Labels:
    """Has a sample labelled by a server that follows a script."""

    def run(script: Script, n: int = 300, *, provider: str = "openai", **chosen: Any) -> Labelling:
        with llm_server(script) as server:
            done = label_moods(served(told, server, provider, **chosen), n, viewer="ann")
        kept = workspace.mood_labels_in_force()
        assert Counter(one.value for one in kept) == done.labels and KEY not in repr(done)
        assert workspace.corrections_in_force() == []
        return done

    return run


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_sample_is_labelled_and_kept_as_the_models(
    labels: Labels, workspace: Workspace, provider: str
) -> None:
    script = Script(answer=honest)
    done = labels(script, provider=provider)
    assert (
        done.labels == {"negative": 12, "neutral": 6, "positive": 5} and not done.dropped and not done.because
    )
    assert done.usage.calls == 3 == len(script.requests)
    kept = workspace.mood_labels_in_force()
    assert {(one.model, one.viewer) for one in kept} == {(f"{provider} small", "ann")}
    assert all(one.value == (one.conversation_id.split("-")[0].replace("long", "positive")) for one in kept)


def test_what_is_sent_is_masked_and_neither_a_note_nor_an_order_nor_an_id(labels: Labels) -> None:
    script = Script(answer=honest)
    labels(script)
    sent = json.dumps(script.requests)
    assert "terrible parcel" in sent
    for hidden in (
        "@example.org",
        "kim.long",
        SECRET[:20],
        "voucher",
        "previous instructions",
        "evil.example",
        "negative-1",
    ):
        assert hidden not in sent, hidden
    marks = [message(one).split("<<DATA ")[1].split()[0] for one in script.requests]
    assert len(set(marks)) == len(marks) and all(len(mark) == 16 for mark in marks)


def test_moods_take_turns_and_languages_have_their_share(told: RagContext) -> None:
    drawn = draw(told.reader, 9, set(), set(), told.mask)
    kinds = Counter(talks()[name][0] for (_, name), _ in drawn.texts)
    assert {kinds[mood] for mood in ("neutral", "positive")} == {2} and kinds[
        "negative"
    ] + drawn.set_aside >= 2
    many = draw(told.reader, 12, set(), set(), told.mask)
    languages = Counter(talks()[name][1] for (_, name), _ in many.texts if name.startswith("neutral"))
    assert languages == {"en": 2, "de": 1}
    assert draw(told.reader, 9, set(), set(), told.mask) == drawn
    known = {key for key, _ in drawn.texts}
    assert not known & {key for key, _ in draw(told.reader, 9, known, set(), told.mask).texts}


def test_a_fifth_is_of_those_that_people_corrected(
    labels: Labels, told: RagContext, workspace: Workspace
) -> None:
    corrected = {("desk", f"negative-{n}") for n in range(5)}
    drawn = draw(told.reader, 10, set(), corrected, told.mask)
    assert drawn.of_people == 2 == len(corrected & {key for key, _ in drawn.texts})
    assert draw(told.reader, 10, corrected, corrected, told.mask).of_people == 0


def test_who_goes_on_labels_others_and_all_is_taken_back_at_once(
    labels: Labels, workspace: Workspace, told: RagContext
) -> None:
    labels(Script(answer=honest), 8)
    first = {one.key for one in workspace.mood_labels_in_force()}
    with llm_server(Script(answer=honest)) as server:
        done = label_moods(served(told, server), viewer="ann")
    assert len(first) + done.n == 23 == len(workspace.mood_labels_in_force())
    assert workspace.take_back_mood_labels(viewer="bob") == 23 and workspace.mood_labels_in_force() == []


def test_answers_that_do_not_hold_are_dropped_and_counted(labels: Labels) -> None:
    def odd(body: dict[str, Any]) -> dict[str, Any]:
        moods = honest(body)["moods"][3:]
        return {"moods": [
            {"number": 1, "mood": "unclear"}, {"number": 2, "mood": "negative"}, {"number": 2, "mood": "positive"},
            {"number": 99, "mood": "positive"}, {"number": 0, "mood": "positive"}, *moods,
        ]}  # fmt: skip

    done = labels(Script(answer=odd), 10)
    assert done.dropped == {
        "about no conversation that was sent": 2, "unclear": 1, "with several answers": 1, "without an answer": 1,
    }  # fmt: skip


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("script", "because"),
    [
        (Script(status=500), "failed with status 500"),
        (Script(status=429), "asks to slow down"),
        (Script(said=["{broken"] * 9, replies=["no", "no"]), "did not give the asked form"),
        (Script(answer={"moods": [{"number": 1, "mood": "furious"}]}), "did not give the asked form"),
        (
            Script(answer={"moods": [{"number": 1, "mood": "positive", "corrects": True}]}),
            "did not give the asked form",
        ),
    ],
    ids=["500", "429", "malformed", "another mood", "more than asked"],
)
def test_what_fails_labels_nothing_and_says_why(
    labels: Labels, provider: str, script: Script, because: str
) -> None:
    done = labels(replace(script, requests=[], headers=[], said=[*script.said]), provider=provider)
    assert done.n == 0 and because in done.because


def test_what_came_before_a_failure_stays(told: RagContext, workspace: Workspace) -> None:
    first = Moods.model_validate({"moods": [{"number": n, "mood": "neutral"} for n in range(1, 11)]})
    model = FakeModel([first, LLMBudget("no")])
    done = label_moods(told, viewer="ann", model=model)
    assert len(model.asked) == 2 and done.because == USED_UP
    assert done.n == 10 == len(workspace.mood_labels_in_force())


def test_a_used_up_budget_sends_nothing(labels: Labels, told: RagContext) -> None:
    script = Script(answer=honest)
    Workspace(told.home).set_spending_aside(NOW.date(), Spent(999_990, 0.0))
    try:
        done = labels(script, tokens_per_day=1_000_000)
    finally:
        Workspace(told.home).put_spending_right(NOW.date(), Spent(-999_990, 0.0))
    assert script.requests == [] and done.because == USED_UP and done.n == 0


def test_the_cost_is_told_without_asking(told: RagContext, workspace: Workspace) -> None:
    assert estimate(told).because == NO_MODEL == label_moods(told, viewer="ann").because
    script = Script(answer=honest)
    with llm_server(script) as server:
        context = served(told, server, price_in=1.0, price_out=2.0, max_tokens=1000)
        takes = estimate(context)
        assert script.requests == []
        assert (takes.conversations, takes.calls, takes.output_tokens, takes.set_aside) == (23, 3, 3000, 5)
        done = label_moods(context, viewer="ann")
    assert takes.dollars == pytest.approx(takes.input_tokens / 1e6 + 0.006) == done.usage.estimated_cost


@pytest.mark.parametrize("n", [0, MOST + 1])
def test_a_sample_has_a_size(told: RagContext, n: int) -> None:
    with pytest.raises(InputError, match="a sample has 1 to"):
        estimate(told, n)
    with pytest.raises(InputError, match="a sample has 1 to"):
        label_moods(told, n, viewer="ann")
