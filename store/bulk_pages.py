"""A page of messages that have ids: one pass over its rows, because nothing in it depends on other rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.stream import FileRead
from store import bulk_rejects, tables
from store.bulk_columns import plausible, raw, value, version
from store.bulk_scan import NUMBER, PAGE
from store.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb

MADE = frozenset(
    {"message_id", "conversation_id", "seq", "author_role", "created_at", "author_email", "author_id"}
)  # fmt: skip


def fits(file: FileRead) -> bool:
    """Whether a page can be staged so: ids are given, and no role depends on who wrote first."""
    return not file.path and "message_id" in file.columns and not file.roles.first_author


def stage(
    con: duckdb.DuckDBPyConnection, file: FileRead, *, author: str, role: str, own: frozenset[str]
) -> list[str]:
    """Fill stage_messages and stage_people. `author` and `role` are the SQL of both; columns that begin with an
    underscore are for staging alone."""
    types, columns = tables.columns(con, "messages"), file.columns
    plain = {c: value(c, read, types[c]) for c, read in columns.items() if c in own - MADE}
    plain.setdefault("author_name", "NULL::VARCHAR")
    inner = {
        "message_id": raw(columns["message_id"]),
        "conversation_id": raw(columns["conversation_id"]),
        "created_at": value("created_at", columns["created_at"], types["created_at"]),
        "_created": raw(columns["created_at"]),
        "author": author,
        "told_role": f"lower({name_text(file.roles.column)})" if file.roles.column else "NULL::VARCHAR",
        "author_email": raw(columns["author_email"]) if "author_email" in columns else "NULL::VARCHAR",
        "source_version": version(file.version) if file.version else "NULL::HUGEINT",
        **plain,
    }
    if "edited_at" in columns:
        inner["_edited"] = raw(columns["edited_at"])
    given = ", ".join(f"{expression} AS {identifier(alias)}" for alias, expression in inner.items())
    told = ", ".join(f"{expression} AS {identifier(column)}" for column, expression in _kept(plain).items())
    created = plausible("created_at")
    source = con.execute("SELECT source_id FROM bulk_source").fetchone() or ("",)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE stage_messages AS SELECT {literal(source[0])} AS source_id,"
        f" {literal(file.source_file)} AS source_file, message_id,"
        f" conversation_id, author AS author_id, {role} AS author_role, {created} AS created_at,"
        f" {told}{', source_version' if file.version else ''}, n AS _n, author_email AS _email,"
        f" CASE WHEN ({created}) IS NULL THEN coalesce(_created, '') END AS _created,"
        f" {'_edited' if 'edited_at' in plain else 'NULL::VARCHAR'} AS _edited,"
        " CASE WHEN conversation_id IS NULL THEN 'the conversation id is empty'"
        " WHEN _created IS NULL THEN 'created_at is empty'"
        f" WHEN ({created}) IS NULL THEN 'created_at is not a usable date'"
        " WHEN message_id IS NULL THEN 'the message id is empty' END AS _problem"
        f" FROM (SELECT {NUMBER} AS n, {given} FROM {PAGE}) f"
    )
    _set_aside(con, file)
    return ["messages", *_people(con, file)]


def _kept(plain: Mapping[str, str]) -> dict[str, str]:
    """The message's own columns: to the staged column, or to what stands in for it."""
    kept = {column: identifier(column) for column in plain}
    kept["kind"] = "coalesce(kind, 'message')" if "kind" in plain else "'message'"
    # What does not say who may read it anybody may, but for a note, which only the team may.
    is_said = f"{kept['kind']} <> 'note'"
    kept["is_public"] = f"coalesce(is_public, {is_said})" if "is_public" in plain else is_said
    if "edited_at" in plain:
        kept["edited_at"] = plausible("edited_at")
    return kept


def name_text(column: str) -> str:
    """A source column's trimmed text."""
    return f"nullif(trim({identifier(column)}), '')"


def _set_aside(con: duckdb.DuckDBPyConnection, file: FileRead) -> None:
    twice = con.execute(
        "SELECT count(message_id) <> count(DISTINCT message_id) FROM stage_messages WHERE _problem IS NULL"
    ).fetchone()
    if twice and twice[0]:
        newest = "arg_max(_n, (coalesce(source_version, -1), _n))" if file.version else "max(_n)"
        why = literal(f"this message id appears again {bulk_rejects.again(file)}")
        con.execute(
            f"UPDATE stage_messages SET _problem = {why} FROM (SELECT message_id AS twice, {newest} AS last"
            " FROM stage_messages WHERE _problem IS NULL GROUP BY message_id HAVING count(*) > 1)"
            " WHERE message_id = twice AND _n <> last AND _problem IS NULL"
        )
    odd = con.execute("SELECT count(_problem), count(_edited) FROM stage_messages").fetchone() or (0, 0)
    if odd[0]:
        bulk_rejects.add(
            con,
            "SELECT 'messages' AS stream, coalesce(message_id, conversation_id) AS native_id, _n AS n,"
            " _problem AS reason, CASE WHEN _problem LIKE 'created_at%' THEN 'created_at' END AS field,"
            " _created AS sample FROM stage_messages WHERE _problem IS NOT NULL",
        )
        con.execute("DELETE FROM stage_messages WHERE _problem IS NOT NULL")
    if odd[1]:
        bulk_rejects.add(
            con,
            f"SELECT 'messages' AS stream, message_id AS native_id, _n AS n,"
            f" {literal(bulk_rejects.KEPT + 'edited_at is not a usable date')} AS reason, 'edited_at' AS field,"
            " _edited AS sample FROM stage_messages WHERE _edited IS NOT NULL AND edited_at IS NULL",
        )


def _people(con: duckdb.DuckDBPyConnection, file: FileRead) -> list[str]:
    """The authors, unless the source lists people; what was said last of one counts, in whatever page it is."""
    if "people" in file.elsewhere:
        return []
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stage_people AS SELECT s.source_id, s.source_file, c.* FROM ("
        " SELECT author_id AS person_id, coalesce(mode(author_role) FILTER (author_role IN"
        " ('customer', 'agent', 'bot')), 'customer') AS kind,"
        " coalesce(arg_max(author_name, (created_at, message_id)), author_id) AS name,"
        " arg_max(_email, (created_at, message_id)) AS email, max(created_at) AS updated_at,"
        " epoch_us(max(created_at))::HUGEINT AS source_version"
        " FROM stage_messages WHERE author_id IS NOT NULL GROUP BY author_id) c, bulk_source s"
    )
    row = con.execute("SELECT count(*) FROM stage_people").fetchone()
    return ["people"] if row and row[0] else []
