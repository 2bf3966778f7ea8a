"""Which conversations a change touches: their facts and enrichment are made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.tables import keys

if TYPE_CHECKING:
    import duckdb

    from store.writer import Writer

# Which conversations a changed row of these streams shows up in: names, teams, hours and targets.
_REFERRING = {
    "people": """SELECT conversation_id FROM conversations WHERE source_id = $source AND
                   (requester_id IN ({ids}) OR assignee_id IN ({ids}) OR submitter_id IN ({ids}))
                 UNION SELECT conversation_id FROM messages
                   WHERE source_id = $source AND author_id IN ({ids})""",
    "teams": "SELECT conversation_id FROM conversations WHERE source_id = $source AND team_id IN ({ids})",
    "organizations": """SELECT conversation_id FROM conversations WHERE source_id = $source
                        AND organization_id IN ({ids})""",
    "schedules": "SELECT conversation_id FROM conversations WHERE source_id = $source",
    "sla_policies": "SELECT conversation_id FROM conversations WHERE source_id = $source",
}
_REFERRING["person_roles"] = _REFERRING["people"]


def mark_all(writer: Writer) -> None:
    """Mark every conversation. Raises DiskFull."""
    writer.execute("INSERT INTO dirty_conversations SELECT source_id, conversation_id FROM conversations")


def mark(con: duckdb.DuckDBPyConnection, source_id: str, select: str) -> None:
    """Mark the conversations that a SELECT of conversation_id names."""
    con.execute(
        f"""INSERT INTO dirty_conversations SELECT DISTINCT $source, conversation_id FROM ({select})
            WHERE conversation_id IS NOT NULL AND conversation_id NOT IN
              (SELECT conversation_id FROM dirty_conversations WHERE source_id = $source)""",
        {"source": source_id},
    )


def mark_referring(con: duckdb.DuckDBPyConnection, source_id: str, stream: str) -> None:
    """Mark the conversations that refer to the rows in merge_delta."""
    if sql := _REFERRING.get(stream):
        mark(con, source_id, sql.format(ids=f"SELECT {keys(stream)[0]} FROM merge_delta"))
