"""Rows of a published generation as a file: Parquet, CSV or Excel, whole or not at all."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import DiskFull, QuestionError, StoreError
from store.export_cells import Format, csv_cell, harmless, is_cut, sheet_cell
from store.reader import Reader
from store.sql import literal
from store.workbook import MOST_ROWS, write_workbook

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_BATCH = 2_000  # rows of a sheet in memory at a time
_MEMORY = "1GB"  # of DuckDB, which spills what it can
_ROWS = 20_480  # of a row group of Parquet, two of which are in memory: messages are long
ABOUT_SUFFIX = ".about.json"
About = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. `cut_cells` counts texts that were longer than a cell of a sheet may be."""

    rows: int
    bytes: int
    columns: tuple[str, ...]
    about_file: str | None = None
    cut_cells: int = 0


def write(
    reader: Reader, rows: str | pa.Table, path: Path, form: Format, about: About, *, is_one_file: bool = False
) -> Written:
    """Write the rows of a SELECT, or of an Arrow table, to `path`; what was there before is replaced.

    The file is written under another name and takes its own when it is whole, so a failure leaves nothing
    behind. `about` goes into the file's metadata (Parquet), a sheet (Excel) or a file beside it (CSV; with
    `is_one_file` into lines above the table). Memory does not grow with the rows. Raises QuestionError for more
    rows than a sheet has, DiskFull, StoreError.
    """
    scratch, side = _scratch(path), path.with_name(path.name + ABOUT_SUFFIX)
    with (
        _whole_or_nothing(path, scratch, _scratch(side)),
        reader.cursor() as cursor,
        _modest(cursor) if isinstance(rows, str) else nullcontext(),
    ):
        if not isinstance(rows, str):
            cursor.register("export_rows", rows)
            rows = "SELECT * FROM export_rows"
        kinds = _kinds(cursor, rows)
        if form == "xlsx":
            n, cut = _write_sheet(cursor, rows, kinds, scratch, about)
        else:
            n, cut = _copy(cursor, rows, kinds, scratch, form, about), 0
        is_beside = form == "csv" and not is_one_file
        if form == "csv" and is_one_file:
            scratch = _with_head(scratch, _scratch(side), about)
        if is_beside:
            _scratch(side).write_text(json.dumps(about, default=str, ensure_ascii=False, indent=1) + "\n")
            _put(_scratch(side), side)
        _put(scratch, path)
    told = str(side) if is_beside else None
    return Written(n, path.stat().st_size, tuple(kinds), told, cut)


def table_of(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as people read them, as an Arrow table; a column of mixed kinds holds texts."""
    import pyarrow as pa

    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        cells = [row.get(name) for row in rows]
        try:
            columns[name] = pa.array(cells)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[name] = pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    return pa.table(columns)


def _with_head(table: Path, headed: Path, about: About) -> Path:
    """The table below lines that begin with #; the first of them says on which line the table begins.

    With a byte order mark, without which Excel takes the letters for those of another alphabet.
    """
    lines = [(" ".join(name.split()), " ".join(text.split())) for name, text in lines_of(about)]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["# The table begins on line", len(lines) + 2])
    rows.writerows([f"# {name}", harmless(told)] for name, told in lines)
    with headed.open("wb") as stream, table.open("rb") as body:
        stream.write(text.getvalue().encode("utf-8-sig"))
        shutil.copyfileobj(body, stream)
    return headed


def _kinds(cursor: duckdb.DuckDBPyConnection, rows: str) -> dict[str, str]:
    """Names and types of the columns."""
    found = cursor.execute(f"DESCRIBE {rows}").fetchall()
    return {row[0]: row[1] for row in found}


def _copy(
    cursor: duckdb.DuckDBPyConnection,
    rows: str,
    kinds: Mapping[str, str],
    path: Path,
    form: Format,
    about: About,
) -> int:
    if form == "csv":
        cells = ", ".join(csv_cell(name, kind) for name, kind in kinds.items())
        rows, options = f"SELECT {cells} FROM ({rows})", "FORMAT csv, HEADER"
    else:
        text = json.dumps(about, default=str, ensure_ascii=False)
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS}, KV_METADATA {{supportlens: {literal(text)}}}"
    told = cursor.execute(f"COPY ({rows}) TO {literal(str(path))} ({options}, USE_TMP_FILE false)").fetchone()
    return int(told[0]) if told else 0


def _write_sheet(
    cursor: duckdb.DuckDBPyConnection, rows: str, kinds: Mapping[str, str], path: Path, about: About
) -> tuple[int, int]:
    """The sheet's rows are put together by DuckDB, which is many times as fast as doing it here."""
    cuts = [test for name, kind in kinds.items() if (test := is_cut(name, kind))]
    long = " + ".join(f"count(*) FILTER ({test})" for test in cuts) or "0"
    n, cut = cursor.execute(f"SELECT count(*), {long} FROM ({rows})").fetchone() or (0, 0)
    if n >= MOST_ROWS:
        raise QuestionError(
            f"a sheet holds {MOST_ROWS - 1:,} rows below its header; these are {n:,}.",
            hint="Narrow the period or the filters, or export parquet or csv.",
        )
    cells = ", ".join(sheet_cell(name, kind) for name, kind in kinds.items())
    found = cursor.execute(f"SELECT concat('<row>', {cells}, '</row>') AS row FROM ({rows})")
    batches = (batch.column(0).to_pylist() for batch in found.to_arrow_reader(_BATCH))
    write_workbook(path, list(kinds), batches, lines_of(about))
    return int(n), int(cut)


def lines_of(about: About) -> list[tuple[str, str]]:
    """What is told about an export as pairs, one a line: those of a table under its name."""
    lines: list[tuple[str, str]] = []
    for name, value in about.items():
        if isinstance(value, Mapping):
            lines += [(f"{name}: {key}", _told(part)) for key, part in value.items()]
        elif isinstance(value, list | tuple):
            lines += [(name, _told(part)) for part in value]
        else:
            lines.append((name, _told(value)))
    return lines


def _told(value: object) -> str:
    plain = isinstance(value, str | int | float | date)
    return str(value) if plain else json.dumps(value, default=str, ensure_ascii=False)


def _scratch(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _put(scratch: Path, path: Path) -> None:
    with scratch.open("rb") as stream:
        os.fsync(stream.fileno())
    scratch.replace(path)


@contextmanager
def _modest(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Less memory while every page of the warehouse goes by once: none of them is worth keeping."""
    before = cursor.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    cursor.execute(f"SET GLOBAL memory_limit = '{_MEMORY}'")
    try:
        yield
    finally:
        cursor.execute(f"SET GLOBAL memory_limit = '{before}'")


@contextmanager
def _whole_or_nothing(path: Path, *scratches: Path) -> Iterator[None]:
    """Remove what is half written, and say what went wrong in our own words."""
    import duckdb

    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else "lies in a folder that does not exist"
        raise StoreError(f"{path} {what}.", hint="Choose the name of a file in a folder that is there.")
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        if full or "No space left" in str(error) or "Disk quota exceeded" in str(error):
            raise DiskFull(
                f"the disk of {path.parent} filled up while {path.name} was written.",
                hint="Free some space or choose another folder; nothing was left behind.",
            ) from None
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise StoreError(
            f"{path} cannot be written: {reason}.", hint="Check who owns the folder and how it is mounted."
        ) from None
    finally:
        for scratch in scratches:
            scratch.unlink(missing_ok=True)
