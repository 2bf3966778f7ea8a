"""Search units: a conversation cut into stretches of about 120 to 200 words, all in SQL.

The chunks table holds only where a chunk begins and ends and a hash of its text. The text stays in
messages; `bodies` cuts it again in the same way. A chunk is what customers and agents said in public,
without what their mails quote: bots, system lines, private notes and bare acknowledgements are left out. Its
number never changes while the words before it stay the same, so a conversation that grows only changes its
last chunk.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.settings import Settings
from store.spoken import spoken

if TYPE_CHECKING:
    import pyarrow as pa

    from core.viewer import Viewer
    from store.reader import Reader
    from store.writer import Writer

logger = logging.getLogger(__name__)

CUT_VERSION = 2  # raise it when the rules below change: every conversation is cut again
WINDOW_CHARS = 900  # a chunk takes the pieces that begin within so many characters: about 150 words
PIECE_CHARS = 600  # longer messages are split at white space
MESSAGE_CHARS = 60_000  # what lies beyond (pasted logs, encoded files) is not searchable
PAGE_CONVERSATIONS = 100_000  # cut in one transaction

_ACKNOWLEDGED = (
    r"((ok(ay)?|k|yes|no|yep|nope|sure|great|perfect|thanks?( you)?( so much| very much| a lot)?|thx|ty|cheers|"
    r"danke( schön)?|gracias|merci( beaucoup)?|got it|will do|bye|hi|hello|hey)[\s.!,:;)(-]*)+"
)

_CUT = f"""
WITH spoken AS (
  SELECT m.source_id, m.conversation_id, m.seq, trim(left(coalesce(e.clean_text, m.body_text), {MESSAGE_CHARS})) AS said
  FROM {{messages}} m SEMI JOIN wanted w ON m.source_id = w.source_id AND m.conversation_id = w.conversation_id
  LEFT JOIN (
    SELECT e.source_id, e.message_id, e.clean_text FROM {{message_enrichment}} e
    SEMI JOIN wanted w ON e.source_id = w.source_id AND e.conversation_id = w.conversation_id) e
  ON e.source_id = m.source_id AND e.message_id = m.message_id
  WHERE {spoken("m")} AND coalesce(m.author_role, 'unknown') NOT IN ('bot', 'system')
    AND NOT (length(said) < 40 AND regexp_full_match(lower(said), '{_ACKNOWLEDGED}'))
  UNION ALL
  SELECT c.source_id, c.conversation_id, -1, trim(left(c.subject, {PIECE_CHARS}))
  FROM {{conversations}} c SEMI JOIN wanted w ON c.source_id = w.source_id AND c.conversation_id = w.conversation_id
), pieces AS (
  SELECT source_id, conversation_id, seq, 0 AS part, said AS piece FROM spoken
  WHERE said <> '' AND length(said) <= {PIECE_CHARS}
  UNION ALL
  SELECT source_id, conversation_id, seq, generate_subscripts(split, 1) AS part, trim(unnest(split)) AS piece
  FROM (SELECT *, regexp_extract_all(said, '(?s).{{1,{PIECE_CHARS}}}(?:\\s|$)|\\S{{1,{PIECE_CHARS}}}') AS split
        FROM spoken WHERE length(said) > {PIECE_CHARS})
), placed AS (
  SELECT *, coalesce(sum(length(piece)) OVER (
      PARTITION BY source_id, conversation_id ORDER BY seq, part
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) // {WINDOW_CHARS} AS stretch
  FROM pieces WHERE piece <> ''
), joined AS (
  SELECT source_id, conversation_id, stretch, min(seq) FILTER (seq >= 0) AS first_seq,
         max(seq) FILTER (seq >= 0) AS last_seq, string_agg(piece, chr(10) ORDER BY seq, part) AS body
  FROM placed GROUP BY ALL
)
SELECT source_id, conversation_id,
       (row_number() OVER (PARTITION BY source_id, conversation_id ORDER BY stretch) - 1)::INTEGER AS chunk_no,
       first_seq, last_seq, md5(body) AS content_hash, body
FROM joined
"""

# One number per conversation that differs when its words, their order or their deletion differ.
_FINGERPRINTS = f"""
SELECT c.source_id, c.conversation_id,
       hash({CUT_VERSION}, c.subject, coalesce(m.words, 0)) AS fingerprint
FROM conversations c LEFT JOIN (
  SELECT source_id, conversation_id, bit_xor(words) AS words FROM (
    SELECT source_id, conversation_id, hash(message_id, seq, content_hash, is_deleted) AS words FROM messages
    UNION ALL
    SELECT source_id, conversation_id, hash(message_id, clean_text) AS words FROM message_enrichment
    WHERE clean_text IS NOT NULL)
  GROUP BY source_id, conversation_id
) m USING (source_id, conversation_id)
WHERE NOT coalesce(c.is_deleted, false)
"""


@dataclass(frozen=True, slots=True)
class ChunkReport:
    """How many conversations were cut, chunks written, and conversations taken out."""

    conversations: int
    chunks: int
    removed: int


def write_chunks(writer: Writer, settings: Settings | None = None) -> ChunkReport:
    """Cut the conversations whose words changed since they were last cut; forget those that are gone.

    Committed page by page together with the fingerprints, so a refresh that dies here goes on next time.
    """
    _find_changed(writer)
    changed, gone = _count(writer, "chunk_changed"), _count(writer, "chunk_gone")
    if gone:
        with writer.transaction():
            for table in ("chunks", "chunk_state"):
                _delete(writer, table, "chunk_gone")
    pages = -(-changed // PAGE_CONVERSATIONS)
    chunks = sum(_cut_page(writer, page, pages, model_name(settings)) for page in range(pages))
    for table in ("chunk_now", "chunk_changed", "chunk_gone", "chunk_page"):
        writer.execute(f"DROP TABLE IF EXISTS {table}")
    logger.info("chunks written", extra={"conversations": changed, "chunks": chunks, "removed": gone})
    return ChunkReport(changed, chunks, gone)


def model_name(settings: Settings | None) -> str:
    """The embedding model that the settings name, as the chunks table records it."""
    embeddings = (settings or Settings()).embeddings
    return embeddings.model or embeddings.provider


def bodies(reader: Reader, keys: Sequence[tuple[str, str]], viewer: Viewer) -> pa.Table:
    """Chunks with their text, of these (source_id, conversation_id) pairs, in the order of the table's key."""
    wanted = (
        "WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS source_id, unnest(?::VARCHAR[]) AS conversation_id),"
    )
    sql = _CUT.replace("WITH spoken", f"{wanted} spoken", 1)
    order = " ORDER BY source_id, conversation_id, chunk_no"
    return reader.query(sql + order, [[k[0] for k in keys], [k[1] for k in keys]], viewer=viewer)


def _find_changed(writer: Writer) -> None:
    writer.execute(f"CREATE OR REPLACE TEMP TABLE chunk_now AS {_FINGERPRINTS}")
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE chunk_changed AS SELECT * FROM chunk_now ANTI JOIN chunk_state "
        "USING (source_id, conversation_id, fingerprint)"
    )
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE chunk_gone AS SELECT source_id, conversation_id FROM chunk_state "
        "ANTI JOIN chunk_now USING (source_id, conversation_id)"
    )


