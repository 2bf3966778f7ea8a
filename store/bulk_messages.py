"""A file with one message a row: messages, and the conversations and people that follow from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.stream import ColumnRead, FileRead
from store import bulk_derive, bulk_pages, bulk_rejects, tables
from store.bulk_columns import listed, plausible, raw, value, version
from store.bulk_scan import scan
from store.sql import identifier

if TYPE_CHECKING:
    import duckdb

# Columns of a message; everything else in such a file is an attribute of its conversation.
OWN = frozenset(
    {"message_id", "conversation_id", "seq", "author_id", "author_name", "author_email", "author_role",
        "is_public",
     "kind", "in_reply_to", "body_text", "body_html", "language", "created_at", "edited_at", "engagement"}
)  # fmt: skip
_ROLES = ("customer", "agent", "bot", "system", "unknown")


def stage(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> list[str]:
    """Fill stage_conversations, stage_messages, stage_people and what status columns tell."""
    if bulk_pages.fits(file):
        return bulk_pages.stage(con, file, author=author(file), role=_role(file), own=OWN)
    _rows(con, path, file)
    _set_aside(con, path, file)
    _keys(con, file)
    _messages(con, path, file)
    # A page may hold some of a conversation's messages only: nothing follows from them about the whole.
    streams = bulk_derive.conversations_of_messages(con, file) if file.path else []
    return [*streams, "messages", *bulk_derive.people(con, file)]


def _rows(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> None:
    types, attributes = tables.columns(con, "messages"), bulk_derive.attributes(con, file, OWN)
    columns = file.columns
    typed = {
        "conversation_id": raw(columns["conversation_id"]),
        "created_at": value("created_at", columns["created_at"], types["created_at"]),
        "created_raw": raw(columns["created_at"]),
        "author": author(file),
        "author_name": raw(columns["author_name"]) if "author_name" in columns else "NULL::VARCHAR",
        "author_email": raw(columns["author_email"]) if "author_email" in columns else "NULL::VARCHAR",
        "told_role": f"lower({quoted_column(file.roles.column)})" if file.roles.column else "NULL::VARCHAR",
        "told_seq": value("seq", columns["seq"], "BIGINT") if "seq" in columns else "NULL::BIGINT",
        "native_id": raw(columns["message_id"]) if "message_id" in columns else "NULL::VARCHAR",
        "edited_raw": raw(columns["edited_at"]) if "edited_at" in columns else "NULL::VARCHAR",
        "edited_at": value("edited_at", columns["edited_at"], types["edited_at"])
        if "edited_at" in columns
        else "NULL::TIMESTAMPTZ",
        "told_version": version(file.version) if file.version else "NULL::HUGEINT",
        "text_hash": "NULL::UUID" if "message_id" in columns else f"md5(coalesce({_text(file)}, ''))::UUID",
        **attributes,
    }
    inner = ", ".join(f"{expression} AS {identifier(alias)}" for alias, expression in typed.items())
    no_id = "WHEN native_id IS NULL THEN 'the message id is empty'"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE bulk_rows AS SELECT * REPLACE ({plausible('created_at')} AS"
        f" created_at,"
        f" CASE WHEN {plausible('created_at')} IS NULL THEN coalesce(created_raw, '') END AS created_raw,"
        f" {plausible('edited_at')} AS edited_at),"
        f" edited_raw IS NOT NULL AND ({plausible('edited_at')}) IS NULL AS bad_edited_at,"
        " CASE WHEN conversation_id IS NULL THEN 'the conversation id is empty'"
        f" WHEN created_raw IS NULL THEN 'created_at is empty'"
        f" WHEN ({plausible('created_at')}) IS NULL THEN 'created_at is not a usable date'"
        f" {no_id if 'message_id' in columns else ''}"
        f" END AS problem FROM (SELECT n, {inner} FROM {scan(path, file, rejects=True)})"
    )


def quoted_column(column: str) -> str:
    """A file column's trimmed text."""
    return raw(ColumnRead(column))


def author(file: FileRead) -> str:
    """The SQL expression that says who wrote: id, else e-mail, else name."""
    given = [raw(file.columns[c]) for c in ("author_id", "author_email", "author_name") if c in file.columns]
    return f"coalesce({', '.join(given)})" if given else "NULL::VARCHAR"


def _text(file: FileRead) -> str:
    given = [
        identifier(file.columns[c].column or "") for c in ("body_text", "body_html") if c in file.columns
    ]
    return f"coalesce({', '.join(given)})" if given else "NULL::VARCHAR"


