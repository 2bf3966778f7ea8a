"""The PostgreSQL connector against the contract of all connectors, on a real server."""

import csv
import io
import json
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from connectors.base import ReadContext, configured
from connectors.postgres import PostgresConfig, PostgresDatabase
from core.errors import AppError, Cancelled
from core.home import Home
from core.settings import Source
from core.stream import Checkpoint, Page
from tests.connectors.contract import ConnectorContract
from tests.connectors.sql_lab import NO_HTTP, SqlLab
from tests.connectors.world import CANARY, Given, Lab, World
from tests.fakes.authority import Authority, made
from tests.fakes.postgres import ACCOUNT, Postgres, postgres

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


def source(server: Postgres, **options: Any) -> Source:
    given = {
        "host": "127.0.0.1",
        "port": server.port,
        "database": "postgres",
        "user": "reader",
        "safety_s": 0,
    }
    return Source(name="pg", kind="postgres", **(given | options))


@pytest.fixture
def shop(postgres: Postgres) -> Iterator[Postgres]:
    """Tickets, comments, customers and daily numbers, with every kind of value."""
    postgres.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.tickets (id bigint PRIMARY KEY, subject text, status text, labels text[], extra jsonb,"
        " photo bytea, vip boolean, created_at timestamptz, updated_at timestamptz)",
        "CREATE TABLE shop.comments (id bigint PRIMARY KEY, ticket_id bigint, author_id text, author_role text,"
        " body text, created_at timestamp, updated_at timestamptz)",
        "CREATE TABLE shop.customers (id int PRIMARY KEY, email text, plan text, mrr numeric)",
        "CREATE TABLE shop.daily (day date PRIMARY KEY, active_customers int, orders int)",
        "INSERT INTO shop.tickets SELECT n, 'Subject ' || n, CASE WHEN n % 2 = 0 THEN 'open' ELSE 'solved' END,"
        " ARRAY['late, very', 'blue'], '{\"a\": [1, 2]}', '\\x00ff', n % 2 = 0, timestamptz '2026-01-01' + n *"
        " interval '1 hour', timestamptz '2026-02-01' + n * interval '1 hour' FROM generate_series(1, 20) n",
        "INSERT INTO shop.comments SELECT n, 1 + n % 20, 'p' || n % 3, CASE WHEN n % 3 = 0 THEN 'agent' ELSE"
        " 'customer' END, '50% off ' || n, timestamp '2026-01-01' + n * interval '1 minute',"
        " timestamptz '2026-02-01' + n * interval '1 minute' FROM generate_series(1, 100) n",
        "INSERT INTO shop.customers VALUES (1, 'a@b.c', 'gold', 12.5), (2, 'd@e.f', NULL, 'NaN')",
        "INSERT INTO shop.daily VALUES ('2026-01-01', 5, 7), ('2026-01-02', 6, NULL)",
    )
    yield postgres
    postgres.run("DROP SCHEMA shop CASCADE")


def shop_source(server: Postgres, **options: Any) -> Source:
    given = {
        "conversations": "shop.tickets", "messages": "select * from shop.comments where body like '50%'",
        "people": "shop.customers", "denominators": "shop.daily", "page_rows": 30,
    }  # fmt: skip
    return source(server, **(given | options))


def test_every_kind_of_value(shop: Postgres, home: Home) -> None:
    world = World(Given.of(shop_source(shop)), home)
    report = world.sync()
    assert report.status == "ok", report.errors
    assert world.rows("SELECT count(*), min(created_at)::VARCHAR FROM messages") == [
        (100, "2026-01-01 00:01:00+00")
    ]
    assert world.rows("SELECT DISTINCT tag FROM conversation_tags ORDER BY 1") == [("blue",), ("late, very",)]
    (custom,) = world.rows("SELECT custom_fields::VARCHAR FROM conversations WHERE conversation_id = '2'")[0]
    assert json.loads(custom)["vip"] == "true"
    assert json.loads(json.loads(custom)["extra"]) == {"a": [1, 2]}
    assert "photo" not in custom
    assert world.rows("SELECT count(*) FROM people WHERE custom_fields::VARCHAR LIKE '%gold%'") == [(1,)]
    assert sorted(world.rows("SELECT day::VARCHAR, name, value FROM denominators")) == [
        ("2026-01-01", "active_customers", 5.0), ("2026-01-01", "orders", 7.0), ("2026-01-02", "active_customers", 6.0),
    ]  # fmt: skip
    again = world.sync()
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)
    shop.run("DELETE FROM shop.daily WHERE day = '2026-01-02'")
    assert world.sync().streams["denominators"].deleted == 1


