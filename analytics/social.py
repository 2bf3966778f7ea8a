"""Posts in public: those that moved most people, from sources that tell how often a post was liked, shared and seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.memo import per_reader
from analytics.periods import default_period, midnight
from analytics.population import is_counted
from core.filters import Filters
from core.keys import KEYS
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

KINDS = ("twitter",)  # kinds of sources whose posts carry an engagement
MOST = 20


@dataclass(frozen=True, slots=True)
class Post:
    """One post. `at` is wall-clock time of the reporting zone; `author` a handle, a name or an id.

    `engagement` adds up likes, reposts, quotes and replies, as the source counted them when it was last read.
    """

    source: str
    conversation_id: str
    message_id: str
    at: datetime
    author: str | None
    role: str
    text: str
    sentiment_score: float | None
    likes: int
    reposts: int
    quotes: int
    replies: int
    impressions: int | None
    engagement: int


@per_reader
def sources(reader: Reader, viewer: Viewer) -> tuple[str, ...]:
    """Sources of posts that have brought conversations, by name."""
    rows = reader.query(
        "SELECT source_id FROM {sources} WHERE kind IN (SELECT unnest(?::VARCHAR[])) "
        "AND source_id IN (SELECT source_id FROM {conversation_facts}) ORDER BY 1",
        [list(KINDS)],
        viewer=viewer,
    )
    return tuple(rows["source_id"].to_pylist())


def posts(
    reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer, limit: int = MOST
) -> tuple[Post, ...]:
    """The posts of the period that moved most people, of conversations that pass the filters; the most first.

    Posts that nobody liked, shared, answered or saw are left out. Without a period: the last 30 full days. Raises QuestionError.
    """
    period = filters.period or default_period(reader, settings)
    zone = settings.workspace.zone
    start, until = (
        midnight(day).replace(tzinfo=zone).astimezone(UTC) for day in (period.start, period.until)
    )
    include = (*filters.include, *settings.counting.include)
    sql = _sql(reader, filters.over(None), include, viewer)
    rows = reader.select(sql, [start, start, until, limit]).to_pylist()
    return tuple(Post(**{**row, "at": row["at"].astimezone(zone).replace(tzinfo=None)}) for row in rows)


_POSTS = """
  WITH told AS (
    SELECT m.source_id AS source, m.conversation_id, m.message_id, m.created_at AS at, m.author_id, m.author_name,
      coalesce(m.author_role, 'unknown') AS role, coalesce(m.body_text, '') AS text,
      {like} AS likes, {retweet} AS reposts, {quote} AS quotes, {reply} AS replies,
      TRY_CAST(m.engagement ->> 'impression' AS BIGINT) AS impressions,
      {like} + {retweet} + {quote} + {reply} AS engagement
    FROM ({messages}) m
    -- Whatever was posted later, its conversation was active then: the join stays as small as the period.
    SEMI JOIN (SELECT * FROM ({chosen}) WHERE last_activity_at >= ?) f
      ON f.source_id = m.source_id AND f.conversation_id = m.conversation_id
    WHERE m.engagement IS NOT NULL AND NOT coalesce(m.is_deleted, false) AND m.created_at >= ? AND m.created_at < ?
      AND ({like} + {retweet} + {quote} + {reply} > 0 OR TRY_CAST(m.engagement ->> 'impression' AS BIGINT) > 0)
    ORDER BY engagement DESC, impressions DESC NULLS LAST, m.created_at, m.message_id LIMIT ?)
  SELECT told.* EXCLUDE (author_id, author_name), coalesce('@' || p.handle, p.name, author_name, author_id) AS author,
    e.sentiment_score
  FROM told
  LEFT JOIN ({people}) p ON p.source_id = told.source AND p.person_id = told.author_id
  LEFT JOIN ({enriched}) e ON e.source_id = told.source AND e.message_id = told.message_id
  ORDER BY engagement DESC, impressions DESC NULLS LAST, told.at, told.message_id"""


@per_reader
def _sql(reader: Reader, filters: Filters, include: tuple[str, ...], viewer: Viewer) -> str:
    from store.reader import compiled

    tables = partial(reader.table, viewer=viewer)
    facts = dimensions.where(dimensions.facts(tables, dimensions.names_of(filters)), filters)
    parts = {name: compiled(tables(table)) for name, table in _TABLES.items()}
    chosen = facts.filter(is_counted(facts, include))
    parts["chosen"] = compiled(chosen.select(*KEYS, "last_activity_at"))
    for name in ("like", "retweet", "quote", "reply"):
        parts[name] = f"coalesce(TRY_CAST(m.engagement ->> '{name}' AS BIGINT), 0)"
    # One pass: what a filter's value holds is not looked into again.
    return _POSTS.format(**parts)


_TABLES = {"messages": "messages", "people": "people", "enriched": "message_enrichment"}
