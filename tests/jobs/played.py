"""Connectors that yield what a test wrote down, and a refresh that does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from connectors.base import CheckResult, Config, Connector, ReadContext, Stream
from core.home import Home
from core.settings import Settings, Source
from core.stream import (
    Batch,
    Checkpoint,
    Item,
)
from jobs.refresh import Steps, refresh
from jobs.report import RefreshReport
from store.writer import Writer

START = datetime(2026, 1, 1, tzinfo=UTC)


Script = Callable[[ReadContext], Iterator[Item]]


class PlayedConfig(Config):
    what: str = Field("all", description="What is read.")
    password: str = Field("", description="What opens the door.")
    operational: ClassVar[frozenset[str]] = frozenset({"password"})


class Played(Connector):
    """Yields what the test wrote down for the source's name."""

    kind = "played"
    Config = PlayedConfig
    scripts: ClassVar[dict[str, Script]] = {}

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        return []

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        return []

    def read(self, context: ReadContext) -> Iterator[Item]:
        yield from self.scripts[self.name](context)

    def migrate_state(self, stream: str, kind: str, version: int, cursor: Mapping[str, Any]) -> Any:
        return cursor if (kind, version) == ("page", 1) else None


class PlayedAhead(Played):
    """The same, read ahead of the store."""

    kind = "played_ahead"
    read_ahead = 2


def conversations(*ids: str, subject: str = "hello", version: int | None = None) -> Batch:
    rows = {"conversation_id": list(ids), "subject": [subject] * len(ids), "created_at": [START] * len(ids)}
    return Batch(
        "conversations", pa.table(rows | ({"source_version": [version] * len(ids)} if version else {}))
    )


def point(n: int, **more: Any) -> Checkpoint:
    return Checkpoint("conversations", {"page": n}, "page", **more)


def enrich(writer: Writer, settings: Settings, progress: Callable[..., None]) -> str:
    writer.execute("DELETE FROM dirty_conversations")
    return "enriched"


STEPS = Steps(enrich=enrich, chunks=lambda *_: None, index=lambda *_: "indexed")


def go(home: Home, scripts: Mapping[str, Script], *, kind: str = "played", **more: Any) -> RefreshReport:
    Played.scripts = dict(scripts)
    options = more.pop("options", {})
    sources = tuple(Source(name=name, kind=kind, **options) for name in scripts)
    settings = Settings(sources=sources, refresh=more.pop("rules", {}))
    return refresh(home, settings, steps=STEPS, **more)


def rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    writer = Writer(home, run_id="look")
    try:
        return writer.con.execute(sql).fetchall()
    finally:
        writer.con.close()
