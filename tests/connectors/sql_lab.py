"""What the labs of the SQL connectors share: a table of messages whose rows change with a cursor of their own."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from tests.connectors.world import Lab, Message

CANARY = "canary-4f1d9c-secret"
PAGE_ROWS = 400
NO_HTTP = {"an HTTP fault": "a database speaks no HTTP; what it fails with is in the tests below"}


class SqlLab(Lab):
    """A table `messages` with the contract's columns and `updated_at`, and conversations that follow from it."""

    kind: ClassVar[str]

    def __init__(self) -> None:
        self.held: dict[str, tuple[tuple[Any, ...], datetime]] = {}
        self.header: tuple[str, ...] = ()
        self.tick = datetime.now(UTC) - timedelta(hours=1)

    def options(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "messages": "messages", "page_rows": PAGE_ROWS, "safety_s": 0,
            "reconcile_every_h": 0, **self.address(),
        }  # fmt: skip

    @abstractmethod
    def address(self) -> dict[str, Any]:
        """Where the connector finds the database."""

    @abstractmethod
    def create(self, columns: Mapping[str, bool]) -> None:
        """An empty table of messages; True: the column holds instants."""

    @abstractmethod
    def fill(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Replace all rows, in one transaction."""

    def moment(self, text: str | None) -> Any:
        """How an instant of the contract is stored."""
        return text

    def hold(self, messages: Sequence[Message]) -> None:
        header = tuple(dict.fromkeys(key for row in messages for key in row)) or self.header
        instants = all(str(row.get("created_at", "")) >= "1" for row in messages)
        if header != self.header:
            self.create({name: name == "created_at" and instants for name in header})
        self.header = header
        before, self.held = self.held, {}
        rows = []
        for number, row in enumerate(messages):
            told = tuple(row.get(name) for name in header)
            place = f"{row.get('message_id')}/{number if row.get('message_id') is None else ''}"
            place += "/again" if place in self.held else ""
            known = before.get(place)
            if known is None or dict(zip(header, known[0], strict=False)) != dict(
                zip(header, told, strict=True)
            ):
                self.tick += timedelta(milliseconds=1)
                known = (told, self.tick)
            self.held[place] = known
            rows.append((*(self._value(n, v, instants) for n, v in zip(header, told, strict=True)), known[1]))
        self.fill((*header, "updated_at"), rows)

    def _value(self, name: str, value: Any, instants: bool) -> Any:
        return self.moment(value) if name == "created_at" and instants else value


def utc(text: str | None) -> datetime | None:
    """An instant of the contract as a naive time in UTC."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
