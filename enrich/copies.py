"""The same conversation delivered by two sources: found by exact rules, linked, and counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer

WITHIN_S = 60
# Fields in which one system keeps the number that a conversation has in another.
_NAMES_AN_ID = r"(zendesk|helpdesk|external|original|ticket|case)[ _-]*(ticket|case)?[ _-]*(id|number|no|nr)$"
_MAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"

# Every conversation with what is compared; `place` decides who is the original: a source that tells its status
# changes before one that tells messages before others, then the source's name.
_CANDIDATES = f"""
  CREATE OR REPLACE TEMP TABLE copy_candidates AS
  SELECT c.source_id, c.conversation_id, c.created_at, nullif(trim(c.url), '') AS url, c.custom_fields,
    lower(coalesce(nullif(trim(p.email), ''),
      CASE WHEN regexp_matches(c.requester_id, '{_MAIL}') THEN c.requester_id END)) AS email,
    CASE WHEN k.exact_history THEN '0 ' WHEN k.has_messages THEN '1 ' ELSE '2 ' END || c.source_id AS place
  FROM conversations c
  LEFT JOIN people p ON p.source_id = c.source_id AND p.person_id = c.requester_id AND NOT coalesce(p.is_deleted, false)
  LEFT JOIN (
    SELECT source_id,
      coalesce(bool_or(starts_with(reason, 'exact')) FILTER (capability = 'status_history'), false) AS exact_history,
      coalesce(bool_or(available) FILTER (capability = 'messages'), false) AS has_messages
    FROM capabilities GROUP BY 1) k ON k.source_id = c.source_id
  WHERE NOT coalesce(c.is_deleted, false) AND coalesce(c.status, '') <> 'deleted'"""
_SOON = f"abs(epoch_us(a.created_at) - epoch_us(b.created_at)) <= {WITHIN_S * 1_000_000}"
_PAIRS = f"""
  CREATE OR REPLACE TEMP TABLE copy_pairs AS
  WITH named AS (
    SELECT c.source_id, c.conversation_id, trim(json_extract_string(e.value, '$')) AS other_id
    FROM copy_candidates c, json_each(c.custom_fields) e
    WHERE json_type(c.custom_fields) = 'OBJECT' AND regexp_matches(lower(e.key), '{_NAMES_AN_ID}')
      AND e.type NOT IN ('OBJECT', 'ARRAY', 'NULL')),
  found AS (
    SELECT a.source_id, a.conversation_id, b.source_id AS other_source_id, b.conversation_id AS other_id, 1 AS rank
    FROM copy_candidates a JOIN copy_candidates b ON a.url = b.url AND a.source_id <> b.source_id
    UNION ALL
    SELECT a.source_id, a.conversation_id, b.source_id, b.conversation_id, 2
    FROM copy_candidates a JOIN copy_candidates b ON a.conversation_id = b.conversation_id AND a.source_id <> b.source_id
      AND a.email = b.email AND {_SOON}
    UNION ALL
    SELECT a.source_id, a.conversation_id, b.source_id, b.conversation_id, 3
    FROM named n JOIN copy_candidates a USING (source_id, conversation_id)
    JOIN copy_candidates b ON b.conversation_id = n.other_id AND b.source_id <> a.source_id
      AND (a.email = b.email OR {_SOON}))
  SELECT * FROM found
  UNION ALL SELECT other_source_id, other_id, source_id, conversation_id, rank FROM found"""
_COPIES = """
  CREATE OR REPLACE TEMP TABLE copies_now AS
  SELECT p.source_id, p.conversation_id, p.other_source_id AS original_source_id, p.other_id AS original_id,
    CASE p.rank WHEN 1 THEN 'same address' WHEN 2 THEN 'same id, person and time' ELSE 'names the other''s id' END AS rule
  FROM copy_pairs p
  JOIN copy_candidates a ON a.source_id = p.source_id AND a.conversation_id = p.conversation_id
  JOIN copy_candidates b ON b.source_id = p.other_source_id AND b.conversation_id = p.other_id
  WHERE b.place < a.place
  QUALIFY row_number() OVER (
    PARTITION BY p.source_id, p.conversation_id ORDER BY b.place, p.rank, b.created_at, p.other_id) = 1"""


def refresh_copies(writer: Writer) -> int:
    """Find copies, mark those that became or ceased to be one as dirty; gives how many copies there are.

    Call inside a transaction, when `capabilities` is up to date.
    """
    sources = writer.query(
        "SELECT count(DISTINCT source_id) AS n FROM conversations WHERE NOT coalesce(is_deleted, false)"
    )
    if int(sources["n"][0].as_py()) > 1:
        for sql in (_CANDIDATES, _PAIRS, _COPIES):
            writer.execute(sql)
    else:
        writer.execute("CREATE OR REPLACE TEMP TABLE copies_now AS FROM conversation_copies LIMIT 0")
    writer.execute("""
        INSERT INTO dirty_conversations
        SELECT DISTINCT source_id, conversation_id FROM (
          (FROM conversation_copies EXCEPT FROM copies_now) UNION ALL (FROM copies_now EXCEPT FROM conversation_copies))""")
    writer.execute("DELETE FROM conversation_copies")
    writer.execute("INSERT INTO conversation_copies BY NAME FROM copies_now")
    return int(writer.query("SELECT count(*) AS n FROM conversation_copies")["n"][0].as_py())
