"""Topics as people want them: shown after the next refresh, and after every later fit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.home import Home
from enrich import topic_choices
from enrich.pipeline import EnrichReport, enrich
from store.workspace import Workspace
from tests.enrich.test_topics import fill
from tests.enrich.world import World


@pytest.fixture
def workspace(home: Home, now: datetime) -> Workspace:
    return Workspace(home)


@pytest.fixture
def refresh(world: World, workspace: Workspace) -> Callable[[], EnrichReport]:
    def run() -> EnrichReport:
        chosen = workspace.topic_choices_in_force()
        return enrich(world.writer, world.settings, lambda *_: None, chosen=chosen)

    fill(world, 80)
    run()
    return run


def facts(world: World, theme: str) -> set[tuple[int, str]]:
    rows = world.table("conversation_facts")
    return {(r["topic_id"], r["topic"]) for r in rows if r["conversation_id"].startswith(theme)}


def topic(world: World, theme: str) -> int:
    ((found, _),) = facts(world, theme)
    return found


def current(world: World) -> dict[int, dict[str, Any]]:
    return {row["topic_id"]: row for row in world.table("topics") if row["is_current"]}


def fitted_anew(world: World, refresh: Callable[[], EnrichReport]) -> None:
    version = refresh().topic_version or 0
    fill(world, 60, first=80 + 60 * version)
    assert refresh().topic_version == version + 1


def test_a_name_is_shown_at_once_and_after_every_fit(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    parcel, before = topic(world, "parcel"), current(world)
    choice = workspace.rename_topic(parcel, "Late parcels", viewer="ann")
    refresh()
    assert facts(world, "parcel") == {(parcel, "Late parcels")}
    fitted_anew(world, refresh)
    assert facts(world, "parcel") == {(parcel, "Late parcels")}
    workspace.undo_topic_choice(choice, viewer="ann")
    refresh()
    assert facts(world, "parcel") == {(parcel, current(world)[parcel]["found_label"])}
    assert before[parcel]["label"] == before[parcel]["found_label"]


def test_a_merged_topic_is_counted_under_the_other(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    parcel, invoice, name = topic(world, "parcel"), topic(world, "invoice"), facts(world, "parcel")
    choice = workspace.merge_topics(parcel, invoice, viewer="ann")
    refresh()
    assert facts(world, "parcel") == facts(world, "invoice") != name
    assert current(world)[parcel]["merged_into"] == invoice
    fitted_anew(world, refresh)
    assert facts(world, "parcel") == facts(world, "invoice")
    workspace.undo_topic_choice(choice, viewer="ann")
    refresh()
    assert facts(world, "parcel") == name


def test_a_moved_topic_lies_in_the_group_of_that_name(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    parcel, invoice = topic(world, "parcel"), topic(world, "invoice")
    workspace.move_topic(parcel, "Logistics", viewer="ann")
    workspace.move_topic(invoice, "Logistics", viewer="ann")
    refresh()
    for _ in range(2):
        topics = current(world)
        assert {topics[t]["group_label"] for t in (parcel, invoice)} == {"Logistics"}
        assert topics[parcel]["group_id"] == topics[invoice]["group_id"]
        assert topics[topic(world, "backup")]["group_label"] != "Logistics"
        fitted_anew(world, refresh)


def test_a_split_topic_stays_split(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    parcel, invoice, before = topic(world, "parcel"), topic(world, "invoice"), set(current(world))
    first = workspace.merge_topics(parcel, invoice, viewer="ann")
    refresh()
    workspace.undo_topic_choice(first, viewer="ann")
    choice = workspace.split_topic(parcel, 2, viewer="ann")
    refresh()
    (made,) = set(current(world)) - before
    assert {found for found, _ in facts(world, "parcel")} == {parcel, made}
    assert len({name for _, name in facts(world, "parcel")}) == 2
    parts = {row["conversation_id"]: row["topic_id"] for row in world.table("conversation_topics")}
    refresh()
    assert set(current(world)) == before | {made}  # a split is made once
    fitted_anew(world, refresh)
    later = {row["conversation_id"]: row["topic_id"] for row in world.table("conversation_topics")}
    assert {key: later[key] for key in parts if key.startswith("parcel")} == {
        key: part for key, part in parts.items() if key.startswith("parcel")
    }
    workspace.undo_topic_choice(choice, viewer="ann")
    refresh()
    assert {found for found, _ in facts(world, "parcel")} == {parcel}


def test_a_pinned_topic_keeps_its_conversations(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    backup = topic(world, "backup")
    workspace.pin_topic(backup, viewer="ann")
    before = {r["conversation_id"] for r in world.table("conversation_topics") if r["topic_id"] == backup}
    fitted_anew(world, refresh)
    after = {r["conversation_id"] for r in world.table("conversation_topics") if r["topic_id"] == backup}
    assert len(before) == 20 and before <= after


def test_a_wish_finds_topics_again_once(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    workspace.refit_topics(viewer="ann")
    assert refresh().topic_version == 2
    assert refresh().topic_version == 2
    (fit,) = (row for row in world.table("topic_fits") if row["topic_version"] == 2)
    assert fit["kept"] >= 0.9 and fit["conversations"] == 80


def test_choices_about_topics_that_are_not_there_wait(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    before = facts(world, "parcel")
    workspace.rename_topic(999, "Nothing", viewer="ann")
    workspace.merge_topics(topic(world, "parcel"), 999, viewer="ann")
    workspace.split_topic(999, 3, viewer="ann")
    refresh()
    assert facts(world, "parcel") == before


def assigned(world: World) -> dict[str, int]:
    return {row["conversation_id"]: row["topic_id"] for row in world.table("conversation_topics")}


def test_a_models_name_is_shown_and_says_nothing_of_what_belongs_to_a_topic(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    parcel, invoice, backup = (topic(world, theme) for theme in ("parcel", "invoice", "backup"))
    before, facts_before = (
        assigned(world),
        {row["conversation_id"]: row["topic_id"] for row in world.table("conversation_facts")},
    )
    labels = {parcel: "Late parcel delivery", invoice: "Wrong invoice sum", backup: "Backup never ends"}
    assert workspace.word_topics(labels, model="openai small", viewer="ann") == 3
    refresh()
    assert facts(world, "parcel") == {(parcel, "Late parcel delivery")}
    assert facts(world, "invoice") == {(invoice, "Wrong invoice sum")}
    assert assigned(world) == before and topic_choices.held(world.writer) == set()
    assert {
        row["conversation_id"]: row["topic_id"] for row in world.table("conversation_facts")
    } == facts_before
    fitted_anew(world, refresh)
    with_names = assigned(world)
    assert facts(world, "parcel") == {(parcel, "Late parcel delivery")}
    assert workspace.unword_topics(viewer="bob") == 3
    refresh()
    assert facts(world, "parcel") == {(parcel, current(world)[parcel]["found_label"])}
    assert assigned(world) == with_names


def test_a_persons_name_comes_before_a_models_and_no_two_topics_have_one(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    parcel, invoice, backup = (topic(world, theme) for theme in ("parcel", "invoice", "backup"))
    mine = workspace.rename_topic(parcel, "Late parcels", viewer="ann")
    labels = {parcel: "Parcel never came", invoice: "late Parcels", backup: "Backup never ends"}
    workspace.word_topics(labels, model="openai small", viewer="bob")
    refresh()
    assert facts(world, "parcel") == {(parcel, "Late parcels")}
    assert facts(world, "invoice") == {(invoice, current(world)[invoice]["found_label"])}
    workspace.rename_topic(backup, "Copies", viewer="ann")
    workspace.undo_topic_choice(mine, viewer="ann")
    refresh()
    assert facts(world, "backup") == {(backup, "Copies")}
    assert facts(world, "parcel") == {(parcel, "Parcel never came")}
    assert facts(world, "invoice") == {(invoice, "late Parcels")}


def test_what_was_corrected_to_a_topic_stays_in_it_when_its_name_changes(
    world: World, workspace: Workspace, refresh: Callable[[], EnrichReport]
) -> None:
    invoice = topic(world, "invoice")
    name = current(world)[invoice]["label"]
    workspace.correct([("s", "parcel-0")], "topic", name, viewer="ann")

    def again() -> None:
        chosen, corrected = workspace.topic_choices_in_force(), workspace.corrections_in_force()
        enrich(world.writer, world.settings, lambda *_: None, chosen=chosen, corrected=corrected)

    again()
    assert facts(world, "parcel-0") == {(invoice, name)}
    workspace.word_topics({invoice: "Wrong invoice sum"}, model="openai small", viewer="ann")
    again()
    assert facts(world, "parcel-0") == {(invoice, "Wrong invoice sum")} == facts(world, "invoice")
    workspace.unword_topics(viewer="ann")
    again()
    assert facts(world, "parcel-0") == {(invoice, name)} == facts(world, "invoice")
