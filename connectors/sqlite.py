"""SQLite files through the standard library: opened read only, values of any type as text."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors._sql import SqlConnector
from connectors._sql_config import STREAMS, SqlConfig, TableConfig
from connectors._sql_database import Column, Database, Kind, Rows
from connectors._sql_errors import said
from connectors._sql_pages import as_text
from connectors._sql_propose import proposed
from core.errors import AppError, SourceNotFound

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?$")
_SEEN = 500  # rows whose values tell what a column holds


class SqliteConfig(SqlConfig):
    """A `[[sources]]` table of kind `sqlite`."""

    path: str = Field(description="The database file.")


class Streamed:
    """A cursor over a statement that runs as it is read."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.cursor = cursor

    def fetch(self, many: int) -> Sequence[Sequence[Any]]:
        """The next rows."""
        return self.cursor.fetchmany(many)

    def close(self) -> None:
        """End the statement."""
        self.cursor.close()


class SqliteDatabase(Database):
    """One connection in one read transaction."""

    def __init__(self, source: str, config: SqliteConfig) -> None:
        super().__init__(source)
        self.config = config
        self.con: sqlite3.Connection | None = None

    def open(self) -> None:
        """Read only twice: mode=ro alone would still allow ATTACH and temporary tables."""
        path = Path(self.config.path).expanduser()
        if not path.is_file():
            raise SourceNotFound(f"there is no file {path}.", hint="Check path.", source=self.source)
        uri = f"file:{quote(str(path.resolve()))}?mode=ro"
        self.con = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
        self.con.text_factory = _decoded
        self.con.execute("PRAGMA query_only = on")
        self.con.set_authorizer(_only_reading)
        self.con.execute("BEGIN")
        self.con.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def close(self) -> None:
        """Let go of the file."""
        if self.con is not None:
            with suppress(sqlite3.Error):
                self.con.close()
            self.con, self.is_open = None, False

    def interrupt(self) -> None:
        """Stop the running statement."""
        with suppress(Exception):
            if self.con is not None:
                self.con.interrupt()

    def explained(self, error: Exception) -> AppError | None:
        """By what SQLite says."""
        if not isinstance(error, sqlite3.Error):
            return None
        told = str(error)
        if "not authorized" in told or "prohibited" in told or "readonly" in told:
            return said("writes", self.source, told)
        if "no such table" in told or "unable to open" in told:
            return said("missing", self.source, told)
        if "locked" in told or "busy" in told:
            return said("gone", self.source, told, message="another program holds the file.")
        if "not a database" in told or "malformed" in told:
            return said("data", self.source, told, message="the file is no SQLite database, or it is damaged.",
                        hint="Copy it again; if it is encrypted, export it first.")  # fmt: skip
        if "interrupted" in told:
            return said("slow", self.source, told)
        return said("schema", self.source, told)

    def fetch_all(self, sql: str, timeout_s: float | None) -> list[tuple[Any, ...]]:
        """All rows of a small query."""
        return list(self._cursor().execute(sql).fetchall())

    def _cursor(self) -> sqlite3.Cursor:
        assert self.con is not None  # noqa: S101 - `ready` was called before
        return self.con.cursor()

    def open_rows(self, sql: str) -> Rows:
        """A statement that gives its rows one by one."""
        return Streamed(self._cursor().execute(sql))

    def columns(self, relation: str, timeout_s: float) -> list[Column]:
        """Names, and kinds as the first values show them: a column may hold anything here."""
        self.ready()
        with self.told():
            cursor = self._cursor().execute(f"SELECT * FROM {relation} LIMIT {_SEEN}")
            rows = cursor.fetchall()
        names = [d[0] for d in cursor.description]
        return [Column(name, _kind([row[n] for row in rows])) for n, name in enumerate(names)]

    def tables(self) -> list[str]:
        """Tables and views of the file."""
        found = self.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
        return [str(row[0]) for row in found if not str(row[0]).startswith("sqlite_")]

    def now(self) -> datetime:
        """This machine's clock, for the file has none of its own."""
        ((seconds,),) = self.fetch_all("SELECT (julianday('now') - 2440587.5) * 86400.0", None)
        return datetime.fromtimestamp(float(seconds), UTC)

    def name(self, identifier: str) -> str:
        """In double quotes, those inside doubled."""
        return '"' + identifier.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """In single quotes, those inside doubled."""
        return "'" + value.replace("'", "''") + "'"

    def as_text(self, column: Column, of: str) -> str:
        """As it is stored; Python makes text of it."""
        return of

    def moment(self, at: datetime, zone: str, example: str | None, column: Column) -> str:
        """In the shape of the values that are there: they are compared as text."""
        local = at.astimezone(UTC if _ends_in_utc(example) else ZoneInfo(zone)).replace(tzinfo=None)
        return local.isoformat("T" if "T" in (example or "") else " ", "microseconds")


def _told(entry: TableConfig | None) -> dict[str, Any]:
    """What an entry without a table says about the one that is proposed."""
    return {} if entry is None else {name: getattr(entry, name) for name in entry.model_fields_set}


def _ends_in_utc(example: str | None) -> bool:
    return bool(example) and (str(example).endswith(("Z", "z", "+00:00", "+00", "UTC")))


def _decoded(data: bytes) -> str:
    """Text that is no UTF-8 keeps its bytes, so that its row can be set aside instead of ending the reading."""
    return data.decode("utf-8", "surrogateescape")


def _only_reading(action: int, *_: Any) -> int:
    allowed = (
        sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    )  # fmt: skip
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _kind(values: Sequence[Any]) -> Kind:
    told = [v for v in values if v is not None]
    if not told:
        return "text"
    if all(isinstance(v, (int, float)) for v in told):
        return "number"
    if all(isinstance(v, bytes) for v in told):
        return "binary"
    return "instant" if all(_ISO.match(as_text(v) or "") for v in told) else "text"


class SqliteConnector(SqlConnector):
    """Tables and queries of a SQLite file; without settings, its tables are looked at and proposed."""

    kind: ClassVar[str] = "sqlite"
    title: ClassVar[str] = "SQLite"
    Config = SqliteConfig
    config: SqliteConfig

    def database(self) -> SqliteDatabase:
        """A connection that is not open yet."""
        return SqliteDatabase(self.name, self.config)

    def entries(self, database: Database) -> dict[str, TableConfig]:
        """What the settings name, else what the tables look like, with what the settings say about them."""
        given = self.config.entries()
        found = {stream: entry for stream, entry in given.items() if entry.named}
        if not found:
            found = {
                stream: entry.model_copy(update=_told(given.get(stream)))
                for stream, entry in proposed(database, self.config).items()
            }
        return {stream: found[stream] for stream in STREAMS.values() if stream in found}
