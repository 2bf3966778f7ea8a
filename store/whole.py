"""Rows that are gone: what a page is known to hold all of, and keys that a source no longer names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.stream import KEYS, KeysSeen
from store.merge import Counts, merge
from store.tables import columns, keys, same_key

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

WHOLE_FOR = "merge_whole_for"


def note_whole(con: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Remember of which conversations the staged rows are all there are."""
    version = "source_version::HUGEINT" if "source_version" in table.column_names else "NULL::HUGEINT"
    con.register("incoming_whole", table)
    try:
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE {WHOLE_FOR} AS
                SELECT conversation_id::VARCHAR AS conversation_id, max({version}) AS source_version
                FROM incoming_whole GROUP BY 1"""
        )
    finally:
        con.unregister("incoming_whole")


def complete(con: duckdb.DuckDBPyConnection, stream: str, *, source_id: str, part: str | None = None) -> None:
    """Add what is gone to `stage_<stream>` as deleted rows; call it after the conversations were merged.

    Rows of a conversation that is stored in a newer version are left out: they are of an older day. `part`
    limits what may be deleted to rows of one source_file.
    """
    stage = f"stage_{stream}"
    con.execute(
        f"""DELETE FROM {WHOLE_FOR} w USING conversations c WHERE c.source_id = $source
            AND c.conversation_id = w.conversation_id AND c.source_version > w.source_version""",
        {"source": source_id},
    )
    con.execute(f"DELETE FROM {stage} WHERE conversation_id NOT IN (SELECT conversation_id FROM {WHOLE_FOR})")
    for name, kind in (("is_deleted", "BOOLEAN"), ("source_version", "HUGEINT"), ("source_file", "VARCHAR")):
        if name not in columns(con, stage):
            con.execute(f"ALTER TABLE {stage} ADD COLUMN {name} {kind}")
    con.execute(
        f"""UPDATE {stage} s SET source_version = w.source_version FROM {WHOLE_FOR} w
            WHERE s.conversation_id = w.conversation_id AND s.source_version IS NULL"""
    )
    named = ", ".join(f"t.{name}" for name in dict.fromkeys((*keys(stream), "conversation_id")))
    con.execute(
        f"""INSERT INTO {stage} BY NAME SELECT {named}, t.source_file, true AS is_deleted,
              greatest(w.source_version, t.source_version) AS source_version
            FROM {stream} t JOIN {WHOLE_FOR} w USING (conversation_id)
            ANTI JOIN {stage} s ON {same_key("s", "t", stream)}
            WHERE t.source_id = $source AND NOT t.is_deleted AND ($part IS NULL OR t.source_file = $part)""",
        {"source": source_id, "part": part},
    )


def note_keys(con: duckdb.DuckDBPyConnection, seen: KeysSeen, *, first: bool) -> None:
    """Collect keys that the source holds now."""
    table, named = _table(seen.stream), ", ".join(f"{key}::VARCHAR AS {key}" for key in KEYS[seen.stream])
    con.register("incoming_keys", seen.keys)
    try:
        if first:
            con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {named} FROM incoming_keys LIMIT 0")
        con.execute(f"INSERT INTO {table} SELECT {named} FROM incoming_keys")
    finally:
        con.unregister("incoming_keys")


def merge_unnamed(con: duckdb.DuckDBPyConnection, seen: KeysSeen, *, source_id: str, run_id: str) -> Counts:
    """Mark rows as deleted whose key the source did not name; call it inside a transaction."""
    stream, stage = seen.stream, f"stage_{seen.stream}"
    place = [name for name in ("conversation_id", "created_at") if name in columns(con, stream)]
    named = ", ".join(f"t.{name}" for name in dict.fromkeys((*keys(stream), *place)))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {stage} AS
            SELECT {named}, t.source_file, true AS is_deleted, t.source_version FROM {stream} t
            ANTI JOIN {_table(stream)} k ON {_same_text(stream)}
            WHERE t.source_id = $source AND NOT t.is_deleted AND ($part IS NULL OR t.source_file = $part)""",
        {"source": source_id, "part": seen.part},
    )
    counts = merge(con, stream, source_id=source_id, run_id=run_id)
    con.execute(f"DROP TABLE {stage}")
    return counts


def missing(con: duckdb.DuckDBPyConnection, stream: str, *, source_id: str) -> pa.Table:
    """Keys that the source named and the store does not hold, as text."""
    named = ", ".join(f"k.{key}" for key in keys(stream))
    return con.execute(
        f"""SELECT DISTINCT {named} FROM {_table(stream)} k
            ANTI JOIN (SELECT * FROM {stream} WHERE source_id = $source AND NOT is_deleted) t
            ON {_same_text(stream)} ORDER BY ALL""",
        {"source": source_id},
    ).to_arrow_table()


def _table(stream: str) -> str:
    return f"seen_{stream}"


def _same_text(stream: str) -> str:
    return " AND ".join(f"k.{key} IS NOT DISTINCT FROM t.{key}::VARCHAR" for key in keys(stream))
