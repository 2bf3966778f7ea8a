"""Rows that pages show: the conversations of a filter, and one conversation as it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from core.filters import Filters
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

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
    url: str | None
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
    from store import queries

    found = queries.conversation(reader, source_id, conversation_id, viewer=viewer)
    if found is None:
        return None
    messages = [{**one, "author": one["author"] or one["author_id"]} for one in found.messages.to_pylist()]
    return Conversation(found.facts, found.url, messages, found.events.to_pylist(), found.csat.to_pylist())
