"""Facts per conversation from messages and the event log: times, replies, reopens, mood, open stretches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from enrich import attributes
from enrich.base import Enricher
from enrich.sentiment import NEGATIVE_UP_TO, POSITIVE_FROM
from enrich.thanks import is_thanks_sql

if TYPE_CHECKING:
    from store.writer import Writer

ACKNOWLEDGED_WITHIN_S = 60
ACKNOWLEDGED_CONVERSATIONS = 20
SQL = Path(__file__).with_suffix(".sql")
# Columns that are another column seen in the reporting zone.
FACTS_LOCAL = {
    "created_local": "created_at",
    "last_activity_local": "last_activity_at",
    "first_reply_local": "first_reply_at",
    "first_solved_local": "first_solved_at",
    "last_solved_local": "last_solved_at",
    "csat_local": "csat_rated_at",
}
SPANS_LOCAL = {"opened_local": "opened_at", "closed_local": "closed_at"}

_COMMON_TEXTS = f"""
  SELECT text_hash FROM early_texts GROUP BY text_hash
  HAVING count(DISTINCT (source_id, conversation_id)) >= {ACKNOWLEDGED_CONVERSATIONS}"""


class Timings(Enricher):
    """The facts table and the open stretches."""

    name = "facts"
    version = 1
    builds_on = ("language", "sentiment", "topics")


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
    writer.execute(f"""
        INSERT INTO early_texts BY NAME
        SELECT m.source_id, m.message_id, m.conversation_id, md5(trim(m.body_text)) AS text_hash
        FROM messages m
        JOIN conversations c ON c.source_id = m.source_id AND c.conversation_id = m.conversation_id
        SEMI JOIN dirty_conversations d ON d.source_id = m.source_id AND d.conversation_id = m.conversation_id
        WHERE coalesce(m.author_role, 'unknown') <> 'customer' AND coalesce(m.is_public, true)
          AND trim(m.body_text) <> '' AND NOT coalesce(m.is_deleted, false)
          AND abs(epoch_us(m.created_at) - epoch_us(c.created_at)) <= {ACKNOWLEDGED_WITHIN_S * 1_000_000}""")
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


def fill(writer: Writer, zone: str) -> None:
    """Rewrite facts and open stretches of the conversations in the temporary table `batch`.

    Needs the temporary tables `acknowledgements`, `source_abilities` and `requester_columns`. Call inside a transaction.
    """
    text = SQL.read_text(encoding="utf-8")
    known = attributes.columns(writer)
    joins = "LEFT JOIN requester_columns x ON x.source_id = j.source_id AND x.person_id = j.requester_id"
    values = {
        ":attributes": "".join(f', x."{column}"' for column in known),
        ":attribute_join": joins if known else "",
        ":zone": zone,
        ":version": str(Timings.version),
        ":is_thanks": is_thanks_sql("body.body_text"),
        ":negative": repr(NEGATIVE_UP_TO),
        ":positive": repr(POSITIVE_FROM),
    }
    for mark, value in values.items():
        text = text.replace(mark, value)
    writer.execute(text)


def move_to_zone(writer: Writer, zone: str) -> None:
    """Recompute the wall-clock columns alone, for a changed reporting zone."""
    for table, columns in (("conversation_facts", FACTS_LOCAL), ("open_spans", SPANS_LOCAL)):
        changes = ", ".join(f"{local} = timezone('{zone}', {instant})" for local, instant in columns.items())
        writer.execute(f"UPDATE {table} SET {changes}")
