"""Local files to staged canonical rows, all in DuckDB's own SQL: no Python per row.

Two scans of the file. The first keeps only keys, times and authors of every row and decides which rows
are usable; the second streams the texts to the stage tables beside those decisions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SchemaError, SourceDataError, SourceNotFound
from core.stream import KEYS, FileRead
from store import bulk_messages, bulk_rejects, bulk_rows, bulk_scan
from store.bulk_columns import quoted

if TYPE_CHECKING:
    import duckdb

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
    bulk_scan.drop(con, "stage_rejects", "bulk_source", *(f"stage_{stream}" for stream in KEYS))
    con.execute(f"CREATE TEMP TABLE stage_rejects ({_REJECTS})")
    con.execute(
        f"CREATE TEMP TABLE bulk_source AS SELECT {quoted(source_id)} AS source_id,"
        f" {quoted(file.source_file)} AS source_file, {quoted(run_id)} AS run_id"
    )
    _require(file, source_id)
    before = path.stat()
    try:
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
    finally:
        bulk_scan.drop(
            con, "bulk_rows", "bulk_keys", "bulk_source", "bulk_reader_rejects", "bulk_reader_scans"
        )


def _stage(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> list[str]:
    import duckdb

    stage = bulk_messages.stage if file.form == "messages" else bulk_rows.stage
    try:
        streams = stage(con, path, file)
        bulk_rejects.give_lines(con, path, file)
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise SourceDataError(
            f"{file.source_file} cannot be read as delimited text: {str(error).splitlines()[0]}",
            hint="Check the delimiter, quoting and encoding with `python -m jobs sources map`.",
        ) from None
    return streams


def _require(file: FileRead, source_id: str) -> None:
    missing = [
        r.column for r in file.columns.values() if r.column is not None and r.column not in file.header
    ]
    if missing:
        raise SchemaError(
            f"{file.source_file} has no column {', '.join(repr(m) for m in missing)}.",
            hint=f"It has: {', '.join(file.header)}.",
            source=source_id,
        )
