"""Daily numbers that others are divided by, from a file or page: one column a number, or one row a number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.stream import ColumnRead, FileRead
from store import bulk_rejects
from store.bulk_columns import EARLIEST, LATEST, raw
from store.bulk_scan import scan
from store.sql import literal

if TYPE_CHECKING:
    import duckdb

STREAM = "denominators"
# 1,234,567.8 and 12,5 are numbers as well; what is meant by 1.234 is decided as everywhere else.
_NUMBER = """
  coalesce(TRY_CAST(t AS DOUBLE),
    CASE WHEN regexp_full_match(t, '[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]+)?') THEN TRY_CAST(replace(t, ',', '') AS DOUBLE)
         WHEN regexp_full_match(t, '[0-9]+,[0-9]{1,2}') THEN TRY_CAST(replace(t, ',', '.') AS DOUBLE) END)"""


def stage(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> list[str]:
    """Fill stage_denominators: source_id, source_file, day, name, value. A day without a number has no row.

    With columns `name` and `value` a row is one number, else every other column is one, named by its header.
    Names are in lower case with one underscore between words.
    """
    names, texts = _numbers(file)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE bulk_rows AS SELECT n, day_raw, {_day(file.columns['day'])} AS day,"
        " trim(regexp_replace(lower(native), '[^\\pL\\pN]+', '_', 'g'), '_') AS name, t,"
        f" {_NUMBER} AS value"
        f" FROM (SELECT n, {raw(file.columns['day'])} AS day_raw, unnest([{names}]) AS native,"
        f" unnest([{texts}]) AS t FROM {scan(path, file, rejects=True)})"
    )
    con.execute("DELETE FROM bulk_rows WHERE t IS NULL AND day IS NOT NULL")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bulk_keys AS SELECT *, CASE"
        " WHEN day_raw IS NULL THEN 'day is empty' WHEN day IS NULL THEN 'day is not a usable date'"
        " WHEN coalesce(name, '') = '' THEN 'name is empty'"
        " WHEN value IS NULL OR NOT isfinite(value) THEN name || ' is not a number'"
        " WHEN value < 0 THEN name || ' is less than nothing'"
        " WHEN lead(n) OVER (PARTITION BY day, name ORDER BY n, rowid) IS NOT NULL"
        " THEN 'this day appears again further down; the last row counts' END AS problem FROM bulk_rows"
    )
    bulk_rejects.add(
        con,
        f"SELECT DISTINCT {literal(STREAM)} AS stream, coalesce(day::VARCHAR, day_raw) AS native_id, n, problem AS reason,"
        " CASE WHEN day IS NULL THEN 'day' WHEN value IS NULL THEN name END AS field,"
        " CASE WHEN day IS NULL THEN day_raw ELSE t END AS sample FROM bulk_keys WHERE problem IS NOT NULL"
        " AND (day IS NOT NULL OR rowid IN (SELECT min(rowid) FROM bulk_keys GROUP BY n))",
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_denominators AS SELECT s.source_id, s.source_file, k.day, k.name, k.value"
        " FROM bulk_keys k, bulk_source s WHERE k.problem IS NULL ORDER BY k.day, k.name"
    )
    return [STREAM]


def _numbers(file: FileRead) -> tuple[str, str]:
    """SQL lists of names and texts, one entry a number of the row."""
    columns = file.columns
    if "name" in columns and "value" in columns:
        return raw(columns["name"]), raw(columns["value"])
    found = {c.removeprefix("custom:"): read for c, read in columns.items() if c.startswith("custom:")}
    found |= {read.column: read for c, read in columns.items() if c in ("name", "value") and read.column}
    names = ", ".join(literal(name) for name in found) or "NULL::VARCHAR"
    return names, ", ".join(raw(read) for read in found.values()) or "NULL::VARCHAR"


def _day(read: ColumnRead) -> str:
    """The calendar day as it is written; a time of day or a zone beside it changes nothing."""
    parts = [
        "TRY_CAST(left(day_raw, 10) AS DATE)"
        if form == "iso"
        else f"CAST(make_timestamptz(TRY_CAST(TRY_CAST(day_raw AS DOUBLE) * {1_000_000 if form == 'epoch_s' else 1_000}"
        " AS BIGINT)) AS DATE)"
        if form in ("epoch_s", "epoch_ms")
        else f"CAST(try_strptime(day_raw, {literal(form)}) AS DATE)"
        for form in read.formats or ("iso",)
    ]
    day = f"coalesce({', '.join(parts)})" if len(parts) > 1 else parts[0]
    return f"CASE WHEN {day} >= '{EARLIEST}' AND {day} < '{LATEST}' THEN {day} END"
