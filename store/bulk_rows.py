"""A file with one ticket a row, or with rows of one canonical stream."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.stream import KEYS, FileRead
from store import bulk_derive, bulk_rejects, tables
from store.bulk_columns import json_of, plausible, raw, tag_list, value, version
from store.bulk_scan import scan
from store.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb

_INSTANT = "TIMESTAMP WITH TIME ZONE"
# Without this instant a row says nothing about time and is set aside.
NEEDED = {"conversations": "created_at", "messages": "created_at", "conversation_events": "occurred_at"}
# Keys that are made from the row's words when a file has none.
MADE = {
    "conversation_events": ("conversation_id", "occurred_at", "field", "old_value", "new_value"),
    "csat": ("conversation_id", "rated_at", "person_id"),
    "messages": ("conversation_id", "created_at", "author_id", "body_text"),
    "sla_policies": ("name", "metric", "priority", "target_seconds"),
}
# Keys that something else on the row stands for where a file has none.
_NAMED_BY = {
    "people": {"email": "lower({})"},
    "organizations": {"domains": "lower(({})[1])", "name": "{}"},
}
# Parts of a key that may be empty: a row without them holds from the beginning.
_OPTIONAL_KEYS = frozenset({"valid_from"})


def stage(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> list[str]:
    """Fill stage_<stream>; a ticket file also gives messages, events, people and tags."""
    stream = file.stream or "conversations"
    columns = _columns(con, file, stream)
    _rows(con, path, file, stream, columns)
    _set_aside(con, path, file, stream)
    chosen = ", ".join(f"{expression} AS {identifier(column)}" for column, expression in columns.items())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE stage_{stream} AS SELECT s.source_id, s.source_file, f.* FROM"
        f" (SELECT n AS row_n, {chosen} FROM {scan(path, file)}) f JOIN bulk_rows k ON f.row_n = k.n,"
        " bulk_source s WHERE k.problem IS NULL ORDER BY f.row_n"
    )
    con.execute(f"ALTER TABLE stage_{stream} DROP COLUMN row_n")
    if stream != "conversations":
        return [stream]
    bulk_rejects.unknown_values(con, stream, "stage_conversations")
    return ["conversations", *_ticket_parts(con, path, file)]


def _columns(con: duckdb.DuckDBPyConnection, file: FileRead, stream: str) -> dict[str, str]:
    types = tables.columns(con, stream)
    found: dict[str, str] = {}
    for canonical, read in file.columns.items():
        if canonical in types:
            expression = value(canonical, read, types[canonical])
            found[canonical] = plausible(expression) if types[canonical] == _INSTANT else expression
            native = f"native_{canonical}"
            if (
                canonical in (*bulk_derive.NATIVE, "score")
                and read.column
                and native in types
                and native not in file.columns
            ):
                found[native] = raw(read)
    custom = {c[7:]: raw(read) for c, read in file.columns.items() if c.startswith("custom:")}
    if custom and "custom_fields" in types and "custom_fields" not in found:
        found["custom_fields"] = json_of(custom)
    _complete_key(stream, found)
    if stream == "conversations":
        _complete_ticket(file, found)
    if file.version:
        found["source_version"] = version(file.version)
    return found


def _complete_key(stream: str, found: dict[str, str]) -> None:
    key = KEYS[stream][0]
    if key in found:
        return
    if stream in MADE:
        parts = [found[c] for c in MADE[stream] if c in found]
        texts = ", ".join(f"coalesce(({part})::VARCHAR, '')" for part in parts)
        found[key] = f"md5(concat_ws(chr(31), {texts}))"
    names = [sql.format(found[c]) for c, sql in _NAMED_BY.get(stream, {}).items() if c in found]
    if names:
        found[key] = f"coalesce({', '.join(names)})"


def _complete_ticket(file: FileRead, found: dict[str, str]) -> None:
    found.setdefault("channel", "'file'")
    found.setdefault("status", "'unknown'")
    found.setdefault("priority", "'none'")
    if "conversation_events" not in file.elsewhere:
        # Exports fill the resolution date of open tickets too; only a solved status makes it a solve.
        for column in ("first_solved_at", "last_solved_at", "closed_at"):
            if column in found:
                found[column] = (
                    f"CASE WHEN ({found['status']}) IN ('solved', 'closed') THEN {found[column]} END"
                )


def _rows(
    con: duckdb.DuckDBPyConnection, path: Path, file: FileRead, stream: str, columns: dict[str, str]
) -> None:
    types = tables.columns(con, stream)
    keys = [key for key in KEYS[stream] if key in columns]
    needed = NEEDED.get(stream)
    instants = [c for c, read in file.columns.items() if types.get(c) == _INSTANT and read.column]
    parsed = {c: plausible(value(c, file.columns[c], _INSTANT)) for c in instants}
    parts = [f"concat_ws(chr(31), {', '.join(f'({columns[k]})::VARCHAR' for k in keys)}) AS native_id"]
    parts += [
        f"{raw(file.columns[c])} IS NOT NULL AND ({parsed[c]}) IS NULL AS {identifier('bad_' + c)}"
        for c in instants
    ]
    parts.append(
        f"{raw(file.columns[needed])} AS needed_raw" if needed in parsed else "NULL::VARCHAR AS needed_raw"
    )
    parts.append(f"{version(file.version) if file.version else 'NULL::HUGEINT'} AS told_version")
    tests = [
        f"WHEN ({columns[k]}) IS NULL THEN {literal(k + ' is empty')}"
        for k in keys
        if k not in _OPTIONAL_KEYS
    ]
    if needed in parsed:
        tests.append(f"WHEN {raw(file.columns[needed])} IS NULL THEN {literal(needed + ' is empty')}")
        tests.append(f"WHEN ({parsed[needed]}) IS NULL THEN {literal(needed + ' is not a usable date')}")
    problem = f"CASE {' '.join(tests)} END" if tests else "NULL::VARCHAR"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE bulk_rows AS SELECT n, {', '.join(parts)}, {problem} AS problem"
        f" FROM {scan(path, file, rejects=True)}"
    )


def _set_aside(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead, stream: str) -> None:
    bulk_rejects.mark_again(con, file, "this id")
    needed = NEEDED.get(stream, "")
    bulk_rejects.add(
        con,
        f"SELECT {literal(stream)} AS stream, native_id, n, problem AS reason,"
        f" CASE WHEN needed_raw IS NOT NULL AND problem LIKE '%usable date' THEN {literal(needed)} END"
        f" AS field,"
        " needed_raw AS sample FROM bulk_rows WHERE problem IS NOT NULL",
    )
    types = tables.columns(con, stream)
    instants = [
        c for c, read in file.columns.items() if types.get(c) == _INSTANT and read.column and c != needed
    ]
    bulk_rejects.bad_instants(con, scan(path, file), file, stream, instants)


def _ticket_parts(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> list[str]:
    streams = []
    told = con.execute(f"SELECT {bulk_derive.precision(file, 'stage_conversations')}").fetchone()
    fine = literal(str(told[0] if told else "s"))  # a default costs nothing, an update writes every row again
    if "time_precision" in file.columns:
        con.execute(f"UPDATE stage_conversations SET time_precision = {fine} WHERE time_precision IS NULL")
    else:
        con.execute(f"ALTER TABLE stage_conversations ADD COLUMN time_precision VARCHAR DEFAULT {fine}")
    if "conversation_events" not in file.elsewhere:
        bulk_derive.dates_of_tickets(con)
        streams.append("conversation_events")
    if "tags" in file.columns and "conversation_tags" not in file.elsewhere:
        words = tag_list(raw(file.columns["tags"]), file.tag_separator)
        ident = raw(file.columns["conversation_id"])
        bulk_derive.tags(
            con,
            f"SELECT {ident} AS conversation_id, {words} AS tags FROM {scan(path, file)} f"
            " JOIN bulk_rows k ON f.n = k.n WHERE k.problem IS NULL",
        )
        streams.append("conversation_tags")
    if "body_text" in file.columns:
        _description(con, path, file)
        streams.append("messages")
        streams += bulk_derive.people_of_tickets(con, file)
    return streams


def _description(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> None:
    """The text of a ticket is its requester's first message."""
    ident, body = (
        raw(file.columns["conversation_id"]),
        value("body_text", file.columns["body_text"], "VARCHAR"),
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_messages AS SELECT c.source_id, c.source_file,"
        " c.conversation_id || ':description' AS message_id, c.conversation_id, 1::INTEGER AS seq,"
        f" {'c.requester_id' if 'requester_id' in file.columns else 'NULL::VARCHAR'} AS author_id,"
        " 'customer' AS author_role, true AS is_public, 'message' AS kind, f.body_text, c.created_at"
        f" FROM (SELECT n, {ident} AS conversation_id, {body} AS body_text FROM {scan(path, file)}) f"
        " JOIN bulk_rows k ON f.n = k.n JOIN stage_conversations c ON c.conversation_id = f.conversation_id"
        " WHERE k.problem IS NULL AND f.body_text IS NOT NULL"
    )
