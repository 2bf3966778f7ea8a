"""PostgreSQL through psycopg2: server-side cursors in one read-only snapshot, values cast to text by the server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors._sql import SqlConnector
from connectors._sql_address import require_readable, unreadable
from connectors._sql_config import ServerConfig
from connectors._sql_database import TAG_MARK, Column, Database, Rows, in_turn
from connectors._sql_errors import not_valid, said, tls
from core.access import LOOPBACK
from core.errors import AppError
from core.settings import secret_value

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
_tls = partial(tls, mode="sslmode", authority="sslrootcert", off="disable")
_NUMBERS = frozenset({20, 21, 23, 26, 700, 701, 790, 1700})
_INSTANTS, _BYTES = frozenset({1082, 1114, 1184}), 17
# First two characters of an SQLSTATE, or the whole of one, to what it means for us.
_STATES = {
    "28": "auth", "42501": "permission", "42P01": "missing", "3F000": "missing", "3D000": "missing",
    "42": "schema", "25006": "writes", "57014": "slow", "22": "data", "0A": "schema",
    "08": "gone", "53": "gone", "57": "gone", "40": "gone", "55": "gone", "58": "gone", "XX": "gone",
}  # fmt: skip
# What libpq says before there is an SQLSTATE, in the words of its source.
_WORDS = {
    "password authentication failed": ("auth", "", ""),
    "no password supplied": ("auth", "the server asks for a password.", "Set password, or give it in the dsn."),
    "no pg_hba.conf entry": (
        "auth", "the server takes no connection from here for this account.",
        "Add a line for it to pg_hba.conf; the text says whether it wants encryption.",
    ),
    "root certificate file": (
        "tls", "there is no certificate to verify the server by.",
        "Set sslrootcert to the file of the authority that signed the server's certificate, or to system.",
    ),
    "certificate verify failed": ("tls", *_tls("not_trusted")),
    "does not match host name": ("tls", *_tls("another_name")),
    "server does not support SSL": ("tls", *_tls("not_offered")),
    "SSL error": ("tls", *_tls("failed")),
    "does not exist": ("missing", "the database or the account does not exist.", "Check database and user."),
}  # fmt: skip


class PostgresConfig(ServerConfig):
    """A `[[sources]]` table of kind `postgres`."""

    sslmode: SslMode | None = Field(
        None, description="verify-full for other machines and prefer for this one, unless set."
    )
    sslrootcert: str | None = Field(
        None,
        description="File of the authority that signed the server's certificate; the system's when empty.",
    )


class Streamed:
    """A named cursor."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def fetch(self, many: int) -> Sequence[Sequence[Any]]:
        """The next rows."""
        found: Sequence[Sequence[Any]] = self.cursor.fetchmany(many)
        return found

    def close(self) -> None:
        """Let the server forget the cursor."""
        self.cursor.close()


