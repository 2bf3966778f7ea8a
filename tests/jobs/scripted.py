"""A connector that follows a script by the name of its source, and refreshes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from connectors.base import CheckResult, Config, Connector, ReadContext, Stream
from core.errors import AuthError
from core.home import Home
from core.settings import Settings, Source
from core.stream import Batch, Checkpoint, Item
from core.viewer import EVERYTHING
from jobs.refresh import Steps, refresh
from jobs.report import RefreshReport
from store.reader import open_reader
from store.writer import Writer

START = datetime(2026, 1, 1, tzinfo=UTC)


Script = Callable[[ReadContext], Iterator[Item]]


class ScriptedConfig(Config):
    colour: str = Field("blue", description="A word of its own.")


class Scripted(Connector):
    """Yields what the test wrote down for the source's name."""

    kind = "scripted"
    Config = ScriptedConfig
    scripts: ClassVar[dict[str, Script]] = {}
    contexts: ClassVar[list[ReadContext]] = []

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        return []

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        return []

    def read(self, context: ReadContext) -> Iterator[Item]:
        self.contexts.append(context)
        yield from self.scripts[self.name](context)


def conversations(*ids: str, subject: str = "hello") -> Batch:
    return Batch(
        "conversations",
        pa.table(
            {"conversation_id": list(ids), "subject": [subject] * len(ids), "created_at": [START] * len(ids)}
        ),
    )


def pages(*batches: Batch) -> Script:
    def read(context: ReadContext) -> Iterator[Item]:
        done = context.state.get("conversations", {}).get("page", 0)
        for n, one in enumerate(batches, 1):
            if n > done:
                yield one
                yield Checkpoint("conversations", {"page": n}, "page")

    return read


def failing(context: ReadContext) -> Iterator[Item]:
    raise AuthError("the key was refused.", hint="Check the key.", source="bad")
    yield


def enrich(writer: Writer, settings: Settings, progress: Callable[..., None]) -> str:
    writer.execute("DELETE FROM conversation_facts")
    writer.execute(
        "INSERT INTO conversation_facts BY NAME SELECT source_id, conversation_id FROM conversations"
    )
    writer.execute("DELETE FROM dirty_conversations")
    return "enriched"


def plain_steps(**more: Any) -> Steps:
    told: dict[str, Any] = {"enrich": enrich, "chunks": lambda *_: None, "index": lambda *_: "indexed"}
    return Steps(**(told | more))


def workspace(*names: str, **more: Any) -> Settings:
    return Settings(sources=tuple(Source(name=name, kind="scripted", **more) for name in names))


def go(home: Home, *names: str, **more: Any) -> RefreshReport:
    told: dict[str, Any] = {"steps": plain_steps()}
    return refresh(home, workspace(*names), **(told | more))


def published(home: Home) -> int:
    return open_reader(home).query("SELECT * FROM {conversation_facts}", viewer=EVERYTHING).num_rows
