"""A requester taken out of what people created: rows about their conversations go, texts that name or quote them stay without.

Questions whose answers show them go whole. The audit log is the one exception to its own rule: entries stay, without what
named the person, and that is noted in it. Names of those who use the dashboard (owner, viewer, author) are never touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from sqlalchemy import JSON, Connection, Engine, RowMapping, Table, and_, delete, select, text, update
from sqlalchemy import String as Textual

from core.errors import StoreError
from core.home import Home
from store import person_links, runs
from store.database import database
from store.marks import ERASED, Marks
from store.workspace.audit import protect, unprotect
from store.workspace.tables import AUDIT, KEPT_WORDS, QUESTIONS, VERSION, metadata

_PARTS = (metadata, runs.metadata, person_links.metadata)
_WHO = frozenset({"viewer", "owner", "author", "added_by", "undone_by", "acknowledged_by", "view_owner"})
_PEOPLE_OF_OURS = frozenset({"signed_in", "tokens", "erasures"})


@dataclass(frozen=True)
class Gone:
    """Whom and what is to be forgotten: conversations and persons as (source, id), and their marks."""

    conversations: frozenset[tuple[str, str]]
    people: frozenset[tuple[str, str]]
    marks: Marks


@dataclass(frozen=True)
class _Change:
    table: Table
    row: RowMapping
    values: dict[str, Any] = field(default_factory=dict)  # none: the row goes

    def apply(self, con: Connection) -> None:
        this = and_(*(column == self.row[column.name] for column in self.table.primary_key))
        change = (
            update(self.table).where(this).values(self.values)
            if self.values
            else delete(self.table).where(this)
        )
        con.execute(change)


def look(home: Home, gone: Gone) -> dict[str, int]:
    """How many rows of each table would be changed or go."""
    with _engine(home).connect() as con:
        return dict(Counter(change.table.name for change in _changes(con, gone)))


def rows(home: Home, gone: Gone) -> dict[str, list[dict[str, Any]]]:
    """The rows that are about them or name them, as they are kept; caches apart."""
    found: dict[str, list[dict[str, Any]]] = {}
    with _engine(home).connect() as con:
        for change in _changes(con, gone):
            if change.table is not KEPT_WORDS:
                found.setdefault(change.table.name, []).append(dict(change.row))
    return found


def forget(home: Home, gone: Gone) -> None:
    """Take them out of the workspace, in one transaction. Raises StoreError."""
    with _engine(home).begin() as con:
        if (
            con.dialect.name == "sqlite"
        ):  # the driver begins by itself only before rows change, not before triggers do
            con.exec_driver_sql("BEGIN IMMEDIATE")
        changes = list(_changes(con, gone))
        unprotect(con)
        for change in changes:
            change.apply(con)
        protect(con)


def shred(home: Home) -> None:
    """Leave nothing deleted in the database's own files. Raises StoreError while somebody reads for long."""
    with _engine(home).connect().execution_options(isolation_level="AUTOCOMMIT") as con:
        if con.dialect.name == "postgresql":
            for part in _PARTS:
                for table in part.sorted_tables:
                    con.execute(text(f"VACUUM FULL {table.name}"))
            con.execute(text("VACUUM FULL erasures"))
            return
        con.exec_driver_sql("VACUUM")
        busy = con.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    if busy:
        raise StoreError(
            f"{home.workspace_db} is being read, so its log could not be emptied.",
            hint="Run the same command again.",
        )


def _engine(home: Home) -> Engine:
    for part, name, version in (
        (runs.metadata, "runs", runs.VERSION),
        (person_links.metadata, "person_links", 1),
    ):
        database(home, part, part=name, version=version)
    return database(home, metadata, part="workspace", version=VERSION)


def _changes(con: Connection, gone: Gone) -> Iterator[_Change]:
    for table in (table for part in _PARTS for table in part.sorted_tables):
        if table.name not in _PEOPLE_OF_OURS:
            for row in con.execute(select(table)).mappings():
                if _is_theirs(table, row, gone):
                    yield _Change(table, row)
                elif values := dict(_cleaned(table, row, gone.marks)):
                    yield _Change(table, row, {} if table is QUESTIONS else values)


def _is_theirs(table: Table, row: RowMapping, gone: Gone) -> bool:
    if table is KEPT_WORDS:  # a cache, whose keys do not say whom it is about
        return True
    if table is QUESTIONS:
        return _shows(row["answer_json"], gone.conversations)
    if table is person_links.LINKS:
        return bool(
            {(row["source_id"], row["person_id"]), (row["other_source_id"], row["other_id"])} & gone.people
        )
    return "conversation_id" in row and (row["source_id"], row["conversation_id"]) in gone.conversations


def _shows(value: Any, conversations: frozenset[tuple[str, str]]) -> bool:
    """Whether an answer speaks of one of these conversations anywhere."""
    if isinstance(value, dict):
        key = (value.get("source_id"), value.get("conversation_id"))
        return key in conversations or any(_shows(one, conversations) for one in value.values())
    return isinstance(value, list) and any(_shows(one, conversations) for one in value)


def _cleaned(table: Table, row: RowMapping, marks: Marks) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        old = row[column.name]
        if (
            old
            and isinstance(column.type, Textual | JSON)
            and column.name not in _WHO
            and not column.name.endswith("_id")
        ):
            new = marks.blot_value(old, quotes=True)
            if new != old and not isinstance(column.type, JSON) and _is_unique(table, column.name):
                new = new.replace(ERASED, f"[erased {token_hex(2)}]")
            if new != old:
                yield column.name, new


def _is_unique(table: Table, column: str) -> bool:
    return table is not AUDIT and (
        column in table.primary_key.columns or column in ("name", "key", "open_key")
    )
