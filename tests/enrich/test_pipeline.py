from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import enrich.pipeline as pipeline
from core.home import Home
from enrich.messages import ENRICHERS
from enrich.sentiment import Sentiment
from enrich.timings import Timings
from tests.enrich.world import World, at

RESULTS = ("conversation_facts", "open_spans", "message_enrichment", "capabilities", "early_texts")
TEXTS = (
    "We got your message.",
    "I am so angry, this is awful",
    "thanks!",
    "Danke für die schnelle Hilfe heute",
    "?",
)


def results(world: World) -> dict[str, list[dict[str, Any]]]:
    return {name: world.table(name) for name in RESULTS}


def fill(world: World, keys: range, seed: int, *, more: bool = False) -> None:
    """Conversations that are the same for the same key and seed; `more` adds what came later."""
    for n in keys:
        dice = random.Random(f"{seed}-{n}")
        roles = [dice.choice(("customer", "agent", "bot", "unknown")) for _ in range(dice.randint(1, 4))]
        messages = [(i * dice.choice((0.2, 7, 45)), role, dice.choice(TEXTS)) for i, role in enumerate(roles)]
        world.conversation(f"c{n}", *messages, channel=dice.choice(("chat", "email")), status="open")
        events = [
            (10 * i, dice.choice(("open", "pending", "solved", "closed"))) for i in range(dice.randint(0, 4))
        ]
        if events:
            world.statuses(f"c{n}", *events)
    if more:
        world.statuses("c0", (900, "solved"), (950, "open"))
        world.conversation("late", (0, "customer", "hello"), (0.5, "agent", "We got your message."))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), cut=st.integers(0, 15))
def test_incremental_equals_full(tmp_path_factory: pytest.TempPathFactory, seed: int, cut: int) -> None:
    stepwise = World(Home(tmp_path_factory.mktemp("steps")))
    fill(stepwise, range(cut), seed)
    stepwise.enrich()
    fill(stepwise, range(cut, 15), seed)
    stepwise.enrich()
    fill(stepwise, range(0), seed, more=True)
    stepwise.enrich()
    at_once = World(Home(tmp_path_factory.mktemp("once")))
    fill(at_once, range(cut), seed)
    fill(at_once, range(cut, 15), seed)
    fill(at_once, range(0), seed, more=True)
    at_once.enrich()
    assert results(stepwise) == results(at_once)
    assert len(stepwise.table("conversation_facts")) == 16
    for world in (stepwise, at_once):
        world.writer.close()


def test_a_run_killed_between_batches_is_finished_by_the_next(
    home: Home, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(pipeline, "FACTS_BATCH", 7)
    monkeypatch.setattr("enrich.messages.BATCH_ROWS", 10)
    monkeypatch.setattr("enrich.messages.FLUSH_ROWS", 10)
    undisturbed = World(Home(tmp_path / "other"))
    fill(undisturbed, range(25), 1)
    undisturbed.enrich()
    world = World(home)
    fill(world, range(25), 1)
    sizes = []
    for _ in range(100):
        calls = 0

        def stop(text: str, done: int, total: int | None) -> None:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise KeyboardInterrupt

        try:
            pipeline.enrich(world.writer, world.settings, stop)
            break
        except KeyboardInterrupt:
            sizes.append((len(world.table("message_enrichment")), len(world.table("conversation_facts"))))
    # Every kill left more behind than the one before: first texts, then facts.
    assert len(set(sizes)) == len(sizes) >= 3
    assert sizes == sorted(sizes) and sizes[0][0] < sizes[-1][0]
    assert any(0 < facts < 25 for _, facts in sizes)
    world.enrich()
    assert results(world) == results(undisturbed)
    assert world.table("dirty_conversations") == []
    undisturbed.writer.close()


def test_a_second_run_has_nothing_to_do(world: World) -> None:
    fill(world, range(3), 2)
    assert world.enrich().conversations == 3
    again = world.enrich()
    assert (again.conversations, again.texts, again.raised) == (0, 0, ())


def test_unchanged_texts_are_not_looked_at_again(world: World) -> None:
    world.conversation("c", (0, "customer", "I am very happy with this"))
    assert world.enrich().texts == 1
    world.statuses("c", (5, "solved"))
    report = world.enrich()
    assert (report.conversations, report.texts) == (1, 0)
    assert world.facts("c")["is_solved"]


def test_raising_a_version_redoes_exactly_that_part(world: World, monkeypatch: Any) -> None:
    world.conversation("c", (0, "customer", "I am very happy with this thing today"))
    world.enrich()
    # What the language enricher found is replaced by hand: only its own raise may overwrite it.
    world.writer.execute("UPDATE message_enrichment SET language = 'xx', sentiment_score = -1")
    monkeypatch.setattr(Sentiment, "version", Sentiment.version + 1)
    monkeypatch.setattr(Sentiment, "enrich", lambda self, texts: [(0.5,) for _ in texts])
    report = world.enrich()
    assert report.raised == ("facts", "sentiment")
    row = world.table("message_enrichment")[0]
    assert (row["language"], row["sentiment_score"]) == ("xx", 0.5)
    assert world.facts("c")["sentiment_score"] == 0.5
    assert world.enrich().raised == ()


def test_raising_the_facts_leaves_the_texts_alone(world: World, monkeypatch: Any) -> None:
    world.conversation("c", (0, "customer", "I am very happy with this thing today"))
    world.enrich()
    monkeypatch.setattr(Timings, "version", 99)
    for enricher in ENRICHERS:
        monkeypatch.setattr(type(enricher), "enrich", lambda self, texts: pytest.fail("looked at a text"))
    assert world.enrich().conversations == 1
    assert world.facts("c")["facts_version"] == 99


def test_a_raise_that_is_killed_goes_on(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(pipeline, "FACTS_BATCH", 2)
    fill(world, range(5), 3)
    world.enrich()
    monkeypatch.setattr(Timings, "version", Timings.version + 1)

    def stop(text: str, done: int, total: int | None) -> None:
        if text == "computing facts":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.enrich(world.writer, world.settings, stop)
    report = world.enrich()
    assert report.raised == ("facts",)
    assert report.conversations == 3  # the first batch was not done twice
    assert {row["facts_version"] for row in world.table("conversation_facts")} == {Timings.version}


def test_what_is_gone_leaves_no_results(world: World) -> None:
    world.conversation("c", (0, "customer", "I am happy"), (1, "agent", "good"))
    world.statuses("c", (5, "solved"))
    world.enrich()
    world.writer.execute("DELETE FROM conversations")
    world.writer.execute("DELETE FROM messages")
    world.dirty("c")
    world.enrich()
    for name in (
        "conversation_facts",
        "open_spans",
        "replies",
        "solves",
        "message_enrichment",
        "early_texts",
    ):
        assert world.table(name) == [], name


def test_a_deleted_message_no_longer_counts(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), (1, "agent", "y"), (9, "agent", "z"))
    assert world.facts("c")["first_reply_s"] == 60
    world.writer.execute("UPDATE messages SET is_deleted = true WHERE created_at = ?", [at(1)])
    world.dirty("c")
    assert world.facts("c")["first_reply_s"] == 540


def test_a_source_that_learns_roles_changes_its_old_conversations(world: World) -> None:
    world.conversation("old", (0, "customer", "x"))
    assert world.facts("old")["agent_replies"] is None  # nobody in this source is an agent
    world.conversation("new", (0, "customer", "x"), (1, "agent", "y"))
    world.enrich()
    assert world.facts("old")["agent_replies"] == 0
