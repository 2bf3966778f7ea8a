"""Runs the message enrichers over the messages of changed conversations, batch by batch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from enrich.base import MessageEnricher, Progress, Text
from enrich.cleaning import Cleaning
from enrich.language import Language
from enrich.macros import MACROS
from enrich.sentiment import Sentiment
from enrich.thanks import Thanks

if TYPE_CHECKING:
    import pyarrow as pa

    from enrich.mood_model import MoodModel
    from store.writer import Writer


# In this order: a later one may build on what an earlier one found.
def enrichers(model: MoodModel | None = None) -> tuple[MessageEnricher, ...]:
    """The enrichers, with the workspace's own classifier of mood where there is one."""
    return (Cleaning(), Language(), Sentiment(model), Thanks())


ENRICHERS = enrichers()
COLUMNS = tuple(column for enricher in ENRICHERS for column in enricher.columns)
BATCH_ROWS = 20_000
# Committed together: a delete scans the whole table once, so it should be worth it.
FLUSH_ROWS = 200_000
_KEYS = ("source_id", "message_id", "conversation_id", "content_hash")


@dataclass
class Scored:
    """How many texts were looked at, and how fast."""

    texts: int = 0
    seconds: float = 0.0


def score_messages(
    writer: Writer,
    raised: frozenset[str],
    progress: Progress,
    *,
    by: tuple[MessageEnricher, ...] = ENRICHERS,
) -> Scored:
    """Fill message_enrichment for dirty conversations: new and changed texts, and `raised` enrichers.

    Each flush is a transaction of its own; a killed run is continued by the next.
    """
    _forget_gone(writer)
    pending = _pending_sql(everything=any(enricher.name in raised for enricher in ENRICHERS))
    total = writer.query(f"SELECT count(*) AS n FROM ({pending})")["n"][0].as_py()
    scored, began = Scored(), time.perf_counter()
    waiting: list[pa.Table] = []
    for batch in writer.batches(_with_bodies(pending), rows=BATCH_ROWS):
        waiting.append(_enriched(batch.to_pydict(), raised, by))
        scored.texts += batch.num_rows
        progress("reading texts", scored.texts, total)
        if sum(table.num_rows for table in waiting) >= FLUSH_ROWS:
            _flush(writer, waiting)
    _flush(writer, waiting)
    scored.seconds = time.perf_counter() - began
    return scored


def _pending_sql(*, everything: bool) -> str:
    """Messages of dirty conversations whose text changed since it was looked at."""
    same = "e.message_id IS NOT NULL AND e.content_hash IS NOT DISTINCT FROM m.content_hash"
    return f"""
        SELECT m.source_id, m.message_id, m.conversation_id, m.content_hash, m.language AS given,
          coalesce({same}, false) AS is_same,
          {", ".join(f"e.{column}" for column in COLUMNS)}
        FROM messages m
        SEMI JOIN dirty_conversations d ON d.source_id = m.source_id AND d.conversation_id = m.conversation_id
        LEFT JOIN message_enrichment e ON e.source_id = m.source_id AND e.message_id = m.message_id
        WHERE NOT coalesce(m.is_deleted, false) AND coalesce(m.kind, 'message') <> 'event'
          AND ({"true" if everything else f"NOT ({same})"})"""


def _with_bodies(pending: str) -> str:
    return f"""
        SELECT p.*, x.macros,
          coalesce(CASE WHEN trim(m.body_text) <> '' THEN m.body_text END, m.body_html, '') AS body
        FROM ({pending}) p
        JOIN messages m ON m.source_id = p.source_id AND m.message_id = p.message_id
        LEFT JOIN ({MACROS}) x ON x.source_id = p.source_id AND x.message_id = p.message_id"""


def _enriched(
    rows: dict[str, list[Any]], raised: frozenset[str], by: tuple[MessageEnricher, ...]
) -> pa.Table:
    """The rows with every column filled: computed where the text is new or the enricher was raised."""
    import pyarrow as pa

    values: dict[str, list[Any]] = {column: list(rows[column]) for column in COLUMNS}
    bodies, macros = rows["body"], [tuple(lines or ()) for lines in rows["macros"]]
    for enricher in by:
        before = [column for column in COLUMNS if column not in enricher.columns]
        chosen = [i for i, same in enumerate(rows["is_same"]) if not same or enricher.name in raised]
        if not chosen:
            if enricher.name == "cleaning":
                bodies = _own(bodies, values["clean_text"])
            continue
        known = [column for column in before if column != "left_out"]
        seen = {i: (bodies[i], macros[i], rows["given"][i], *(values[c][i] for c in known)) for i in chosen}
        # Support mail repeats itself: equal texts are looked at once a batch.
        distinct = {key: i for i, key in seen.items()}
        texts = [
            Text(bodies[i], {c: values[c][i] for c in known}, rows["given"][i], macros[i])
            for i in distinct.values()
        ]
        found = dict(zip(distinct, enricher.enrich(texts), strict=True))
        for i in chosen:
            for column, value in zip(enricher.columns, found[seen[i]], strict=True):
                values[column][i] = value
        if enricher.name == "cleaning":
            bodies, macros = _own(bodies, values["clean_text"]), [()] * len(bodies)
    return pa.table(
        {key: pa.array(rows[key], pa.string()) for key in _KEYS}
        | {column: pa.array(values[column], _kinds().get(column, pa.float64())) for column in COLUMNS}
    )


def _own(bodies: list[str], cleaned: list[str | None]) -> list[str]:
    """What the enrichers after the cleaning look at."""
    return [body if text is None else text for body, text in zip(bodies, cleaned, strict=True)]


def _kinds() -> dict[str, pa.DataType]:
    import pyarrow as pa

    span = pa.struct([("kind", pa.string()), ("first", pa.int32()), ("last", pa.int32())])
    return {
        "clean_text": pa.string(), "left_out": pa.list_(span), "word_count": pa.int32(),
        "language": pa.string(), "is_thanks": pa.bool_(),
    }  # fmt: skip


def _flush(writer: Writer, waiting: list[pa.Table]) -> None:
    import pyarrow as pa

    if not waiting:
        return
    rows = pa.concat_tables(waiting)
    with writer.transaction():
        writer.execute("CREATE OR REPLACE TEMP TABLE scored AS FROM message_enrichment LIMIT 0")
        writer.insert("scored", rows)
        writer.execute(
            "DELETE FROM message_enrichment e USING scored s "
            "WHERE s.source_id = e.source_id AND s.message_id = e.message_id"
        )
        writer.execute("INSERT INTO message_enrichment BY NAME FROM scored")
    waiting.clear()


def _forget_gone(writer: Writer) -> None:
    """Drop results of messages that are deleted or no longer there, in dirty conversations."""
    writer.execute("""
        DELETE FROM message_enrichment e
        WHERE (e.source_id, e.conversation_id) IN (
            SELECT (source_id, conversation_id) FROM dirty_conversations)
          AND NOT EXISTS (
            SELECT 1 FROM messages m
            WHERE m.source_id = e.source_id AND m.message_id = e.message_id
              AND m.conversation_id = e.conversation_id AND NOT coalesce(m.is_deleted, false))""")
