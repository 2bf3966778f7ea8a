"""A requester taken out of the work file: their rows, and their marks in the texts of others.

What is deleted from a DuckDB file stays in its free blocks, so the file is written anew afterwards (`rewrite`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import encryption
from core.home import Home
from store import cipher, generations, requesters, state
from store.connection import connect
from store.faults import in_our_words
from store.marks import Marks
from store.tables import columns

if TYPE_CHECKING:
    import duckdb

    from store.requesters import Key

# Between two words, as they stand in a text or are written in JSON and HTML.
_BLANKS = r"(?:[\s\p{Z}]|\\[nrt]|\\u[0-9a-f]{4}|&nbsp;|&#160;)+"
_LIKE = 'regexp_matches(lower("{column}"::VARCHAR), ?)'
_TEXTS = {"VARCHAR", "JSON", "VARCHAR[]"}
# Who did something in a conversation of others.
_DOERS = {
    "conversations": ("submitter_id",), "conversation_parts": ("submitter_id",), "conversation_events": ("actor_id",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What the work file holds of a requester: rows by table, texts of others that name them, keys and marks."""

    people: tuple[requesters.Requester, ...]
    conversations: tuple[Key, ...]
    rows: dict[str, int]
    texts: dict[str, int]
    marks: Marks


def look(
    con: duckdb.DuckDBPyConnection, people: Sequence[requesters.Requester], also: Sequence[str]
) -> Found:
    """Everything there is of the people that `requesters.find` found."""
    requesters.collect(con)
    marks = requesters.marks(con, also)
    theirs = requesters.conditions(con)
    rows = {table: n for table, where in theirs.items() if (n := _count(con, table, where))}
    texts: dict[str, int] = {}
    for table, _, changes in _mentions(con, marks, theirs):
        texts[table] = texts.get(table, 0) + len(changes)
    keys = con.execute("FROM requester_conversations ORDER BY ALL").fetchall()
    return Found(tuple(people), tuple((one, other) for one, other in keys), rows, texts, marks)


def remove(con: duckdb.DuckDBPyConnection, marks: Marks, *, run_id: str) -> None:
    """Take out what `requesters.collect` noted; call it inside a transaction. Doing it again changes nothing."""
    theirs = requesters.conditions(con)
    con.execute(
        """INSERT INTO dirty_conversations SELECT DISTINCT source_id, conversation_id FROM (
             SELECT source_id, conversation_id FROM requester_messages
             UNION ALL SELECT source_id, conversation_id FROM csat WHERE (source_id, person_id) IN (FROM requester_found))
           WHERE conversation_id IS NOT NULL AND (source_id, conversation_id) NOT IN (FROM requester_conversations)
             AND (source_id, conversation_id) NOT IN (FROM dirty_conversations)"""
    )
    for table, where in theirs.items():
        con.execute(f'DELETE FROM "{table}" WHERE {where}')
    for table, doers in _DOERS.items():
        for doer in doers:
            con.execute(
                f"UPDATE {table} SET {doer} = NULL WHERE (source_id, {doer}) IN (FROM requester_found)"
            )
    for table, column, changes in _mentions(con, marks, {}):
        _replace(con, table, column, changes)
    state.mark_changed(con, run_id)


def name(con: duckdb.DuckDBPyConnection, conversations: Sequence[Key], people: Sequence[Key]) -> None:
    """Note whom and what `remove` and `left` are about, where `requesters.collect` has not done it."""
    for table, key, keys in (
        ("requester_found", "person_id", people), ("requester_conversations", "conversation_id", conversations),
    ):  # fmt: skip
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (source_id VARCHAR, {key} VARCHAR)")
        if keys:
            con.executemany(f"INSERT INTO {table} VALUES (?, ?)", [list(one) for one in keys])
    requesters.note_messages(con)


