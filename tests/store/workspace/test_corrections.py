from __future__ import annotations

from datetime import datetime

import pytest

from core.errors import InputError
from store.workspace import Workspace

A, B = ("desk", "1"), ("desk", "2")


def in_force(workspace: Workspace) -> list[tuple[str, str, str, str]]:
    return [(c.conversation_id, c.field, c.value, c.viewer) for c in workspace.corrections_in_force()]


def test_the_latest_correction_counts_and_history_is_kept(workspace: Workspace, now: datetime) -> None:
    assert workspace.correct([A, B, A], "topic", "Billing", viewer="ann") == 2
    workspace.correct([A], "topic", "Refunds", viewer="bob")
    workspace.correct([A], "sentiment", "negative", viewer="bob")
    assert in_force(workspace) == [
        ("1", "sentiment", "negative", "bob"), ("1", "topic", "Refunds", "bob"), ("2", "topic", "Billing", "ann"),
    ]  # fmt: skip
    history = workspace.corrections_of(*A)
    assert [(c.field, c.value, c.viewer, c.at) for c in history] == [
        ("sentiment", "negative", "bob", now), ("topic", "Refunds", "bob", now), ("topic", "Billing", "ann", now),
    ]  # fmt: skip


def test_undoing_gives_the_word_back_to_the_one_before(workspace: Workspace, now: datetime) -> None:
    for value in ("Billing", "Refunds"):
        workspace.correct([A], "topic", value, viewer="ann")
    newest, older = workspace.corrections_of(*A)
    assert workspace.undo_correction(newest.id, viewer="bob")
    assert not workspace.undo_correction(newest.id, viewer="carl")
    assert in_force(workspace) == [("1", "topic", "Billing", "ann")]
    undone = workspace.corrections_of(*A)[0]
    assert (undone.value, undone.undone_at, undone.undone_by) == ("Refunds", now, "bob")
    assert workspace.undo_correction(older.id, viewer="ann")
    assert in_force(workspace) == []
    assert len(workspace.corrections_of(*A)) == 2


@pytest.mark.parametrize(
    ("field", "value"), [("topic", ""), ("topic", "t" * 121), ("sentiment", "furious"), ("subject", "x")]
)
def test_a_wrong_correction_is_refused(workspace: Workspace, field, value: str) -> None:
    with pytest.raises(InputError):
        workspace.correct([A], field, value, viewer="ann")
    assert workspace.corrections_of(*A) == []


@pytest.mark.parametrize("native", ["", "x" * 301, "a\x00b", "\ud800"])
def test_an_id_is_kept_as_it_is_or_not_at_all(workspace: Workspace, native: str) -> None:
    with pytest.raises(InputError):
        workspace.correct([A, ("desk", native)], "topic", "Billing", viewer="ann")
    assert workspace.corrections_in_force() == []
    odd = " %27'\"; -- ü "
    workspace.correct([("desk", odd)], "topic", "Billing", viewer="ann")
    assert [c.conversation_id for c in workspace.corrections_in_force()] == [odd]


def test_everybody_corrects_at_once_and_nothing_is_lost(opened, at_once) -> None:
    many = [("desk", str(n)) for n in range(200)]
    at_once(lambda n: opened().correct(many, "topic", f"T{n}", viewer=f"v{n}"))
    assert len(opened().corrections_of(*many[0])) == 6
    assert len(opened().corrections_in_force()) == 200


def test_labels_are_put_once_and_counted(workspace: Workspace, now: datetime) -> None:
    assert workspace.label([A, B], " to  check ", viewer="ann") == 2
    assert workspace.label([A], "to check", viewer="bob") == 0
    assert workspace.label([A], "angry", viewer="bob") == 1
    assert [(label.label, label.viewer, label.at) for label in workspace.labels_of(*A)] == [
        ("angry", "bob", now), ("to check", "ann", now),
    ]  # fmt: skip
    assert workspace.labels() == [("to check", 2), ("angry", 1)]
    assert workspace.labelled("to check") == [A, B]
    assert workspace.unlabel([A, B, ("desk", "3")], "to check") == 2
    assert workspace.labels() == [("angry", 1)]
    with pytest.raises(InputError):
        workspace.label([A], "l" * 61, viewer="ann")


def test_one_label_may_be_put_by_many_at_once(opened, at_once) -> None:
    many = [("desk", str(n)) for n in range(50)]
    at_once(lambda n: opened().label(many, "same", viewer=str(n)))
    assert opened().labels() == [("same", 50)]
