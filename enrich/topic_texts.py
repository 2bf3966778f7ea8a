"""The text that a conversation began with, and its vector: what topics are made of."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from enrich.cleaning import plain_words
from enrich.concepts import in_language
from llm.embed import local_embedder
from store.kept_values import recall, remember
from store.spoken import spoken

if TYPE_CHECKING:
    import numpy as np

    from store.writer import Writer

MOST_CHARACTERS = 600
BATCH_ROWS = 20_000
_WORDS = "topics_words"  # where settings_kv has the common words of the last fit

FIRST_MESSAGES = 4
SAYS_ENOUGH = 80  # characters: who begins with "hi" says what it is about in the next message

# Subject and what the first messages of the customer say (of anybody, where roles are not known), bots and system apart.
_TEXTS = f"""
    SELECT c.source_id, c.conversation_id, coalesce(c.subject, '') AS subject, c.created_at,
      md5(concat_ws(chr(10), c.subject, t.first::VARCHAR)) AS content_hash, coalesce(t.first, []) AS first
    FROM conversations c
    {{only}} JOIN {{chosen}} d ON d.source_id = c.source_id AND d.conversation_id = c.conversation_id
    LEFT JOIN (
      SELECT m.source_id, m.conversation_id,
        arg_min({{{{'body': left(coalesce(e.clean_text, m.body_text), 4000),
                   'author': coalesce(m.author_id, m.author_name, m.author_role), 'language': e.language}}}},
          (coalesce(m.author_role, 'unknown') <> 'customer', m.seq, m.created_at, m.message_id),
          {FIRST_MESSAGES}) AS first
      FROM messages m
      {{only}} JOIN {{chosen}} d ON d.source_id = m.source_id AND d.conversation_id = m.conversation_id
      LEFT JOIN (
        SELECT e.source_id, e.message_id, e.clean_text, e.language FROM message_enrichment e
        {{only}} JOIN {{chosen}} d ON d.source_id = e.source_id AND d.conversation_id = e.conversation_id
        WHERE e.clean_text IS NOT NULL OR e.language IS NOT NULL) e
      ON e.source_id = m.source_id AND e.message_id = m.message_id
      WHERE {spoken("m")} AND coalesce(m.author_role, 'unknown') NOT IN ('bot', 'system')
        AND trim(m.body_text) <> ''
      GROUP BY ALL) t
    ON t.source_id = c.source_id AND t.conversation_id = c.conversation_id
    WHERE NOT coalesce(c.is_deleted, false)"""


@dataclass(frozen=True, slots=True)
class Compared:
    """What texts are compared in: a language (ISO 639-1, None where none was told) and words common in it."""

    language: str | None = None
    words: frozenset[str] = frozenset()

    @property
    def mark(self) -> str:
        """Another one for every other language and words."""
        return f"{self.language} {zlib.crc32(' '.join(sorted(self.words)).encode())}"

    def read(self, text: str, written: str | None) -> str:
        """A text as it is compared, `written` in some language."""
        return in_language(text, written, self.language, self.words)


def beginnings(
    writer: Writer, chosen: str, *, sample_every: int = 1, unless_version: int | None = None
) -> Iterator[dict[str, list[Any]]]:
    """What the conversations in the table `chosen` began with, batch by batch.

    Columns: the keys, `subject`, `created_at`, `content_hash`, `body`, `text` as it was written, and `written`, its
    language. A hash of the id chooses the sample, so it never wobbles. Conversations whose text has a topic of
    `unless_version` already are left out.
    """
    sql = _TEXTS.format(only="SEMI", chosen=chosen)
    if sample_every > 1:
        sql += f" AND hash(c.source_id || c.conversation_id) % {sample_every} = 0"
    if unless_version is not None:
        sql = f"""
            SELECT t.* FROM ({sql}) t
            ANTI JOIN (FROM conversation_topics WHERE topic_version = {unless_version}) done
            USING (source_id, conversation_id, content_hash)"""
    if chosen == "conversations":
        sql += " ORDER BY c.source_id, c.conversation_id"
    for batch in writer.batches(sql, rows=BATCH_ROWS):
        rows = batch.to_pydict()
        begun = rows.pop("first")
        rows["body"] = [beginning(first) for first in begun]
        rows["text"] = [topic_text(s, b) for s, b in zip(rows["subject"], rows["body"], strict=True)]
        rows["written"] = [written_in(first) for first in begun]
        yield rows


def embedded(
    writer: Writer, chosen: str, compared: Compared, *, unless_version: int | None = None
) -> Iterator[tuple[dict[str, list[Any]], np.ndarray]]:
    """`beginnings`, in which `text` is what is compared, with the vectors of these texts."""
    for rows in beginnings(writer, chosen, unless_version=unless_version):
        rows["text"] = list(map(compared.read, rows["text"], rows["written"]))
        yield rows, local_embedder().embed(rows["text"])


def beginning(first: Sequence[Mapping[str, str | None]]) -> str:
    """The first message, with the next ones of its author until they say enough to be compared."""
    said: list[str] = []
    for message in first:
        if message["author"] != first[0]["author"] or sum(map(len, said)) >= SAYS_ENOUGH:
            break
        said.append(str(message["body"]))
    return "\n".join(said)


def written_in(first: Sequence[Mapping[str, str | None]]) -> str | None:
    """The language of the first of these messages that tells one."""
    return next((message["language"] for message in first if message["language"]), None)


def main_language(writer: Writer) -> str | None:
    """The language that most messages are written in; None where none was told."""
    rows = writer.query("""
        SELECT language FROM message_enrichment WHERE language IS NOT NULL
        GROUP BY language ORDER BY count(*) DESC, language LIMIT 1""")
    return rows["language"][0].as_py() if rows.num_rows else None


def last_compared(writer: Writer) -> Compared:
    """What the texts of the last fit were compared in."""
    rows = writer.query("SELECT language FROM topic_fits ORDER BY topic_version DESC LIMIT 1")
    words = frozenset((recall(writer, _WORDS) or "").split())
    return Compared(rows["language"][0].as_py() if rows.num_rows else None, words)


def keep_words(writer: Writer, compared: Compared) -> None:
    """Remember the common words beside the fit that reads with them. Call inside its transaction."""
    remember(writer, _WORDS, " ".join(sorted(compared.words)))


def topic_text(subject: str, body: str) -> str:
    """What of a conversation is compared: its subject and the first words of its author."""
    return f"{subject}\n{plain_words(body)[:MOST_CHARACTERS]}".strip()
