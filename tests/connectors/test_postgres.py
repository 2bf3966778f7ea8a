"""The PostgreSQL connector against the contract of all connectors, on a real server."""

import csv
import io
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

import pytest

from tests.connectors.contract import CANARY, ConnectorContract, Lab
from tests.connectors.sql_lab import NO_HTTP, SqlLab
from tests.fakes.postgres import Postgres, postgres

__all__ = ["postgres"]


class PostgresLab(SqlLab):
    kind = "postgres"

    def __init__(self, server: Postgres) -> None:
        super().__init__()
        self.server, self.database = server, f"lab_{uuid.uuid4().hex[:12]}"
        server.run(f"CREATE DATABASE {self.database}")
        self.create({"message_id": False, "conversation_id": False, "created_at": True, "body_text": False})

    def address(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1", "port": self.server.port, "database": self.database, "user": "reader",
            "password": CANARY,
        }  # fmt: skip

    def create(self, columns: Mapping[str, bool]) -> None:
        told = ", ".join(
            f"{name} {'timestamptz' if instant else 'text'}" for name, instant in columns.items()
        )
        self.server.run(
            "DROP TABLE IF EXISTS messages",
            f"CREATE TABLE messages ({told}, updated_at timestamptz)",
            "CREATE INDEX ON messages (updated_at, message_id)",
            dbname=self.database,
        )

    def fill(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        text = io.StringIO()
        csv.writer(
            text, quoting=csv.QUOTE_NOTNULL if hasattr(csv, "QUOTE_NOTNULL") else csv.QUOTE_ALL
        ).writerows(["\\N" if v is None else v for v in row] for row in rows)
        text.seek(0)
        with closing(self.server.connect(dbname=self.database)) as con, con.cursor() as cursor:
            cursor.execute("BEGIN; DELETE FROM messages")
            cursor.copy_expert(
                f"COPY messages ({', '.join(header)}) FROM STDIN (FORMAT csv, NULL '\\N', FORCE_NULL ({', '.join(header)}))",
                text,
            )
            cursor.execute("COMMIT")

    def drop(self) -> None:
        self.server.run(f"DROP DATABASE {self.database} WITH (FORCE)")

    def content(self) -> Any:
        with closing(self.server.connect(dbname=self.database)) as con, con.cursor() as cursor:
            cursor.execute("SELECT md5(string_agg(m::text, '|' ORDER BY m::text)) FROM messages m")
            return cursor.fetchall()


@pytest.fixture
def lab(postgres: Postgres) -> Iterator[PostgresLab]:
    one = PostgresLab(postgres)
    yield one
    one.drop()


class TestPostgres(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = {**NO_HTTP, "NUL": "a text cannot hold the character"}

    @pytest.fixture
    def lab(self, postgres: Postgres) -> Iterator[Lab]:
        one = PostgresLab(postgres)
        yield one
        one.drop()
