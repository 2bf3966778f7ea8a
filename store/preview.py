"""Rows of a source as they would be stored, in a warehouse that is thrown away."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.home import Home
from core.stream import KEYS, Batch, FileRead, Page, Reject
from store.bulk_preview import RECORDS, copy_head
from store.sql import identifier, literal
from store.writer import Writer

_HIDDEN = (
    "source_id", "source_file", "content_hash", "run_id", "source_version", "raw", "is_deleted", "deleted_at",
    "first_seen_run", "last_seen_run",
)  # fmt: skip


@dataclass
class PreviewStore:
    """Takes what a connector yields, as the real store would, and shows its first rows.

    `home` is a folder of its own; nothing of a workspace is read or written. Raises what the store raises.
    """

    home: Home
    source_id: str
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    reject_count: int = 0
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    most: int = 20

    def __post_init__(self) -> None:
        self._writer = Writer(self.home, run_id="preview")
        self._names = itertools.count()

    def take_batch(self, batch: Batch) -> None:
        """Rows in our own columns: their types are tried, the first ones are kept."""
        applied = self._writer.apply(self.source_id, [batch])
        self.reject_count += applied.rejected
        self._keep(batch.stream, batch.stream)

    def take_page(self, page: Page) -> None:
        """Rows in the source's columns, mapped as they would be."""
        from store.bulk import stage_page

        staged = stage_page(self._writer.con, page, source_id=self.source_id, run_id="preview")
        self._staged(staged, page.read)

    def take_file(self, file: FileRead) -> None:
        """The first records of a file."""
        from store.bulk import stage_file

        short = self._head(file)
        try:
            staged = stage_file(self._writer.con, short, source_id=self.source_id, run_id="preview")
            self._staged(staged, file)
        finally:
            Path(short.path).unlink(missing_ok=True)

    def take_reject(self, reject: Reject) -> None:
        """A row that the connector set aside by itself."""
        self.reject_count += 1
        if len(self.rejects) < self.most:
            self.rejects.append(
                {"line": reject.line, "reason": reject.reason, "field": reject.field, "stream": reject.stream,
                 "native_id": reject.native_id}
            )  # fmt: skip

    def is_full(self, *streams: str) -> bool:
        """Whether there are enough rows of each of these streams."""
        return all(len(self.streams.get(stream, ())) >= self.most for stream in streams)

    def close(self) -> None:
        """Let go of the file."""
        self._writer.con.close()

    def _head(self, file: FileRead) -> FileRead:
        head = self.home.root / f"head-{next(self._names)}"
        if file.dialect.format == "parquet":
            self._writer.con.execute(
                f"COPY (SELECT * FROM read_parquet({literal(file.path)}) LIMIT {RECORDS}) "
                f"TO {literal(str(head))} (FORMAT parquet)"
            )
            return replace(file, path=str(head), complete=False)
        copy_head(Path(file.path), head, file)
        plain = replace(file.dialect, encoding="utf-8", compression=None)
        return replace(file, path=str(head), dialect=plain, complete=False)

    def _staged(self, streams: list[str], read: FileRead) -> None:
        for stream in streams:
            self._keep(stream, f"stage_{stream}")
        self.columns[read.source_file] = {
            canonical: column.column for canonical, column in read.columns.items() if column.column
        }
        if read.roles.column:
            self.columns[read.source_file].setdefault("author_role", read.roles.column)
        # Names that begin so are columns of the connector's own making.
        self.headers[read.source_file] = tuple(c for c in read.header if not c.startswith("_sl_"))
        rows = self._rows("stage_rejects", self.most - len(self.rejects))
        found = self._writer.con.execute("SELECT count(*) FROM stage_rejects").fetchone()
        self.reject_count += found[0] if found else 0
        self.rejects += [{**row, "stream": row.get("stream") or read.source_file} for row in rows]

    def _keep(self, stream: str, table: str) -> None:
        kept = self.streams.setdefault(stream, [])
        if table == stream:  # a table of the throw-away warehouse holds everything taken so far
            kept.clear()
        kept += self._rows(table, self.most - len(kept))
        found = self._writer.con.execute(f"SELECT count(*) FROM {table}").fetchone()
        before = 0 if table == stream else self.counts.get(stream, 0)
        self.counts[stream] = before + (found[0] if found else 0)

    def _rows(self, table: str, limit: int) -> list[dict[str, Any]]:
        stream = table.removeprefix("stage_")
        order = "created_at, conversation_id" if stream == "messages" else ""
        keys = order or ", ".join(map(identifier, KEYS.get(stream, ())))
        sql = f"SELECT * FROM {table} {f'ORDER BY {keys}' if keys else ''} LIMIT {max(0, limit)}"
        found: list[dict[str, Any]] = self._writer.query(sql).to_pylist()
        return [{k: v for k, v in row.items() if k not in _HIDDEN and not k.startswith("_")} for row in found]
