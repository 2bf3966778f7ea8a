from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import InputError
from store.workspace import EvidenceSet, Workspace
from store.workspace import evidence as module
from store.workspace.tables import metadata

A, B = ("desk", "1"), ("desk", "2")


def ids(workspace: Workspace, set_id: int, viewer: str) -> list[str]:
    return [one.conversation_id for one in workspace.evidence(set_id, viewer=viewer)]


def shown(workspace: Workspace, set_id: int) -> EvidenceSet:
    """As a page has it that ann looks at."""
    return next(one for one in workspace.evidence_sets("ann") if one.id == set_id)


def test_a_set_collects_conversations_once(workspace: Workspace, now: datetime) -> None:
    made = workspace.create_evidence("Late parcels", owner="ann", note="for Monday\nreview")
    assert workspace.add_evidence(made, [A, B, A], viewer="ann", note="typical") == 2
    assert workspace.add_evidence(made, [B], viewer="ann") == 0
    (found,) = workspace.evidence_sets("ann")
    assert (found.name, found.note, found.shared, found.size, found.created_at) == (
        "Late parcels", "for Monday\nreview", False, 2, now,
    )  # fmt: skip
    assert [(e.conversation_id, e.note, e.added_by) for e in workspace.evidence(made, viewer="ann")] == [
        ("1", "typical", "ann"), ("2", "typical", "ann"),
    ]  # fmt: skip
    assert workspace.remove_evidence(made, [A], viewer="ann") == 1
    assert ids(workspace, made, "ann") == ["2"]


def test_nobody_else_sees_or_fills_an_unshared_set(workspace: Workspace) -> None:
    made = workspace.create_evidence("mine", owner="ann")
    workspace.add_evidence(made, [A], viewer="ann")
    assert workspace.evidence_sets("bob") == workspace.evidence(made, viewer="bob") == []
    with pytest.raises(InputError, match="no such"):
        workspace.add_evidence(made, [B], viewer="bob")
    with pytest.raises(InputError, match="no such"):
        workspace.remove_evidence(made, [A], viewer="bob")
    assert ids(workspace, made, "ann") == ["1"]


def test_a_shared_set_is_filled_by_everybody_and_owned_by_one(workspace: Workspace) -> None:
    made = workspace.create_evidence("ours", owner="ann", shared=True)
    workspace.add_evidence(made, [A], viewer="ann")
    assert workspace.add_evidence(made, [B], viewer="bob") == 1
    assert workspace.remove_evidence(made, [A, B], viewer="bob") == 1  # what bob added
    assert not workspace.change_evidence(shown(workspace, made), owner="bob", name="bobs")
    assert not workspace.delete_evidence(shown(workspace, made), owner="bob")
    assert ids(workspace, made, "bob") == ["1"]
    assert workspace.change_evidence(shown(workspace, made), owner="ann", name="theirs", shared=False)
    assert workspace.evidence_sets("bob") == []


def test_a_deleted_set_takes_its_contents_along(workspace: Workspace) -> None:
    made = workspace.create_evidence("x", owner="ann")
    workspace.add_evidence(made, [A], viewer="ann")
    assert workspace.delete_evidence(shown(workspace, made), owner="ann")
    with workspace._engine.connect() as con:
        assert con.exec_driver_sql("SELECT count(*) FROM evidence").scalar() == 0


def test_a_page_left_open_touches_no_later_set(workspace: Workspace) -> None:
    """In a file that was made when numbers came again, a later one has the number of one that is gone."""
    after = workspace.create_evidence("Precious", owner="ann")
    before = replace(shown(workspace, after), name="Later", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert not workspace.change_evidence(before, owner="ann", name="x")
    assert not workspace.delete_evidence(before, owner="ann")
    assert shown(workspace, after).name == "Precious"


def test_no_number_is_given_twice(workspace: Workspace) -> None:
    made = workspace.create_evidence("x", owner="ann")
    workspace.delete_evidence(shown(workspace, made), owner="ann")
    assert workspace.create_evidence("y", owner="ann") > made


def test_names_are_one_owners_once(workspace: Workspace) -> None:
    workspace.create_evidence("x", owner="ann")
    other = workspace.create_evidence("y", owner="ann")
    workspace.create_evidence("x", owner="bob")
    with pytest.raises(InputError, match="already"):
        workspace.create_evidence(" x ", owner="ann")
    with pytest.raises(InputError, match="already"):
        workspace.change_evidence(shown(workspace, other), owner="ann", name="x")
    assert workspace.change_evidence(
        shown(workspace, other), owner="ann", name="y", note="same name, new note"
    )


def test_a_set_has_a_largest_size(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    made = workspace.create_evidence("x", owner="ann")
    workspace.add_evidence(made, [A, B], viewer="ann")
    with pytest.raises(InputError, match="at most 3"):
        workspace.add_evidence(made, [("desk", "3"), ("desk", "4")], viewer="ann")
    assert workspace.add_evidence(made, [("desk", "3")], viewer="ann") == 1


def test_many_may_add_and_create_at_once(opened, at_once) -> None:
    made = opened().create_evidence("x", owner="ann", shared=True)
    many = [("desk", str(n)) for n in range(50)]
    at_once(lambda n: opened().add_evidence(made, many, viewer=str(n)))
    assert [one.size for one in opened().evidence_sets("ann")] == [50]
    refused: list[int] = []

    def create(n: int) -> None:
        try:
            opened().create_evidence("y", owner="ann")
        except InputError:
            refused.append(n)

    at_once(create)
    assert len(refused) == 5 and len(opened().evidence_sets("ann")) == 2


def test_no_table_gives_a_number_twice() -> None:
    assert [
        table.name
        for table in metadata.sorted_tables
        if table.autoincrement_column is not None and not table.dialect_options["sqlite"]["autoincrement"]
    ] == []
