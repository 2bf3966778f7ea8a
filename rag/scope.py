"""Which conversations and chunks a question may look at: filters, period and viewer as one Ibis expression."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from analytics import dimensions
from core.filters import Filters
from core.viewer import Viewer
from rag.keywords import NUMBER_SQL

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np

    from store.reader import Reader

KEYS = ("source_id", "conversation_id")


def conversations(reader: Reader, filters: Filters, viewer: Viewer, *, counted: bool = False) -> ir.Table:
    """The visible facts that pass the filters; the period is that of creation, in the reporting zone."""
    import ibis

    table = dimensions.facts(partial(reader.table, viewer=viewer), dimensions.names_of(filters))
    table = dimensions.where(table, filters)
    if filters.period:
        start, until = filters.period.start.isoformat(), filters.period.until.isoformat()
        table = table.filter(
            (table.created_local >= ibis.timestamp(start)) & (table.created_local < ibis.timestamp(until))
        )
    return table.filter(table.is_counted) if counted else table


def chunk_numbers(reader: Reader, filters: Filters, viewer: Viewer, *, counted: bool = False) -> np.ndarray:
    """Numbers of the chunks of those conversations, as int64."""
    chunks = reader.table("chunks", viewer)
    chosen = chunks.semi_join(conversations(reader, filters, viewer, counted=counted), list(KEYS))
    found: np.ndarray = reader.run(chosen.select(n=_number(chosen))).column("n").to_numpy().astype("int64")
    return found


def conversation_numbers(
    reader: Reader, filters: Filters, viewer: Viewer, *, counted: bool = False
) -> np.ndarray:
    """One number for each of those conversations, as rag.corpus.KEY_SQL gives it."""
    table = conversations(reader, filters, viewer, counted=counted)
    key = _hash()(table.source_id, table.conversation_id)
    found: np.ndarray = reader.run(table.select(k=key)).column("k").to_numpy()
    return found


def is_everything(filters: Filters, viewer: Viewer) -> bool:
    """Whether nothing is left out."""
    return not filters.period and not filters.dimensions() and not viewer.is_limited


def _number(chunks: ir.Table) -> ir.IntegerValue:
    """rag.keywords.NUMBER_SQL as an expression."""
    text = chunks.source_id + ":" + chunks.conversation_id + "#" + chunks.chunk_no.cast("string")
    low: ir.IntegerValue = (_md5_number_lower()(text) >> 1).cast("int64")
    return low


@cache
def _md5_number_lower() -> Any:
    import ibis

    @ibis.udf.scalar.builtin(name="md5_number_lower", signature=(("string",), "uint64"))
    def md5_number_lower(text):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        """DuckDB's own function."""

    return md5_number_lower


@cache
def _hash() -> Any:
    import ibis

    @ibis.udf.scalar.builtin(name="hash", signature=(("string", "string"), "uint64"))
    def hash_of_two(source_id, conversation_id):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        """DuckDB's own function."""

    return hash_of_two


def visible(reader: Reader, numbers: Sequence[int], viewer: Viewer) -> list[tuple[str, str]]:
    """The conversations of these chunks that exist in the generation and that the viewer may see."""
    sql = (
        f"SELECT DISTINCT source_id, conversation_id FROM (SELECT *, {NUMBER_SQL} AS n FROM {{chunks}}) "
        "JOIN {conversation_facts} USING (source_id, conversation_id) WHERE n IN (SELECT unnest(?::BIGINT[]))"
    )
    rows = reader.query(sql, [list(numbers)], viewer=viewer).to_pylist()
    return [(row["source_id"], row["conversation_id"]) for row in rows]
