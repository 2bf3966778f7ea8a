"""When a requester came back after a solve: what first contact resolution is judged by.

Another conversation decides it, so it is brought up to date for everybody whose conversations were touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer

_BEFORE = """
    CREATE OR REPLACE TEMP TABLE touched_requesters AS
    SELECT DISTINCT f.source_id, f.requester_id FROM conversation_facts f
    SEMI JOIN batch b ON b.source_id = f.source_id AND b.conversation_id = f.conversation_id
    WHERE may_be_touched(f.conversation_id) AND trim(coalesce(f.requester_id, '')) <> ''"""
_NOW = """
    INSERT INTO touched_requesters
    SELECT DISTINCT source_id, requester_id FROM batch_facts WHERE trim(coalesce(requester_id, '')) <> ''"""

# The next conversation that counts, of the same requester in the same source, created after the last solve.
# Creations and solves in one order of time; at one instant the creations come first, so that only later ones follow.
_NEXT = """
    CREATE OR REPLACE TEMP TABLE next_contacts AS
    WITH touched AS (
      SELECT *, row_number() OVER () AS person FROM (SELECT DISTINCT source_id, requester_id FROM touched_requesters)),
    theirs AS (
      SELECT f.rowid AS place, t.person, f.topic_id, f.created_at, f.is_counted, f.next_contact_at,
        f.next_contact_same_topic_at, CASE WHEN f.is_solved THEN f.last_solved_at END AS solved_at
      FROM conversation_facts f
      JOIN touched t ON t.source_id = f.source_id AND t.requester_id = f.requester_id),
    moments AS (
      SELECT NULL AS place, person, topic_id, created_at AS moment, created_at AS coming
      FROM theirs WHERE is_counted AND created_at IS NOT NULL
      UNION ALL
      SELECT place, person, topic_id, solved_at, NULL FROM theirs WHERE solved_at IS NOT NULL),
    followed AS (
      SELECT place, topic_id,
        lead(coming IGNORE NULLS) OVER (PARTITION BY person ORDER BY moment, coming IS NULL) AS next_at,
        lead(coming IGNORE NULLS) OVER (PARTITION BY person, topic_id ORDER BY moment, coming IS NULL) AS same_topic_at
      FROM moments)
    SELECT t.place, n.next_at, CASE WHEN n.topic_id IS NOT NULL THEN n.same_topic_at END AS same_topic_at
    FROM theirs t LEFT JOIN followed n ON n.place = t.place
    WHERE n.next_at IS DISTINCT FROM t.next_contact_at
      OR CASE WHEN n.topic_id IS NOT NULL THEN n.same_topic_at END IS DISTINCT FROM t.next_contact_same_topic_at"""


def begin(writer: Writer) -> None:
    """Note the requesters of the temporary table `batch` as they were, before their facts are rewritten."""
    writer.execute(_BEFORE)


def refresh_contacts(writer: Writer) -> None:
    """Bring next_contact_at and next_contact_same_topic_at of all touched requesters up to date.

    Call in the transaction that wrote the facts of `batch`, after them.
    """
    writer.execute(_NOW)
    writer.execute(_NEXT)
    writer.execute("""
        UPDATE conversation_facts f SET next_contact_at = n.next_at, next_contact_same_topic_at = n.same_topic_at,
          next_contact_s = (epoch_us(n.next_at) - epoch_us(f.last_solved_at)) // 1000000,
          next_contact_same_topic_s = (epoch_us(n.same_topic_at) - epoch_us(f.last_solved_at)) // 1000000
        FROM next_contacts n WHERE n.place = f.rowid""")
