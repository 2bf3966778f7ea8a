"""An evidence set in the list of conversations: another name, conversations taken out, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.home import Home
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.pages.conversations_page import PAGE, tick
from tests.shared import copy_of


@pytest.fixture
def home(sample_home: Home, tmp_path: Path) -> Home:
    """A copy of the sample workspace, to write into."""
    return copy_of(sample_home, tmp_path / "own")


@pytest.fixture
def workspace(home: Home) -> Workspace:
    return Workspace(home)


@pytest.fixture
def keys(ask_sql: Any) -> list[tuple[str, str]]:
    least = "SELECT {}(conversation_id) FROM {{conversation_facts}} WHERE is_counted"
    return [("sample", ask_sql(least.format(which))) for which in ("min", "max")]


def press(test: AppTest, key: str) -> AppTest:
    return test.button(key=key).click().run()


def offered(test: AppTest) -> set[str]:
    return {str(button.key) for button in test.button} & {"set_change", "set_delete_ask", "set_take_out"}


def test_a_set_gets_another_name_and_is_deleted_when_its_owner_is_sure(app, home, workspace, keys) -> None:
    number = workspace.create_evidence("Late", owner="everyone", note="for Monday", shared=True)
    workspace.add_evidence(number, keys, viewer="everyone")
    test = app(home, PAGE, period="all", columns=["id"], evidence=str(number))
    assert test.button(key="set_change").disabled
    test.text_input(key=f"set_name_{number}_Late").set_value("Late parcels").run()
    press(test, "set_change")
    (kept,) = workspace.evidence_sets("everyone")
    assert (kept.name, kept.note, kept.shared, kept.size) == ("Late parcels", "for Monday", True, 2)
    assert "kept as **Late parcels**" in texts(test)

    workspace.create_evidence("Lost", owner="everyone")
    test.text_input(key=f"set_name_{number}_Late parcels").set_value("Lost").run()
    assert "There is an evidence set called" in texts(press(test, "set_change"))

    press(test, "set_delete_ask")
    assert "Delete Late parcels?" in texts(test) and len(workspace.evidence_sets("everyone")) == 2
    press(test, "set_delete_no")
    press(press(test, "set_delete_ask"), "set_delete_yes")
    assert [one.name for one in workspace.evidence_sets("everyone")] == ["Lost"]
    assert "**Late parcels** is deleted" in texts(test) and "evidence" not in test.query_params
    assert not test.exception


def test_ticked_conversations_are_taken_out_of_the_set_alone(app, home, workspace, keys) -> None:
    number = workspace.create_evidence("Late", owner="everyone")
    workspace.add_evidence(number, keys, viewer="everyone")
    test = tick(app(home, PAGE, period="all", columns=["id"], evidence=str(number)), 0)
    gone = ("sample", test.dataframe[0].value["Id"][0])
    press(test, "set_take_out")
    assert [
        (one.source_id, one.conversation_id) for one in workspace.evidence(number, viewer="everyone")
    ] == [key for key in keys if key != gone]
    assert "1 conversation taken out of **the set**" in texts(test)
    press(tick(test, 0), "set_take_out")
    assert "taken out of" in texts(test) and "No conversation matches" in texts(test)
    assert offered(test) == {"set_change", "set_delete_ask"}


def test_a_set_of_somebody_else_is_no_set_to_change(app, home, workspace, keys) -> None:
    number = workspace.create_evidence("Theirs", owner="ada", shared=True)
    workspace.add_evidence(number, keys, viewer="ada")
    test = tick(app(home, PAGE, period="all", columns=["id"], evidence=str(number)), 0)
    assert offered(test) == {"set_take_out"}
    press(test, "set_take_out")
    assert "somebody else put them there" in texts(test)
    assert len(workspace.evidence(number, viewer="ada")) == 2


def test_what_somebody_else_did_meanwhile_is_not_undone(app, home, workspace, keys) -> None:
    number = workspace.create_evidence("Late", owner="everyone", note="old")
    workspace.add_evidence(number, keys, viewer="everyone")
    test = tick(app(home, PAGE, period="all", columns=["id"], evidence=str(number)), 0)
    (kept,) = workspace.evidence_sets("everyone")
    workspace.change_evidence(kept, owner="everyone", name="Late", note="new")
    test.text_input(key=f"set_name_{number}_Late").set_value("Lost").run()
    press(test, "set_change")
    (kept,) = workspace.evidence_sets("everyone")
    assert (kept.name, kept.note) == ("Lost", "new")

    workspace.delete_evidence(kept, owner="everyone")
    press(test, "set_take_out")
    assert "no such evidence set" in texts(test).lower()
    assert "taken out of evidence set" not in [one.detail.get("what") for one in workspace.audit_log(10)]
