"""Reads that several pages and commands share. Everything is asked of one generation, for one viewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.viewer import Viewer
from store.reader import Reader

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation: its facts row and everything that belongs to it, in order."""

    facts: dict[str, Any]
    url: str | None
    messages: pa.Table
    events: pa.Table
    csat: pa.Table
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceMatch:
    """How many of those who asked a source of people knows. `rate` is None where nobody asked."""

    source_id: str
    people: int
    organizations: int
    matched: int
    rate: float | None
    by_rule: dict[str, int]
    conversations: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Somebody whom no source of people knows: masked, with one of their conversations to look at."""

    source_id: str
    requester: str
    reason: str
    conversations: int
    example: str


@dataclass(frozen=True, slots=True)
class AttributeSummary:
    """An attribute of customers; `reason` says why numbers cannot be split by it."""

    name: str
    title: str
    kind: str
    holders: int
    distinct_values: int
    is_dimension: bool
    reason: str


@dataclass(frozen=True, slots=True)
class DenominatorSummary:
    """A daily number that others are divided by, and the days that have one."""

    source_id: str
    name: str
    first_day: date
    last_day: date
    days: int


@dataclass(frozen=True, slots=True)
class CopySummary:
    """Conversations of one source that another delivers too; they are counted there."""

    source_id: str
    original_source_id: str
    rule: str
    conversations: int


@dataclass(frozen=True, slots=True)
class MatchReport:
    """Customers joined to those who asked: rates, who is missing, and what became of the attributes.

    `requesters` are people with counted conversations. `unmatched_total` counts all whom nothing is known of,
    `unmatched` holds those with the most conversations.
    """

    requesters: int
    matched: int
    rate: float | None
    sources: tuple[SourceMatch, ...]
    unmatched: tuple[Unmatched, ...]
    unmatched_total: int
    attributes: tuple[AttributeSummary, ...]
    denominators: tuple[DenominatorSummary, ...]
    copies: tuple[CopySummary, ...]


def conversation(
    reader: Reader, source_id: str, conversation_id: str, *, viewer: Viewer
) -> Conversation | None:
    """One conversation, or None when there is none that the viewer may see."""
    key = [source_id, conversation_id]

    def rows(sql: str) -> pa.Table:
        return reader.query(sql.replace("KEY", "source_id = ? AND conversation_id = ?"), key, viewer=viewer)

    facts = rows("SELECT * FROM {conversation_facts} WHERE KEY").to_pylist()
    if not facts:
        return None
    urls = rows("SELECT url FROM {conversations} WHERE KEY")["url"].to_pylist()
    tags = rows("SELECT tag FROM {conversation_tags} WHERE KEY AND NOT is_deleted ORDER BY tag")
    return Conversation(
        facts[0],
        urls[0] if urls else None,
        _messages(reader, key, viewer),
        rows(
            "SELECT * FROM {conversation_events} WHERE KEY AND NOT is_deleted ORDER BY occurred_at, seq, event_id"
        ),
        rows("SELECT * FROM {csat} WHERE KEY AND NOT is_deleted ORDER BY rated_at NULLS LAST, csat_id"),
        tuple(tags["tag"].to_pylist()),
    )


_ASKING = """
  asking AS (
    SELECT source_id, requester_id AS person_id, count(*) AS conversations, min(conversation_id) AS example
    FROM {conversation_facts} WHERE is_counted AND trim(coalesce(requester_id, '')) <> '' GROUP BY ALL)"""


def match_report(reader: Reader, viewer: Viewer, *, limit: int = 100) -> MatchReport:
    """Who of those who asked is known to the sources of people, and who is not."""

    def rows(sql: str) -> list[dict[str, Any]]:
        return list(reader.query(f"WITH {_ASKING} {sql}", viewer=viewer).to_pylist())

    (told,) = rows("""
        SELECT count(*) AS requesters,
          count(*) FILTER ((source_id, person_id) IN (
            SELECT (source_id, person_id) FROM {people_matches} WHERE rule IS NOT NULL)) AS matched
        FROM asking""")
    unmatched = rows(f"""
        , nobody AS (FROM asking ANTI JOIN (FROM {{people_matches}} WHERE rule IS NOT NULL) USING (source_id, person_id))
        SELECT n.source_id, {_MASKED} AS requester,
          CASE WHEN p.email IS NULL AND p.external_id IS NULL AND NOT contains(n.person_id, '@')
               THEN 'no e-mail address and no external id' ELSE 'in no source of people' END AS reason,
          n.conversations, n.example
        FROM nobody n LEFT JOIN {{people}} p ON p.source_id = n.source_id AND p.person_id = n.person_id
        ORDER BY n.conversations DESC, n.source_id, n.person_id LIMIT {int(limit)}""")
    attributes = rows("SELECT * EXCLUDE (edges) FROM {attributes} ORDER BY NOT is_dimension, name")
    denominators = rows("""
        SELECT source_id, name, min(day) AS first_day, max(day) AS last_day, count(*) AS days
        FROM {denominators} WHERE NOT coalesce(is_deleted, false) GROUP BY ALL ORDER BY ALL""")
    copies = rows("""
        SELECT source_id, original_source_id, rule, count(*) AS conversations
        FROM {conversation_copies} GROUP BY ALL ORDER BY ALL""")
    return MatchReport(
        requesters=told["requesters"], matched=told["matched"], rate=_rate(told["matched"], told["requesters"]),
        sources=_source_matches(rows, told["requesters"]),
        unmatched=tuple(Unmatched(**row) for row in unmatched), unmatched_total=told["requesters"] - told["matched"],
        attributes=tuple(AttributeSummary(**row) for row in attributes),
        denominators=tuple(DenominatorSummary(**row) for row in denominators),
        copies=tuple(CopySummary(**row) for row in copies),
    )  # fmt: skip


# An address keeps its domain, which says whose customer it is; names and numbers keep their first letter.
_MASKED = """CASE WHEN contains(coalesce(p.email, n.person_id), '@')
    THEN left(trim(coalesce(p.email, n.person_id)), 1) || '…@' || split_part(coalesce(p.email, n.person_id), '@', 2)
    ELSE left(trim(n.person_id), 1) || '…' END"""


def _source_matches(rows: Callable[[str], list[dict[str, Any]]], requesters: int) -> tuple[SourceMatch, ...]:
    """Sources that deliver people or organizations and no conversations."""
    found = rows("""
        , best AS (
          SELECT matched_source_id, source_id, person_id, arg_min(rule,
            list_position(['external id', 'e-mail', 'own', 'organization', 'domain'], rule)) AS rule
          FROM {people_matches} WHERE rule IS NOT NULL AND matched_source_id <> source_id GROUP BY ALL),
        counted AS (
          SELECT matched_source_id AS source_id, rule, count(*) AS n, sum(conversations)::BIGINT AS conversations
          FROM best JOIN asking USING (source_id, person_id) GROUP BY ALL),
        holders AS (
          SELECT source_id, count(*) FILTER (is_person) AS people, count(*) FILTER (NOT is_person) AS organizations
          FROM (SELECT source_id, true AS is_person FROM {people} WHERE NOT coalesce(is_deleted, false)
            UNION ALL SELECT source_id, false FROM {organizations} WHERE NOT coalesce(is_deleted, false))
          WHERE source_id NOT IN (SELECT source_id FROM {conversation_facts}) GROUP BY 1)
        SELECT h.*, coalesce(sum(c.n), 0)::BIGINT AS matched, coalesce(sum(c.conversations), 0)::BIGINT AS conversations,
          list({'rule': c.rule, 'n': c.n} ORDER BY c.rule) FILTER (c.rule IS NOT NULL) AS by_rule
        FROM holders h LEFT JOIN counted c USING (source_id) GROUP BY ALL ORDER BY h.source_id""")
    return tuple(
        SourceMatch(
            row["source_id"], row["people"], row["organizations"], row["matched"],
            _rate(row["matched"], requesters), {r["rule"]: r["n"] for r in row["by_rule"] or ()}, row["conversations"],
        )
        for row in found
    )  # fmt: skip


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def rejects(reader: Reader, *, viewer: Viewer, source_id: str | None = None, limit: int = 1000) -> pa.Table:
    """Rows that were set aside, newest reading first, with reason, file, line and masked sample."""
    return reader.query(
        f"""SELECT * FROM {{sync_rejects}} WHERE (?::VARCHAR IS NULL OR source_id = ?)
            ORDER BY occurred_at DESC, source_file, line NULLS LAST LIMIT {int(limit)}""",
        [source_id, source_id],
        viewer=viewer,
    )


def _messages(reader: Reader, key: Sequence[str], viewer: Viewer) -> pa.Table:
    return reader.query(
        """SELECT m.message_id, m.seq, m.created_at, m.author_id, coalesce(p.name, m.author_name) AS author,
             m.author_role, m.kind, m.is_public, m.body_text, e.clean_text, e.language,
             e.sentiment_score
           FROM {messages} m
           LEFT JOIN {people} p ON p.source_id = m.source_id AND p.person_id = m.author_id
           LEFT JOIN {message_enrichment} e ON e.source_id = m.source_id AND e.message_id = m.message_id
           WHERE m.source_id = ? AND m.conversation_id = ? AND NOT m.is_deleted ORDER BY m.seq""",
        key,
        viewer=viewer,
    )
