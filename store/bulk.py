"""Local files to staged canonical rows, all in DuckDB's own SQL: no Python per row.

Two scans of the file. The first keeps only keys, times and authors of every row and decides which rows
are usable; the second streams the texts to the stage tables beside those decisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SchemaError, SourceDataError, SourceNotFound
from core.stream import KEYS, FileRead, Page
from store import bulk_denominators, bulk_messages, bulk_rejects, bulk_rows, bulk_scan
from store.sql import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_REJECTS = (
    "source_id VARCHAR, stream VARCHAR, native_id VARCHAR, source_file VARCHAR, line BIGINT, "
    "reason VARCHAR, field VARCHAR, sample VARCHAR"
)


def stage_file(con: duckdb.DuckDBPyConnection, file: FileRead, *, source_id: str, run_id: str) -> list[str]:
    """Read a file into temp tables `stage_<stream>` and `stage_rejects`; gives the names of the streams.

    Conversation rows come before the rows that belong to them. Raises SourceNotFound, SchemaError or
    SourceDataError, each with the file's name.
    """
    path = Path(file.path)
    if not path.is_file():
        raise SourceNotFound(f"the file {file.source_file} does not exist.", source=source_id)
    with _workplace(con, file, source_id, run_id):
        before = path.stat()
        with bulk_scan.readable(con, file) as text_path:
            streams = _stage(con, text_path, file)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise SourceDataError(
                f"{file.source_file} was written to while it was read.",
                hint="Refresh again when it is complete, or set settle_s for this source.",
                source=source_id,
            )
        return streams


def stage_page(con: duckdb.DuckDBPyConnection, page: Page, *, source_id: str, run_id: str) -> list[str]:
    """The same for a page of rows. Raises SchemaError or SourceDataError."""
    with _workplace(con, page.read, source_id, run_id):
        con.register(bulk_scan.PAGE, _numbered(page.rows))
        try:
            return _stage(con, Path(), page.read)
        finally:
            con.unregister(bulk_scan.PAGE)


def _numbered(rows: pa.Table) -> pa.Table:
    """A page's rows with their number, which says which of two was further down."""
    import pyarrow as pa

    return rows.append_column(bulk_scan.NUMBER, pa.array(range(1, rows.num_rows + 1), pa.int64()))


@contextmanager
def _workplace(con: duckdb.DuckDBPyConnection, file: FileRead, source_id: str, run_id: str) -> Iterator[None]:
    """The temp tables that staging needs, gone afterwards."""
    bulk_scan.drop(con, "stage_rejects", "bulk_source", *(f"stage_{stream}" for stream in KEYS))
    con.execute(f"CREATE TEMP TABLE stage_rejects ({_REJECTS})")
    con.execute(
        f"CREATE TEMP TABLE bulk_source AS SELECT {literal(source_id)} AS source_id,"
        f" {literal(file.source_file)} AS source_file, {literal(run_id)} AS run_id"
    )
    _require(file, source_id)
    scratch = ("bulk_rows", "bulk_keys", "bulk_source", "bulk_reader_rejects", "bulk_reader_scans")
    try:
        yield
    finally:
        bulk_scan.drop(con, *scratch)


def _stage(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> list[str]:
    import duckdb

    rows = bulk_denominators if file.stream == bulk_denominators.STREAM else bulk_rows
    stage = bulk_messages.stage if file.form == "messages" else rows.stage
    try:
        streams = stage(con, path, file)
        bulk_rejects.give_lines(con, path, file)
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        what = "delimited text" if bulk_scan.is_text(file) else file.dialect.format
        raise SourceDataError(
            f"{file.source_file} cannot be read as {what}: {str(error).splitlines()[0]}",
            hint="Check the delimiter, quoting and encoding with `python -m jobs sources map`.",
        ) from None
    return streams


def _require(file: FileRead, source_id: str) -> None:
    missing = [
        r.column for r in file.columns.values() if r.column is not None and r.column not in file.header
    ]
    missing += [file.version] if file.version and file.version not in file.header else []
    if missing:
        raise SchemaError(
            f"{file.source_file} has no column {', '.join(repr(m) for m in missing)}.",
            hint=f"It has: {', '.join(file.header)}.",
            source=source_id,
        )
