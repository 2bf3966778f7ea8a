"""What every connector must hold. A connector's test subclasses `ConnectorContract` and gives a `Lab`.

The lab is the outside world: it holds exactly the messages it is told to hold. What a source cannot hold
(NUL in a PostgreSQL text, for example) is declared in `gaps` with the reason, never skipped silently.
"""

from __future__ import annotations

import logging
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from connectors.base import ReadContext, configured
from core.errors import Cancelled
from core.home import Home
from core.settings import Settings, Source
from jobs.reading import Engine, read_source
from jobs.report import SourceReport
from store.runs import RunLog
from store.writer import Writer

Message = Mapping[str, Any]
CANARY = "canary-4f1d9c-secret"


def message(number: int, **changes: Any) -> dict[str, Any]:
    """One message row; `number` makes its id, conversation, minute and words."""
    return {
        "message_id": f"m{number}",
        "conversation_id": f"c{number // 3}",
        "created_at": f"2026-01-{1 + number // 1440 % 28:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00Z",
        "author_id": f"p{number % 5}",
        "author_role": "agent" if number % 3 else "customer",
        "body_text": f"Where is order {number}?",
    } | changes


class Lab(ABC):
    """The outside world of one connector."""

    name: ClassVar[str] = "lab"

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """The [[sources]] table besides its name."""

    @abstractmethod
    def hold(self, messages: Sequence[Message]) -> None:
        """Hold exactly these messages from now on."""

    def source(self) -> Source:
        """The configured source."""
        return Source(name=self.name, **self.options())


