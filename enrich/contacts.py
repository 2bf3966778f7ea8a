"""When a requester came back after a solve: what first contact resolution is judged by.

Another conversation decides it, so it is brought up to date for everybody whose conversations were touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer

_OF_BATCH = """
    INSERT INTO touched_requesters
    SELECT DISTINCT f.source_id, f.requester_id FROM conversation_facts f
    SEMI JOIN batch b ON b.source_id = f.source_id AND b.conversation_id = f.conversation_id
    WHERE trim(coalesce(f.requester_id, '')) <> ''"""

# The next conversation that counts, of the same requester in the same source, created after the last solve.
_NEXT = """
    CREATE OR REPLACE TEMP TABLE next_contacts AS
    WITH theirs AS (
      SELECT f.source_id, f.conversation_id, f.requester_id, f.topic_id, f.created_at, f.is_counted,
        CASE WHEN f.is_solved THEN f.last_solved_at END AS solved_at
      FROM conversation_facts f
      SEMI JOIN touched_requesters t ON t.source_id = f.source_id AND t.requester_id = f.requester_id),
    coming AS (
      SELECT source_id, requester_id, topic_id, created_at FROM theirs WHERE is_counted AND created_at IS NOT NULL)
    SELECT a.source_id, a.conversation_id, b.created_at AS next_at, c.created_at AS same_topic_at
    FROM theirs a
    ASOF LEFT JOIN coming b
      ON b.source_id = a.source_id AND b.requester_id = a.requester_id AND a.solved_at < b.created_at
    ASOF LEFT JOIN coming c
      ON c.source_id = a.source_id AND c.requester_id = a.requester_id AND c.topic_id = a.topic_id
      AND a.solved_at < c.created_at"""


def begin(writer: Writer) -> None:
    """Note the requesters of the temporary table `batch` as they were, before their facts are rewritten."""
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE touched_requesters (source_id VARCHAR, requester_id VARCHAR)"
    )
    writer.execute(_OF_BATCH)


def refresh_contacts(writer: Writer) -> None:
    """Bring next_contact_at and next_contact_same_topic_at of all touched requesters up to date.

    Call in the transaction that wrote the facts of `batch`, after them.
    """
    writer.execute(_OF_BATCH)
    writer.execute(_NEXT)
    writer.execute("""
        UPDATE conversation_facts f SET next_contact_at = n.next_at, next_contact_same_topic_at = n.same_topic_at
        FROM next_contacts n WHERE n.source_id = f.source_id AND n.conversation_id = f.conversation_id
          AND (n.next_at IS DISTINCT FROM f.next_contact_at
            OR n.same_topic_at IS DISTINCT FROM f.next_contact_same_topic_at)""")
