"""The outside world of a connector's tests, a warehouse, and readings between them by the refresh's own engine."""

from __future__ import annotations

import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pyarrow as pa

from connectors.base import Connector, ReadContext, configured
from core.home import Home
from core.settings import Source
from core.stream import KEYS, Batch, Checkpoint, FileGone, FileRead, Item, KeysSeen, Page
from jobs.reading import Engine, read_source
from jobs.report import SourceReport
from store.runs import RunLog
from store.writer import Writer

Message = Mapping[str, Any]
CANARY = "canary-4f1d9c-secret"
COMPARED = ("conversations", "messages", "people", "conversation_events", "conversation_tags", "csat")


def message(number: int, **changes: Any) -> dict[str, Any]:
    """One message row; `number` makes its id, conversation, minute and words."""
    return {
        "message_id": f"m{number}",
        "conversation_id": f"c{number // 3}",
        "created_at": f"2026-01-{1 + number // 1440 % 28:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00Z",
        "author_id": f"p{number % 5}",
        "author_role": "agent" if number % 3 else "customer",
        "body_text": f"Where is order {number}?",
    } | changes


@dataclass(frozen=True)
class Fault:
    """What an HTTP lab answers with instead of the truth, once.

    `reset` closes the connection without an answer; `truncated` sends half of the true body under the length of
    the whole; `answer` sends status, headers and body as they are here.
    """

    kind: Literal["answer", "reset", "truncated"] = "answer"
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Outside(ABC):
    """The outside world as one source sees it."""

    name: ClassVar[str] = "lab"

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """The [[sources]] table besides its name."""

    def source(self) -> Source:
        """The configured source."""
        return Source(name=self.name, **self.options())


class Given(Outside):
    """A source of settings alone: the test itself fills what they point to."""

    def __init__(self, **options: Any) -> None:
        self.given = options

    @classmethod
    def of(cls, source: Source) -> Given:
        """The same as a source."""
        return cls(kind=source.kind, **source.options())

    def options(self) -> dict[str, Any]:
        return self.given


class Lab(Outside):
    """An outside that holds what it is told to hold. Its pages are so small that 1,500 messages need several."""

    many: ClassVar[int] = 300_000  # messages of the memory test

    @abstractmethod
    def hold(self, messages: Sequence[Message]) -> None:
        """Hold exactly these messages from now on."""

    def content(self) -> Any:
        """Something that differs when the source was written to; None where only its requests can tell."""
        return None


class HttpLab(Lab):
    """A lab that is an HTTP server of ours."""

    @abstractmethod
    def plan(self, *faults: Fault) -> None:
        """Answer the next requests with these faults, one each."""

    @abstractmethod
    def requests(self) -> list[str]:
        """What was asked so far, as "GET /path?query"."""


class _Watched(Connector):
    """A connector that calls back between its pages."""

    def __init__(self, inner: Connector, between: Callable[[int], None]) -> None:
        self.inner, self.between, self.name = inner, between, inner.name
        self.read_ahead = inner.read_ahead  # type: ignore[misc]
        self.tells_gone, self.looks_again = inner.tells_gone, inner.looks_again  # type: ignore[misc]

    def check(self, context: ReadContext) -> Any:
        return self.inner.check(context)

    def discover(self, context: ReadContext) -> Any:
        return self.inner.discover(context)

    def migrate_state(self, stream: str, kind: str, version: int, cursor: Mapping[str, Any]) -> Any:
        return self.inner.migrate_state(stream, kind, version, cursor)

    def read(self, context: ReadContext) -> Iterator[Item]:
        pages = 0
        for item in self.inner.read(context):
            yield item
            if isinstance(item, Checkpoint | FileRead):
                pages += 1
                self.between(pages)


class World:
    """A lab and a warehouse, and readings between them by the refresh's own engine."""

    def __init__(self, lab: Outside, home: Home) -> None:
        self.lab, self.home = lab, home

    def sync(
        self,
        *,
        full: bool = False,
        stop: threading.Event | None = None,
        between: Callable[[int], None] | None = None,
        pace: float = 0.0,
    ) -> SourceReport:
        """Read the source once; `between` is called after each page with its number."""
        writer = Writer(self.home, run_id=uuid.uuid4().hex)

        def connect(source: Source) -> Connector:
            found = configured(source)
            return _Watched(found, between) if between else found

        log = RunLog(self.home)
        try:
            engine = Engine(writer, log, stop or threading.Event(), connect=connect, pace=pace)
            return read_source(engine, self.lab.source(), full=full, trigger="manual")
        finally:
            writer.close()

    def pages(self) -> list[list[Item]]:
        """What a first reading of the source yields, cut after each checkpoint or file. Files stay in place."""
        context = ReadContext(
            self.lab.name, full=True, pace=0.0, folder=self.home.cache / "pages" / uuid.uuid4().hex
        )
        context.missing = lambda stream: pa.table({key: pa.array([], pa.string()) for key in KEYS[stream]})
        found: list[list[Item]] = [[]]
        for item in configured(self.lab.source()).read(context):
            found[-1].append(item)
            if isinstance(item, Checkpoint | FileRead):
                found.append([])
        return [page for page in found if page]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the work file."""
        writer = Writer(self.home, run_id="look")
        try:
            return writer.con.execute(sql).fetchall()
        finally:
            writer.con.close()

    def texts(self) -> dict[str, str | None]:
        """Message id to text, of messages that are there."""
        return dict(self.rows("SELECT message_id, body_text FROM messages WHERE NOT is_deleted"))

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """What is there of a stream, without what differs from run to run."""
        return self.rows(seen(name))


def seen(table: str) -> str:
    drop = "deleted_at, first_seen_run, last_seen_run, source_version, source_file"
    extra = ", is_derived, raw" if table in ("conversations", "people") else ""
    return f"SELECT * EXCLUDE ({drop}{extra}) FROM {table} WHERE NOT is_deleted ORDER BY ALL"


def put(writer: Writer, name: str, pages: Sequence[Sequence[Item]]) -> None:
    """Write pages as the engine does."""
    for page in pages:
        writer.apply(name, [i for i in page if isinstance(i, Batch | Page)],
                     checkpoints=[i for i in page if isinstance(i, Checkpoint)])  # fmt: skip
        for item in page:
            if isinstance(item, FileRead):
                writer.apply_file(name, item)
            elif isinstance(item, FileGone):
                writer.apply_gone(name, item)
            elif isinstance(item, KeysSeen):
                writer.apply_keys(name, item, first=True)
