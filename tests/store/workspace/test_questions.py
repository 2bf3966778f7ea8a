from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from store.workspace import Workspace


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
    workspace.add_feedback(number, "number", note="wrong product", viewer="ann")
    (told,) = workspace.feedback(number)
    assert (told.verdict, told.note) == ("number", "wrong product")
    with pytest.raises(IntegrityError):
        workspace.add_feedback(99, "useful")
