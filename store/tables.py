"""What the store knows about its own tables: columns, keys, and how a row's content is fingerprinted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.stream import KEYS

if TYPE_CHECKING:
    import duckdb

# Says where a row came from and what became of it; a change here alone does not change the content.
PROVENANCE = frozenset(
    {"source_id", "source_file", "source_version", "content_hash", "is_deleted", "deleted_at",
     "first_seen_run", "last_seen_run", "raw", "is_derived"}
)  # fmt: skip
# A message's place is given by the merge, so a new place alone is no change of the message.
_PLACED_BY_MERGE = {"messages": frozenset({"seq"})}


def columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Names and types of a table's columns in their order. Raises StoreError when there is no such table."""
    import duckdb

    try:  # not duckdb_columns(): it reads the whole catalog, which costs six times as much
        rows = con.execute(f'DESCRIBE "{table}"').fetchall()
    except duckdb.CatalogException:
        raise StoreError(f"there is no table {table} in the warehouse.") from None
    return {name: kind for name, kind, *_ in rows}


def keys(stream: str) -> tuple[str, ...]:
    """The natural key of a stream's rows after source_id. Raises StoreError for an unknown stream."""
    if stream not in KEYS:
        raise StoreError(f"{stream!r} is not a stream of the warehouse.", hint=f"Streams: {', '.join(KEYS)}.")
    return KEYS[stream]


def required_keys(stream: str) -> tuple[str, ...]:
    """The key columns that may not be empty (a start of validity may be unknown)."""
    return tuple(key for key in keys(stream) if key != "valid_from")


def content_hash(stream: str, table_columns: Mapping[str, str], *, alias: str) -> str:
    """SQL of the md5 over a row's canonical values.

    An absent column counts like an empty one, so a column added later changes no fingerprint.
    """
    skip = PROVENANCE | _PLACED_BY_MERGE.get(stream, frozenset())
    parts = [
        f"'{name}=' || {_as_text(alias, name, kind)}"
        for name, kind in table_columns.items()
        if name not in skip
    ]
    return f"md5(concat_ws(chr(31), {', '.join(parts)}))"


def same_key(left: str, right: str, stream: str) -> str:
    """SQL that joins two row sets on a stream's key."""
    needed = required_keys(stream)
    return " AND ".join(
        f"{left}.{key} {'=' if key in needed else 'IS NOT DISTINCT FROM'} {right}.{key}"
        for key in keys(stream)
    )


def _as_text(alias: str, name: str, kind: str) -> str:
    column = f"{alias}.{name}"
    if kind == "VARCHAR":
        return column
    # Formatting instants goes through the time zone library; the number says the same, much faster.
    return f"epoch_us({column})" if kind == "TIMESTAMP WITH TIME ZONE" else f"{column}::VARCHAR"
