"""A small warehouse for hand-computed conversations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from core.home import Home
from core.settings import Settings
from enrich.pipeline import EnrichReport, enrich
from store.writer import Writer

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Minutes after the first moment of every test."""
    return START + timedelta(minutes=minutes)


class World:
    """Inserts canonical rows, marks them dirty, enriches, and reads the results.

    Rows wait until somebody looks: a statement for each of them costs more than what is tested.
    """

    def __init__(self, home: Home, zone: str = "UTC") -> None:
        self._waiting: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
        self.writer = Writer(home, run_id="test")
        self.settings = Settings(workspace={"reporting_zone": zone})
        self._serial = 0

    @property
    def writer(self) -> Writer:
        """The open store, with everything in it that was told so far."""
        waiting, self._waiting = self._waiting, {}
        for (table, names), rows in waiting.items():
            schema = self._writer.query(f"FROM {table} LIMIT 0").schema
            assert set(names) <= set(schema.names), f"{table} has no {set(names) - set(schema.names)}"
            data = {c: pa.array([row.get(c) for row in rows], schema.field(c).type) for c in names}
            self._writer.insert(table, pa.table(data))
        return self._writer

    @writer.setter
    def writer(self, opened: Writer) -> None:
        self._writer = opened

    def rows(self, table: str, *rows: dict[str, Any]) -> None:
        """Append rows of one table, source `s` unless they say otherwise."""
        told = [{"source_id": "s"} | row for row in rows]
        columns = tuple(sorted({name for row in told for name in row}))
        self._waiting.setdefault((table, columns), []).extend(told)

    def conversation(self, key: str, *messages: tuple[Any, ...], created: float = 0, **columns: Any) -> None:
        """A conversation and its messages: (minute, role, text[, columns])."""
        source = columns.get("source_id", "s")
        self.rows(
            "conversations", {"conversation_id": key, "created_at": at(created), "channel": "email"} | columns
        )
        made = []
        for seq, (minute, role, text, *more) in enumerate(messages, 1):
            self._serial += 1
            row = {
                "source_id": source, "conversation_id": key, "message_id": f"m{self._serial}", "seq": seq,
                "author_role": role, "author_id": f"{role}-1", "body_text": text, "created_at": at(minute),
                "content_hash": f"h{hash(text)}",
            }  # fmt: skip
            made.append(row | (more[0] if more else {}))
        if made:
            self.rows("messages", *made)
        self.dirty(key, source)

    def statuses(self, key: str, *events: tuple[float, str], derived: bool = False, **columns: Any) -> None:
        """Status events in the order given."""
        made = []
        for minute, status in events:
            self._serial += 1
            made.append(
                {"conversation_id": key, "event_id": f"e{self._serial:06d}", "seq": self._serial,
                 "occurred_at": at(minute), "field": "status", "new_value": status,
                 "is_derived": derived} | columns
            )  # fmt: skip
        self.rows("conversation_events", *made)
        self.dirty(key, columns.get("source_id", "s"))

    def dirty(self, key: str, source: str = "s") -> None:
        """Mark a conversation as changed."""
        self.rows("dirty_conversations", {"source_id": source, "conversation_id": key})

    def enrich(self) -> EnrichReport:
        """Run the pipeline."""
        return enrich(self.writer, self.settings, lambda text, done, total: None)

    def facts(self, key: str, source: str = "s") -> dict[str, Any]:
        """The facts of one conversation; enriches first when something is dirty."""
        if self.writer.query("SELECT count(*) AS n FROM dirty_conversations")["n"][0].as_py():
            self.enrich()
        rows = self.writer.query(
            "FROM conversation_facts WHERE source_id = ? AND conversation_id = ?", [source, key]
        ).to_pylist()
        assert len(rows) == 1
        return dict(rows[0])

    def spans(self, key: str) -> list[tuple[datetime, datetime | None]]:
        """The unsolved stretches of one conversation, put together where one begins as another ends."""
        found: list[tuple[datetime, datetime | None]] = []
        for row in self.pieces(key):
            if found and found[-1][1] == row["opened_at"]:
                found[-1] = (found[-1][0], row["closed_at"])
            else:
                found.append((row["opened_at"], row["closed_at"]))
        return found

    def pieces(self, key: str) -> list[dict[str, Any]]:
        """The rows of open_spans of one conversation."""
        return self.of("open_spans", key, "span_no")

    def of(self, table: str, key: str, order: str) -> list[dict[str, Any]]:
        """The rows of one conversation in a table."""
        return list(
            self.writer.query(f"FROM {table} WHERE conversation_id = ? ORDER BY {order}", [key]).to_pylist()
        )

    def table(self, name: str) -> list[dict[str, Any]]:
        """All rows of a table in a fixed order."""
        return list(self.writer.query(f"FROM {name} ORDER BY ALL").to_pylist())
