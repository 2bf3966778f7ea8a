"""An account in a test's hands: a server with a fixed clock, and readings of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import ReadContext, configured
from core.home import Home
from core.settings import Source
from core.stream import Item
from tests.connectors.world import Outside, World
from tests.fakes.zendesk import Zendesk, serving
from tests.fakes.zendesk_data import Account

TODAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # the tests' clock, and the server's unless it is moved


def ago(*, days: float = 0, minutes: float = 0) -> datetime:
    """An instant before the tests' clock."""
    return TODAY - timedelta(days=days, minutes=minutes)


class AccountLab(Outside):
    """A source that points to the server; `changes` replaces settings."""

    def __init__(self, zendesk: Zendesk, **changes: Any) -> None:
        self.zendesk, self.changes = zendesk, changes

    def options(self) -> dict[str, Any]:
        usual = {"kind": "zendesk", "base_url": self.zendesk.url, "email": "ada@acme.example",
                 "api_token": "token-abcdef", "page_size": 100, "timeout_s": 5.0}  # fmt: skip
        return {k: v for k, v in (usual | self.changes).items() if v is not None}


class Office:
    """The server, its account and a warehouse."""

    def __init__(self, zendesk: Zendesk, home: Home) -> None:
        self.zendesk, self.account, self.home = zendesk, zendesk.account, home
        self.customer = self.account.user(id=11, name="Cora", at=ago(days=200))["id"]
        self.agent = self.account.user(id=21, name="Ben", role="agent", at=ago(days=200))["id"]

    def world(self, **changes: Any) -> World:
        """A warehouse that reads this account."""
        return World(AccountLab(self.zendesk, **changes), self.home)

    def ticket(self, number: int, at: datetime, **fields: Any) -> dict[str, Any]:
        """A ticket by the customer."""
        usual = {"requester_id": self.customer, "submitter_id": self.customer}
        return self.account.ticket(id=number, at=at, **(usual | fields))

    def read(self, state: Mapping[str, Any] | None = None, **changes: Any) -> Iterator[Item]:
        """What the connector yields, without a store and without waiting."""
        source: Source = AccountLab(self.zendesk, **changes).source()
        context = ReadContext("desk", state=state or {}, pace=0.0)
        return configured(source).read(context)

    def asked(self, start: str = "") -> list[tuple[str, dict[str, str]]]:
        """Requests so far whose path begins so."""
        return [call for call in self.zendesk.calls if call[0].startswith(start)]


@contextmanager
def office(home: Home) -> Iterator[Office]:
    """A running server with one customer and one agent."""
    with serving(Zendesk(TODAY)) as zendesk:
        yield Office(zendesk, home)


def empty(clock: datetime = TODAY) -> Account:
    """An account without a server."""
    return Account(lambda: clock)
