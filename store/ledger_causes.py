"""Why a number of closed days is another one now, as far as the warehouse can count it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.reader import Reader

_SEEN = (
    "JOIN sync_runs s ON s.source_id = c.source_id AND s.run_id = c.first_seen_run AND s.started_at >= $since"
)


@dataclass(frozen=True, slots=True)
class Span:
    """The conversations of a number (a SELECT with their keys), the column and the local times they count
    between, and the instant since when changes are asked for.
    """

    rows: str
    bucket: str
    start: datetime
    until: datetime
    since: datetime


def arrived(reader: Reader, span: Span) -> int:
    """Conversations of the number that a source delivered for the first time since then."""
    return _count(
        reader,
        f"""SELECT count(DISTINCT (c.source_id, c.conversation_id)) FROM ({span.rows}) r
            JOIN conversations c ON c.source_id = r.source_id AND c.conversation_id = r.conversation_id {_SEEN}""",
        {"since": span.since},
    )


def rated(reader: Reader, span: Span) -> int:
    """Conversations of the number, known before, of which a rating was delivered since then."""
    return _count(
        reader,
        f"""SELECT count(DISTINCT (c.source_id, c.conversation_id)) FROM ({span.rows}) r
            JOIN csat c ON c.source_id = r.source_id AND c.conversation_id = r.conversation_id
              AND NOT coalesce(c.is_deleted, false) {_SEEN}
            JOIN conversations v ON v.source_id = r.source_id AND v.conversation_id = r.conversation_id
              AND v.first_seen_run IS DISTINCT FROM c.first_seen_run""",
        {"since": span.since},
    )


def deleted(reader: Reader, span: Span) -> int:
    """Conversations that would be in the number and were deleted since then."""
    return _count(
        reader,
        f"""SELECT count(*) FROM conversation_facts f
            JOIN conversations c ON c.source_id = f.source_id AND c.conversation_id = f.conversation_id
            WHERE f.excluded_because = 'deleted' AND c.deleted_at >= $since
              AND f."{span.bucket}" >= $start AND f."{span.bucket}" < $until""",
        {"since": span.since, "start": span.start, "until": span.until},
    )


def reopened(reader: Reader, span: Span) -> int:
    """Conversations whose solve lay in the period and was undone since then."""
    return _count(
        reader,
        """SELECT count(DISTINCT (source_id, conversation_id)) FROM solves
           WHERE is_counted AND reopened_at >= $since AND solved_local >= $start AND solved_local < $until""",
        {"since": span.since, "start": span.start, "until": span.until},
    )


def _count(reader: Reader, sql: str, params: dict[str, datetime]) -> int:
    with reader.cursor() as cursor:
        return int(cursor.execute(sql, params).fetchall()[0][0])
