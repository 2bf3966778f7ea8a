"""The MySQL connector against the contract of all connectors, on a real MariaDB."""

import json
import os
import shutil
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

import pytest

from connectors.base import ReadContext, configured
from connectors.mysql import MysqlConfig, MysqlConnector, MysqlDatabase
from core.errors import ConfigError
from core.home import Home
from core.settings import Source
from core.stream import Page
from tests.connectors.contract import ConnectorContract
from tests.connectors.sql_lab import NO_HTTP, SqlLab, utc
from tests.connectors.world import CANARY, Given, Lab, World
from tests.fakes.authority import Authority, made
from tests.fakes.mariadb import Mariadb, begun, mariadb

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


@pytest.fixture
def shop(mariadb: Mariadb) -> Iterator[Mariadb]:
    """Tickets and comments, with every kind of value."""
    mariadb.run(
        "SET sql_mode = ''",
        "DROP TABLE IF EXISTS tickets, comments",
        "CREATE TABLE tickets (id bigint PRIMARY KEY, subject varchar(100), status varchar(20), flag bit(3),"
        " photo varbinary(10), spent time, extra json, `odd``name` int, created_at datetime, updated_at timestamp(6) NULL)",
        "CREATE TABLE comments (id bigint PRIMARY KEY, ticket_id bigint, author_id varchar(9), author_role varchar(9),"
        " body longtext, created_at datetime(6), updated_at timestamp(6) NULL, KEY (updated_at, id))",
        "INSERT INTO tickets SELECT seq, CONCAT('Süß 🎁 ', seq), 'open', b'101', x'00ff', '-12:30:00', '{\"a\": 1}', seq,"
        " '2026-01-01 10:00:00', '2026-02-01 00:00:00' + INTERVAL seq HOUR FROM seq_1_to_20",
        "INSERT INTO comments SELECT seq, 1 + seq % 20, CONCAT('p', seq % 3), IF(seq % 3 = 0, 'agent', 'customer'),"
        " CONCAT('50% off ', seq), '2026-01-01 00:00:00' + INTERVAL seq MINUTE,"
        " '2026-02-01 00:00:00' + INTERVAL seq MINUTE FROM seq_1_to_100",
        database="lab",
    )
    yield mariadb
    mariadb.run("DROP TABLE IF EXISTS tickets, comments", database="lab")


def shop_source(server: Mariadb, **options: Any) -> Source:
    given = {
        "host": "127.0.0.1", "port": server.port, "database": "lab", "user": "reader", "password": CANARY,
        "conversations": "tickets", "messages": "select * from comments where body like '50%'", "page_rows": 30,
        "safety_s": 0,
    }  # fmt: skip
    return Source(name="my", kind="mysql", **(given | options))


def test_every_kind_of_value(shop: Mariadb, home: Home) -> None:
    world = World(Given.of(shop_source(shop, timezone="Europe/Berlin")), home)
    report = world.sync()
    assert report.status == "ok", report.errors
    assert world.rows("SELECT count(*), count(DISTINCT message_id) FROM messages") == [(100, 100)]
    told = "SELECT subject, created_at::VARCHAR, custom_fields::VARCHAR FROM conversations WHERE conversation_id = '7'"
    ((subject, created, custom),) = world.rows(told)
    assert (subject, created) == ("Süß 🎁 7", "2026-01-01 09:00:00+00")  # DATETIME is of the settings' zone
    assert {k: json.loads(custom)[k] for k in ("flag", "spent", "odd`name")} == {
        "flag": "5", "spent": "-12:30:00", "odd`name": "7",
    }  # fmt: skip
    assert "photo" not in custom
    assert world.rows("SELECT max(updated_at)::VARCHAR FROM conversations") == [("2026-02-01 20:00:00+00",)]
    again = world.sync()
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)


def test_zero_dates(shop: Mariadb, home: Home) -> None:
    shop.run(
        "SET sql_mode = ''",
        "UPDATE tickets SET created_at = '0000-00-00 00:00:00' WHERE id = 1",
        "UPDATE tickets SET updated_at = '0000-00-00 00:00:00' WHERE id = 2",
        "UPDATE tickets SET updated_at = NULL WHERE id = 3",
        database="lab",
    )
    world = World(Given.of(shop_source(shop)), home)
    report = world.sync()
    assert report.status == "ok", report.errors
    assert report.rejected == 1
    assert world.rows("SELECT count(*) FROM conversations") == [(19,)]


def test_each_stream_has_its_own_connection(shop: Mariadb) -> None:
    """A second query on one connection would silently end the first."""
    pages = [
        i for i in configured(shop_source(shop, page_rows=7)).read(ReadContext("my")) if isinstance(i, Page)
    ]
    order = [p.read.source_file for p in pages]
    assert order.index("messages") < len(order) - 1 - order[::-1].index("conversations")  # side by side
    ids = [i for p in pages if p.read.source_file == "messages" for i in reversed(p.rows["id"].to_pylist())]
    assert ids == [str(n) for n in range(100, 0, -1)]


def test_the_page_is_a_range_of_the_index(shop: Mariadb) -> None:
    explain = (
        "EXPLAIN SELECT * FROM comments q WHERE q.updated_at >= '2026-02-01 01:00:00' AND"
        " (q.updated_at > '2026-02-01 01:00:00' OR q.id >= 60) ORDER BY q.updated_at, q.id LIMIT 5"
    )
    with closing(shop.connect(database="lab")) as con, con.cursor() as cursor:
        cursor.execute("ANALYZE TABLE comments")
        cursor.fetchall()
        cursor.execute(explain)
        assert cursor.fetchone()[3] == "range"


