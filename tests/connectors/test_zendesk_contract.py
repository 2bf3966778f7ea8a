"""The Zendesk connector against the contract of all connectors."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from tests.connectors.contract import HttpConnectorContract
from tests.connectors.world import CANARY, Fault, HttpLab, Lab, Message, World, message
from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk import Fault as ZendeskFault
from tests.fakes.zendesk import Zendesk, serving

A_SECOND = 50  # comments that are imported within one second
OLDER = timedelta(days=45)  # where the first half of a large import lies: before the first window


class ZendeskLab(HttpLab):
    """An account with the contract's own ids. Messages arrive by import: they keep their dates, and the export
    tells them when they were imported."""

    many: ClassVar[int] = 15_000

    def __init__(self, zendesk: Zendesk) -> None:
        self.zendesk, self.account = zendesk, zendesk.account

    def options(self) -> dict[str, Any]:
        return {
            "kind": "zendesk", "base_url": self.zendesk.url, "email": "ada@acme.example", "api_token": CANARY,
            "page_size": 100, "timeout_s": 5,
        }  # fmt: skip

    def hold(self, messages: Sequence[Message]) -> None:
        with self.zendesk.lock:
            old = OLDER if not self.account.tickets and len(messages) > 20 else timedelta()
            half, now = len(messages) // 2, self.zendesk.now()
            for number, row in enumerate(messages):
                at = now + timedelta(seconds=number // A_SECOND) - (old if number < half else timedelta())
                self._hold(row, at)
            self.zendesk.advance(len(messages) // A_SECOND + 120)

    def _hold(self, row: Message, at: datetime) -> None:
        ticket, number = row["conversation_id"], row["message_id"]
        author = self._person(row, at)
        if ticket not in self.account.tickets:
            self.account.ticket(id=ticket, at=at, body=None, requester_id=author)
        self._attributes(row, at)
        found = [one for one in self.account.comments[ticket] if one["id"] == number]
        if not found:
            created = row["created_at"]
            self.account.comment(
                ticket, row["body_text"], author=author, at=at, id=number, created_at=created
            )
        elif found[0]["body"] != row["body_text"]:
            self.account.redact(number, row["body_text"], at=at, author=author)

    def _person(self, row: Message, at: datetime) -> str:
        """A Zendesk user has one role: whoever writes as both is two users."""
        role = "agent" if row.get("author_role") == "agent" else "end-user"
        number = f"{row['author_id']}{role}"
        if all(user["id"] != number for user in self.account.lists["users"]):
            self.account.user(id=number, at=at, role=role)
        return number

    def _attributes(self, row: Message, at: datetime) -> None:
        known = {"message_id", "conversation_id", "created_at", "author_id", "author_role", "body_text"}
        extra = {name: value for name, value in row.items() if name not in known}
        for name in extra:
            if all(one["title"] != name for one in self.account.lists["ticket_fields"]):
                self.account.add("ticket_fields", shapes.ticket_field, at=at, title=name)
        ids = {one["title"]: one["id"] for one in self.account.lists["ticket_fields"]}
        values = [{"id": ids[name], "value": value} for name, value in extra.items()]
        if values != self.account.tickets[row["conversation_id"]]["custom_fields"]:
            self.account.change(row["conversation_id"], at=at, custom_fields=values)

    def plan(self, *faults: Fault) -> None:
        self.zendesk.faults.extend(
            ZendeskFault(fault.status, fault.headers, fault.body.decode(), cut=fault.kind == "truncated",
                         drop=fault.kind == "reset")
            for fault in faults
        )  # fmt: skip

    def requests(self) -> list[str]:
        return list(self.zendesk.log)


class TestZendesk(HttpConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = {
        "the same key twice": "ids of comments are unique in an account; the same ticket twice in a page is "
        "tested in test_zendesk.py",
        "a null key": "Zendesk gives every comment its id",
        "a message that is deleted": "no single comment can be deleted, only redacted or its ticket deleted",
    }

    @pytest.fixture
    def lab(self, now: datetime) -> Iterator[Lab]:
        zendesk = Zendesk(now)
        zendesk.rules.per_minute = 100_000
        with serving(zendesk):
            yield ZendeskLab(zendesk)

    @pytest.mark.point(8)
    def test_a_page_that_does_not_move_on(self, world: World) -> None:
        """An export that says there is more and gives the same place: an error, and no loop."""
        world.lab.hold([message(n) for n in range(30)])
        assert world.sync().status == "ok"
        zendesk = lab_of(world).zendesk
        zendesk.rules.stuck, asked = True, len(zendesk.log)
        report = world.sync()
        assert [problem.code for problem in report.errors] == ["no_progress"]
        assert len(zendesk.log) - asked < 20
        zendesk.rules.stuck = False
        assert world.sync().status == "ok"
        assert len(world.texts()) == 30

    @pytest.mark.point(8)
    def test_an_empty_page_is_not_the_end(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        lab_of(world).zendesk.rules.empty_pages = 3
        world.sync()
        assert world.rows("SELECT count(*) FROM conversations") == [(10,)]


def lab_of(world: World) -> ZendeskLab:
    assert isinstance(world.lab, ZendeskLab)
    return world.lab
