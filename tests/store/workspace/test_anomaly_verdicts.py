from __future__ import annotations

from datetime import date, datetime

import pytest

from core.errors import InputError
from store.workspace import Workspace

DAYS = (date(2026, 10, 31), date(2026, 10, 31))


def test_sayings_are_kept_with_their_names_and_taken_back(workspace: Workspace, now: datetime) -> None:
    where = (("product", "A, b=c"), ("channel", "chat"))
    first = workspace.say_of_anomaly("k", "noise", metric="volume", where=where, days=DAYS, viewer="ann")
    workspace.say_of_anomaly("k", "useful", metric="volume", where=(), days=DAYS, viewer="bob")
    one, other = workspace.anomaly_verdicts()
    assert (one.key, one.where, one.saying, one.from_day, one.viewer, one.at) == (
        "k", where, "noise", DAYS[0], "ann", now,
    )  # fmt: skip
    assert other.where == () and other.viewer == "bob"
    assert workspace.undo_anomaly_verdict(first, viewer="bob")
    assert not workspace.undo_anomaly_verdict(first, viewer="bob")
    assert [left.saying for left in workspace.anomaly_verdicts()] == ["useful"]


def test_there_are_four_things_to_say(workspace: Workspace) -> None:
    with pytest.raises(InputError):
        workspace.say_of_anomaly("k", "boring", metric="volume", where=(), days=DAYS, viewer="ann")
