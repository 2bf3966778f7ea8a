"""The SQLite connector against the contract of all connectors, and what only SQLite does."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from connectors.base import ReadContext, configured
from connectors.sqlite import SqliteConnector
from core.errors import AppError
from core.home import Home
from tests.connectors.contract import ConnectorContract
from tests.connectors.sql_lab import NO_HTTP, SqlLab
from tests.connectors.world import Given, Lab, World


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


def one(path: Path, **options: Any) -> Given:
    return Given(**{"kind": "sqlite", "path": str(path), "safety_s": 0, **options})


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A helpdesk's file, with values of any type."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as con, con:
        con.executescript(
            """
            CREATE TABLE tickets (id INTEGER PRIMARY KEY, subject TEXT, status TEXT, photo BLOB, created_at TEXT,
              updated_at INTEGER);
            CREATE TABLE ticket_comments (id TEXT, ticket_id INTEGER, author_id TEXT, author_role TEXT,
              body TEXT, created_at TEXT);
            CREATE TABLE customers (id INTEGER, email TEXT, plan TEXT);
            CREATE TABLE audit_numbers (x REAL);
            """
        )
        for n in range(1, 21):
            row = (
                n,
                f"Order {n} is late and I would like to know why",
                "open",
                b"\x00\xff",
                "2026-01-01 10:00:00",
            )
            con.execute("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?)", (*row, 1_770_000_000 + n))
        for n in range(1, 61):
            con.execute(
                "INSERT INTO ticket_comments VALUES (?, ?, ?, ?, ?, ?)",
                (f"k{n}", 1 + n % 20, f"p{n % 4}", "agent" if n % 2 else "customer", f"Where is the parcel {n}?",
                 f"2026-01-02T10:{n % 60:02d}:00Z"),
            )  # fmt: skip
        con.execute("INSERT INTO customers VALUES (1, 'a@b.c', 'gold')")
    return path


def changed(shop: Path, *statements: str) -> None:
    with closing(sqlite3.connect(shop)) as con, con:
        for statement in statements:
            con.execute(statement)


def state_of(world: World, number: int) -> str | None:
    found = dict(world.rows("SELECT conversation_id, status FROM conversations WHERE NOT is_deleted"))
    return found.get(str(number))


def test_what_was_read_last_holds_whatever_its_cursor_says(shop: Path, home: Home) -> None:
    """Without a cursor first, with an older one later; back from a backup; with another kind of cursor."""
    changed(shop, "UPDATE tickets SET updated_at = NULL WHERE id = 5")
    world = World(one(shop, reconcile_every_h=0), home)
    world.sync()
    changed(shop, "UPDATE tickets SET updated_at = 1770000010, status = 'solved' WHERE id = 5",
            "CREATE TABLE away AS SELECT * FROM tickets WHERE id = 4", "DELETE FROM tickets WHERE id = 4")  # fmt: skip
    world.sync()
    assert (state_of(world, 5), state_of(world, 4)) == ("solved", None)
    changed(shop, "UPDATE away SET updated_at = 1690000000", "INSERT INTO tickets SELECT * FROM away")
    world.sync()
    assert state_of(world, 4) == "open"
    changed(
        shop,
        "ALTER TABLE tickets DROP COLUMN updated_at",
        "UPDATE tickets SET status = 'solved' WHERE id = 6",
    )
    world.sync()
    assert state_of(world, 6) == "solved"
    again = world.sync()
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)


def test_a_local_zone_keeps_no_change_away(shop: Path, home: Home) -> None:
    """A change seconds after a row was read, told in local time far west of UTC."""
    zone, world = (
        ZoneInfo("America/New_York"),
        World(one(shop, timezone="America/New_York", safety_s=60), home),
    )
    stamp = f"{datetime.now(zone):%Y-%m-%d %H:%M:%S}"
    changed(shop, f"UPDATE tickets SET updated_at = '{stamp}'")
    world.sync()
    changed(shop, f"UPDATE tickets SET updated_at = '{stamp}', status = 'solved' WHERE id = 9")
    world.sync()
    assert state_of(world, 9) == "solved"


def test_an_emptied_table_without_a_cursor_deletes_nothing(shop: Path, home: Home) -> None:
    changed(shop, "ALTER TABLE tickets DROP COLUMN updated_at")
    world = World(one(shop), home)
    world.sync()
    changed(shop, "DELETE FROM tickets")
    report = world.sync()
    assert (report.deleted, "no rows any more" in str(report.errors)) == (0, True)
    assert world.sync(full=True).streams["conversations"].deleted == 20


def test_a_message_without_its_conversation_is_in_one_state(shop: Path, home: Home) -> None:
    changed(
        shop, "INSERT INTO ticket_comments VALUES ('k999', 77, 'p1', 'agent', 'lost', '2026-01-02T10:00:00Z')"
    )
    world = World(one(shop, reconcile_every_h=0), home)
    world.sync()
    for _ in range(2):
        again = world.sync()
        assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)


def test_a_proposed_table_can_be_corrected(shop: Path, home: Home) -> None:
    corrected = {"columns": {"product": "subject"}}
    world = World(one(shop, conversations=corrected), home)
    world.sync()
    assert world.rows(
        "SELECT DISTINCT subject IS NULL, starts_with(product, 'Order') FROM conversations"
    ) == [(True, True)]
    assert world.rows("SELECT count(*) FROM messages") == [(60,)]


def test_a_clock_that_goes_ahead_keeps_no_row_away(shop: Path, home: Home) -> None:
    """As local times do that are read as UTC: they are read at once, and the position stays in the present."""
    world, now = World(one(shop, reconcile_every_h=999), home), int(time.time())
    with closing(sqlite3.connect(shop)) as con, con:
        con.execute("UPDATE tickets SET updated_at = ? WHERE id = 7", (now + 7_200,))
    assert world.sync().streams["conversations"].inserted == 20
    assert world.sync().streams["conversations"].updated == 0
    with closing(sqlite3.connect(shop)) as con, con:
        con.execute(
            "UPDATE tickets SET updated_at = ?, subject = 'changed in the present' WHERE id = 8", (now,)
        )
        con.execute(
            "UPDATE tickets SET updated_at = ?, subject = 'changed ahead' WHERE id = 7", (now + 7_300,)
        )
    assert world.sync().streams["conversations"].updated == 2
    subjects = dict(world.rows("SELECT conversation_id, subject FROM conversations"))
    assert (subjects["7"], subjects["8"]) == ("changed ahead", "changed in the present")


def test_tables_are_proposed(shop: Path, home: Home) -> None:
    lab = one(shop)
    told = {s.name: s for s in configured(lab.source()).discover(ReadContext("lab"))}
    assert set(told) == {"people", "conversations", "messages"}
    assert "changes by updated_at" in told["conversations"].note
    assert "hold bytes: photo" in told["conversations"].note
    world = World(lab, home)
    report = world.sync()
    assert report.status == "ok", report.errors
    assert world.rows("SELECT count(*) FROM messages") == [(60,)]
    assert world.rows("SELECT count(*) FROM conversations") == [(20,)]
    assert world.rows("SELECT json_extract_string(custom_fields, '$.plan') FROM people") == [("gold",)]
    again = world.sync()
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)


def test_a_cursor_of_epoch_seconds(shop: Path, home: Home) -> None:
    world = World(one(shop, conversations="tickets", messages="ticket_comments"), home)
    world.sync()
    with closing(sqlite3.connect(shop)) as con, con:
        con.execute("UPDATE tickets SET subject = 'changed', updated_at = 1770000100 WHERE id = 3")
    world.sync()
    assert world.rows("SELECT subject FROM conversations WHERE conversation_id = '3'") == [("changed",)]
    (state,) = world.rows(
        "SELECT json_extract_string(cursor, '$.forward[0]') FROM sync_state WHERE stream = 'conversations'"
    )
    assert state == ("1770000100",)


def test_text_that_is_no_utf8(shop: Path, home: Home) -> None:
    with closing(sqlite3.connect(shop)) as con, con:
        con.execute("UPDATE ticket_comments SET body = CAST(x'636166e9' AS TEXT) WHERE id = 'k7'")
    world = World(one(shop, conversations="tickets", messages="ticket_comments"), home)
    report = world.sync()
    assert report.status == "ok", report.errors
    assert "k7" not in world.texts()
    assert len(world.texts()) == 59
    assert ("the row is not valid UTF-8",) in world.rows("SELECT reason FROM sync_rejects")


@pytest.mark.parametrize(
    "query",
    [
        "delete from tickets returning id",
        "with x as (select 1) delete from tickets",
        "select 1; delete from tickets",
        "attach database 'OTHER' as other",
        "create temp table x as select 1",
        "pragma query_only = off",
    ],
)
def test_nothing_is_written(shop: Path, tmp_path: Path, query: str) -> None:
    before, other = shop.read_bytes(), tmp_path / "other.db"
    query = query.replace("OTHER", str(other))
    with pytest.raises((AppError, AssertionError)):
        connector = configured(one(shop, conversations={"query": query}).source())
        assert [r.status for r in connector.check(ReadContext("lab"))] == ["ok"]
    assert shop.read_bytes() == before
    assert not other.exists()


def test_the_connection_refuses_writes(shop: Path, tmp_path: Path) -> None:
    connector = configured(one(shop, conversations="tickets").source())
    assert isinstance(connector, SqliteConnector)
    for statement in (
        "DELETE FROM tickets",
        "CREATE TEMP TABLE x (a)",
        f"ATTACH '{tmp_path / 'other.db'}' AS o",
    ):
        with closing(connector.database()) as database, pytest.raises(AppError, match="tries to write"):
            database.rows(statement)


def test_what_is_said(tmp_path: Path, shop: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all, however long it is" * 100)

    def said(path: Path, **options: Any) -> tuple[str, str]:
        (found,) = configured(one(path, **options).source()).check(ReadContext("lab"))
        return found.code, found.message

    assert said(tmp_path / "nowhere.db")[0] == "not_found"
    assert said(broken)[1].startswith("the file is no SQLite database")
    assert said(shop, messages="nowhere")[0] == "not_found"
    assert said(shop, messages="audit_numbers")[0] == "schema"
    with closing(sqlite3.connect(tmp_path / "empty.db")) as con, con:
        con.execute("CREATE TABLE numbers (x)")
    assert "none of its tables" in said(tmp_path / "empty.db")[1]
