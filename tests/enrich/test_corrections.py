from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

import enrich.pipeline as pipeline
from core.home import Home
from store.workspace import Correction, Workspace
from tests.enrich.test_topics import THEMES, fill
from tests.enrich.world import World

FACTS = ("topic", "topic_id", "sentiment", "sentiment_score", "next_contact_same_topic_s")


@pytest.fixture
def workspace(home: Home, now: datetime) -> Workspace:
    return Workspace(home)


def refresh(world: World, workspace: Workspace) -> pipeline.EnrichReport:
    """The enrichment as a refresh runs it."""
    return pipeline.enrich(
        world.writer, world.settings, lambda *_: None, corrected=workspace.corrections_in_force()
    )


def facts(world: World) -> dict[str, dict[str, Any]]:
    return {
        row["conversation_id"]: {name: row[name] for name in FACTS}
        for row in world.table("conversation_facts")
    }


def found(world: World) -> list[tuple[str, str, str, str | None, str]]:
    return [
        (row["conversation_id"], row["field"], row["value"], row["found"], row["corrected_by"])
        for row in world.table("conversation_corrections")
    ]


def test_a_correction_replaces_what_was_found_and_its_undoing_brings_it_back(
    world: World, workspace: Workspace
) -> None:
    fill(world, 40)
    refresh(world, workspace)
    before = facts(world)
    invoice, parcel = before["invoice-2"], before["parcel-0"]
    assert invoice["topic"] != parcel["topic"] and parcel["sentiment"] != "positive"
    workspace.correct([("s", "parcel-0")], "topic", invoice["topic"], viewer="ann")
    workspace.correct([("s", "parcel-0")], "sentiment", "positive", viewer="bob")
    report = refresh(world, workspace)
    assert (report.conversations, report.texts, report.corrections) == (1, 0, 2)
    after = facts(world)
    assert after["parcel-0"] == parcel | {
        "topic": invoice["topic"], "topic_id": invoice["topic_id"], "sentiment": "positive",
    }  # fmt: skip
    assert {key: row for key, row in after.items() if key != "parcel-0"} == {
        key: row for key, row in before.items() if key != "parcel-0"
    }
    assert found(world) == [
        ("parcel-0", "sentiment", "positive", parcel["sentiment"], "bob"),
        ("parcel-0", "topic", invoice["topic"], parcel["topic"], "ann"),
    ]
    for correction in workspace.corrections_of("s", "parcel-0"):
        workspace.undo_correction(correction.id, viewer="ann")
    assert refresh(world, workspace).conversations == 1
    assert facts(world) == before
    assert found(world) == []


def test_a_refresh_that_recomputes_everything_keeps_corrections(world: World, workspace: Workspace) -> None:
    fill(world, 40)
    refresh(world, workspace)
    workspace.correct([("s", "parcel-0")], "topic", "Something else", viewer="ann")
    refresh(world, workspace)
    for n in range(40):
        world.dirty(f"{('parcel', 'backup', 'invoice', 'password')[n % 4]}-{n}")
    assert refresh(world, workspace).conversations == 40
    row = facts(world)["parcel-0"]
    assert (row["topic"], row["topic_id"]) == ("Something else", None)
    fill(world, 60, first=40)  # so many more that topics are found anew
    assert refresh(world, workspace).topic_version == 2
    assert facts(world)["parcel-0"]["topic"] == "Something else"
    ((_, _, _, machine, _),) = found(world)
    assert machine == facts(world)["parcel-4"]["topic"]


def test_nothing_corrected_means_nothing_to_do(world: World, workspace: Workspace) -> None:
    fill(world, 4)
    refresh(world, workspace)
    workspace.correct([("s", "parcel-0")], "sentiment", "positive", viewer="ann")
    assert refresh(world, workspace).conversations == 1
    mark = world.writer.query("SELECT value FROM settings_kv WHERE key = 'content_changed_by'").to_pylist()
    assert refresh(world, workspace).conversations == 0
    assert (
        mark
        == world.writer.query("SELECT value FROM settings_kv WHERE key = 'content_changed_by'").to_pylist()
    )
    # The same word of somebody else changes no number, only whose word it is.
    workspace.correct([("s", "parcel-0")], "sentiment", "positive", viewer="bob")
    assert refresh(world, workspace).conversations == 0
    assert [(row["value"], row["corrected_by"]) for row in world.table("conversation_corrections")] == [
        ("positive", "bob")
    ]