def left(con: duckdb.DuckDBPyConnection, marks: Marks) -> list[str]:
    """What a file still holds of somebody who was taken out, in words, after `name`; nothing where all is well."""
    rows = ((table, _count(con, table, where)) for table, where in requesters.conditions(con).items())
    found = [f"{n:,} rows of {table}" for table, n in rows if n]
    return found + [f"{table}.{column}" for table, column, _ in _mentions(con, marks, {})]


def rewrite(home: Home) -> None:
    """Write the closed work file anew, so that nothing deleted is left in it. Raises DiskFull; the old one stays then."""
    path = home.warehouse / "work.duckdb"
    scratch = path.with_suffix(".rewritten")
    generations.remove_database(scratch)
    try:
        with in_our_words(home, "the work file was written anew"):
            _write_anew(home, path, scratch)
        generations.sync(scratch)
    except BaseException:
        generations.remove_database(scratch)
        raise
    scratch.replace(path)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


def _write_anew(home: Home, path: Path, scratch: Path) -> None:
    con = connect(scratch, home, read_only=False)
    try:
        name = (con.execute("SELECT current_database()").fetchone() or ("",))[0]
        cipher.attach(con, path, "older", key=encryption.key(home), read_only=True)
        generations.require_room(home, _used(con, "older"), reserve_mb=0, what="the work file written anew")
        con.execute(f'COPY FROM DATABASE older TO "{name}"')
        con.execute("DETACH older")
        con.execute("CHECKPOINT")
    finally:
        con.close()


def _used(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Bytes of a file's blocks that hold something: what was deleted in whole blocks takes no room in a copy."""
    sizes = "SELECT used_blocks * block_size FROM pragma_database_size() WHERE database_name = ?"
    return int((con.execute(sizes, [name]).fetchone() or (0,))[0])


def _count(con: duckdb.DuckDBPyConnection, table: str, where: str) -> int:
    return int((con.execute(f'SELECT count(*) FROM "{table}" WHERE {where}').fetchone() or (0,))[0])


def _mentions(
    con: duckdb.DuckDBPyConnection, marks: Marks, besides: dict[str, str]
) -> Iterator[tuple[str, str, list[tuple[int, Any]]]]:
    """Table, column, and the rows with their new text, of every text with a mark, rows of `besides` left out."""
    if not marks.words:
        return
    tests = [_likely(form) for form in marks.forms]
    tests += [(_LIKE, number) for number in marks.numbers_in_addresses]
    tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY 1").fetchall()
    for (table,) in tables:
        if not con.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():
            continue
        where = f"AND ({besides[table]}) IS NOT TRUE" if table in besides else ""
        for column, kind in columns(con, table).items():
            if kind in _TEXTS and not column.endswith("_id"):
                likely = " OR ".join(test.format(column=column) for test, _ in tests)
                rows = con.execute(
                    f'SELECT rowid, "{column}" FROM "{table}" WHERE ({likely}) {where}',
                    [form for _, form in tests],
                ).fetchall()
                blot = marks.blot_json if kind == "JSON" else marks.blot_value
                changes = [(row, new) for row, text in rows if (new := blot(text)) != text]
                if changes:
                    yield table, column, changes


def _likely(form: str) -> tuple[str, str]:
    """A test of a column and what it looks for: words of one form may stand on two lines, in JSON too."""
    if len(words := form.split()) > 1:
        return _LIKE, _BLANKS.join(map(re.escape, words))
    return 'contains(lower("{column}"::VARCHAR), ?)', form


def _replace(con: duckdb.DuckDBPyConnection, table: str, column: str, changes: list[tuple[int, Any]]) -> None:
    import pyarrow as pa

    con.register(
        "erased_texts", pa.table({"n": [n for n, _ in changes], "text": [text for _, text in changes]})
    )
    try:
        con.execute(
            f'UPDATE "{table}" SET "{column}" = e.text FROM erased_texts e WHERE "{table}".rowid = e.n'
        )
    finally:
        con.unregister("erased_texts")
