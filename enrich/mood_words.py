"""Which messages a mood is judged by: public words of the customer, or of anybody where roles are not known.

As facts/mood.sql counts them; for what a classifier learns from, and for what a language model labels.
"""

from __future__ import annotations

from store.spoken import public


def judged_by(
    conversations: str, columns: str, *, messages: str = "messages", enrichment: str = "message_enrichment"
) -> str:
    """SQL: a row for each such message of the `conversations` k, with `columns` of k, its message m and enrichment e."""
    return f"""
    SELECT * EXCLUDE (role, is_public, roles_known) FROM (
      SELECT m.source_id, m.conversation_id, m.message_id, m.seq, m.created_at, {columns},
        coalesce(m.author_role, 'unknown') AS role, {public("m")} AS is_public,
        bool_or(coalesce(m.author_role, 'unknown') IN ('customer', 'agent'))
          OVER (PARTITION BY m.source_id, m.conversation_id) AS roles_known
      FROM {conversations} k
      JOIN {messages} m ON m.source_id = k.source_id AND m.conversation_id = k.conversation_id
      LEFT JOIN {enrichment} e ON e.source_id = m.source_id AND e.message_id = m.message_id
      WHERE NOT coalesce(m.is_deleted, false) AND m.kind IS DISTINCT FROM 'event')
    WHERE is_public AND (role = 'customer' OR (NOT roles_known AND role = 'unknown'))"""
