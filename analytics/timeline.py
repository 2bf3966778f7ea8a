"""What happened in a conversation: who did what, and when. For showing a few, not for counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.result import Event
from core.keys import Key
from core.viewer import Viewer
from store.spoken import spoken

if TYPE_CHECKING:
    from store.reader import Reader

MOST = 30  # events of one conversation
LONGEST = 120  # characters of a message

# Keys are compared twice: the list of ids lets whole blocks of the tables be skipped.
_SQL = f"""
WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS source_id, unnest(?::VARCHAR[]) AS conversation_id),
happened AS (
  SELECT source_id, conversation_id, created_at AS at, NULL AS actor_id, NULL AS actor_name, 'customer' AS role,
    'created' AS field, NULL AS was, NULL AS became, -1 AS seq, 0 AS sort
  FROM {{conversation_facts}} WHERE conversation_id IN (SELECT unnest(?::VARCHAR[]))
  UNION ALL
  SELECT source_id, conversation_id, occurred_at, actor_id, NULL, actor_role, field, old_value, new_value, seq, 2
  FROM {{conversation_events}}
  WHERE conversation_id IN (SELECT unnest(?::VARCHAR[])) AND NOT coalesce(is_deleted, false)
  UNION ALL
  SELECT source_id, conversation_id, created_at, author_id, author_name, author_role, 'message', NULL,
    left(body_text, ?), seq, 1
  FROM {{messages}} m
  WHERE conversation_id IN (SELECT unnest(?::VARCHAR[])) AND {spoken("m")}),
placed AS (
  SELECT h.*, row_number() OVER (PARTITION BY h.source_id, h.conversation_id ORDER BY h.at, h.sort, h.seq) AS place
  FROM happened h JOIN wanted w ON w.source_id = h.source_id AND w.conversation_id = h.conversation_id
  WHERE h.at IS NOT NULL)
SELECT p.source_id, p.conversation_id, p.at,
  CASE WHEN p.field = 'created' THEN NULL
    ELSE coalesce(a.name, p.actor_name, a.handle, p.actor_id, p.role) END AS who, p.role, p.field,
  coalesce(wp.name, wt.name, p.was) AS was, coalesce(bp.name, bt.name, p.became) AS became
FROM placed p
LEFT JOIN {{people}} a ON a.source_id = p.source_id AND a.person_id = p.actor_id
LEFT JOIN {{people}} wp ON p.field = 'assignee' AND wp.source_id = p.source_id AND wp.person_id = p.was
LEFT JOIN {{people}} bp ON p.field = 'assignee' AND bp.source_id = p.source_id AND bp.person_id = p.became
LEFT JOIN {{teams}} wt ON p.field = 'team' AND wt.source_id = p.source_id AND wt.team_id = p.was
LEFT JOIN {{teams}} bt ON p.field = 'team' AND bt.source_id = p.source_id AND bt.team_id = p.became
WHERE p.place <= ? ORDER BY p.source_id, p.conversation_id, p.place
"""


def events(reader: Reader, keys: Sequence[Key], viewer: Viewer) -> dict[Key, tuple[Event, ...]]:
    """The first events of each conversation in order: its creation, changes of its fields, public messages."""
    if not keys:
        return {}
    sources, ids = [source for source, _ in keys], [conversation for _, conversation in keys]
    rows = reader.query(_SQL, [sources, ids, ids, ids, LONGEST, ids, MOST], viewer=viewer).to_pylist()
    found: dict[Key, list[Event]] = defaultdict(list)
    for row in rows:
        what = _what(row["field"], row["was"], row["became"])
        found[row["source_id"], row["conversation_id"]].append(
            Event(row["at"], row["who"], row["role"], row["field"], what)
        )
    return {key: tuple(happened) for key, happened in found.items()}


def _what(field: str, was: str | None, became: str | None) -> str:
    if field == "created":
        return "created"
    if field == "message":
        return became or ""
    return f"{field}: {was or '-'} to {became or '-'}"
