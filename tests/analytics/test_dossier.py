"""One conversation opened: its durations lie between named events, its stretches leave no hole."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics import dossier
from analytics.dossier import Dossier
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Make = Callable[..., Reader]
CREATED = datetime(2026, 11, 2, 10)


def opened(reader: Reader, conversation: str = "c0", viewer: Viewer = EVERYTHING) -> Dossier | None:
    return dossier.opened(reader, "desk", conversation, settings=Settings(), viewer=viewer)


def span(hours: int, until: int | None, number: int, **more: Any) -> dict[str, Any]:
    begins, ends = (
        CREATED + timedelta(hours=hours),
        CREATED + timedelta(hours=until) if until is not None else None,
    )
    return {
        "source_id": "desk", "conversation_id": "c0", "span_no": number, "opened_local": begins, "closed_local": ends,
        "opened_at": begins.replace(tzinfo=UTC), "closed_at": ends.replace(tzinfo=UTC) if ends else None, **more,
    }  # fmt: skip


def test_durations_name_where_they_begin_and_end(warehouse: Make) -> None:
    row = {
        "first_reply_local": CREATED + timedelta(hours=2), "first_reply_s": 7200, "first_reply_business_s": 3600,
        "first_reply_agent": "Anna", "first_solved_local": CREATED + timedelta(hours=5), "first_resolution_s": 18_000,
        "last_solved_local": CREATED + timedelta(hours=9), "full_resolution_s": 32_400, "last_solve_agent": "Ben",
        "first_reopened_local": CREATED + timedelta(hours=6), "reopened_reply_local": CREATED + timedelta(hours=7),
        "reopened_reply_s": 1800, "agent_work_s": 600, "on_hold_s": 0,
    }  # fmt: skip
    found = opened(warehouse([row]))
    assert found
    told = {one.title: one for one in found.durations}
    first = told["First reply"]
    assert (first.seconds, first.business_s, first.start, first.end) == (
        7200,
        3600,
        CREATED,
        row["first_reply_local"],
    )
    assert first.begins == "creation" and "Anna" in first.ends
    again = told["Reply after the reopen"]
    assert (
        again.start == CREATED + timedelta(hours=6, minutes=30) and again.end == row["reopened_reply_local"]
    )
    assert told["Until it was reopened"].seconds == 3600
    assert "Ben" in told["Full resolution"].ends and told["Full resolution"].end == row["last_solved_local"]
    assert "With us" in told and "On hold" not in told and "Waiting for a reply" not in told
    for one in found.durations:
        assert one.begins and one.ends
        if one.title in ("First reply", "First resolution", "Full resolution", "Reply after the reopen"):
            assert one.start and one.end and (one.end - one.start).total_seconds() == one.seconds


def test_who_waits_has_waited_until_the_end_of_the_data(warehouse: Make) -> None:
    found = opened(warehouse([{"waiting_since_local": CREATED}]))
    assert found
    (one,) = found.durations
    assert one.title == "Waiting for a reply" and one.end is None
    assert one.seconds == (found.known - CREATED).total_seconds() > 0


def test_stretches_touch_each_other_and_solved_ones_are_among_them(warehouse: Make) -> None:
    spans = [
        span(0, 1, 1, status="new", team="Front", agent=None), span(1, 3, 2, status="open", team="Front", agent="Anna"),
        span(6, 8, 3, status="open", team="Back", agent="Ben"),
    ]  # fmt: skip
    row = {
        "last_solved_local": CREATED + timedelta(hours=8),
        "status": "closed",
        "team": "Back",
        "agent": "Ben",
    }
    found = opened(warehouse([row], spans))
    assert found
    assert [(one.status, one.agent) for one in found.stretches] == [
        ("new", None), ("open", "Anna"), ("solved", "Anna"), ("open", "Ben"), ("closed", "Ben"),
    ]  # fmt: skip
    for before, after in zip(found.stretches, found.stretches[1:], strict=False):
        assert before.until == after.since
    assert found.stretches[-1].until is None


def test_targets_have_their_state_now(warehouse: Make) -> None:
    due, later = CREATED + timedelta(hours=4), datetime(2026, 12, 1)
    targets = [
        {"conversation_id": "c0", "source_id": "desk", "sla_metric": name, "instance_no": 1, "target_s": 14_400,
         "due_local": at, "due_at": at.replace(tzinfo=UTC), "started_at": CREATED.replace(tzinfo=UTC),
         "ended_local": ended, "ended_at": ended.replace(tzinfo=UTC) if ended else None,
         "cancelled_because": None, "breached_at": None, "breached_local": None}
        for name, at, ended in (("first_reply", due, CREATED), ("next_reply", due, None), ("resolution", later, None))
    ]  # fmt: skip
    found = opened(warehouse([{}], sla_instances=targets))
    assert found
    assert {one["sla_metric"]: one["state"] for one in found.targets} == {
        "first_reply": "met", "next_reply": "breached", "resolution": "running",
    }  # fmt: skip
    assert {one["started_local"] for one in found.targets} == {CREATED}


@pytest.mark.parametrize("viewer", [Viewer(sources=()), Viewer(teams=("Other",))])
def test_others_do_not_open_it(warehouse: Make, viewer: Viewer) -> None:
    reader = warehouse([{"team": "Billing"}])
    assert opened(reader) is not None
    assert opened(reader, viewer=viewer) is None
    assert opened(reader, "nobody") is None


def test_events_name_people_and_teams(sample_home: Any, now: datetime) -> None:
    from store.reader import open_reader

    reader = open_reader(sample_home)
    native = reader.query(
        "SELECT conversation_id AS id FROM {conversation_events} WHERE field = 'assignee' ORDER BY 1 LIMIT 1",
        viewer=EVERYTHING,
    )["id"][0].as_py()
    found = dossier.opened(reader, "sample", native, settings=Settings(), viewer=EVERYTHING)
    assert found and found.events and found.messages
    names = set(reader.query("SELECT name FROM {people}", viewer=EVERYTHING)["name"].to_pylist())
    assert {one["became"] for one in found.events if one["field"] == "assignee"} <= {*names, None}
    assert [one["when"] for one in found.events] == sorted(one["when"] for one in found.events)
