"""Rows that follow from other rows: conversations, status changes, people and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.stream import FileRead
from store import bulk_rejects, tables
from store.bulk_columns import json_of, plausible, raw, tag_list, value
from store.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb

NATIVE = ("status", "priority", "channel")
_SOLVED = "('solved', 'closed')"


def attributes(con: duckdb.DuckDBPyConnection, file: FileRead, own: frozenset[str]) -> dict[str, str]:
    """Expressions of the conversation's attributes that a file has, native values and custom fields included.

    Aliases are `c_<column>` and `x_<custom key>`; `c_tags` is the native text.
    """
    types, found = tables.columns(con, "conversations"), {}
    for canonical, read in file.columns.items():
        if canonical in own:
            continue
        if canonical.startswith("custom:"):
            found[f"x_{canonical[7:]}"] = raw(read)
        elif canonical == "tags":
            found["c_tags"] = raw(read)
        else:
            expression = value(canonical, read, types[canonical])
            found[f"c_{canonical}"] = (
                plausible(expression) if types[canonical] == "TIMESTAMP WITH TIME ZONE" else expression
            )
            if canonical in NATIVE and read.column and f"native_{canonical}" not in file.columns:
                found[f"c_native_{canonical}"] = raw(read)
    return found


def custom_json(keys: list[str], prefix: str = "x_") -> str:
    """One JSON object of the custom columns that are not empty; NULL when all are."""
    return json_of({key: identifier(prefix + key) for key in keys})


def conversations_of_messages(con: duckdb.DuckDBPyConnection, file: FileRead) -> list[str]:
    """stage_conversations from the message rows; where another file lists them, only those it misses."""
    have = [row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE bulk_rows)").fetchall()]
    told = [c for c in have if c.startswith(("c_", "x_")) and c != "c_tags"]
    latest = "".join(f", arg_max(r.{identifier(c)}, k.seq) AS {identifier(c)}" for c in told)
    keys = [c[2:] for c in told if c.startswith("x_")]
    columns = {c[2:]: identifier(c) for c in told if c.startswith("c_")}
    columns.setdefault("channel", "'file'")
    columns.setdefault("status", "'unknown'")
    columns.setdefault("priority", "'none'")
    columns.setdefault("requester_id", "opener")
    columns.setdefault("created_at", "began")
    if keys:
        columns["custom_fields"] = custom_json(keys)
    chosen = ", ".join(f"{expression} AS {identifier(column)}" for column, expression in columns.items())
    elsewhere = _ours_only("conversations", "conversation_id") if "conversations" in file.elsewhere else ""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE stage_conversations AS SELECT s.source_id, s.source_file,"
        f" c.conversation_id,"
        f" {chosen}, c.message_count::INTEGER AS message_count, c.last_message_at,"
        f" {precision(file, 'bulk_keys')} AS time_precision"
        " FROM (SELECT k.conversation_id, min(k.created_at) AS began, max(k.created_at) AS last_message_at,"
        " count(*) AS message_count, arg_min(k.author, k.seq) FILTER (k.author_role = 'customer') AS opener"
        f"{latest} FROM bulk_keys k JOIN bulk_rows r ON k.n = r.n GROUP BY k.conversation_id) c,"
        f" bulk_source s {elsewhere}"
    )
    bulk_rejects.unknown_values(con, "conversations", "stage_conversations")
    streams = ["conversations"]
    if "c_status" in have and "conversation_events" not in file.elsewhere:
        _status_changes(con)
        streams.append("conversation_events")
    if "c_tags" in have and "conversation_tags" not in file.elsewhere:
        tags(con, f"SELECT conversation_id, {tag_list('c_tags', file.tag_separator)} AS tags FROM bulk_rows"
                  " WHERE problem IS NULL")  # fmt: skip
        streams.append("conversation_tags")
    return streams


def _ours_only(table: str, key: str) -> str:
    """Leaves out rows that a file of their own delivers; what it misses is still made from what is here."""
    return (
        f"WHERE NOT EXISTS (SELECT 1 FROM {table} t, bulk_source b WHERE t.source_id = b.source_id"
        f" AND t.{key} = c.{key} AND t.source_file <> b.source_file AND NOT coalesce(t.is_deleted, false))"
    )


def precision(file: FileRead, table: str) -> str:
    """How fine the file's times are, seen over all its rows."""
    if file.time_precision:
        return literal(file.time_precision)
    return (
        "(SELECT CASE WHEN bool_and(created_at = date_trunc('day', created_at)) THEN 'day'"
        " WHEN bool_and(created_at = date_trunc('minute', created_at)) THEN 'min'"
        " WHEN bool_and(created_at = date_trunc('second', created_at)) THEN 's' ELSE 'ms' END"
        f" FROM {table})"
    )


