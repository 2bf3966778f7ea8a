"""Setting rows aside with a reason, and saying on which line they stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.stream import ROW_NUMBER, FileRead
from store import bulk_scan, tables
from store.bulk_columns import UNKNOWN, raw
from store.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb

# Warnings begin so: the row was loaded and something about it is worth knowing.
KEPT = "row kept: "
# Which of several rows with one id counts: the newest version, then the one furthest down.
LAST = "arg_max(n, (coalesce(told_version, -170141183460469231731687303715884105727), n))"
# `line` of a row that DuckDB read fine holds minus its number until `give_lines` has found its line.


def again(file: FileRead) -> str:
    """Why one of two rows with one id was set aside."""
    return "in a newer version; that one counts" if file.version else "further down; the last row counts"


def mark_again(con: duckdb.DuckDBPyConnection, file: FileRead, what: str) -> None:
    """Of the rows of bulk_rows with one id, `what` it is, every one but the one that counts gets its problem."""
    con.execute(
        f"UPDATE bulk_rows SET problem = '{what} appears again {again(file)}'"
        f" FROM (SELECT native_id AS twice, {LAST} AS last FROM bulk_rows WHERE problem IS NULL"
        " GROUP BY native_id HAVING count(*) > 1) WHERE native_id = twice AND n <> last AND problem IS NULL"
    )


def add(con: duckdb.DuckDBPyConnection, select: str, params: tuple[object, ...] = ()) -> None:
    """Set rows aside. `select` gives stream, native_id, n, reason, field, sample."""
    con.execute(
        "INSERT INTO stage_rejects (source_id, source_file, stream, native_id, line, reason, field, sample)"
        f" SELECT s.source_id, s.source_file, r.stream, r.native_id, -r.n, r.reason, r.field, r.sample[:500]"
        f" FROM ({select}) r, bulk_source s",
        list(params),
    )


def bad_instants(
    con: duckdb.DuckDBPyConnection, scan: str, file: FileRead, stream: str, columns: list[str]
) -> None:
    """Warn about optional dates that could not be read; the row keeps a NULL there."""
    for column in columns:
        flag = identifier(f"bad_{column}")
        if con.execute(f"SELECT 1 FROM bulk_rows WHERE {flag} AND problem IS NULL LIMIT 1").fetchone():
            text = raw(file.columns[column])
            add(
                con,
                f"SELECT {literal(stream)} AS stream, k.native_id, k.n, {literal(KEPT + column)} || ' is not a"
                f" usable date' AS reason, {literal(column)} AS field, {text} AS sample"
                f" FROM {scan} f JOIN bulk_rows k ON f.n = k.n WHERE k.{flag} AND k.problem IS NULL",
            )


def unknown_values(con: duckdb.DuckDBPyConnection, stream: str, table: str) -> None:
    """One line per native value that the value map does not know, with its number of rows."""
    known = tables.columns(con, table)
    for column, becomes in UNKNOWN.items():
        native = f"native_{column}"
        if native in known:
            add(
                con,
                f"SELECT {literal(stream)} AS stream, NULL AS native_id, NULL::BIGINT AS n,"
                f" {literal(KEPT + column)}"
                f" || ' ''' || {native} || ''' is not known, ' || count(*) || ' rows read as"
                f" {becomes}' AS reason,"
                f" {literal(column)} AS field, {native} AS sample FROM {table}"
                f" WHERE {column} = {literal(becomes)} AND lower({native}) <> {literal(becomes)}"
                f" AND NOT regexp_matches({native}, '^[-\\x{{2013}}\\x{{2014}}. ]*$') GROUP BY {native}",
            )


def _give_row_numbers(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> None:
    """Rows of a copy are numbered as in the file that it was made from, where the copy says so."""
    if (
        not file.path
        or not con.execute("SELECT 1 FROM stage_rejects WHERE line IS NOT NULL LIMIT 1").fetchone()
    ):
        return
    copy = f"read_parquet({literal(str(path))}, file_row_number=true)"
    if ROW_NUMBER in con.execute(f"SELECT * FROM {copy} LIMIT 0").to_arrow_table().column_names:
        con.execute(
            f"UPDATE stage_rejects SET line = c.{identifier(ROW_NUMBER)} FROM {copy} c WHERE line = c.file_row_number + 1"
        )


def give_lines(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> None:
    """Replace row numbers by physical lines. Only runs over the file when something was set aside."""
    import pyarrow as pa

    if not bulk_scan.is_text(file):  # rows without lines keep their number; rows of a page have no place
        con.execute(f"UPDATE stage_rejects SET line = {'-line' if file.path else 'NULL'}")
        _give_row_numbers(con, path, file)
        return
    broken = bulk_scan.keep_reader_rejects(con, path, file, file.stream or file.form)
    rows = {
        row[0] for row in con.execute("SELECT DISTINCT -line FROM stage_rejects WHERE line < 0").fetchall()
    }
    if not rows:
        return
    lines = bulk_scan.lines_of_rows(path, file.dialect, rows, broken)
    numbers = sorted(rows)
    table = pa.table(
        {"n": pa.array(numbers, pa.int64()), "at": pa.array([lines.get(n) for n in numbers], pa.int64())}
    )
    con.register("bulk_lines", table)
    try:
        con.execute("UPDATE stage_rejects SET line = l.at FROM bulk_lines l WHERE line = -l.n")
    finally:
        con.unregister("bulk_lines")
