from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core import conditions
from core.errors import InputError
from core.filters import Filters, Period
from store.workspace import Note, Scope, Workspace


def days(first: int, last: int | None = None) -> Period:
    return Period(date(2026, 11, first), date(2026, 11, last or first))


def texts(notes: list[Note]) -> list[str]:
    return [note.text for note in notes]


def test_a_note_is_shown_in_every_period_it_touches(workspace: Workspace, now: datetime) -> None:
    workspace.add_note(days(5, 8), "outage", tag="incident", author="ann")
    workspace.add_note(days(3), "release 2.1", tag="release", author="bob")
    assert texts(workspace.notes(days(1, 30))) == ["release 2.1", "outage"]
    for touching in (days(1, 5), days(6, 7), days(8, 9)):
        assert texts(workspace.notes(touching)) == (
            ["release 2.1", "outage"] if touching.start.day == 1 else ["outage"]
        )
    assert workspace.notes(days(9, 30)) == workspace.notes(days(1, 2)) == []
    first = workspace.notes()[0]
    assert (first.from_day, first.to_day, first.tag, first.author, first.created_at, first.changed_at) == (
        date(2026, 11, 3), date(2026, 11, 3), "release", "bob", now, None,
    )  # fmt: skip


def test_a_note_about_one_team_shows_only_there(workspace: Workspace) -> None:
    workspace.add_note(days(1), "everywhere", tag="other", author="ann")
    workspace.add_note(days(2), "new rota", tag="other", author="ann", only={"team": ["Billing"]})
    workspace.add_note(days(3), "new survey", tag="release", author="ann", metric="csat_share")
    workspace.add_note(
        days(4), "both", tag="other", author="ann", metric="csat_share",
        only={"team": ["Billing", "Shipping"], "channel": ["chat"]},
    )  # fmt: skip

    def shown(*metrics: str, **where: list[str]) -> list[str]:
        return texts(workspace.notes(scope=Scope(metrics, Filters.of(where=where).where)))

    assert shown() == shown("volume") == shown(team=["Shipping"]) == ["everywhere"]
    assert shown(team=["Billing", "Shipping"]) == ["everywhere", "new rota"]
    assert shown("volume", "csat_share") == ["everywhere", "new survey"]
    assert shown("csat_share", team=["Shipping"], channel=["chat"]) == ["everywhere", "new survey", "both"]
    assert shown("csat_share", team=["Shipping"]) == ["everywhere", "new survey"]
    assert texts(workspace.notes()) == ["everywhere", "new rota", "new survey", "both"]


@pytest.mark.parametrize(
    ("where", "line", "is_shown"),
    [
        ({}, "tag:refund", True),
        ({}, "tag:refund;channel!:chat", True),
        ({"tag": ["vip"]}, "tag:refund", True),
        ({}, "tag:vip;tag:refund", True),
        ({}, "tag:refund|tag:vip,refund;team:Billing", True),
        ({}, "tag:refund|team:Billing", False),
        ({}, "tag!:refund", False),
        ({"tag": ["refund"]}, "team:Billing", True),
        ({"team": ["Billing"]}, "", False),
    ],
)
def test_a_note_finds_its_tag_in_the_conditions_too(
    workspace: Workspace, where: dict[str, list[str]], line: str, is_shown: bool
) -> None:
    workspace.add_note(days(1), "new rule", tag="other", author="ann", only={"tag": ["refund"]})
    filters = Filters.of(where=where, groups=conditions.decode(line))
    assert bool(workspace.notes(scope=Scope.of(("volume",), filters))) is is_shown


def test_only_the_author_changes_and_deletes(workspace: Workspace, monkeypatch: Any, now: datetime) -> None:
    made = workspace.add_note(days(1), "x", tag="other", author="ann", only={"team": ["Billing"]})
    assert not workspace.change_note(made, days(2), "y", tag="release", author="bob")
    assert not workspace.delete_note(made, author="bob")
    later = now + timedelta(hours=1)
    monkeypatch.setenv("SUPPORTLENS_NOW", later.isoformat())
    assert workspace.change_note(made, days(2, 3), "y", tag="release", author="ann", metric="volume")
    (note,) = workspace.notes()
    assert (note.from_day, note.to_day, note.text, note.tag, note.metric, note.only) == (
        date(2026, 11, 2), date(2026, 11, 3), "y", "release", "volume", (),
    )  # fmt: skip
    assert (note.created_at, note.changed_at) == (now, later)
    assert workspace.delete_note(made, author="ann")
    assert workspace.notes() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "}, {"text": "x" * 501}, {"tag": "party"}, {"author": ""}, {"author": "a\x00"}, {"metric": "m" * 101},
        {"only": {"team": [f"t{n}" for n in range(21)]}}, {"only": {f"d{n}": ["x"] for n in range(11)}},
        {"only": {"team": ["x" * 301]}},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(workspace: Workspace, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        workspace.add_note(days(1), **({"text": "x", "tag": "other", "author": "ann"} | wrong))
    assert workspace.notes() == []


def test_of_many_notes_the_latest_are_given(workspace: Workspace) -> None:
    for day in range(1, 6):
        workspace.add_note(days(day), f"day {day}", tag="other", author="ann")
    assert texts(workspace.notes(limit=2)) == ["day 4", "day 5"]
