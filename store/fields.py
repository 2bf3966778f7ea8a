"""What the keys of custom_fields mean: written as a source tells it, and since when it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core import clock
from store.merge import Counts

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

STREAM = "field_definitions"
_TOLD = ("native_id", "title", "type", "options", "active")


def save(con: duckdb.DuckDBPyConnection, source_id: str, rows: pa.Table) -> Counts:
    """Write definitions (field_key and any of the told columns); one that is no longer told stays."""
    told = {name: name if name in rows.column_names else "NULL" for name in _TOLD}
    columns = ", ".join(f"{value} AS {name}" for name, value in told.items())
    con.register("incoming_fields", rows)
    try:
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE fields_told AS
                SELECT n.*, t.field_key IS NULL AS is_new, coalesce(t.first_seen, $now) AS first_seen,
                  {" OR ".join(f"n.{name}::VARCHAR IS DISTINCT FROM t.{name}::VARCHAR" for name in _TOLD)} AS differs
                FROM (SELECT field_key, {columns} FROM incoming_fields WHERE field_key IS NOT NULL
                      QUALIFY row_number() OVER (PARTITION BY field_key) = 1) n
                LEFT JOIN (FROM {STREAM} WHERE source_id = $source) t USING (field_key)""",
            {"now": clock.now(), "source": source_id},
        )
    finally:
        con.unregister("incoming_fields")
    con.execute(
        f"DELETE FROM {STREAM} WHERE source_id = ? AND field_key IN (SELECT field_key FROM fields_told)",
        [source_id],
    )
    con.execute(
        f"""INSERT INTO {STREAM} BY NAME SELECT * EXCLUDE (is_new, differs), $source AS source_id,
              $now::TIMESTAMPTZ AS last_seen FROM fields_told""",
        {"source": source_id, "now": clock.now()},
    )
    found = con.execute(
        "SELECT count_if(is_new), count_if(differs AND NOT is_new), count_if(NOT differs) FROM fields_told"
    ).fetchone()
    return Counts(*(found or (0, 0, 0)))


def note_columns(con: duckdb.DuckDBPyConnection, source_id: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Remember the columns that are kept as custom fields; gives those a known source has now for the first time.

    `columns` are keys of a description (`custom:plan`); all others are left alone.
    """
    keys = [key.removeprefix("custom:") for key in columns if key.startswith("custom:")]
    if not keys:
        return ()
    rows = con.execute(f"SELECT field_key FROM {STREAM} WHERE source_id = ?", [source_id]).fetchall()
    known, now = {row[0] for row in rows}, clock.now()
    new = [key for key in dict.fromkeys(keys) if key not in known]
    con.execute(
        f"UPDATE {STREAM} SET last_seen = ? WHERE source_id = ? AND field_key IN (SELECT unnest(?))",
        [now, source_id, keys],
    )
    con.execute(
        f"""INSERT INTO {STREAM} BY NAME SELECT $source AS source_id, unnest($new) AS field_key,
              unnest($new) AS native_id, unnest($new) AS title, true AS active, $now::TIMESTAMPTZ AS first_seen,
              $now::TIMESTAMPTZ AS last_seen""",
        {"source": source_id, "new": new, "now": now},
    )
    return tuple(new) if known else ()
