"""MySQL and MariaDB through PyMySQL: unbuffered cursors, one connection each, values as the server writes them."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors._sql import SqlConnector
from connectors._sql_address import require_readable, unreadable
from connectors._sql_config import STREAMS, ServerConfig
from connectors._sql_database import Column, Database, Rows, in_turn
from connectors._sql_errors import not_valid, said, tls
from core.access import LOOPBACK
from core.errors import AppError, ConfigError
from core.settings import secret_value

SslMode = Literal["disabled", "preferred", "required", "verify_ca", "verify_identity"]
_BINARY = 63  # the number of the character set of bytes
_BIT, _GEOMETRY, _TIMESTAMP = 16, 255, 7
_NUMBERS, _INSTANTS = frozenset({0, 1, 2, 3, 4, 5, 8, 9, 13, 246}), frozenset({7, 10, 12, 14})
_TEXTS = frozenset({15, 249, 250, 251, 252, 253, 254})
_CODES = {
    **dict.fromkeys((1045, 1044, 1698, 1251, 1130, 1862, 4151), "auth"),
    **dict.fromkeys((1142, 1143, 1227, 1370, 1369, 1290), "permission"),
    **dict.fromkeys((1049, 1146, 1109), "missing"),
    **dict.fromkeys((1054, 1060, 1064, 1052, 1055, 1140, 1305, 1193, 1222), "schema"),
    **dict.fromkeys((1792, 1290, 1836), "writes"),
    **dict.fromkeys((1969, 3024, 1317), "slow"),
    **dict.fromkeys((2006, 2013, 2014, 2055, 1053, 1077, 1158, 1159, 1160, 1161, 1205, 1213, 1927, 3572), "gone"),
    **dict.fromkeys((2002, 2003, 2005, 1040, 1203, 1226), "refused"),
}  # fmt: skip
# What Python's TLS says while a connection is made.
_WORDS = {
    "mismatch": "another_name",
    "CERTIFICATE_VERIFY_FAILED": "not_trusted",
    "SSL is required but": "not_offered",
    "[SSL": "failed",
}


class MysqlConfig(ServerConfig):
    """A `[[sources]]` table of kind `mysql`."""

    operational: ClassVar[frozenset[str]] = ServerConfig.operational | {"read_timeout_s"}

    ssl_mode: SslMode | None = Field(
        None, description="verify_identity for other machines and preferred for this one, unless set."
    )
    ssl_ca: str | None = Field(
        None,
        description="File of the authority that signed the server's certificate; the system's when empty.",
    )
    read_timeout_s: float = Field(
        900, gt=0, description="Seconds without a byte after which a connection is lost."
    )


class Streamed:
    """An unbuffered cursor, which has its connection for itself."""

    def __init__(self, cursor: Any, connection: Any, free: list[Any]) -> None:
        self.cursor, self.connection, self.free = cursor, connection, free

    def fetch(self, many: int) -> Sequence[Sequence[Any]]:
        """The next rows."""
        found: Sequence[Sequence[Any]] = self.cursor.fetchmany(many)
        return found

    def close(self) -> None:
        """Give the connection back; its result was read to the end."""
        self.cursor.close()
        self.free.append(self.connection)


class MysqlDatabase(Database):
    """A connection for small queries and one for each stream, their snapshots begun one right after another."""

    row_values = False  # MariaDB reads the whole index for (a, b) > (x, y)

    def __init__(self, source: str, config: MysqlConfig) -> None:
        super().__init__(source)
        self.config = config
        self.con: Any = None
        self.free: list[Any] = []
        self.streamed: list[Streamed] = []
        self.is_mariadb = False

    def open(self) -> None:
        """Try the servers in turn. The last one's error counts."""
        import pymysql

        self.con, address = in_turn(pymysql.connect, self._addresses(), pymysql.Error)
        self.is_mariadb = "mariadb" in str(self.con.server_version).lower()
        self.free = [pymysql.connect(**address) for _ in range(self._streams())]
        for connection in (self.con, *self.free):
            self._pin(connection)
        for connection in (self.con, *self.free):
            connection.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def _streams(self) -> int:
        return min(len(self.config.entries()) + 1, len(STREAMS))

    def _addresses(self) -> list[dict[str, Any]]:
        config, base = self.config, self._from_dsn()
        base |= config.account("database")
        base |= {
            "charset": "utf8mb4", "conv": {}, "autocommit": True, "local_infile": False,
            "connect_timeout": max(1, round(config.connect_timeout_s)), "read_timeout": config.read_timeout_s,
            "program_name": "supportlens",
        }  # fmt: skip
        named = [
            {"host": host, "port": port} for host, port in config.addresses(int(base.get("port") or 3306))
        ]
        return [self._with_tls({**base, **one}) for one in named or [{}]]

    def _from_dsn(self) -> dict[str, Any]:
        if self.config.dsn is None:
            return {}
        text = secret_value(self.config.dsn)
        require_readable(text, self.source)
        parts = urlsplit(text)
        if not parts.scheme.startswith(("mysql", "mariadb")):
            raise ConfigError(
                "the dsn is not of the form mysql://user:password@host:3306/database.", source=self.source
            )
        found: dict[str, Any] = {
            "host": parts.hostname,
            "port": _port(parts, self.source),
            "database": unquote(parts.path[1:]),
        }
        found |= {"user": unquote(parts.username or ""), "password": unquote(parts.password or "")}
        socket = parse_qs(parts.query).get("unix_socket")
        return {k: v for k, v in found.items() if v} | ({"unix_socket": socket[0]} if socket else {})

    def _with_tls(self, address: dict[str, Any]) -> dict[str, Any]:
        """Full verification of other machines, unless the settings say otherwise."""
        here = "unix_socket" in address or address.get("host") in (None, *LOOPBACK)
        mode = self.config.ssl_mode or ("preferred" if here and not self.config.ssl_ca else "verify_identity")
        if mode == "disabled":
            return {**address, "ssl_disabled": True}
        if mode == "preferred":
            return address
        try:
            context = ssl.create_default_context(cafile=self.config.ssl_ca)
        except OSError as error:
            raise ConfigError(
                f"ssl_ca cannot be read: {error}.",
                hint="It names a file with certificates.",
                source=self.source,
            ) from None
        context.check_hostname = mode == "verify_identity"
        context.verify_mode = ssl.CERT_NONE if mode == "required" else ssl.CERT_REQUIRED
        return {**address, "ssl": context}

    def _pin(self, connection: Any) -> None:
        """UTC, no limit on a slow reader, and nothing but reading."""
        for statement in (
            "SET time_zone = '+00:00'",
            "SET SESSION net_write_timeout = 86400",  # a page may be written for longer than the usual minute
            "SET SESSION wait_timeout = 86400",
            f"SET SESSION {self._limit(0)}",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SET SESSION TRANSACTION READ ONLY",
        ):
            connection.query(statement)

    def _limit(self, timeout_s: float) -> str:
        """The same limit has another name and unit on either server."""
        if self.is_mariadb:
            return f"max_statement_time = {timeout_s:g}"
        return f"max_execution_time = {int(timeout_s * 1000)}"

    def close(self) -> None:
        """Let go of every connection without reading what they still hold."""
        for one in self.streamed:
            self._forget(one.cursor)
        for connection in (*self.free, *(one.connection for one in self.streamed), self.con):
            with suppress(Exception):
                connection._force_close()
        self.con, self.free, self.streamed, self.is_open = None, [], [], False

    def _forget(self, cursor: Any) -> None:
        """PyMySQL reads an unfinished result to its end when its cursor goes; there may be millions of rows."""
        result = getattr(cursor, "_result", None)
        if result is not None:
            result.unbuffered_active = False
        cursor._result = cursor.connection = None

    def interrupt(self) -> None:
        """Cut the connections: whoever waits for one of them wakes up."""
        import socket

        for connection in (self.con, *self.free, *(one.connection for one in self.streamed)):
            with suppress(Exception):
                connection._sock.shutdown(socket.SHUT_RDWR)

    def explained(self, error: Exception) -> AppError | None:
        """By the server's number; while a connection is made, by Python's words about TLS."""
        import pymysql

        if isinstance(error, UnicodeDecodeError):
            return not_valid(self.source)
        if isinstance(error, (OSError, RuntimeError)) and not isinstance(error, pymysql.Error):
            return said("gone" if isinstance(error, OSError) else "auth", self.source, str(error))
        if not isinstance(error, pymysql.Error):
            return None
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        told = str(error.args[1]) if len(error.args) > 1 else str(error)
        for words, failed in _WORDS.items():
            if words in told:
                message, hint = tls(failed, mode="ssl_mode", authority="ssl_ca", off="disabled")
                return said("tls", self.source, told, message=message, hint=hint)
        lost = isinstance(error, (pymysql.InterfaceError, pymysql.OperationalError)) and code not in _CODES
        what = _CODES.get(code) or ("gone" if lost or code == 0 else "data")
        return said(what, self.source, f"{code}: {told}" if code else told)

    def fetch_all(self, sql: str, timeout_s: float | None) -> list[tuple[Any, ...]]:
        """All rows of a small query."""
        with self.con.cursor() as cursor:
            if timeout_s:
                cursor.execute(f"SET SESSION {self._limit(timeout_s)}")
            try:
                cursor.execute(sql)
                return list(cursor.fetchall())
            finally:
                if timeout_s and self.con is not None and self.con.open:
                    cursor.execute(f"SET SESSION {self._limit(0)}")

    def open_rows(self, sql: str) -> Rows:
        """An unbuffered cursor on a connection of its own: a second query there would silently end the first."""
        from pymysql.cursors import SSCursor

        connection = self.free.pop()
        cursor = connection.cursor(SSCursor)
        one = Streamed(cursor, connection, self.free)
        self.streamed.append(one)
        cursor.execute(sql)
        return one

    def columns(self, relation: str, timeout_s: float) -> list[Column]:
        """Names and types, from a query that gives no rows."""
        self.ready()
        with self.told(), self.con.cursor() as cursor:
            cursor.execute(f"SET SESSION {self._limit(timeout_s)}")
            try:
                cursor.execute(f"SELECT * FROM {relation} LIMIT 0")
                return [_column(field) for field in cursor._result.fields]
            finally:
                if self.con is not None and self.con.open:
                    cursor.execute(f"SET SESSION {self._limit(0)}")

    def now(self) -> datetime:
        """The server's clock, in the session's zone, which is UTC."""
        ((text,),) = self.fetch_all("SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)", None)
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)

    def name(self, identifier: str) -> str:
        """In backticks, those inside doubled: the driver has no function for it."""
        return "`" + identifier.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        """Quoted by the driver, which knows whether a backslash escapes on this connection."""
        self.ready()
        return str(self.con.escape(value))

    def as_text(self, column: Column, of: str) -> str:
        """As the server writes it; a zero date stays text."""
        return f"CAST({of} AS UNSIGNED)" if column.native == "bit" else of

    def moment(self, at: datetime, zone: str, example: str | None, column: Column) -> str:
        """TIMESTAMP follows the session, which is in UTC; DATETIME is what the application meant."""
        local = at.astimezone(UTC if column.zoned else ZoneInfo(zone))
        return local.replace(tzinfo=None).isoformat(" ")


def _column(field: Any) -> Column:
    kind = field.type_code
    if kind == _BIT:
        return Column(field.name, "number", native="bit")
    if kind == _GEOMETRY or (kind in _TEXTS and field.charsetnr == _BINARY):
        return Column(field.name, "binary")
    if kind in _INSTANTS:
        return Column(field.name, "instant", zoned=kind == _TIMESTAMP)
    return Column(field.name, "number" if kind in _NUMBERS else "text")


def _port(parts: SplitResult, source: str) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise unreadable(source) from None


class MysqlConnector(SqlConnector):
    """Tables and read-only queries of MySQL and MariaDB."""

    kind: ClassVar[str] = "mysql"
    title: ClassVar[str] = "MySQL or MariaDB"
    Config = MysqlConfig
    config: MysqlConfig

    def database(self) -> MysqlDatabase:
        """A connection that is not open yet."""
        return MysqlDatabase(self.name, self.config)