def _cut_page(writer: Writer, page: int, pages: int, model: str) -> int:
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE chunk_page AS SELECT * FROM chunk_changed "
        "WHERE hash(source_id, conversation_id) % ? = ?",
        [pages, page],
    )
    sql = re.sub(r"\{(\w+)\}", r"\1", _CUT.replace("wanted w", "chunk_page w"))
    with writer.transaction():
        _delete(writer, "chunks", "chunk_page")
        _delete(writer, "chunk_state", "chunk_page")
        writer.execute(
            "INSERT INTO chunks BY NAME SELECT source_id, conversation_id, chunk_no, first_seq, last_seq, "
            f"content_hash, ? AS embed_model FROM ({sql})",
            [model],
        )
        writer.execute(
            "INSERT INTO chunk_state SELECT source_id, conversation_id, fingerprint FROM chunk_page"
        )
        added = writer.query(
            "SELECT count(*) AS n FROM chunks SEMI JOIN chunk_page USING (source_id, conversation_id)"
        )
    return int(added.column("n")[0].as_py())


def _delete(writer: Writer, table: str, keys: str) -> None:
    writer.execute(
        f"DELETE FROM {table} WHERE (source_id, conversation_id) IN (SELECT source_id, conversation_id FROM {keys})"
    )


def _count(writer: Writer, table: str) -> int:
    return int(writer.query(f"SELECT count(*) AS n FROM {table}").column("n")[0].as_py())
