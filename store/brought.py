"""What each source has brought, what it cannot tell, and how much of it was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader


def source_rows(reader: Reader, *, viewer: Viewer) -> list[dict[str, Any]]:
    """One row a source: kind, conversations, messages, first and last day (local), what it tells and cannot tell."""
    found = reader.query(
        """
        WITH facts AS (
          SELECT source_id, count(*) AS conversations, sum(message_count) AS messages,
                 min(created_local) AS first_at, max(created_local) AS last_at
          FROM {conversation_facts} WHERE coalesce(excluded_because, '') <> 'deleted' GROUP BY source_id),
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
    return cast("list[dict[str, Any]]", found.to_pylist())


def reject_reasons(reader: Reader, *, viewer: Viewer) -> list[dict[str, Any]]:
    """How many rows were set aside, by source and reason, the most first."""
    found = reader.query(
        """
        SELECT source_id, reason, count(*) AS rows FROM {sync_rejects}
        GROUP BY source_id, reason ORDER BY rows DESC, source_id, reason
        """,
        viewer=viewer,
    )
    return cast("list[dict[str, Any]]", found.to_pylist())