WRITES = [
    "insert into tickets (id) values (99)",
    "select 1; delete from tickets",
    "select * from tickets into outfile 'stolen.csv'",
    "select id /*!, sleep(0) */ from tickets; start transaction read write",
    "start transaction read write",
]


@pytest.mark.parametrize("query", WRITES)
def test_nothing_is_written(shop: Mariadb, query: str) -> None:
    with pytest.raises(ConfigError):
        configured(shop_source(shop, conversations={"query": query}, user="root", password=None))


def test_the_session_refuses_writes(shop: Mariadb) -> None:
    connector = configured(shop_source(shop, user="root", password=None))
    assert isinstance(connector, MysqlConnector)
    with closing(connector.database()) as database, pytest.raises(ConfigError, match="tries to write"):
        database.rows("DELETE FROM tickets")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"port": 1}, "transient", "cannot be reached"),
        ({"password": "wrong"}, "auth", "account or its password"),
        ({"database": "nowhere"}, "auth", "account"),
        ({"messages": "nowhere"}, "not_found", "does not exist"),
        ({"messages": "mysql.user"}, "permission", "may not read"),
        ({"messages": "select nothing from tickets"}, "schema", "no such column"),
        ({"messages": "select id, id from tickets"}, "schema", "name of its own"),
        ({"messages": "select sleep(1) as a, id as b from tickets"}, "transient", "longer than"),
        ({"ssl_mode": "required"}, "auth", "offers no encryption"),
        ({"ssl_ca": "/nowhere/ca.pem"}, "bad_config", "ssl_ca"),
    ],
)
def test_what_is_said(shop: Mariadb, options: dict[str, Any], code: str, words: str) -> None:
    connector = configured(
        shop_source(shop, **({"conversations": None, "statement_timeout_s": 0.3} | options))
    )
    (found,) = connector.check(ReadContext("my"))
    assert (found.code, words in f"{found.message} {found.hint}") == (code, True), found


def test_hosts_are_tried_in_turn(shop: Mariadb) -> None:
    connector = configured(shop_source(shop, host=None, hosts=["127.0.0.1:1", f"127.0.0.1:{shop.port}"]))
    assert {r.status for r in connector.check(ReadContext("my"))} == {"ok"}


def test_a_dsn(shop: Mariadb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DSN", f"mysql://reader:{CANARY}@127.0.0.1:{shop.port}/lab")
    given = {
        "host": None,
        "port": None,
        "database": None,
        "user": None,
        "password": None,
        "dsn": "env:SHOP_DSN",
    }
    assert {r.status for r in configured(shop_source(shop, **given)).check(ReadContext("my"))} == {"ok"}


def test_a_lost_connection_goes_on_where_it_was(shop: Mariadb) -> None:
    ids: list[str] = []
    cut = False
    for item in configured(shop_source(shop, conversations=None)).read(ReadContext("my")):
        if isinstance(item, Page) and item.read.source_file == "messages":
            ids += item.rows["id"].to_pylist()
            if not cut:
                cut = True
                shop.run("KILL USER reader")
    assert set(ids) == {str(n) for n in range(1, 101)}


@pytest.fixture(scope="module")
def tls(require_service: Callable[[str], str]) -> Iterator[tuple[Mariadb, Authority]]:
    """A server with encryption, its certificate signed by an authority of our own."""
    server = begun(require_service("mariadb"))
    server.stop()
    found = made(server.folder / "tls")
    for path in (found.ca.parent, *found.ca.parent.iterdir()):
        if os.geteuid() == 0:
            shutil.chown(path, "mysql")
    server.start(f"--ssl-ca={found.ca}", f"--ssl-cert={found.certificate}", f"--ssl-key={found.key}")
    server.run(
        "CREATE TABLE comments (id int, ticket_id int, body text, created_at datetime)", database="lab"
    )
    yield server, found
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


def test_tls_is_verified_in_full(tls: tuple[Mariadb, Authority]) -> None:
    server, authority = tls

    def said(**options: Any) -> str:
        given = {"conversations": None, "messages": "comments"} | options
        (found, *_) = configured(shop_source(server, **given)).check(ReadContext("my"))
        return found.status if found.status == "ok" else f"{found.code}: {found.message} {found.hint}"

    assert said(ssl_ca=str(authority.ca)) == "ok"
    assert said(ssl_ca=str(authority.ca), host="localhost") == "ok"
    assert "not signed by an authority" in said(ssl_mode="verify_identity")
    other = made(authority.ca.parent / "other", "db.example")
    assert "not signed by an authority" in said(ssl_ca=str(other.ca))
    assert said(ssl_mode="required") == "ok"
    assert said() == "ok"


def test_other_machines_are_verified_unless_the_settings_say_otherwise() -> None:
    def context(**options: Any) -> Any:
        (address, *_) = MysqlDatabase("my", MysqlConfig(messages="messages", **options))._addresses()
        return address.get("ssl")

    assert context(host="127.0.0.1") is None
    assert context(host="db.example").check_hostname
    assert not context(host="db.example", ssl_mode="verify_ca").check_hostname
    assert context(host="db.example", ssl_mode="required").verify_mode == ssl.CERT_NONE