def _status_changes(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_conversation_events AS SELECT s.source_id, s.source_file,"
        " md5(concat_ws(chr(31), conversation_id, 'status', epoch_us(created_at), c_status, n)) AS event_id,"
        " conversation_id, (row_number() OVER (PARTITION BY conversation_id ORDER BY seq))::INTEGER AS seq,"
        " created_at AS occurred_at, 'status' AS field, before AS old_value, c_status AS new_value,"
        " true AS is_derived"
        " FROM (SELECT *, lag(c_status) OVER (PARTITION BY conversation_id ORDER BY seq) AS before"
        " FROM (SELECT k.*, r.c_status FROM bulk_keys k JOIN bulk_rows r ON k.n = r.n WHERE"
        " r.c_status IS NOT NULL))"
        ", bulk_source s WHERE c_status IS DISTINCT FROM before"
    )


def dates_of_tickets(con: duckdb.DuckDBPyConnection) -> None:
    """stage_conversation_events from a ticket's own status and dates; none where they do not tell.

    A solved ticket was new until its date of resolution, and says nothing without one. An unsolved ticket has
    its present status since it was opened, as far as anybody knows.
    """
    has = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE stage_conversations)").fetchall()}
    ends = [c for c in ("last_solved_at", "first_solved_at", "closed_at") if c in has]
    ended = f"coalesce({', '.join(ends)})" if ends else "NULL::TIMESTAMPTZ"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_conversation_events AS WITH told AS ("
        f" SELECT source_id, source_file, conversation_id, created_at, status, {ended} AS ended,"
        f" status IN {_SOLVED} AS solved FROM stage_conversations"
        " WHERE status NOT IN ('unknown', 'deleted') AND created_at IS NOT NULL)"
        " SELECT source_id, source_file, md5(concat_ws(chr(31), conversation_id, 'status', seq)) AS event_id,"
        " conversation_id, seq, occurred_at, 'status' AS field, old_value, new_value, true AS is_derived FROM ("
        " SELECT *, 1::INTEGER AS seq, created_at AS occurred_at, NULL::VARCHAR AS old_value,"
        " if(solved, 'new', status) AS new_value FROM told WHERE NOT solved OR ended IS NOT NULL"
        " UNION ALL BY NAME SELECT *, 2::INTEGER AS seq, greatest(ended, created_at) AS occurred_at,"
        " 'new' AS old_value, status AS new_value FROM told WHERE solved AND ended IS NOT NULL)"
    )


def people(con: duckdb.DuckDBPyConnection, file: FileRead) -> list[str]:
    """stage_people: the authors that no other file of the source has told about already."""
    if not con.execute("SELECT 1 FROM bulk_keys WHERE author IS NOT NULL LIMIT 1").fetchone():
        return []
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_people AS SELECT s.source_id, s.source_file, c.* FROM ("
        " SELECT k.author AS person_id, coalesce(mode(k.author_role) FILTER (k.author_role IN"
        " ('customer', 'agent', 'bot')), 'customer') AS kind, coalesce(arg_max(r.author_name, k.n),"
        " k.author) AS name,"
        f" arg_max(r.author_email, k.n) AS email{_seen(file)} FROM bulk_keys k JOIN bulk_rows r ON k.n = r.n"
        f" WHERE k.author IS NOT NULL GROUP BY k.author) c, bulk_source s {_orphans(file)}"
    )
    return ["people"]


def _seen(file: FileRead) -> str:
    """In pages the word that was said last counts, whichever page comes first."""
    last = "max(k.created_at)"
    return "" if file.path else f", {last} AS updated_at, epoch_us({last})::HUGEINT AS source_version"


def _orphans(file: FileRead) -> str:
    return _ours_only("people", "person_id") if "people" in file.elsewhere else ""


def people_of_tickets(con: duckdb.DuckDBPyConnection, file: FileRead) -> list[str]:
    """stage_people: the requesters and assignees that no other file of the source has told about already."""
    has = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE stage_conversations)").fetchall()}
    found = [(c, k) for c, k in (("requester_id", "customer"), ("assignee_id", "agent")) if c in has]
    if not found:
        return []
    everyone = " UNION ALL ".join(
        f"SELECT {c} AS person_id, '{k}' AS kind FROM stage_conversations" for c, k in found
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_people AS SELECT s.source_id, s.source_file, c.* FROM"
        f" (SELECT person_id, min(kind) AS kind, person_id AS name FROM ({everyone}) WHERE person_id"
        f" IS NOT NULL"
        f" GROUP BY person_id) c, bulk_source s {_orphans(file)}"
    )
    return ["people"]


def tags(con: duckdb.DuckDBPyConnection, select: str) -> None:
    """stage_conversation_tags from (conversation_id, tags) rows."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_conversation_tags AS SELECT DISTINCT s.source_id, s.source_file,"
        f" t.conversation_id, t.tag FROM (SELECT conversation_id, unnest(tags) AS tag FROM"
        f" ({select})) t, bulk_source s"
    )