def _set_aside(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> None:
    if "message_id" in file.columns:
        bulk_rejects.mark_again(con, file, "this message id")
    bulk_rejects.add(
        con,
        "SELECT 'messages' AS stream, coalesce(native_id, conversation_id) AS native_id, n, problem"
        " AS reason,"
        " CASE WHEN problem LIKE 'created_at%' THEN 'created_at' END AS field, created_raw AS sample"
        " FROM bulk_rows WHERE problem IS NOT NULL",
    )
    if "edited_at" in file.columns:
        bulk_rejects.bad_instants(con, scan(path, file), file, "messages", ["edited_at"])


def _keys(con: duckdb.DuckDBPyConnection, file: FileRead) -> None:
    """Number the messages of each conversation, and decide ids and roles.

    The source's own sequence is the order where each message of a conversation has its place in it; else time is.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bulk_keys AS SELECT n, conversation_id, created_at, author, seq,"
        f" coalesce(native_id, {_made_id()}) AS message_id, {_role(file)} AS author_role"
        " FROM (SELECT *, row_number() OVER in_order AS seq, first_value(author) OVER in_order AS opener,"
        f" {_occurrence(file)} AS occurrence FROM (SELECT *, CASE WHEN bool_and(told_seq IS NOT NULL)"
        " OVER (PARTITION BY conversation_id) THEN told_seq END AS sequence FROM bulk_rows WHERE problem IS NULL)"
        " WINDOW in_order AS (PARTITION BY conversation_id ORDER BY sequence, created_at, told_seq NULLS LAST, n))"
    )


def _occurrence(file: FileRead) -> str:
    # The same words by the same person in the same minute are two messages; counting keeps them apart.
    if "message_id" in file.columns:
        return "1"
    return "row_number() OVER (PARTITION BY conversation_id, created_at, author, text_hash ORDER BY n)"


def _made_id() -> str:
    parts = "conversation_id, epoch_us(created_at), coalesce(author, ''), text_hash, occurrence"
    return f"md5(concat_ws(chr(31), {parts}))"


def _role(file: FileRead) -> str:
    roles = file.roles
    rules = []
    told = "told_role" if roles.column else "lower(author)"
    for role in _ROLES:
        if natives := [native.lower() for native, ours in roles.values if ours == role]:
            rules.append(f"WHEN {told} IN ({listed(natives)}) THEN '{role}'")
    if roles.column:
        rules.append(f"WHEN told_role IN ({listed(_ROLES)}) THEN told_role")
    if roles.agents:
        agents = listed(agent.lower() for agent in roles.agents)
        rules.append(f"WHEN lower(author) IN ({agents}) OR lower(author_name) IN ({agents})"
                     f" OR lower(author_email) IN ({agents}) THEN 'agent'")  # fmt: skip
    if roles.first_author:
        other = "agent" if roles.first_author == "customer" else "customer"
        rules.append(
            f"WHEN author = opener THEN '{roles.first_author}' WHEN author IS NOT NULL THEN '{other}'"
        )
    return f"CASE {' '.join(rules)} ELSE '{roles.default}' END" if rules else f"'{roles.default}'"


def _messages(con: duckdb.DuckDBPyConnection, path: Path, file: FileRead) -> None:
    types = tables.columns(con, "messages")
    made = {"message_id", "conversation_id", "seq", "author_role", "created_at", "author_email", "author_id"}
    plain = {c: value(c, read, types[c]) for c, read in file.columns.items() if c in OWN - made}
    if "edited_at" in plain:
        plain["edited_at"] = plausible(plain["edited_at"])
    plain["kind"] = f"coalesce({plain.get('kind', 'NULL')}, 'message')"
    # Of a note that does not say who may read it nobody but the team may.
    plain["is_public"] = f"coalesce({plain.get('is_public', 'NULL')}, {plain['kind']} <> 'note')"
    if file.version:
        plain["source_version"] = version(file.version)
    place = ", k.seq::INTEGER AS seq" if file.path else ""  # in a page it is not known
    given = place + "".join(f", {expression} AS {identifier(column)}" for column, expression in plain.items())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_messages AS SELECT s.source_id, s.source_file, k.message_id,"
        f" k.conversation_id, k.author AS author_id, k.author_role,"
        f" k.created_at{given}"
        f" FROM {scan(path, file)} f JOIN bulk_keys k ON f.n = k.n, bulk_source s"
    )
