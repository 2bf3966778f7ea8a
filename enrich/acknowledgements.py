"""Automatic acknowledgements: the same words in many conversations, right after each was created.

Reference numbers and the names of those who take part make two texts no different. Left out of the comparison are
capitals and punctuation. Every word with a digit in it (#123, TRK-7, [ref:a1b2]) and every e-mail address is a
reference, and every part of the name of the requester, the assignee or the author is a name. An amount (20 €, 15%)
is what a person would say and stays, and so does a text of which fewer than FEWEST_WORDS words are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enrich.sieve import lay_sieve
from store.spoken import spoken

if TYPE_CHECKING:
    from store.writer import Writer

WITHIN_S = 60
CONVERSATIONS = 20
FEWEST_WORDS = 4

_COMMON_TEXTS = f"""
  SELECT text_hash FROM early_texts GROUP BY text_hash
  HAVING count(DISTINCT (source_id, conversation_id)) >= {CONVERSATIONS}"""
_LETTERS = "regexp_replace({}, '[^\\p{{L}}\\p{{M}}]', '', 'g')"
_EARLY = f"""
  CREATE OR REPLACE TEMP TABLE early AS
  SELECT m.source_id, m.message_id, m.conversation_id, trim(m.body_text) AS body,
    list_filter(list_transform(
      regexp_extract_all(concat_ws(' ', r.name, r.handle, a.name, w.name, w.handle, m.author_name), '\\S+'),
      lambda part: {_LETTERS.format("part")}),
      lambda part: length(part) > 1 OR upper(part) = lower(part) AND part <> '') AS told,
    list_concat(told, list_transform(told, lambda part: upper(part[1]) || lower(part[2:]))) AS names
  FROM messages m
  JOIN (
    FROM conversations c
    SEMI JOIN dirty_conversations d ON d.source_id = c.source_id AND d.conversation_id = c.conversation_id
    WHERE may_be_touched(c.conversation_id)) c
  ON c.source_id = m.source_id AND c.conversation_id = m.conversation_id
  LEFT JOIN people r ON r.source_id = c.source_id AND r.person_id = c.requester_id
  LEFT JOIN people a ON a.source_id = c.source_id AND a.person_id = c.assignee_id
  LEFT JOIN people w ON w.source_id = m.source_id AND w.person_id = m.author_id
  WHERE may_be_touched(m.conversation_id) AND m.author_role IS DISTINCT FROM 'customer' AND {spoken("m")}
    AND trim(m.body_text) <> ''
    AND abs(epoch_us(m.created_at) - epoch_us(c.created_at)) <= {WITHIN_S * 1_000_000}"""
# A reference is written #, a name @, any number of them in a row once; the other words keep letters and amounts.
# Names are compared with their capitals: Will is not will.
_PART = _LETTERS.format("regexp_replace(word, '[''’]s?[^\\p{L}]*$', '')")
_WORDS = f"""
  list_transform(regexp_extract_all(body, '\\S+'), lambda word:
    CASE WHEN regexp_matches(word, '[^@]@[^@]') THEN '#'
         WHEN regexp_matches(word, '[0-9]') AND NOT regexp_matches(word, '[$€£¥%]') THEN '#'
         WHEN list_contains(names, {_PART}) THEN '@'
         ELSE lower(regexp_replace(word, '[^\\p{{L}}\\p{{M}}0-9$€£¥%]', '', 'g')) END)"""
_HASHES = f"""
  INSERT INTO early_texts BY NAME
  SELECT source_id, message_id, conversation_id,
    md5(CASE WHEN len(list_filter(words, lambda word: word NOT IN ('#', '@'))) < {FEWEST_WORDS} THEN body
      ELSE regexp_replace(array_to_string(words, ' '), '([#@])( [#@])+', '\\1', 'g') END) AS text_hash
  FROM (SELECT *, list_filter({_WORDS}, lambda word: word <> '') AS words FROM early)"""


def collect_acknowledgements(writer: Writer) -> None:
    """Bring `early_texts` up to date and mark conversations whose acknowledgements changed as dirty.

    Call inside a transaction, before `fill`. A text becomes an acknowledgement in its twentieth
    conversation, which changes the facts of the nineteen before.
    """
    writer.execute(f"CREATE OR REPLACE TEMP TABLE common_before AS {_COMMON_TEXTS}")
    writer.execute(
        "DELETE FROM early_texts e USING (SELECT DISTINCT * FROM dirty_conversations) d "
        "WHERE d.source_id = e.source_id AND d.conversation_id = e.conversation_id"
    )
    lay_sieve(writer, "dirty_conversations")
    writer.execute(_EARLY)
    writer.execute(_HASHES)
    writer.execute(f"""
        INSERT INTO dirty_conversations
        SELECT DISTINCT source_id, conversation_id FROM early_texts
        WHERE text_hash IN (
          SELECT text_hash FROM (
            (FROM common_before EXCEPT {_COMMON_TEXTS}) UNION ALL
            (({_COMMON_TEXTS}) EXCEPT FROM common_before)))""")


def name_acknowledgements(writer: Writer) -> None:
    """The temporary table `acknowledgements` of message keys, as `early_texts` says now."""
    writer.execute(f"""
        CREATE OR REPLACE TEMP TABLE acknowledgements AS
        SELECT source_id, message_id FROM early_texts WHERE text_hash IN ({_COMMON_TEXTS})""")
