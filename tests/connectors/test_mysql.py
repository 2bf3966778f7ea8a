"""The MySQL connector against the contract of all connectors, on a real MariaDB."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

import pytest

from tests.connectors.contract import CANARY, ConnectorContract, Lab
from tests.connectors.sql_lab import NO_HTTP, SqlLab, utc
from tests.fakes.mariadb import Mariadb, mariadb

__all__ = ["mariadb"]


class MysqlLab(SqlLab):
    kind = "mysql"

    def __init__(self, server: Mariadb) -> None:
        super().__init__()
        self.server = server
        self.create({"message_id": False, "conversation_id": False, "created_at": True, "body_text": False})

    def address(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.server.port,
            "database": "lab",
            "user": "reader",
            "password": CANARY,
        }

    def create(self, columns: Mapping[str, bool]) -> None:
        kinds = {"body_text": "longtext"}
        told = ", ".join(
            f"{n} {'datetime(6)' if i else kinds.get(n, 'varchar(190)')}" for n, i in columns.items()
        )
        self.server.run(
            "DROP TABLE IF EXISTS messages",
            f"CREATE TABLE messages ({told}, updated_at datetime(6), KEY (updated_at, message_id))",
            database="lab",
        )

    def moment(self, text: str | None) -> Any:
        return utc(text)

    def fill(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        told = [(*row[:-1], row[-1].replace(tzinfo=None)) for row in rows]
        marks = ", ".join("%s" for _ in header)
        with (
            closing(self.server.connect(database="lab", max_allowed_packet=64 << 20)) as con,
            con.cursor() as cursor,
        ):
            cursor.execute("BEGIN")
            cursor.execute("DELETE FROM messages")
            cursor.executemany(f"INSERT INTO messages ({', '.join(header)}) VALUES ({marks})", told)
            cursor.execute("COMMIT")

    def content(self) -> Any:
        with closing(self.server.connect(database="lab")) as con, con.cursor() as cursor:
            cursor.execute("CHECKSUM TABLE messages")
            return cursor.fetchall()


class TestMysql(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = NO_HTTP

    @pytest.fixture
    def lab(self, mariadb: Mariadb) -> Iterator[Lab]:
        yield MysqlLab(mariadb)
