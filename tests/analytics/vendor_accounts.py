"""Accounts with a ticket of each cause for which a vendor's number and ours differ."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.connectors.zendesk_lab import TODAY, ago
from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk_data import Account
from tests.fakes.zendesk_sample import set_up
from tests.fakes.zendesk_stories import RECEIVED

CORA, BEN = 11, 21
BEGUN = datetime.fromisoformat("2026-11-02T09:00:00+00:00")  # a Monday; the office is open from nine to five


class Planted:
    """An account with one ticket for each cause. Its tickets are created on a Monday at nine."""

    def __init__(self, account: Account) -> None:
        self.account = account
        set_up(account, ago(days=200))
        account.user(id=CORA, name="Cora", at=ago(days=200))
        account.user(id=BEN, name="Ben", role="agent", at=ago(days=200))
        account.user(id=22, name="Fay", role="agent", at=ago(days=200))
        account.user(id=23, name="Bot", role="agent", at=ago(days=200))
        self.group = account.lists["groups"][0]["id"]
        self.office, self.late = (row["id"] for row in account.lists["schedules"])
        self.replies()
        self.schedules()
        self.states()
        for number in range(500, 520):  # twenty times the same words make an acknowledgement
            self.ticket(number)
            self.say(number, 0.5, RECEIVED)
            self.solve(number, 60)
        account.user_changes(22, role="end-user", at=TODAY - timedelta(days=1))

    def ticket(self, number: int, **fields: Any) -> None:
        usual = {"requester_id": CORA, "submitter_id": CORA, "group_id": self.group}
        self.account.ticket(id=number, at=BEGUN, **(usual | fields))

    def say(self, number: int, minute: float, text: str = "Here.", author: int = BEN, **fields: Any) -> Any:
        at = BEGUN + timedelta(minutes=minute)
        return self.account.comment(number, text, author=author, at=at, **fields)["id"]

    def change(self, number: int, minute: float, author: int = BEN, **fields: Any) -> None:
        self.account.change(number, at=BEGUN + timedelta(minutes=minute), author=author, **fields)

    def solve(self, number: int, minute: float) -> None:
        self.change(number, minute, status="solved")

    def replies(self) -> None:
        self.ticket(1)  # equal in every metric
        self.say(1, 30)
        self.change(1, 30, status="open", assignee_id=BEN)
        self.solve(1, 60)
        self.ticket(2, via={"channel": "native_messaging"}, from_messaging_channel=True)
        bot = {"type": "bot", "display_name": "Helper", "zen:support:user_id": 23}
        self.account.say(2, "Beep", at=BEGUN + timedelta(minutes=2), author=bot)
        person = {"type": "agent", "display_name": "Ben", "zen:support:user_id": BEN}
        self.account.say(2, "Hello", at=BEGUN + timedelta(minutes=50), author=person)
        self.solve(2, 60)
        self.ticket(3)
        self.say(3, 0.5, RECEIVED)
        self.say(3, 45)
        self.solve(3, 60)
        self.ticket(4)
        self.account.make_private(self.say(4, 20), author=BEN, at=BEGUN + timedelta(minutes=25))
        self.say(4, 40)
        self.solve(4, 60)
        self.ticket(5)
        self.change(5, 5, author=22, status="open", assignee_id=22)
        self.say(5, 10, author=22)
        self.solve(5, 60)
        self.ticket(16)  # an acknowledgement, and two replies of a former agent
        self.say(16, 0.5, RECEIVED)
        self.change(16, 5, author=22, status="open", assignee_id=22)
        self.say(16, 10, author=22)
        self.say(16, 20, author=22)
        self.solve(16, 60)
        self.ticket(17)  # a former agent's reply that is a note now
        self.change(17, 5, author=22, status="open", assignee_id=22)
        self.account.make_private(self.say(17, 10, author=22), author=BEN, at=BEGUN + timedelta(minutes=12))
        self.solve(17, 60)
        self.ticket(6, author=BEN, submitter_id=BEN)
        self.say(6, 10, "And?", author=CORA)
        self.say(6, 15)
        self.solve(6, 60)
        self.ticket(7, via={"channel": "native_messaging"}, from_messaging_channel=True)
        for minute in (1, 15):
            self.account.say(7, "Hello", at=BEGUN + timedelta(minutes=minute), author=person)
        self.account.metrics[7]["replies"] = 2  # this session ended after ten minutes of silence
        self.solve(7, 60)

    def schedules(self) -> None:
        self.ticket(8)
        self.say(8, 400)
        self.account.assign_schedule(8, self.late, at=BEGUN + timedelta(minutes=420))
        self.change(8, 500, status="pending")
        self.change(8, 600, status="open", author=CORA)
        self.solve(8, 1500)

    def states(self) -> None:
        self.ticket(9)
        self.say(9, 30)
        self.solve(9, 60)
        self.say(9, 70, "Thanks a lot!", author=CORA)
        self.change(9, 70, author=CORA, status="open")
        self.solve(9, 80)
        self.ticket(10)
        self.say(10, 30)
        self.change(10, 40, status="pending")
        self.change(10, 50, author=CORA, status="open")
        self.solve(10, 60)
        self.say(10, 90, "It broke again, why?", author=CORA)
        self.change(10, 90, author=CORA, status="open")
        self.ticket(11)
        self.account.merge(11, 10, author=BEN, at=BEGUN + timedelta(minutes=95))
        self.ticket(12)
        self.account.measuring[12].round_each_stretch = True
        for minute, status in ((5.8, "pending"), (20, "open"), (25.8, "solved")):
            self.change(12, minute, status=status)
        self.ticket(13)
        self.say(13, 30)
        self.solve(13, 60)
        for kept in (self.account.audits, self.account.comments):
            kept[13] = []
        self.ticket(14)
        self.say(14, 30)
        self.solve(14, 60)
        self.account.metrics[14] |= {"updated_at": shapes.iso(BEGUN + timedelta(minutes=20)), "replies": 0}
        self.ticket(15)
        self.say(15, 30)
        self.solve(15, 60)
        self.account.metrics[15]["reply_time_in_minutes"] = {"calendar": 999, "business": 999}


def abroad(account: Account) -> None:
    """One ticket whose working time is counted by a calendar of the settings."""
    set_up(account, ago(days=200))
    account.user(id=CORA, name="Cora", at=ago(days=200))
    account.user(id=BEN, name="Ben", role="agent", at=ago(days=200))
    account.ticket(id=1, at=BEGUN - timedelta(hours=3), requester_id=CORA)
    account.comment(1, "Yes.", author=BEN, at=BEGUN)
    account.change(1, author=BEN, at=BEGUN, status="solved")
