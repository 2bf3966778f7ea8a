"""Boilerplate of agents: lines that stand in the messages of many conversations, numbers aside.

A line counts from FEWEST_WORDS words, so that greetings do not, and from CONVERSATIONS conversations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enrich.sieve import lay_sieve

if TYPE_CHECKING:
    from store.writer import Writer

CONVERSATIONS = 20
FEWEST_WORDS = 5

_COMMON = f"""
  SELECT line_hash FROM agent_lines GROUP BY line_hash
  HAVING count(DISTINCT (source_id, conversation_id)) >= {CONVERSATIONS}"""
# The numbers of the lines of each message, from 0, that are macros.
MACROS = f"""
  SELECT source_id, message_id, list(line_no ORDER BY line_no) AS macros
  FROM agent_lines WHERE line_hash IN ({_COMMON}) GROUP BY ALL"""
_LINES = f"""
  INSERT INTO agent_lines BY NAME
  SELECT source_id, message_id, conversation_id, line_no - 1 AS line_no,
    hash(lower(regexp_replace(trim(line), '[0-9]+', '#', 'g'))) AS line_hash
  FROM (
    SELECT m.source_id, m.message_id, m.conversation_id, unnest(lines) AS line,
      generate_subscripts(lines, 1) AS line_no
    FROM (
      SELECT *, string_split(replace(replace(body_text, chr(13) || chr(10), chr(10)), chr(13), chr(10)), chr(10)) AS lines
      FROM messages
      WHERE may_be_touched(conversation_id) AND author_role IN ('agent', 'bot') AND contains(body_text, chr(10))
        AND NOT coalesce(is_deleted, false)) m
    SEMI JOIN dirty_conversations d ON d.source_id = m.source_id AND d.conversation_id = m.conversation_id)
  WHERE array_length(regexp_extract_all(line, '\\S+')) >= {FEWEST_WORDS}"""


def collect_macros(writer: Writer) -> None:
    """Bring `agent_lines` up to date; messages in which a line became a macro, or is none any more, are cleaned again.

    Call inside a transaction. What is to be cleaned again is written down there, so a run that dies is finished
    by the next.
    """
    writer.execute(f"CREATE OR REPLACE TEMP TABLE macros_before AS {_COMMON}")
    writer.execute(
        "DELETE FROM agent_lines l USING (SELECT DISTINCT * FROM dirty_conversations) d "
        "WHERE d.source_id = l.source_id AND d.conversation_id = l.conversation_id"
    )
    lay_sieve(writer, "dirty_conversations")
    writer.execute(_LINES)
    writer.execute(f"""
        CREATE OR REPLACE TEMP TABLE macros_changed AS
        SELECT DISTINCT source_id, message_id, conversation_id FROM agent_lines
        WHERE line_hash IN (
          (FROM macros_before EXCEPT {_COMMON}) UNION ALL (({_COMMON}) EXCEPT FROM macros_before))""")
    writer.execute(
        "UPDATE message_enrichment e SET content_hash = 'macros changed' FROM macros_changed x "
        "WHERE x.source_id = e.source_id AND x.message_id = e.message_id"
    )
    writer.execute(
        "INSERT INTO dirty_conversations SELECT DISTINCT source_id, conversation_id FROM macros_changed"
    )
