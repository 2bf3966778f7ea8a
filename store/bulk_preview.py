"""The first canonical rows of a file, without loading it."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.home import Home
from core.stream import FileRead
from core.written import scratch
from store import migrations
from store.bulk import stage_file
from store.bulk_scan import opened
from store.connection import connect

# Enough records to show how values are read; never the whole of a large file.
RECORDS, MAX_BYTES = 500, 8 << 20
_HIDDEN = ("source_id", "source_file")


@dataclass(frozen=True, slots=True)
class StagePreview:
    """The first rows of each stream, the number of rows that were read, and what was set aside."""

    streams: dict[str, list[dict[str, Any]]]
    counts: dict[str, int]
    rejects: list[dict[str, Any]]


def preview(home: Home, file: FileRead, *, rows: int = 20) -> StagePreview:
    """Stage the beginning of a file in memory and give the first rows of each stream.

    Raises what `stage_file` raises.
    """
    with tempfile.TemporaryDirectory(dir=scratch(home)) as folder:
        short = _head(file, Path(folder))
        con = connect(Path(":memory:"), home, read_only=False)
        try:
            migrations.upgrade(con)
            staged = stage_file(con, short, source_id="preview", run_id="preview")
            streams = {s: _rows(con, f"stage_{s}", rows) for s in staged}
            counts = {s: con.execute(f"SELECT count(*) FROM stage_{s}").fetchone() for s in staged}
            rejects = _rows(con, "stage_rejects", rows)
        finally:
            con.close()
    return StagePreview(streams, {s: int(c[0]) if c else 0 for s, c in counts.items()}, rejects)


def _head(file: FileRead, folder: Path) -> FileRead:
    """The description of a file that holds the first records only."""
    if file.dialect.format == "parquet":
        copy_first_rows(Path(file.path), folder / "head.parquet")
        return replace(file, path=str(folder / "head.parquet"))
    copy_head(Path(file.path), folder / "head.csv", file)
    plain = replace(file.dialect, encoding="utf-8", compression=None)
    return replace(file, path=str(folder / "head.csv"), dialect=plain)


def copy_first_rows(path: Path, head: Path) -> None:
    """Write the first rows of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as whole:
        first = next(whole.iter_batches(batch_size=RECORDS), None)
        batches = [first] if first is not None else []
        pq.write_table(pa.Table.from_batches(batches, whole.schema_arrow), head)


def copy_head(path: Path, head: Path, file: FileRead) -> None:
    """Write the first whole records of a file as UTF-8; bytes that are no text are left as they are."""
    encoding, quote = file.dialect.encoding, file.dialect.quote
    plain = encoding in ("utf-8", "utf-8-sig", "ascii")
    read_as = "utf-8" if plain else encoding
    inside, records = False, 0
    with (
        opened(path, file.dialect) as stream,
        head.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out,
    ):
        text = io.TextIOWrapper(
            stream, read_as, errors="surrogateescape" if plain else "replace", newline="\n"
        )
        for line in text:
            out.write(line.removeprefix("\ufeff"))
            inside ^= line.count(quote) % 2 == 1
            records += not inside
            if (records > RECORDS and not inside) or out.tell() > MAX_BYTES:
                break


def _rows(con: Any, table: str, limit: int) -> list[dict[str, Any]]:
    order = {
        "stage_rejects": "ORDER BY line",
        "stage_messages": "ORDER BY created_at, conversation_id, seq",
    }.get(table, "")
    found: list[dict[str, Any]] = (
        con.execute(f"SELECT * FROM {table} {order} LIMIT {limit}").to_arrow_table().to_pylist()
    )
    return [{k: v for k, v in row.items() if k not in _HIDDEN} for row in found]
