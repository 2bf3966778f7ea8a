"""What the keys of custom_fields mean: written as a source tells it, and since when it does."""

from __future__ import annotations

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
