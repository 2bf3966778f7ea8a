from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from core.errors import InputError
from core.filters import Period
from store.workspace import Workspace

DAYS = (date(2026, 10, 31), date(2026, 10, 31))


def test_sayings_are_kept_with_their_names_and_taken_back(workspace: Workspace, now: datetime) -> None:
    where = (("product", "A, b=c"), ("channel", "chat"))
    first = workspace.say_of_anomaly("k", "noise", metric="volume", where=where, days=DAYS, viewer="ann")
    workspace.say_of_anomaly(
        "k", "useful", metric="volume", where=(), days=DAYS, viewer="bob", is_above=False
    )
    one, other = workspace.anomaly_verdicts()
    assert (one.key, one.where, one.saying, one.from_day, one.viewer, one.at) == (
        "k", where, "noise", DAYS[0], "ann", now,
    )  # fmt: skip
    assert other.where == () and other.viewer == "bob"
    assert one.is_above is None and other.is_above is False
    assert workspace.undo_anomaly_verdict(first, viewer="bob")
    assert not workspace.undo_anomaly_verdict(first, viewer="bob")
    assert [left.saying for left in workspace.anomaly_verdicts()] == ["useful"]


def test_there_are_four_things_to_say(workspace: Workspace) -> None:
    with pytest.raises(InputError):
        workspace.say_of_anomaly("k", "boring", metric="volume", where=(), days=DAYS, viewer="ann")


def expect(workspace: Workspace, viewer: str = "ann", days: tuple[date, date] = DAYS, **more: object) -> int:
    told = {"metric": "volume", "where": (("channel", "chat"),), "days": days, "viewer": viewer, **more}
    return workspace.say_of_anomaly("k", "expected_event", **told)  # type: ignore[arg-type]


def test_an_expected_event_is_noted_once_and_goes_with_the_last_saying(
    workspace: Workspace, now: datetime
) -> None:
    first = expect(workspace, of="Conversations created of channel chat")
    second = expect(workspace, "bob", (DAYS[0] - timedelta(days=2), DAYS[1]))
    (note,) = workspace.notes()
    assert (note.text, note.tag, note.author, note.metric, note.only, note.created_at) == (
        "Expected event: Conversations created of channel chat", "incident", "ann", "volume",
        (("channel", ("chat",)),), now,
    )  # fmt: skip
    assert (note.from_day, note.to_day) == DAYS
    assert [one.note_id for one in workspace.anomaly_verdicts()] == [note.id, note.id]
    assert workspace.undo_anomaly_verdict(first, viewer="bob") and workspace.notes() == [note]
    assert workspace.undo_anomaly_verdict(second, viewer="bob") and workspace.notes() == []
    assert not workspace.undo_anomaly_verdict(second, viewer="bob")


def test_other_sayings_slices_metrics_and_days_have_notes_of_their_own(workspace: Workspace) -> None:
    for saying in ("useful", "noise", "new_normal"):
        workspace.say_of_anomaly(f"k{saying}", saying, metric="volume", where=(), days=DAYS, viewer="ann")
    assert workspace.notes() == []
    expect(workspace)
    expect(workspace, where=())
    expect(workspace, metric="csat_score")
    expect(workspace, days=(date(2026, 9, 1), date(2026, 9, 2)))
    assert len(workspace.notes()) == 4 and workspace.notes()[-1].text.startswith("Expected event: ")


def test_a_note_that_somebody_changed_or_deleted_is_theirs(workspace: Workspace) -> None:
    first = expect(workspace)
    (note,) = workspace.notes()
    workspace.change_note(note.id, Period(*DAYS), "Autumn sale", tag="campaign", author="ann")
    assert workspace.undo_anomaly_verdict(first, viewer="ann")
    assert [one.text for one in workspace.notes()] == ["Autumn sale"]
    workspace.delete_note(note.id, author="ann")
    again = expect(workspace)
    (made,) = workspace.notes()
    workspace.delete_note(made.id, author="ann")
    assert workspace.undo_anomaly_verdict(again, viewer="ann") and workspace.notes() == []


def test_people_who_say_it_at_one_moment_make_one_note(
    opened: Callable[[], Workspace], at_once: Callable[..., None]
) -> None:
    opened()
    at_once(lambda n: expect(opened(), f"person {n}"))
    workspace = opened()
    assert len(workspace.notes()) == 1 and len(workspace.anomaly_verdicts()) == 6


def test_a_slice_that_cannot_be_noted_is_not_said_either(workspace: Workspace) -> None:
    with pytest.raises(InputError):
        expect(workspace, where=tuple((f"custom:{n}", "x") for n in range(11)))
    assert workspace.anomaly_verdicts() == workspace.notes() == []
