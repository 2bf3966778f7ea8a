"""Zendesk's windows: the last weeks first, interruptions, progress, and whose clock decides."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.home import Home
from core.stream import Batch, Checkpoint, Progress
from tests.connectors.zendesk_lab import TODAY, Office, ago, office

WINDOW = datetime(2026, 10, 17, 9, 0, tzinfo=UTC)  # 30 days before the tests' clock


@pytest.fixture
def desk(home: Home, now: datetime) -> Iterator[Office]:
    with office(home) as found:
        yield found


def test_the_last_weeks_come_first(desk: Office) -> None:
    for number, days in ((1, 100), (2, 50), (3, 10)):
        desk.ticket(number, ago(days=days))
    seen: list[tuple[str, list[str]]] = []
    horizons: dict[str, list[datetime | None]] = {"tickets": [], "ticket_events": []}
    for item in desk.read():
        if isinstance(item, Batch) and item.stream in ("conversations", "messages"):
            seen.append((item.stream, item.rows["conversation_id"].to_pylist()))
        if isinstance(item, Checkpoint) and item.stream in horizons:
            horizons[item.stream].append(item.horizon)
    assert seen == [
        ("conversations", ["3"]), ("messages", ["3"]), ("conversations", ["1", "2"]), ("messages", ["1", "2"])
    ]  # fmt: skip
    assert horizons == {"tickets": [WINDOW, None], "ticket_events": [WINDOW, None]}
    starts = [query["start_time"] for path, query in desk.asked("incremental/tickets/cursor")]
    assert starts == [str(int(WINDOW.timestamp())), "0"]


def test_an_interrupted_reading_goes_on_with_what_is_new_and_then_what_is_older(desk: Office) -> None:
    for number in range(40):
        desk.ticket(number + 1, ago(days=100 - number))  # 40 tickets that are older than the window
    desk.ticket(100, ago(days=5))
    state: dict[str, Any] = {}
    older = 0
    for item in desk.read(page_size=10):
        if isinstance(item, Checkpoint):
            state[item.stream] = dict(item.cursor)
            older += item.stream == "tickets" and "cursor" in (item.cursor.get("older") or {})
        if older == 2:
            break
    desk.ticket(101, ago(days=1))
    found = [
        (item.rows["conversation_id"].to_pylist())
        for item in desk.read(state, page_size=10)
        if isinstance(item, Batch) and item.stream == "conversations"
    ]
    assert found[0] == ["101"]
    assert [number for page in found[1:] for number in page] == [str(n) for n in range(21, 41)]


def test_tickets_of_the_first_window_bring_their_people(desk: Office) -> None:
    desk.account.organization(id=31, name="Northwind", at=ago(days=200))
    desk.ticket(1, ago(days=10), assignee_id=desk.agent, organization_id=31)
    first = next(i for i in desk.read() if isinstance(i, Batch) and i.stream == "people")
    assert sorted(first.rows["name"].to_pylist()) == ["Ben", "Cora"]
    (call,) = desk.asked("incremental/tickets/cursor")[:1]
    assert call[1]["include"] == "metric_sets,users,organizations"
    desk.world().sync()
    calls = len(desk.asked("incremental/tickets/cursor"))
    desk.world().sync()  # everybody is known now
    assert desk.asked("incremental/tickets/cursor")[calls][1]["include"] == "metric_sets"


def test_progress_of_what_is_older_is_counted_in_days(desk: Office) -> None:
    """20 tickets, one a day from 100 days ago on, in two pages; the window begins 70 days after the first."""
    for number in range(20):
        desk.ticket(number + 1, ago(days=100 - number))
    told = [
        i for i in desk.read(page_size=10) if isinstance(i, Progress) and i.text.startswith("older tickets")
    ]
    assert [(i.text, i.done, i.total) for i in told] == [
        ("older tickets: read up to 2026-08-17", 9, 70), ("older tickets: read up to 2026-10-17", 70, 70)
    ]  # fmt: skip


def test_start_at_is_where_history_begins(desk: Office) -> None:
    for number, days in ((1, 100), (2, 50), (3, 10)):
        desk.ticket(number, ago(days=days))
    points = [i for i in desk.read(start_at="2026-09-01") if isinstance(i, Checkpoint)]
    begin = datetime(2026, 9, 1, tzinfo=UTC)
    assert [p.horizon for p in points if p.stream == "tickets"] == [WINDOW, begin]
    desk.world(start_at="2026-09-01").sync()
    assert desk.world().rows("SELECT conversation_id FROM conversations ORDER BY 1") == [("2",), ("3",)]


def test_the_servers_clock_decides_not_ours(desk: Office) -> None:
    desk.zendesk.set_now(TODAY + timedelta(days=3))
    list(desk.read())
    asked = desk.asked("incremental/tickets/cursor")[0][1]["start_time"]
    assert asked == str(int((WINDOW + timedelta(days=3)).timestamp()))


def test_a_window_that_is_too_recent_is_given_up(desk: Office) -> None:
    """A server whose answers carry another date than its data: everything is read in one part."""
    desk.ticket(1, ago(days=3))
    desk.zendesk.rules.date_ahead_s = 60 * 86_400
    report = desk.world().sync()
    assert (report.status, len(desk.world().texts())) == ("ok", 1)
    assert desk.world().rows("SELECT DISTINCT horizon FROM sync_state WHERE stream LIKE 'ticket%'") == [
        (None,)
    ]
    again = desk.world().sync()
    assert (again.inserted, again.updated) == (0, 0)
