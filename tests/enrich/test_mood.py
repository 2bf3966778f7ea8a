from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest

import enrich.pipeline as pipeline
from core.home import Home
from enrich.mood import GROWTH_BEFORE_TRAINING, Wish, card_of
from enrich.mood_card import MoodCard, read
from enrich.sentiment import CLASSES
from store.workspace import Workspace
from tests.enrich.moods import talk
from tests.enrich.world import World

ENOUGH = 300
MORE = 12  # conversations that nobody corrected


@pytest.fixture
def workspace(home: Home, now: datetime) -> Workspace:
    return Workspace(home)


@pytest.fixture(autouse=True)
def no_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Topics of so many texts take seconds, and nothing here is about them."""
    monkeypatch.setattr("enrich.topics.FEWEST_CONVERSATIONS", 10_000)


def filled(world: World, n: int = ENOUGH + MORE, first: int = 0) -> None:
    dice = random.Random(11 + first)
    for i in range(first, first + n):
        world.conversation(
            f"c{i}", (0, "customer", talk(CLASSES[i % 3], dice)), (3, "agent", "I look into it.")
        )


def correct(workspace: Workspace, keys: range, moods: tuple[str, ...] = CLASSES) -> None:
    for at in range(3):
        chosen = [("s", f"c{i}") for i in keys if i % 3 == at]
        if chosen:
            workspace.correct(chosen, "sentiment", moods[at], viewer="ann")


def refresh(world: World, workspace: Workspace) -> pipeline.EnrichReport:
    return pipeline.enrich(
        world.writer, world.settings, lambda *_: None,
        corrected=workspace.corrections_in_force(), moods=Wish(*workspace.moods_wanted()),
    )  # fmt: skip


def scores(world: World) -> list[dict[str, Any]]:
    return world.writer.query(
        "SELECT message_id, sentiment_score FROM message_enrichment ORDER BY message_id"
    ).to_pylist()


def moods(world: World, keys: range) -> list[str]:
    rows = world.writer.query("SELECT conversation_id AS id, sentiment FROM conversation_facts").to_pylist()
    known = {row["id"]: row["sentiment"] for row in rows}
    return [known[f"c{i}"] for i in keys]


def right(world: World, keys: range) -> int:
    return sum(mood == CLASSES[i % 3] for i, mood in zip(keys, moods(world, keys), strict=True))


def test_from_corrections_to_a_classifier_and_back(world: World, workspace: Workspace) -> None:
    filled(world)
    rest = range(ENOUGH, ENOUGH + MORE)
    refresh(world, workspace)
    by_list, before = scores(world), right(world, rest)
    assert card_of(world.writer).by == "lexicon, uncorrected"

    correct(workspace, range(ENOUGH - 3))
    refresh(world, workspace)
    card = card_of(world.writer)
    assert (card.by, card.model, card.corrections) == ("lexicon, 297 corrected by people", "", (99, 99, 99))
    assert card.whole is not None and card.whole.list_f1 is not None and "100 corrections" in card.reason
    assert scores(world) == by_list

    correct(workspace, range(ENOUGH - 3, ENOUGH))
    report = refresh(world, workspace)
    card = card_of(world.writer)
    assert report.raised == ("facts", "sentiment") and report.texts == 2 * (ENOUGH + MORE)
    assert card.in_use and card.whole is not None and card.whole.f1 is not None
    assert card.by.startswith(f"own classifier, macro-F1 {card.whole.f1:.2f} (word list 0.")
    assert card.trained_at == datetime.fromisoformat("2026-11-16T09:00:00+00:00")
    by_model = scores(world)
    assert by_model != by_list and right(world, rest) > before and right(world, rest) > MORE * 0.7
    again = refresh(world, workspace)
    assert (again.conversations, again.texts, again.raised) == (0, 0, ())

    workspace.choose_moods("lexicon", viewer="bob")
    refresh(world, workspace)
    assert scores(world) == by_list and right(world, rest) == before
    card = card_of(world.writer)
    assert not card.in_use and card.model and card.wanted == "lexicon"
    filled(world, 2, first=500)
    assert refresh(world, workspace).texts == 4  # a later refresh leaves it at that
    assert not card_of(world.writer).in_use

    workspace.choose_moods("model", viewer="bob")
    assert refresh(world, workspace).raised == ("facts", "sentiment")
    told = {row["message_id"]: row["sentiment_score"] for row in scores(world)}
    assert {row["message_id"]: told[row["message_id"]] for row in by_model} == {
        row["message_id"]: row["sentiment_score"] for row in by_model
    }


def test_a_damaged_file_falls_back_to_the_list_and_is_made_again(world: World, workspace: Workspace) -> None:
    filled(world)
    refresh(world, workspace)
    by_list = scores(world)
    correct(workspace, range(ENOUGH))
    refresh(world, workspace)
    by_model, model = scores(world), card_of(world.writer).model
    (file,) = world.writer.home.models.iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    refresh(world, workspace)
    card = card_of(world.writer)
    assert not card.in_use and "damaged" in card.problem and card.by.startswith("lexicon")
    assert scores(world) == by_list
    assert refresh(world, workspace).texts == 0
    workspace.choose_moods("train", viewer="ann")
    refresh(world, workspace)
    card = card_of(world.writer)
    assert card.in_use and not card.problem and card.model == model and scores(world) == by_model
    assert refresh(world, workspace).texts == 0  # the wish was heard


def test_a_worse_classifier_is_refused(world: World, workspace: Workspace) -> None:
    filled(world)
    said = [CLASSES[i % 3] for i in range(ENOUGH)]
    random.Random(2).shuffle(said)
    for mood in CLASSES:
        keys = [("s", f"c{i}") for i in range(ENOUGH) if said[i] == mood]
        workspace.correct(keys, "sentiment", mood, viewer="ann")
    refresh(world, workspace)
    card = card_of(world.writer)
    assert card.trained_on == ENOUGH and not card.in_use and not card.model and "not better" in card.reason
    assert card.by == "lexicon, 300 corrected by people"
    assert not world.writer.home.models.exists()
    assert refresh(world, workspace).texts == 0


@pytest.mark.slow
def test_it_is_trained_again_when_a_tenth_is_new(
    world: World, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(world, ENOUGH + 60)
    correct(workspace, range(ENOUGH))
    refresh(world, workspace)
    first = card_of(world.writer)
    monkeypatch.setenv("SUPPORTLENS_NOW", "2026-11-17T09:00:00+00:00")
    few = int(ENOUGH * GROWTH_BEFORE_TRAINING) - 3
    correct(workspace, range(ENOUGH, ENOUGH + few))
    refresh(world, workspace)
    card = card_of(world.writer)
    assert (card.trained_at, card.trained_on, card.total) == (first.trained_at, ENOUGH, ENOUGH + few)
    correct(workspace, range(ENOUGH + few, ENOUGH + few + 3))
    refresh(world, workspace)
    card = card_of(world.writer)
    assert card.trained_on == ENOUGH + few + 3 and card.trained_at != first.trained_at


def test_a_conversation_that_comes_later_is_scored_as_in_a_full_run(
    home: Home, workspace: Workspace, tmp_path: Any
) -> None:
    stepwise, at_once = World(home), World(Home(tmp_path / "once"))
    filled(stepwise, ENOUGH)
    correct(workspace, range(ENOUGH))
    refresh(stepwise, workspace)
    filled(stepwise, MORE, first=ENOUGH)
    assert refresh(stepwise, workspace).texts == 2 * MORE
    filled(at_once, ENOUGH)
    filled(at_once, MORE, first=ENOUGH)
    refresh(at_once, workspace)
    assert scores(stepwise) == scores(at_once)
    for world in (stepwise, at_once):
        world.writer.close()


def test_a_card_is_read_as_it_was_written(world: World, workspace: Workspace) -> None:
    filled(world, 30)
    correct(workspace, range(30))
    refresh(world, workspace)
    card = card_of(world.writer)
    assert card.total == 30 and read(card.written()) == card
    assert read(None).by == "lexicon, uncorrected"


def label(workspace: Workspace, keys: range, moods: tuple[str, ...] = CLASSES) -> None:
    said = {("s", f"c{i}"): moods[i % 3] for i in keys}
    workspace.keep_mood_labels(said, model="openai small", viewer="ann")


def learn(world: World, workspace: Workspace) -> MoodCard:
    """The card after a refresh that knows what models labelled."""
    pipeline.enrich(
        world.writer, world.settings, lambda *_: None, corrected=workspace.corrections_in_force(),
        moods=Wish(*workspace.moods_wanted(), tuple(workspace.mood_labels_in_force())),
    )  # fmt: skip
    return card_of(world.writer)


def test_a_models_labels_teach_a_classifier_and_correct_nothing(world: World, workspace: Workspace) -> None:
    filled(world)
    learn(world, workspace)
    by_list, found = scores(world), moods(world, range(ENOUGH))
    label(workspace, range(60, ENOUGH))
    correct(workspace, range(60, 63), moods=("positive", "neutral", "positive"))
    card = learn(world, workspace)
    assert (card.corrections, card.labels, card.labelled_by) == ((0, 1, 2), (79, 79, 79), "openai small")
    assert (card.both, card.agreed, card.trained_on, card.model) == (3, 2, 0, "")
    assert moods(world, range(63, ENOUGH)) == found[63:] and scores(world) == by_list

    label(workspace, range(60))
    label(workspace, range(ENOUGH, ENOUGH + 3))
    card = learn(world, workspace)
    assert card.trained_on == ENOUGH + 3 and card.labels_learned == ENOUGH and card.in_use
    assert card.whole is not None and card.whole.of_model == ENOUGH and card.whole.n == ENOUGH + 3
    assert card.by.endswith(" on n 303 (300 labels by openai small, 3 by people)")
    assert read(card.written()) == card
    world.enrich()
    assert card_of(world.writer).in_use, "who is not told of labels forgets nothing"

    assert workspace.take_back_mood_labels(viewer="bob") == ENOUGH + 3
    card = learn(world, workspace)
    assert (card.model, card.in_use, card.trained_on, card.labels) == ("", False, 0, (0, 0, 0))
    assert card.by == "lexicon, 3 corrected by people" and scores(world) == by_list


def test_a_person_comes_before_a_model_and_quality_is_measured_against_people(
    world: World, workspace: Workspace
) -> None:
    filled(world)
    wrong = (CLASSES[1], CLASSES[2], CLASSES[0])
    label(workspace, range(120), moods=wrong)  # all wrong, and all corrected
    label(workspace, range(120, ENOUGH))
    correct(workspace, range(120))
    card = learn(world, workspace)
    assert (card.corrections, card.labels) == ((40, 40, 40), (60, 60, 60))
    assert (card.both, card.agreed, card.trained_on) == (120, 0, ENOUGH)
    assert card.whole is not None and (card.whole.n, card.whole.of_model) == (120, 0) and card.measured == ""
    assert card.in_use and right(world, range(ENOUGH, ENOUGH + MORE)) > MORE * 0.7
