"""Who did what: added to, asked by person and action, and never altered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.errors import InputError
from store.workspace import Workspace


def test_the_log_is_newest_first_and_can_be_asked(workspace: Workspace, now: datetime) -> None:
    workspace.audit("signed in", viewer="ann")
    workspace.audit("exported", viewer="bob", detail={"rows": 7})
    workspace.audit("saw", viewer="ann", detail={"page": "Volume"})
    log = workspace.audit_log()
    assert [entry.action for entry in log] == ["saw", "exported", "signed in"]
    assert (log[1].viewer, log[1].detail, log[1].at) == ("bob", {"rows": 7}, now)
    assert [entry.action for entry in workspace.audit_log(viewer="ann")] == ["saw", "signed in"]
    assert [entry.viewer for entry in workspace.audit_log(action="exported")] == ["bob"]
    assert [entry.action for entry in workspace.audit_log(before=log[0].id, n=1)] == ["exported"]
    assert workspace.audit_log(since=now + timedelta(seconds=1)) == []
    assert workspace.audited_people() == ["ann", "bob"]


def test_what_is_written_is_bounded_and_readable(workspace: Workspace) -> None:
    workspace.audit("asked", viewer="ann", detail={"question": "a\x00\u202eb" + "x" * 900})
    (entry,) = workspace.audit_log()
    assert entry.detail is not None
    assert entry.detail["question"] == "a b" + "x" * 497
    with pytest.raises(InputError):
        workspace.audit("did", viewer="ann")  # type: ignore[arg-type]
    with pytest.raises(InputError):
        workspace.audit("saw", viewer="")


def test_no_entry_can_be_altered_or_removed(workspace: Workspace) -> None:
    workspace.audit("saw", viewer="ann")
    for change in ("UPDATE audit_log SET viewer = 'bob'", "DELETE FROM audit_log"):
        with pytest.raises(DatabaseError, match="append-only"), workspace._engine.begin() as con:
            con.execute(text(change))
    assert [entry.viewer for entry in workspace.audit_log()] == ["ann"]
