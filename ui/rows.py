"""Rows that pages show: conversations of a filter, one conversation, sources and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from core.filters import Filters
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from store.reader import Reader

LISTED = (
    "source_id", "conversation_id", "created_local", "subject", "requester", "channel", "product", "team", "agent",
    "status", "priority", "topic", "sentiment", "first_reply_s", "full_resolution_s", "message_count", "csat_score",
    "excluded_because",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """One page of conversations, newest first, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything known about one conversation."""

    facts: dict[str, Any]
    own: dict[str, Any]
    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]
    ratings: list[dict[str, Any]]


def conversations(
    reader: Reader, filters: Filters, *, text: str, counted: bool, page: int, size: int, viewer: Viewer
) -> Page:
    """Conversations created in the period, newest first; `text` must be in the id, subject or a message."""
    import ibis

    table = _chosen(reader, filters, text=text, counted=counted, viewer=viewer)
    total = int(reader.run(table.aggregate(n=table.count())).to_pylist()[0]["n"])
    newest = table.order_by([ibis.desc(table.created_local), table.source_id, table.conversation_id])
    rows = reader.run(newest.select(*LISTED).limit(size, offset=(page - 1) * size)).to_pylist()
    return Page(rows, total)


def _chosen(reader: Reader, filters: Filters, *, text: str, counted: bool, viewer: Viewer) -> ir.Table:
    from analytics import dimensions
    from analytics.periods import midnight

    tables = partial(reader.table, viewer=viewer)
    table = dimensions.where(dimensions.facts(tables, dimensions.names_of(filters)), filters)
    if counted:
        table = table.filter(table.is_counted)
    if filters.period:
        start, until = midnight(filters.period.start), midnight(filters.period.until)
        table = table.filter(table.created_local >= start, table.created_local < until)
    if text.strip():
        table = _matching(tables, table, text.strip().lower())
    return table


def _matching(tables: Any, table: ir.Table, text: str) -> ir.Table:
    messages = tables("messages")
    said = (
        messages.filter(messages.body_text.lower().contains(text))
        .select("source_id", "conversation_id")
        .distinct()
    )
    marked = table.left_join(said.mutate(is_said=True), ["source_id", "conversation_id"])
    inside = marked.is_said.fill_null(False)
    for column in ("conversation_id", "subject", "requester"):
        inside = inside | marked[column].fill_null("").lower().contains(text)
    return marked.filter(inside).select(*table.columns)


def conversation(
    reader: Reader, source_id: str, conversation_id: str, *, viewer: Viewer
) -> Conversation | None:
    """One conversation with its messages in order, or None where there is none (or the viewer may not see it)."""
    key = [source_id, conversation_id]
    where = "WHERE source_id = ? AND conversation_id = ?"

    def rows(sql: str) -> list[dict[str, Any]]:
        return _plain(reader.query(sql, key, viewer=viewer))

    facts = rows(f"SELECT * FROM {{conversation_facts}} {where}")
    if not facts:
        return None
    own = rows(
        f"SELECT url, native_status, custom_fields, source_file, is_deleted FROM {{conversations}} {where}"
    )
    messages = rows(
        "SELECT seq, author_role, coalesce(author_name, author_id) AS author, is_public, kind, body_text, created_at "
        f"FROM {{messages}} {where} AND NOT coalesce(is_deleted, false) ORDER BY seq, created_at"
    )
    events = rows(
        "SELECT occurred_at, field, old_value, new_value, actor_id, is_derived "
        f"FROM {{conversation_events}} {where} AND NOT coalesce(is_deleted, false) ORDER BY occurred_at, seq"
    )
    ratings = rows(
        "SELECT rated_at, score, native_score, comment "
        f"FROM {{csat}} {where} AND NOT coalesce(is_deleted, false) ORDER BY rated_at"
    )
    return Conversation(facts[0], own[0] if own else {}, messages, events, ratings)


def source_rows(reader: Reader, *, viewer: Viewer) -> list[dict[str, Any]]:
    """One row a source: kind, conversations, messages, first and last day, what it cannot tell."""
    return _plain(
        reader.query(
            """
        WITH facts AS (
          SELECT source_id, count(*) AS conversations, sum(message_count) AS messages,
                 min(created_local) AS first_at, max(created_local) AS last_at
          FROM {conversation_facts} GROUP BY source_id),
        gaps AS (
          SELECT source_id, string_agg(coalesce(reason, capability), '; ' ORDER BY capability) AS cannot,
                 list(capability ORDER BY capability) AS lacking
          FROM {capabilities} WHERE NOT available GROUP BY source_id),
        told AS (
          SELECT source_id, list(capability ORDER BY capability) AS tells
          FROM {capabilities} WHERE available GROUP BY source_id)
        SELECT s.source_id, s.kind, s.enabled, f.conversations, f.messages, f.first_at, f.last_at,
               t.tells, g.lacking, g.cannot
        FROM {sources} s LEFT JOIN facts f USING (source_id) LEFT JOIN gaps g USING (source_id)
             LEFT JOIN told t USING (source_id)
        ORDER BY s.source_id
        """,
            viewer=viewer,
        )
    )


def rejects(reader: Reader, *, limit: int, viewer: Viewer) -> list[dict[str, Any]]:
    """Rows set aside, the newest run first, with file, line and reason. Samples are masked when stored."""
    return _plain(
        reader.query(
            """
        SELECT source_id, source_file, line, stream, reason, field, native_id, sample, occurred_at
        FROM {sync_rejects} ORDER BY occurred_at DESC, source_file, line LIMIT ?
        """,
            [limit],
            viewer=viewer,
        )
    )


def reject_reasons(reader: Reader, *, viewer: Viewer) -> list[dict[str, Any]]:
    """How many rows were set aside, by source and reason."""
    return _plain(
        reader.query(
            """
        SELECT source_id, reason, count(*) AS rows FROM {sync_rejects}
        GROUP BY source_id, reason ORDER BY rows DESC, source_id, reason
        """,
            viewer=viewer,
        )
    )


def _plain(table: pa.Table) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", table.to_pylist())