def test_a_correction_waits_for_its_conversation(world: World, workspace: Workspace) -> None:
    workspace.correct([("s", "parcel-0")], "sentiment", "positive", viewer="ann")
    fill(world, 0)
    assert refresh(world, workspace).corrections == 0
    fill(world, 1)
    assert refresh(world, workspace).corrections == 1
    assert facts(world)["parcel-0"]["sentiment"] == "positive"


def test_without_being_told_corrections_stay(world: World, workspace: Workspace) -> None:
    fill(world, 1)
    workspace.correct([("s", "parcel-0")], "sentiment", "positive", viewer="ann")
    refresh(world, workspace)
    world.dirty("parcel-0")
    world.enrich()
    assert facts(world)["parcel-0"]["sentiment"] == "positive"


@pytest.mark.slow
def test_incremental_equals_full(home: Home, workspace: Workspace, tmp_path: Any) -> None:
    stepwise = World(home)
    fill(stepwise, 40)
    refresh(stepwise, workspace)
    topics = sorted({row["topic"] for row in facts(stepwise).values()})
    workspace.correct([("s", "parcel-0"), ("s", "invoice-2")], "topic", topics[0], viewer="ann")
    refresh(stepwise, workspace)
    workspace.correct(
        [("s", "parcel-0"), ("s", "backup-1"), ("s", "backup-41")], "topic", topics[1], viewer="bob"
    )
    workspace.correct([("s", "parcel-40")], "sentiment", "positive", viewer="bob")
    undone = next(c for c in workspace.corrections_of("s", "invoice-2"))
    workspace.undo_correction(undone.id, viewer="bob")
    refresh(stepwise, workspace)
    fill(stepwise, 4, first=40)
    refresh(stepwise, workspace)
    at_once = World(Home(tmp_path / "once"))
    fill(at_once, 40)
    at_once.enrich()  # topics are fitted when there are thirty texts: both worlds fit them to the same
    fill(at_once, 4, first=40)
    refresh(at_once, workspace)
    for table in ("conversation_facts", "conversation_corrections"):
        assert stepwise.table(table) == at_once.table(table), table
    changed = facts(stepwise)
    assert {changed[key]["topic"] for key in ("parcel-0", "backup-1", "backup-41")} == {topics[1]}
    assert changed["parcel-40"]["sentiment"] == "positive"
    at_once.writer.close()
    stepwise.writer.close()


def test_a_killed_refresh_is_finished_by_the_next(world: World, workspace: Workspace) -> None:
    fill(world, 4)
    refresh(world, workspace)
    workspace.correct(
        [("s", f"{w}-{n}") for n, w in enumerate(("parcel", "backup"))], "sentiment", "positive", viewer="x"
    )

    def stop(text: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.enrich(world.writer, world.settings, stop, corrected=workspace.corrections_in_force())
    refresh(world, workspace)
    assert [facts(world)[key]["sentiment"] for key in ("parcel-0", "backup-1")] == ["positive", "positive"]
    assert world.table("dirty_conversations") == []


def test_the_next_contact_about_the_same_topic_follows_a_correction(
    world: World, workspace: Workspace
) -> None:
    fill(world, 30)
    for key, minute, theme in (("one", 0, "parcel"), ("two", 500, "password")):
        message = (minute, "customer", THEMES[theme].format(99))
        world.conversation(key, message, created=minute, requester_id="r", status="solved")
        world.statuses(key, (minute + 10, "solved"))
    refresh(world, workspace)
    before = facts(world)
    assert before["one"]["next_contact_same_topic_s"] is None
    workspace.correct([("s", "two")], "topic", before["one"]["topic"], viewer="ann")
    assert refresh(world, workspace).conversations == 1
    assert facts(world)["one"]["next_contact_same_topic_s"] == 490 * 60


def test_odd_values_are_values(world: World, workspace: Workspace) -> None:
    fill(world, 1)
    refresh(world, workspace)
    odd = "'; DROP TABLE conversation_facts; -- ü"
    told = Correction(
        1, "s", "parcel-0", "topic", odd, "a'b", at=datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    )
    pipeline.enrich(world.writer, world.settings, lambda *_: None, corrected=[told])
    assert facts(world)["parcel-0"]["topic"] == odd
