"""What the readers ask of a database: one snapshot, rows as text, and SQL in its own dialect."""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol
from zoneinfo import ZoneInfo

from connectors.base import ReadContext
from core.errors import AppError

Kind = Literal["text", "number", "instant", "array", "binary"]
TAG_MARK = chr(31)  # between the elements of an array: no tag holds it
_NUMBER = re.compile(r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$")
_INSTANT = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:([ T])(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(.*)$")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or query: its name and what its values are."""

    name: str
    kind: Kind = "text"
    zoned: bool = False  # an instant of a known zone: UTC, or the one that its text ends in
    native: str = ""  # what the database calls the type, where that matters


class Rows(Protocol):
    """Rows that the server hands out bit by bit."""

    def fetch(self, many: int) -> Sequence[Sequence[Any]]:
        """The next rows; none at the end."""

    def close(self) -> None:
        """Let go of the rest."""


def in_turn(
    connect: Callable[..., Any], addresses: Sequence[dict[str, Any]], failure: type[Exception]
) -> tuple[Any, dict[str, Any]]:
    """The first connection that can be made, and its address. The last address's failure counts."""
    *first, last = addresses
    for address in first:
        with suppress(failure):
            return connect(**address), address
    return connect(**last), last


class Database(ABC):
    """One connection, and what differs between the kinds of databases.

    `open` also begins the snapshot that everything until `close` is read from. Errors of the driver leave as
    ConnectorError; after a retryable one the connection is gone and `generation` has grown.
    """

    keeps_zone: ClassVar[bool] = False  # whether text of an instant ends in its zone
    row_values: ClassVar[bool] = True  # whether (a, b) <= (x, y) is read through an index

    def __init__(self, source: str) -> None:
        self.source, self.generation, self.is_open = source, 0, False

    def ready(self) -> None:
        """Connect and begin the snapshot, if that is not done."""
        if not self.is_open:
            with self.told():
                self.open()
            self.is_open = True
            self.generation += 1

    def lost(self) -> None:
        """The connection cannot be used any more."""
        self.is_open = False
        self.close()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turns what the driver raises into our own errors."""
        try:
            yield
        except AppError:
            raise
        except Exception as error:
            known = self.explained(error)
            if known is None:
                raise
            if known.retryable:
                self.lost()
            raise known from None

    def rows(self, sql: str, *, timeout_s: float | None = None) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        self.ready()
        with self.told():
            return self.fetch_all(sql, timeout_s)

    def stream(self, sql: str) -> Rows:
        """Rows of a result of any size, from the server's side."""
        self.ready()
        with self.told():
            return self.open_rows(sql)

    @abstractmethod
    def open(self) -> None:
        """Connect, pin the session and begin a read-only snapshot."""

    @abstractmethod
    def close(self) -> None:
        """Let go of every connection. Never raises."""

    @abstractmethod
    def interrupt(self) -> None:
        """Stop what runs, from another thread. Never raises."""

    @abstractmethod
    def explained(self, error: Exception) -> AppError | None:
        """Our error for one of the driver's, with what to try; None when it is not the driver's."""

    @abstractmethod
    def fetch_all(self, sql: str, timeout_s: float | None) -> list[tuple[Any, ...]]:
        """All rows of a query, stopped by the server after `timeout_s`."""

    @abstractmethod
    def open_rows(self, sql: str) -> Rows:
        """A server-side cursor."""

    @abstractmethod
    def columns(self, relation: str, timeout_s: float) -> list[Column]:
        """The columns of what may stand behind FROM."""

    @abstractmethod
    def now(self) -> datetime:
        """The server's clock, in UTC."""

    @abstractmethod
    def name(self, identifier: str) -> str:
        """An identifier, quoted."""

    @abstractmethod
    def text(self, value: str) -> str:
        """A text literal, quoted."""

    @abstractmethod
    def as_text(self, column: Column, of: str) -> str:
        """SQL of a column's value as text."""

    def tables(self) -> list[str]:
        """Names of the tables, where nobody named one."""
        return []

    def table(self, name: str) -> str:
        """A table's name, which may hold its schema, quoted."""
        return ".".join(self.name(part.strip('"`')) for part in _PARTS.findall(name))

    def literal(self, value: str, column: Column) -> str:
        """A value that the column is compared with."""
        if column.kind == "number" and _NUMBER.match(value):
            return value
        return self.text(value)

    def moment(self, at: datetime, zone: str, example: str | None, column: Column) -> str:
        """An instant as the column writes it; `example` is one of its values."""
        return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S.%f")


_PARTS = re.compile(r'"[^"]*"|`[^`]*`|[^.]+')


def earlier(value: str, seconds: float, *, keeps_zone: bool) -> str:
    """Text of an instant moved back, in the same shape; unchanged when it is no ordinary instant."""
    found = _INSTANT.match(value)
    if found is None or " BC" in value:
        return value
    day, between, time, rest = found.groups()
    try:
        moved = datetime.fromisoformat(f"{day}T{time or '00:00:00'}") - timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return value
    return moved.isoformat(between or " ", "microseconds" if "." in (time or "") else "seconds") + (
        rest if keeps_zone else ""
    )


def instant_of(value: str, zone: str) -> datetime | None:
    """Text of an instant as a time; None when it is no ordinary instant."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


@contextmanager
def interruptible(database: Database, context: ReadContext) -> Iterator[None]:
    """While a query blocks this thread, another one listens whether the run should stop."""
    done = threading.Event()

    def listen() -> None:
        while not done.wait(0.2):
            if context.cancelled():
                database.interrupt()
                done.wait(1.0)

    watcher = threading.Thread(target=listen, name=f"stop-{database.source}", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
