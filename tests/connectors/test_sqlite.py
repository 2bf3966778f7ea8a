"""The SQLite connector against the contract of all connectors, and what only SQLite does."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.connectors.contract import ConnectorContract, Lab
from tests.connectors.sql_lab import NO_HTTP, SqlLab


class SqliteLab(SqlLab):
    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        with closing(sqlite3.connect(path)) as con:
            con.execute("PRAGMA journal_mode = wal")
            con.execute(
                "CREATE TABLE messages (message_id, conversation_id, created_at, body_text, updated_at)"
            )

    def address(self) -> dict[str, Any]:
        return {"path": str(self.path)}

    def create(self, columns: Mapping[str, bool]) -> None:
        with closing(sqlite3.connect(self.path)) as con:
            con.execute("DROP TABLE messages")
            con.execute(f"CREATE TABLE messages ({', '.join(columns)}, updated_at)")
            con.execute("CREATE INDEX by_change ON messages (updated_at, message_id)")

    def fill(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        marks = ", ".join("?" for _ in header)
        told = [(*row[:-1], row[-1].strftime("%Y-%m-%dT%H:%M:%S.%fZ")) for row in rows]
        with closing(sqlite3.connect(self.path)) as con, con:
            con.execute("DELETE FROM messages")
            con.executemany(f"INSERT INTO messages ({', '.join(header)}) VALUES ({marks})", told)

    def content(self) -> Any:
        with closing(sqlite3.connect(self.path)) as con:
            return list(con.iterdump())


class TestSqlite(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = NO_HTTP

    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return SqliteLab(tmp_path / "helpdesk.db")
