"""How rows of topics are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from store.writer import Writer


def insert(writer: Writer, table: str, rows: list[dict[str, Any]]) -> None:
    """Append rows, told as columns by name."""
    import pyarrow as pa

    if rows:
        schema = writer.query(f"FROM {table} LIMIT 0").schema
        writer.insert(table, pa.Table.from_pylist(rows, schema=schema))


def assigned(keys: pa.Table, version: int, ids: np.ndarray, fits: np.ndarray) -> pa.Table:
    """Topics of conversations, as `conversation_topics` has them: `keys` with their text's hash."""
    import pyarrow as pa

    added = {
        "topic_version": pa.array([version] * len(ids), pa.int32()),
        "topic_id": pa.array(ids, pa.int32()),
        "found_id": pa.array(ids, pa.int32()),
        "fit": pa.array(fits, pa.float64()),
    }
    for name, values in added.items():
        keys = keys.append_column(name, values)
    return keys


def replace(writer: Writer, found: list[pa.Table]) -> None:
    """Write topics of conversations in place of what they had."""
    writer.execute("CREATE OR REPLACE TEMP TABLE topics_found AS FROM conversation_topics LIMIT 0")
    for table in found:
        writer.insert("topics_found", table)
    writer.execute("""
        DELETE FROM conversation_topics t
        WHERE (t.source_id, t.conversation_id) IN (SELECT (source_id, conversation_id) FROM topics_found)""")
    writer.execute("INSERT INTO conversation_topics BY NAME FROM topics_found")
