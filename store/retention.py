"""Conversations that are kept for so many days only: which are due, taking them out, and keeping them out.

A conversation is as old as the last thing that happened in it: a message, an event, a rating, a solve. One that is
touched again before its time stays whole. Of one that was taken out a hash of its id is kept, and what a source sends of
it is left out before it is written, unless something in it is newer than the rule's first day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core import clock
from core.errors import RetentionHeld
from core.stream import Checkpoint
from store import erase, state
from store.horizon import RETENTION
from store.marks import Marks
from store.runs import RunLog
from store.tables import columns

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from store.requesters import Key

AHEAD = timedelta(days=14)  # a clock that is further ahead of everything known may be wrong
# Which columns of a stage say that something happened in a conversation.
_INSTANTS = {
    "conversations": ("created_at", "updated_at", "last_message_at", "last_solved_at", "closed_at"),
    "messages": ("created_at",), "conversation_events": ("occurred_at",), "csat": ("rated_at",),
}  # fmt: skip
_HASH = "sha256(concat_ws(chr(31), {source}, {key}::VARCHAR))"
_DUE = """CREATE OR REPLACE TEMP TABLE requester_conversations AS
  WITH happened AS (
    SELECT source_id, conversation_id, max(moment) AS last_at FROM (
      SELECT source_id, conversation_id, created_at AS moment FROM messages WHERE NOT is_deleted
      UNION ALL SELECT source_id, conversation_id, occurred_at FROM conversation_events WHERE NOT is_deleted
      UNION ALL SELECT source_id, conversation_id, rated_at FROM csat WHERE NOT is_deleted)
    WHERE source_id IN (SELECT source_id FROM retention_rules) GROUP BY ALL)
  SELECT c.source_id, c.conversation_id FROM conversations c JOIN retention_rules r USING (source_id)
    LEFT JOIN happened h USING (source_id, conversation_id)
  WHERE greatest(c.created_at, c.last_message_at, c.last_solved_at, c.closed_at, h.last_at) < r.kept_since"""


@dataclass(frozen=True, slots=True)
class Due:
    """How many conversations and messages of a source are older than its rule allows; `kept_since` (UTC) is when it begins."""

    source: str
    kept_since: datetime
    conversations: int
    messages: int


def look(con: duckdb.DuckDBPyConnection, kept_since: Mapping[str, datetime]) -> list[Due]:
    """What is due by source, of sources with a rule. Leaves the temp tables that `remove` and `due_keys` go by."""
    con.execute("CREATE OR REPLACE TEMP TABLE retention_rules (source_id VARCHAR, kept_since TIMESTAMPTZ)")
    for source, since in kept_since.items():
        con.execute("INSERT INTO retention_rules VALUES (?, ?)", [source, since])
    con.execute(_DUE)
    rows = con.execute(
        """SELECT source_id, count(DISTINCT conversation_id), count(m.message_id) FROM requester_conversations
           LEFT JOIN messages m USING (source_id, conversation_id) GROUP BY 1"""
    ).fetchall()
    counts = {source: (talks, messages) for source, talks, messages in rows}
    return [Due(source, since, *counts.get(source, (0, 0))) for source, since in sorted(kept_since.items())]


def _newest(con: duckdb.DuckDBPyConnection, *, until: datetime) -> datetime | None:
    """The last thing that happened in any conversation, at or before `until` (UTC); None where nothing did."""
    found = []
    for table, names in _INSTANTS.items():
        for name in names:
            if name != "updated_at":  # which a source may set by itself
                row = con.execute(f"SELECT max({name}) FROM {table} WHERE {name} <= ?", [until]).fetchone()
                found += [row[0]] if row and row[0] is not None else []
    return max(found, default=None)


def known_now(con: duckdb.DuckDBPyConnection, log: RunLog, now: datetime) -> datetime:
    """`now` (UTC); where the clock is more than AHEAD after it, the newest instant that is known here.

    Known are what happened in conversations, by the clocks of their sources, and refreshes that ended well and whose clock
    was not doubted itself.
    """
    ended = log.last_end(until=now)
    found = [one for one in (_newest(con, until=now), ended) if one is not None]
    return max(found) if found and now - max(found) > AHEAD else now


def held(con: duckdb.DuckDBPyConnection, log: RunLog) -> RetentionHeld | None:
    """Why nothing may be removed by its age until somebody confirms the clock; None where it may."""
    now = clock.now()
    known = known_now(con, log, now)
    if known == now:
        return None
    return RetentionHeld(
        f"nothing is removed by its age: the clock says {now:%Y-%m-%d}, which is {(now - known).days:,} days after "
        f"the newest conversation and the last refresh whose clock was not in doubt ({known:%Y-%m-%d}).",
        hint="Set the clock right. Where it is right, `python -m jobs retention --yes` removes what is too old.",
    )


def sources_with_conversations(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Of which sources there are conversations, whether or not the settings still name them."""
    return [
        row[0] for row in con.execute("SELECT DISTINCT source_id FROM conversations ORDER BY 1").fetchall()
    ]