def test_naive_times_are_of_the_settings_zone(shop: Postgres, home: Home) -> None:
    world = World(Given.of(shop_source(shop, timezone="Europe/Berlin")), home)
    world.sync()
    assert world.rows("SELECT min(created_at)::VARCHAR FROM messages") == [("2025-12-31 23:01:00+00",)]
    assert world.rows("SELECT min(created_at)::VARCHAR FROM conversations") == [("2026-01-01 01:00:00+00",)]


def test_strange_instants_are_set_aside(shop: Postgres, home: Home) -> None:
    shop.run(
        "UPDATE shop.tickets SET created_at = 'infinity' WHERE id = 1",
        "UPDATE shop.tickets SET created_at = '0044-03-15 BC' WHERE id = 2",
        "UPDATE shop.tickets SET created_at = '99999-01-01' WHERE id = 3",
        "UPDATE shop.tickets SET updated_at = 'infinity' WHERE id = 4",
        "UPDATE shop.tickets SET updated_at = '-infinity' WHERE id = 5",
        "UPDATE shop.tickets SET updated_at = NULL WHERE id = 6",
        "UPDATE shop.tickets SET updated_at = '0044-03-15 BC' WHERE id = 7",
    )
    world = World(Given.of(shop_source(shop)), home)
    report = world.sync()
    assert report.status == "ok", report.errors
    assert {i for (i,) in world.rows("SELECT conversation_id FROM conversations")} == {
        str(n) for n in range(4, 21)
    }
    assert report.rejected == 3
    shop.run("UPDATE shop.tickets SET subject = 'without a cursor' WHERE id = 6")
    world.sync()
    assert world.rows("SELECT subject FROM conversations WHERE conversation_id = '6'") == [
        ("without a cursor",)
    ]


def test_a_gone_conversation_and_its_messages_are_gone(shop: Postgres, home: Home) -> None:
    world = World(Given.of(shop_source(shop, reconcile_every_h=0)), home)
    world.sync()
    shop.run("DELETE FROM shop.tickets WHERE id = 3", "DELETE FROM shop.comments WHERE ticket_id = 3")
    report = world.sync()
    assert report.streams["conversations"].deleted == 1
    assert report.streams["messages"].deleted == 5
    assert world.rows("SELECT count(*) FROM messages WHERE NOT is_deleted") == [(95,)]
    assert world.sync().deleted == 0


def test_an_emptied_table_deletes_nothing(shop: Postgres, home: Home) -> None:
    world = World(Given.of(shop_source(shop, reconcile_every_h=0)), home)
    world.sync()
    shop.run("DELETE FROM shop.comments")
    report = world.sync()
    assert report.status in ("partial", "failed")
    assert "has no rows any more" in str(report.error)
    assert world.rows("SELECT count(*) FROM messages WHERE NOT is_deleted") == [(100,)]


def test_late_commit_outside_the_overlap(shop: Postgres, home: Home) -> None:
    world = World(Given.of(shop_source(shop, overlap_s=0)), home)
    world.sync()
    with closing(shop.connect()) as con, con.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "INSERT INTO shop.comments SELECT 500, 1, 'p1', 'agent', '50% late', now(), '2026-01-02'"
        )
        world.sync()
        cursor.execute("COMMIT")
    assert "500" not in world.texts()
    world.lab = Given.of(shop_source(shop, overlap_s=0, reconcile_every_h=0))
    world.sync()
    assert world.texts()["500"] == "50% late"