class PostgresDatabase(Database):
    """One connection; several named cursors live side by side in its transaction."""

    keeps_zone = True

    def __init__(self, source: str, config: PostgresConfig) -> None:
        super().__init__(source)
        self.config = config
        self.con: Any = None
        self.cursors = 0

    def open(self) -> None:
        """Try the servers in turn. The last one's error counts."""
        import psycopg2

        self.con, _ = in_turn(psycopg2.connect, self._addresses(), psycopg2.OperationalError)
        self._pin()

    def _addresses(self) -> list[dict[str, Any]]:
        config = self.config
        base = self._from_dsn()
        base |= config.account("dbname")
        base |= {
            "connect_timeout": max(1, round(config.connect_timeout_s)),
            "application_name": "supportlens",
        }
        base |= {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        named = [
            {"host": host, "port": port} for host, port in config.addresses(int(base.get("port") or 5432))
        ]
        return [self._with_tls({**base, **one}) for one in named or [{}]]

    def _from_dsn(self) -> dict[str, Any]:
        import psycopg2
        from psycopg2.extensions import parse_dsn

        if self.config.dsn is None:
            return {}
        text = secret_value(self.config.dsn)
        require_readable(text, self.source)
        try:
            found: dict[str, Any] = parse_dsn(text)
            int(found.get("port") or 0)
        except (psycopg2.Error, ValueError):
            raise unreadable(self.source) from None
        return found

    def _with_tls(self, address: dict[str, Any]) -> dict[str, Any]:
        """Full verification of other machines, unless the settings or the dsn say otherwise."""
        hosts = str(address.get("host") or "").split(",")
        here = all(not host or host.startswith("/") or host in LOOPBACK for host in hosts)
        mode = self.config.sslmode or address.get("sslmode") or ("prefer" if here else "verify-full")
        address["sslmode"] = mode
        if self.config.sslrootcert:
            address["sslrootcert"] = self.config.sslrootcert
        elif mode == "verify-full" and "sslrootcert" not in address:
            address["sslrootcert"] = "system"
        return address

    def _pin(self) -> None:
        """UTC, plain formats, nothing but reading, and one snapshot until the end."""
        from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

        self.con.set_client_encoding("UTF8")
        self.con.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True, autocommit=True)
        with self.con.cursor() as cursor:
            cursor.execute(
                "SET default_transaction_read_only = on; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD';"
                " SET bytea_output = 'hex'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
            )
        self.con.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True, autocommit=False)
        with self.con.cursor() as cursor:
            cursor.execute(
                "SELECT 1"
            )  # takes the snapshot, after which the transaction cannot be made to write

    def close(self) -> None:
        """Let go of the connection."""
        if self.con is not None:
            with suppress(Exception):
                self.con.close()
            self.con, self.is_open = None, False

    def interrupt(self) -> None:
        """Ask the server to stop the running query."""
        with suppress(Exception):
            if self.con is not None:
                self.con.cancel()

    def explained(self, error: Exception) -> AppError | None:
        """By SQLSTATE; before a connection stands, by libpq's words."""
        import psycopg2

        if isinstance(error, UnicodeDecodeError):
            return not_valid(self.source)
        if not isinstance(error, psycopg2.Error):
            return None
        state, told = error.pgcode, str(error)
        if state is not None:
            what = _STATES.get(state) or _STATES.get(state[:2])
            return said(what or "schema", self.source, told)
        for words, (what, message, hint) in _WORDS.items():
            if words in told:
                return said(what, self.source, told, message=message, hint=hint)
        lost = self.con is not None
        return said("gone" if lost else "refused", self.source, told)

    def fetch_all(self, sql: str, timeout_s: float | None) -> list[tuple[Any, ...]]:
        """All rows; a failure does not end the snapshot, for a savepoint stands before it."""
        with self.con.cursor() as cursor:
            cursor.execute("SAVEPOINT small")
            cursor.execute(f"SET LOCAL statement_timeout = {int((timeout_s or 0) * 1000)}")
            try:
                cursor.execute(sql)
                found: list[tuple[Any, ...]] = cursor.fetchall()
            finally:
                if not self.con.closed:
                    cursor.execute("ROLLBACK TO SAVEPOINT small; RELEASE SAVEPOINT small")
            return found

    def open_rows(self, sql: str) -> Rows:
        """A named cursor: DECLARE refuses everything that is not a query."""
        self.cursors += 1
        cursor = self.con.cursor(name=f"supportlens_{self.cursors}")
        cursor.execute(sql)
        return Streamed(cursor)

    def columns(self, relation: str, timeout_s: float) -> list[Column]:
        """Names and types, from a query that gives no rows."""
        self.ready()
        with self.told(), self.con.cursor() as cursor:
            cursor.execute("SAVEPOINT small")
            try:
                cursor.execute(f"SET LOCAL statement_timeout = {int(timeout_s * 1000)}")
                cursor.execute(f"SELECT * FROM {relation} LIMIT 0")
                described = [(d.name, d.type_code) for d in cursor.description]
            finally:
                if not self.con.closed:
                    cursor.execute("ROLLBACK TO SAVEPOINT small; RELEASE SAVEPOINT small")
            arrays = self._arrays(cursor, [oid for _, oid in described])
        return [self._described(name, oid, oid in arrays) for name, oid in described]

    def _arrays(self, cursor: Any, oids: list[int]) -> set[int]:
        cursor.execute(
            "SELECT oid::int8 FROM pg_type WHERE oid = ANY(%s::oid[]) AND typcategory = 'A'", (oids,)
        )
        return {row[0] for row in cursor.fetchall()}

    def _described(self, name: str, oid: int, is_array: bool) -> Column:
        if is_array:
            return Column(name, "array")
        if oid in _INSTANTS:
            return Column(name, "instant", zoned=oid == 1184)
        return Column(name, "number" if oid in _NUMBERS else "binary" if oid == _BYTES else "text")

    def now(self) -> datetime:
        """The clock at the beginning of the snapshot."""
        ((micros,),) = self.fetch_all("SELECT (extract(epoch FROM now()) * 1000000)::int8", None)
        return datetime.fromtimestamp(micros / 1_000_000, UTC)

    def name(self, identifier: str) -> str:
        """Quoted by the driver."""
        from psycopg2.sql import Identifier

        self.ready()
        return str(Identifier(identifier).as_string(self.con))

    def text(self, value: str) -> str:
        """Quoted by the driver."""
        from psycopg2.extensions import QuotedString

        self.ready()
        quoted = QuotedString(value.replace("\0", ""))
        quoted.prepare(self.con)
        return str(quoted.getquoted().decode("utf-8"))

    def as_text(self, column: Column, of: str) -> str:
        """Cast by the server: no type of its own is parsed here."""
        if column.kind == "array":
            return f"array_to_string({of}, {self.text(TAG_MARK)})"
        return f"{of}::text"

    def moment(self, at: datetime, zone: str, example: str | None, column: Column) -> str:
        """With its offset where the column has one, else in the zone of the source."""
        if column.zoned:
            return at.astimezone(UTC).isoformat(" ")
        return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ")


class PostgresConnector(SqlConnector):
    """Tables and read-only queries of PostgreSQL and what speaks like it."""

    kind: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    Config = PostgresConfig
    config: PostgresConfig

    def database(self) -> PostgresDatabase:
        """A connection that is not open yet."""
        return PostgresDatabase(self.name, self.config)