def due_keys(con: duckdb.DuckDBPyConnection) -> list[Key]:
    """The conversations that are due, after `look`."""
    rows = con.execute("FROM requester_conversations ORDER BY ALL").fetchall()
    return [(source, native) for source, native in rows]


def remove(con: duckdb.DuckDBPyConnection, due: Sequence[Due], *, run_id: str, now: datetime) -> None:
    """Take out what `look` found, and remember its hashes; call it inside a transaction."""
    con.execute("CREATE OR REPLACE TEMP TABLE requester_found (source_id VARCHAR, person_id VARCHAR)")
    con.execute(
        """CREATE OR REPLACE TEMP TABLE requester_messages AS SELECT source_id, message_id, conversation_id
           FROM messages WHERE (source_id, conversation_id) IN (FROM requester_conversations)"""
    )
    key = _HASH.format(source="source_id", key="conversation_id")
    con.execute(
        f"INSERT INTO retired_conversations SELECT source_id, {key}, ? FROM requester_conversations", [now]
    )
    for one in due:
        if one.conversations:
            point = Checkpoint(RETENTION, {}, "retention", horizon=one.kept_since)
            state.save_cursor(con, one.source, point, fingerprint="retention", run_id=run_id)
    erase.remove(con, Marks(), run_id=run_id)


class Retired:
    """Keeps out what a rule took out. `kept_since` (UTC) by source; of a source without a rule everything may come back."""

    def __init__(self, kept_since: Mapping[str, datetime]) -> None:
        self._kept_since = dict(kept_since)
        self.rows = 0

    def keep_out(self, con: duckdb.DuckDBPyConnection, streams: Sequence[str], *, source_id: str) -> None:
        """Take rows of retired conversations out of `stage_<stream>`; one in which something is new is retired no longer."""
        if not self._is_any(con, source_id):
            return
        key = _HASH.format(source="$source", key="conversation_id")
        known = "SELECT key_hash FROM retired_conversations WHERE source_id = $source"
        staged = [name for name in streams if "conversation_id" in columns(con, f"stage_{name}")]
        for stream in staged:
            news, given = self._news(con, stream, source_id)
            con.execute(
                f"""DELETE FROM retired_conversations WHERE source_id = $source AND key_hash IN
                    (SELECT {key} FROM stage_{stream} WHERE {news})""",
                given,
            )
        for stream in staged:
            row = con.execute(
                f"DELETE FROM stage_{stream} WHERE {key} IN ({known})", {"source": source_id}
            ).fetchone()
            self.rows += int(row[0]) if row else 0

    def without(self, con: duckdb.DuckDBPyConnection, keys: pa.Table, *, source_id: str) -> pa.Table:
        """Keys of conversations that are not retired: a source need not be asked for the others."""
        if source_id not in self._kept_since or not self._is_any(con, source_id):
            return keys
        con.register("incoming_keys", keys)
        try:
            hashed = _HASH.format(source="$source", key="conversation_id")
            return con.execute(
                f"""FROM incoming_keys WHERE {hashed} NOT IN
                    (SELECT key_hash FROM retired_conversations WHERE source_id = $source)""",
                {"source": source_id},
            ).to_arrow_table()
        finally:
            con.unregister("incoming_keys")

    def _news(
        self, con: duckdb.DuckDBPyConnection, stream: str, source_id: str
    ) -> tuple[str, dict[str, object]]:
        """SQL of whether a staged row is newer than the rule's first day, with its parameters."""
        if source_id not in self._kept_since:
            return "true", {"source": source_id}
        has = columns(con, f"stage_{stream}")
        tests = [f"{name}::TIMESTAMPTZ >= $since" for name in _INSTANTS.get(stream, ()) if name in has]
        if not tests:
            return "false", {"source": source_id}
        return " OR ".join(tests), {"source": source_id, "since": self._kept_since[source_id]}

    def _is_any(self, con: duckdb.DuckDBPyConnection, source_id: str) -> bool:
        found = con.execute("SELECT 1 FROM retired_conversations WHERE source_id = ? LIMIT 1", [source_id])
        return found.fetchone() is not None


def note_text(keys: Sequence[Key]) -> str:
    """What is kept beside the warehouse until everything that follows a removal is done."""
    return json.dumps({"conversations": [list(key) for key in keys]})


def noted(text: str) -> list[Key]:
    """The conversations of a note; none of one that was cut off."""
    try:
        return [(str(source), str(native)) for source, native in json.loads(text)["conversations"]]
    except (ValueError, KeyError, TypeError):
        return []