def test_newest_first_and_resumed(shop: Postgres) -> None:
    connector = configured(shop_source(shop, people=None, denominators=None))
    pages = [i for i in connector.read(ReadContext("pg")) if isinstance(i, Page | Checkpoint)]
    messages = [p for p in pages if isinstance(p, Page) and p.read.source_file == "messages"]
    # Newest pages first; inside a page the newest row comes last, because of equal keys the last one counts.
    assert [p.rows["id"][-1].as_py() for p in messages] == ["100", "70", "40", "10"]
    points = [p for p in pages if isinstance(p, Checkpoint) and p.stream == "messages"]
    assert points[0].horizon == datetime(2026, 2, 1, 1, 11, tzinfo=UTC)
    assert points[-1].horizon is None
    assert {tuple(p.cursor["forward"]) for p in points} == {("2026-02-01 01:40:00+00", "100")}
    resumed = ReadContext("pg", state={"messages": points[0].cursor})
    rest = [p for p in connector.read(resumed) if isinstance(p, Page) and p.read.source_file == "messages"]
    ids = [i for p in rest for i in p.rows["id"].to_pylist()]
    assert ids[:6] == ["95", "96", "97", "98", "99", "100"]  # the overlap of changes comes first
    assert [p.rows["id"][-1].as_py() for p in rest[1:]] == ["71", "41", "11"]
    assert sorted(map(int, ids[6:])) == list(range(1, 72))


WRITES = {
    "insert": "insert into shop.tickets values (99) returning id",
    "with": "with x as (delete from shop.tickets returning id) select * from x",
    "escape": "select set_config('transaction_read_only', 'off', true) as id",
    "session": "select set_config('default_transaction_read_only', 'off', false) as id",
    "second": "select 1 as id) q; delete from shop.tickets; select * from (select 1 as id",
    "nextval": "select lo_create(4711) as id",
    "copy": "copy shop.tickets to '/stolen.csv'",
}


@pytest.mark.parametrize("name", WRITES)
def test_nothing_is_written(shop: Postgres, name: str, home: Home) -> None:
    """Even for an account that may do everything."""
    options = {"conversations": WRITES[name], "user": "postgres", "messages": None, "people": None}
    before = _content(shop)
    with pytest.raises((AppError, AssertionError)):
        connector = configured(source(shop, **options, **({"denominators": "shop.daily"})))
        results = connector.check(ReadContext("pg"))
        assert [r.status for r in results if r.name == "conversations"] == ["ok"]
        list(connector.read(ReadContext("pg")))
    assert _content(shop) == before


def _content(server: Postgres) -> Any:
    with closing(server.connect()) as con, con.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shop.tickets")
        tickets = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM pg_largeobject_metadata")
        return tickets, cursor.fetchall()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"port": 1}, "transient", "cannot be reached"),
        ({"database": "nowhere"}, "not_found", "does not exist"),
        ({"messages": "nowhere"}, "not_found", "does not exist"),
        ({"messages": "select nothing from shop.tickets"}, "schema", "no such column"),
        ({"messages": "select id, id from shop.tickets"}, "schema", "name of its own"),
        ({"messages": "select pg_sleep(5) as a, 1 as b"}, "transient", "longer than"),
        ({"messages": "shop.daily"}, "schema", "conversation_id"),
        ({"user": "stranger", "messages": "shop.comments"}, "permission", "may not read"),
        ({"sslmode": "require", "messages": "shop.comments"}, "auth", "offers no encryption"),
        ({"sslmode": "verify-full", "sslrootcert": "/nowhere/ca.pem"}, "auth", "offers no encryption"),
    ],
)
def test_what_is_said(shop: Postgres, options: dict[str, Any], code: str, words: str) -> None:
    shop.run("DROP ROLE IF EXISTS stranger", "CREATE ROLE stranger LOGIN")
    given = {"conversations": None, "people": None, "denominators": None, "statement_timeout_s": 1} | options
    connector = configured(shop_source(shop, **given))
    (found,) = connector.check(ReadContext("pg"))
    assert found.code == code
    assert words in f"{found.message} {found.hint}"


