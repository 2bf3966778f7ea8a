from __future__ import annotations

import threading
from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from core.home import Home
from store.workspace import Workspace


@pytest.fixture
def workspace(home: Home, now: datetime) -> Workspace:
    return Workspace(home)


def test_questions_are_kept_with_their_answers(workspace: Workspace, now: datetime) -> None:
    first = workspace.save_question(
        "Why?", {"text": "Because."}, viewer="ann", generation=3, provider="none", seconds=0.5
    )
    second = workspace.save_question("How?", None, viewer="bob")
    asked = workspace.question(first)
    assert asked is not None
    assert (asked.question, asked.answer_json, asked.asked_at, asked.generation) == (
        "Why?", {"text": "Because."}, now, 3,
    )  # fmt: skip
    assert [q.id for q in workspace.recent_questions()] == [second, first]
    assert [q.id for q in workspace.recent_questions(viewer="ann")] == [first]
    assert workspace.question(99) is None


def test_feedback_belongs_to_a_question(workspace: Workspace) -> None:
    number = workspace.save_question("Why?", None, viewer="ann")
    workspace.add_feedback(number, "down", note="wrong product", viewer="ann")
    (told,) = workspace.feedback(number)
    assert (told.verdict, told.note) == ("down", "wrong product")
    with pytest.raises(IntegrityError):
        workspace.add_feedback(99, "up")


def test_a_saved_view_is_replaced_under_its_name(workspace: Workspace) -> None:
    for query in ("channel=chat", "channel=email"):
        workspace.save_view("mine", owner="ann", page="overview", query=query)
    workspace.save_view("mine", owner="bob", page="overview", query="x")
    assert [(v.name, v.query) for v in workspace.views("ann")] == [("mine", "channel=email")]
    assert workspace.delete_view("mine", owner="ann")
    assert not workspace.delete_view("mine", owner="ann")
    assert len(workspace.views("bob")) == 1


def test_the_audit_log_is_newest_first(workspace: Workspace) -> None:
    for action in ("one", "two"):
        workspace.audit(action, viewer="ann", detail={"n": 1})
    assert [entry.action for entry in workspace.audit_log()] == ["two", "one"]


def test_threads_may_write_at_once(workspace: Workspace, home: Home) -> None:
    def write() -> None:
        for _ in range(5):
            Workspace(home).audit("x", viewer="ann")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(workspace.audit_log()) == 20


def test_tables_of_an_older_version_get_what_they_lack(workspace: Workspace, home: Home) -> None:
    workspace.save_view("mine", owner="ann", page="overview", query="x")
    workspace.save_question("Why?", None, viewer="ann")
    with workspace._engine.begin() as con:
        con.exec_driver_sql("UPDATE part_versions SET version = 0 WHERE part = 'workspace'")
        con.exec_driver_sql("ALTER TABLE questions DROP COLUMN seconds")
    (question,) = Workspace(home).recent_questions()
    assert (question.question, question.seconds) == ("Why?", None)
    assert len(Workspace(home).views("ann")) == 1