class World:
    """A lab and a warehouse, and readings between them by the refresh's own engine."""

    def __init__(self, lab: Lab, home: Home) -> None:
        self.lab, self.home = lab, home

    def sync(self, *, full: bool = False, stop: threading.Event | None = None) -> SourceReport:
        """Read the source once."""
        writer = Writer(self.home, run_id=uuid.uuid4().hex)
        try:
            engine = Engine(writer, RunLog(self.home, Settings()), stop or threading.Event())
            return read_source(engine, self.lab.source(), full=full, trigger="manual")
        finally:
            writer.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the work file."""
        writer = Writer(self.home, run_id="look")
        try:
            return writer.con.execute(sql).fetchall()
        finally:
            writer.con.close()

    def texts(self) -> dict[str, str | None]:
        """Message id to text, of messages that are there."""
        return dict(self.rows("SELECT message_id, body_text FROM messages WHERE NOT is_deleted"))


class ConnectorContract:
    """Inherit, and override the `lab` fixture."""

    gaps: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def lab(self) -> Lab:
        raise NotImplementedError("the subclass gives the lab")

    @pytest.fixture
    def world(self, lab: Lab, home: Home, now: datetime) -> World:
        return World(lab, home)

    def hold_or_gap(self, world: World, kind: str, messages: Sequence[Message]) -> None:
        """Hold something unusual, or end the test as an expected failure where the source cannot hold it."""
        if kind in self.gaps:
            pytest.xfail(f"{world.lab.source().kind} cannot hold {kind}: {self.gaps[kind]}")
        world.lab.hold(messages)

    def test_first_sync_equals_the_source(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        report = world.sync()
        assert report.status == "ok", report.errors
        assert world.texts() == {f"m{n}": f"Where is order {n}?" for n in range(30)}
        assert world.rows("SELECT count(*) FROM conversations") == [(10,)]

    def test_second_sync_writes_nothing(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        world.sync()
        before = world.rows("SELECT stream, cursor FROM sync_state ORDER BY stream")
        again = world.sync()
        assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)
        assert world.rows("SELECT stream, cursor FROM sync_state ORDER BY stream") == before

    def test_replay_changes_nothing(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        world.sync()
        everything = "SELECT * EXCLUDE (last_seen_run) FROM messages ORDER BY message_id"
        before = world.rows(everything)
        for _ in range(2):
            again = world.sync(full=True)
            assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)
        assert world.rows(everything) == before

    def test_many_rows_of_one_instant(self, world: World) -> None:
        moment = "2026-01-05T10:00:00Z"
        world.lab.hold([message(n, created_at=moment) for n in range(1500)])
        world.sync()
        assert world.rows("SELECT count(*), count(DISTINCT message_id) FROM messages") == [(1500, 1500)]
        assert world.rows(
            "SELECT count(*) FROM (SELECT conversation_id, seq FROM messages GROUP BY ALL HAVING count(*) > 1)"
        ) == [(0,)]

    def test_the_same_key_twice(self, world: World) -> None:
        self.hold_or_gap(world, "the same key twice", [message(1), message(2), message(1, body_text="again")])
        report = world.sync()
        assert world.texts() == {"m1": "again", "m2": "Where is order 2?"}
        assert report.rows_read == 3
        assert report.rejected == 1

    def test_change_between_syncs(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(9)])
        world.sync()
        world.lab.hold([message(n) for n in range(9) if n != 4] + [message(20)])
        report = world.sync()
        assert (report.streams["messages"].inserted, report.streams["messages"].deleted) == (1, 1)
        assert "m4" not in world.texts()
        world.lab.hold([message(n, body_text="new words") if n == 3 else message(n) for n in range(9)])
        world.sync()
        assert world.texts()["m3"] == "new words"
        assert "m4" in world.texts()
        assert "m20" not in world.texts()

    def test_new_column_and_column_gone(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(6)])
        world.sync()
        world.lab.hold([message(n, plan="gold") for n in range(6)])
        assert world.sync().status == "ok"
        assert len(world.texts()) == 6
        world.lab.hold([{k: v for k, v in message(n).items() if k != "author_role"} for n in range(6)])
        report = world.sync()
        assert report.status == "ok"
        assert world.rows("SELECT DISTINCT author_role FROM messages WHERE NOT is_deleted") == [("unknown",)]

    def test_null_key(self, world: World) -> None:
        self.hold_or_gap(world, "a null key", [message(1), message(2, message_id=None), message(3)])
        report = world.sync()
        assert set(world.texts()) == {"m1", "m3"}
        assert report.rejected == 1

    def test_five_megabytes(self, world: World) -> None:
        long = "words and more " * 350_000
        self.hold_or_gap(world, "5 MB", [message(1), message(2, body_text=long), message(3)])
        report = world.sync()
        texts = world.texts()
        assert set(texts) - {"m2"} == {"m1", "m3"}
        assert texts.get("m2") == long or report.rejected == 1

    def test_nul_byte(self, world: World) -> None:
        self.hold_or_gap(world, "NUL", [message(1, body_text="be\0fore"), message(2)])
        world.sync()
        assert world.texts()["m1"] == "before"

    def test_placeholder_years(self, world: World) -> None:
        strange = [
            message(1, created_at="9999-12-31T00:00:00Z"),
            message(2, created_at="0000-00-00 00:00:00"),
        ]
        self.hold_or_gap(world, "placeholder dates", [*strange, message(3), message(4)])
        report = world.sync()
        assert set(world.texts()) == {"m3", "m4"}
        assert report.rejected == 2
        told = world.rows("SELECT reason, field FROM sync_rejects")
        assert all("date" in reason and field == "created_at" for reason, field in told)

    def test_instants_of_any_zone(self, world: World) -> None:
        same = ["2026-03-29T01:30:00Z", "2026-03-29T03:30:00+02:00", "2026-03-28T20:30:00-05:00"]
        world.lab.hold([message(n, created_at=text) for n, text in enumerate(same)])
        world.sync()
        (row,) = world.rows("SELECT count(DISTINCT created_at), min(created_at) FROM messages")
        assert row[0] == 1
        assert row[1].astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

    def test_secrets_stay_out(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """Subclasses with credentials put CANARY into them."""
        caplog.set_level(logging.DEBUG)
        world.lab.hold([message(1)])
        world.sync()
        assert CANARY not in caplog.text
        everything = b"".join(p.read_bytes() for p in world.home.root.rglob("*") if p.is_file())
        assert CANARY.encode() not in everything

    def test_cancel(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(9)])
        stop = threading.Event()
        stop.set()
        assert world.sync(stop=stop).status == "cancelled"
        assert world.rows("SELECT count(*) FROM messages") == [(0,)]
        late = ReadContext(world.lab.name, deadline=datetime(2026, 1, 1, tzinfo=UTC))
        with pytest.raises(Cancelled):
            list(configured(world.lab.source()).read(late))

    def test_check_and_discover(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(9)])
        connector = configured(world.lab.source())
        assert {c.status for c in connector.check(ReadContext("lab"))} <= {"ok", "optional_missing"}
        assert connector.discover(ReadContext("lab"))