def test_hosts_are_tried_in_turn(shop: Postgres) -> None:
    connector = configured(shop_source(shop, host=None, hosts=["127.0.0.1:1", f"127.0.0.1:{shop.port}"]))
    assert {r.status for r in connector.check(ReadContext("pg"))} == {"ok"}


def test_a_lost_connection_goes_on_where_it_was(shop: Postgres) -> None:
    connector = configured(shop_source(shop, people=None, denominators=None, conversations=None))
    ids: list[str] = []
    cut = False
    for item in connector.read(ReadContext("pg")):
        if isinstance(item, Page) and item.read.source_file == "messages":
            ids += item.rows["id"].to_pylist()
            if not cut:
                cut = True
                shop.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
    assert set(ids) == {str(n) for n in range(1, 101)}
    assert len(ids) <= 131


def test_cancel_stops_a_running_query(shop: Postgres) -> None:
    slow = "select id, ticket_id, body, created_at, updated_at, pg_sleep(0.05)::text as s from shop.comments"
    context = ReadContext("pg")
    connector = configured(source(shop, messages={"query": slow}, statement_timeout_s=60))
    threading.Timer(0.5, context.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        list(connector.read(context))
    assert time.monotonic() - begun < 60  # the sample alone would take longer than a few seconds


@pytest.fixture
def tls(shop: Postgres) -> Iterator[Authority]:
    """The server with encryption, its certificate signed by an authority of our own."""
    found = made(shop.folder / f"tls-{uuid.uuid4().hex[:6]}")
    for path in (found.ca.parent, *found.ca.parent.iterdir()):
        if os.geteuid() == 0:
            shutil.chown(path, ACCOUNT)
    shop.run(f"ALTER SYSTEM SET ssl_cert_file = '{found.certificate}'", f"ALTER SYSTEM SET ssl_key_file = '{found.key}'",
             "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()")  # fmt: skip
    shop.until("SHOW ssl", "on")
    yield found
    shop.run("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
    shop.until("SHOW ssl", "off")


def test_tls_is_verified_in_full(shop: Postgres, tls: Authority) -> None:
    def said(**options: Any) -> str:
        given = {
            "conversations": None,
            "people": None,
            "denominators": None,
            "messages": "shop.comments",
        } | options
        (found, *_) = configured(shop_source(shop, **given)).check(ReadContext("pg"))
        return found.status if found.status == "ok" else f"{found.code}: {found.message} {found.hint}"

    full = {"sslmode": "verify-full", "sslrootcert": str(tls.ca)}
    assert said(**full) == "ok"
    assert said(**full, host="localhost") == "ok"
    assert "not signed by an authority" in said(sslmode="verify-full")
    assert "no certificate to verify" in said(sslmode="verify-full", sslrootcert="/nowhere/ca.pem")
    assert said(sslmode="require") == "ok"
    other = made(tls.ca.parent / "other", "db.example")
    assert "not signed by an authority" in said(sslmode="verify-full", sslrootcert=str(other.ca))


def test_other_machines_are_verified_unless_the_settings_say_otherwise() -> None:
    def tls_of(**options: Any) -> dict[str, Any]:
        config = PostgresConfig(messages="messages", **options)
        (address, *_) = PostgresDatabase("pg", config)._addresses()
        return {name: address.get(name) for name in ("sslmode", "sslrootcert")}

    assert tls_of(host="db.example") == {"sslmode": "verify-full", "sslrootcert": "system"}
    assert tls_of(host="127.0.0.1") == {"sslmode": "prefer", "sslrootcert": None}
    assert tls_of(dsn="postgresql://db.example/x?sslmode=require")["sslmode"] == "require"
    assert tls_of(host="db.example", sslrootcert="ca.pem") == {
        "sslmode": "verify-full",
        "sslrootcert": "ca.pem",
    }
