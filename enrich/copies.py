"""The same conversation delivered by two sources: found by exact rules, linked, and counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer

WITHIN_S = 60
# Fields in which one system keeps the number that a conversation has in another.
_NAME_OF_AN_ID = (
    r"(zendesk|helpdesk|external|original|ticket|case)[ _-]*(ticket|case)?[ _-]*(id|number|no|nr)"
)
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
# Two sides a join, and each by equal values: of three, whose rows nobody has counted inside a transaction, DuckDB may
# hold every conversation against every other (84 s for a million, where the same rows take 0.2 s).
_BOTH = """a.source_id, a.conversation_id, a.place, a.created_at,
      b.source_id AS other_source_id, b.conversation_id AS other_id, b.place AS other_place, b.created_at AS other_created_at"""
_PAIRS = f"""
  CREATE OR REPLACE TEMP TABLE copy_pairs AS
  WITH named AS (
    SELECT c.*, trim(json_extract_string(e.value, '$')) AS names
    FROM copy_candidates c, json_each(c.custom_fields) e
    WHERE json_type(c.custom_fields) = 'OBJECT' AND regexp_matches(lower(c.custom_fields), '{_NAME_OF_AN_ID}"')
      AND regexp_matches(lower(e.key), '{_NAME_OF_AN_ID}$') AND e.type NOT IN ('OBJECT', 'ARRAY', 'NULL')),
  found AS (
    SELECT {_BOTH}, 1 AS rank
    FROM copy_candidates a JOIN copy_candidates b ON a.url = b.url AND a.source_id <> b.source_id
    UNION ALL
    SELECT {_BOTH}, 2
    FROM copy_candidates a JOIN copy_candidates b ON a.conversation_id = b.conversation_id AND a.source_id <> b.source_id
      AND a.email = b.email AND {_SOON}
    UNION ALL
    SELECT {_BOTH}, 3
    FROM named a JOIN copy_candidates b ON b.conversation_id = a.names AND b.source_id <> a.source_id
      AND (a.email = b.email OR {_SOON}))
  FROM found
  UNION ALL SELECT other_source_id, other_id, other_place, other_created_at, source_id, conversation_id, place, created_at, rank
  FROM found"""
_COPIES = """
  CREATE OR REPLACE TEMP TABLE copies_now AS
  SELECT source_id, conversation_id, other_source_id AS original_source_id, other_id AS original_id,
    CASE rank WHEN 1 THEN 'same address' WHEN 2 THEN 'same id, person and time' ELSE 'names the other''s id' END AS rule
  FROM copy_pairs
  WHERE other_place < place
  QUALIFY row_number() OVER (
    PARTITION BY source_id, conversation_id ORDER BY other_place, rank, other_created_at, other_id) = 1"""


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
