"""The loopback Zendesk's own metric sets, worked out by hand from Zendesk's help pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.connectors.zendesk_lab import empty
from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk_data import Account
from tests.fakes.zendesk_hours import worked_seconds

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # London is on UTC; the office is open from nine to five
WEEK = [{"start_time": day * 1440 + 540, "end_time": day * 1440 + 1020} for day in range(1, 6)]
CORA, BEN, CLEO = 11, 21, 22


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


@pytest.fixture
def account() -> Account:
    found = empty()
    found.user(id=CORA, name="Cora", at=MONDAY)
    found.user(id=BEN, name="Ben", role="agent", at=MONDAY)
    found.user(id=CLEO, name="Cleo", role="agent", at=MONDAY)
    found.add("schedules", shapes.schedule, id=1, at=MONDAY, intervals=WEEK)
    found.add(
        "schedules", shapes.schedule, id=2, at=MONDAY, intervals=[{"start_time": 0, "end_time": 10_080}]
    )
    return found


def begun(account: Account, **fields: Any) -> dict[str, Any]:
    account.ticket(id=1, at=MONDAY, requester_id=CORA, submitter_id=CORA, **fields)
    return account.metrics[1]


def minutes(found: dict[str, Any], name: str) -> tuple[Any, Any]:
    both = found[f"{name}_in_minutes"]
    return both["calendar"], both["business"]


def test_a_ticket_from_its_creation_to_its_second_solve(account: Account) -> None:
    """New 30 min, open 30, pending 60, open 60, on hold 120, open 60; solved, open again 30."""
    found = begun(account)
    assert minutes(found, "reply_time") == minutes(found, "requester_wait_time") == (None, None)
    account.comment(1, "Yes?", author=BEN, at=at(30.9))
    account.change(1, author=BEN, at=at(30), status="open", assignee_id=BEN, group_id=7)
    account.change(1, author=BEN, at=at(60), status="pending")
    assert minutes(found, "requester_wait_time") == (60, 60)
    account.change(1, author=CORA, at=at(120), status="open")
    assert minutes(found, "agent_wait_time") == (60, 60)
    account.change(1, author=BEN, at=at(180), status="hold", assignee_id=CLEO)
    account.change(1, author=CLEO, at=at(300), status="open", assignee_id=BEN)
    account.comment(1, "Here it is.", author=BEN, at=at(350))
    account.change(1, author=BEN, at=at(360), status="solved")
    account.change(1, author=CORA, at=at(24 * 60), status="open")
    account.change(1, author=BEN, at=at(24 * 60 + 30), status="solved")
    account.change(1, author=-1, at=at(6 * 24 * 60), status="closed")
    assert minutes(found, "reply_time") == (30, 30)
    assert minutes(found, "first_resolution_time") == (360, 360)
    assert minutes(found, "full_resolution_time") == (1470, 510)
    assert minutes(found, "requester_wait_time") == (300 + 30, 300 + 30)
    assert minutes(found, "agent_wait_time") == (60, 60)
    assert minutes(found, "on_hold_time") == (120, 120)
    assert (found["replies"], found["reopens"], found["solved_at"]) == (2, 1, shapes.iso(at(1470)))
    assert (found["group_stations"], found["assignee_stations"]) == (1, 3)
    assert (found["initially_assigned_at"], found["assigned_at"]) == (shapes.iso(at(30)), shapes.iso(at(300)))


def test_what_is_no_reply(account: Account) -> None:
    """A note, a bot and the system do not reply; the comment that makes the ticket does not either."""
    found = begun(account, author=BEN)
    account.comment(1, "A note", author=BEN, public=False, at=at(5))
    account.comment(1, "Beep", author=BEN, at=at(6), via={"channel": "answer_bot"})
    account.comment(1, "Sent by a trigger", author=-1, at=at(7))
    account.comment(1, "And you?", author=CORA, at=at(20))
    assert (minutes(found, "reply_time"), found["replies"]) == ((None, None), 0)
    account.comment(1, "The second message of an agent", author=CLEO, at=at(50))
    assert (minutes(found, "reply_time"), found["replies"]) == ((50, 50), 1)


def test_messages_of_one_session_are_one_reply(account: Account) -> None:
    found = begun(account, via={"channel": "native_messaging"})
    for minute in (1, 3, 40, 41):
        who = {"type": "agent", "display_name": "Ben", "zen:support:user_id": BEN}
        account.say(1, "Hello", at=at(minute), author=who)
    account.change(1, author=BEN, at=at(42), status="solved")
    account.say(1, "Still there?", at=at(43), author=who)
    assert (found["replies"], minutes(found, "reply_time")) == (3, (1, 1))


def test_what_was_told_stays(account: Account) -> None:
    found = begun(account)
    comment = account.comment(1, "Yes?", author=BEN, at=at(30))
    account.make_private(comment["id"], author=BEN, at=at(60))
    account.user_changes(BEN, role="end-user", at=at(61))
    account.comment(1, "No?", author=CLEO, at=at(90))
    assert (minutes(found, "reply_time"), found["replies"]) == ((30, 30), 2)


def test_an_unsolved_ticket_that_is_closed_is_solved_then(account: Account) -> None:
    found = begun(account)
    account.change(1, author=-1, at=at(90), status="closed")
    assert minutes(found, "first_resolution_time") == minutes(found, "full_resolution_time") == (90, 90)
    assert found["solved_at"] == shapes.iso(at(90))


def test_the_schedule_in_force_at_the_end_counts_for_all_of_a_duration(account: Account) -> None:
    """From Monday 9:00 to Tuesday 9:00, the office for 8 hours; the other schedule never closes.

    A stretch of waiting takes the schedule of its own end.
    """
    found = begun(account)
    account.change(1, author=BEN, at=at(1440), status="pending")
    account.assign_schedule(1, 2, at=at(1441))
    account.change(1, author=CORA, at=at(2880), status="open")
    account.change(1, author=BEN, at=at(4320), status="solved")
    assert minutes(found, "full_resolution_time") == (4320, 4320)
    assert minutes(found, "requester_wait_time") == (2880, 480 + 1440)
    assert minutes(found, "agent_wait_time") == (1440, 1440)


def test_stretches_may_be_counted_in_whole_minutes(account: Account) -> None:
    """1:40 and 1:40 are 3:20: three minutes, or two where each stretch is cut."""
    for number, each in ((1, False), (2, True)):
        account.ticket(id=number, at=MONDAY, requester_id=CORA)
        account.measuring[number].round_each_stretch = each
        for minute, status in ((100 / 60, "pending"), (10, "open"), (10 + 100 / 60, "solved")):
            account.change(number, author=BEN, at=at(minute), status=status)
    assert minutes(account.metrics[1], "requester_wait_time") == (3, 3)
    assert minutes(account.metrics[2], "requester_wait_time") == (2, 2)


def test_without_a_schedule_there_is_no_business_time() -> None:
    account = empty()
    account.ticket(id=1, at=MONDAY)
    account.change(1, at=at(90), status="solved")
    assert minutes(account.metrics[1], "full_resolution_time") == (90, None)


def test_hours_on_the_days_on_which_clocks_change_and_on_holidays() -> None:
    """London, 2026-03-29 and 2026-10-25: 23 and 25 hours long."""
    always = shapes.schedule(1, MONDAY, intervals=[{"start_time": 0, "end_time": 10_080}])
    for date, start, end, hours in (
        ("2026-03-29", datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC), 23),
        ("2026-10-25", datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 26, 0, tzinfo=UTC), 25),
    ):
        assert worked_seconds(start, end, always, []) == hours * 3600
        assert worked_seconds(start, end, always, [{"start_date": date, "end_date": date}]) == 0
