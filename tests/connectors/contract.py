"""What every connector must hold. A connector's test subclasses `ConnectorContract` and gives a `Lab`.

The lab is the outside world: it holds exactly the messages it is told to hold. What a source cannot hold
(NUL in a PostgreSQL text, for example) is declared in `gaps` with the reason, never skipped silently.
Points 2, 6 and 11 are in `endurance.py`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from connectors.base import ReadContext, configured
from core.errors import Cancelled
from store.runs import RunLog
from tests.connectors.endurance import Endurance
from tests.connectors.world import (
    CANARY,
    Fault,
    HttpLab,
    Message,
    World,
    message,
)


class ConnectorContract(Endurance):
    """Inherit, and override the `lab` fixture."""

    def hold_or_gap(self, world: World, kind: str, messages: Sequence[Message]) -> None:
        """Hold something unusual, or end the test where the source cannot hold it."""
        self.gap(kind)
        world.lab.hold(messages)

    # -- 1: the source, and then nothing ---------------------------------------------------------------

    @pytest.mark.point(1)
    def test_first_sync_equals_the_source(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        report = world.sync()
        assert report.status == "ok", report.errors
        assert world.texts() == {f"m{n}": f"Where is order {n}?" for n in range(30)}
        assert world.rows("SELECT count(*) FROM conversations WHERE NOT is_deleted") == [(10,)]

    @pytest.mark.point(1)
    def test_second_sync_writes_nothing(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        world.sync()
        water = "SELECT stream, high_water, horizon FROM sync_state ORDER BY stream"
        before = world.rows(water)
        again = world.sync()
        assert again.status == "ok", again.errors
        assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)
        assert [row[1:] for row in world.rows(water)] >= [row[1:] for row in before] or not any(
            row[1] for row in before
        )
        assert not any(row[2] for row in world.rows(water)), "all history is loaded"

    # -- 3, 4, 5: ties, late rows, changes meanwhile ---------------------------------------------------

    @pytest.mark.point(3)
    def test_many_rows_of_one_instant(self, world: World) -> None:
        moment = "2026-01-05T10:00:00Z"
        world.lab.hold([message(n, created_at=moment) for n in range(1500)])
        world.sync()
        assert world.rows("SELECT count(*), count(DISTINCT message_id) FROM messages") == [(1500, 1500)]
        assert world.rows(
            "SELECT count(*) FROM (SELECT conversation_id, seq FROM messages GROUP BY ALL HAVING count(*) > 1)"
        ) == [(0,)]

    @pytest.mark.point(4)
    def test_late_rows_are_found(self, world: World) -> None:
        """One a minute older than what was read, and one that is weeks older."""
        told = [message(n, created_at=f"2026-01-20T10:{n:02d}:00Z") for n in range(30)]
        world.lab.hold(told)
        world.sync()
        late = message(31, conversation_id="c9", created_at="2026-01-20T10:28:30Z")
        world.lab.hold([*told, late])
        world.sync()
        assert "m31" in world.texts()
        self.gap("a row that appears weeks too late")
        world.lab.hold([*told, late, message(40, conversation_id="c1", created_at="2026-01-02T08:00:00Z")])
        world.sync()
        assert "m40" in world.texts()

    @pytest.mark.point(5)
    def test_the_same_key_twice(self, world: World) -> None:
        self.hold_or_gap(world, "the same key twice", [message(1), message(2), message(1, body_text="again")])
        report = world.sync()
        assert world.texts() == {"m1": "again", "m2": "Where is order 2?"}
        assert report.rows_read >= 3

    @pytest.mark.point(5)
    def test_change_between_syncs(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(9)])
        world.sync()
        world.lab.hold([message(n) for n in range(9)] + [message(20)])
        assert world.sync().streams["messages"].inserted == 1
        self.gap("a message that is edited")
        edited = [message(n, body_text="new words") if n == 3 else message(n) for n in range(9)]
        world.lab.hold([*edited, message(20)])
        world.sync()
        assert world.texts()["m3"] == "new words"

    @pytest.mark.point(5)
    def test_deletion_between_syncs(self, world: World) -> None:
        self.gap("a message that is deleted")
        world.lab.hold([message(n) for n in range(9)])
        world.sync()
        world.lab.hold([message(n) for n in range(9) if n != 4])
        world.sync()
        assert "m4" not in world.texts()
        world.lab.hold([message(n) for n in range(9)])
        world.sync()
        assert "m4" in world.texts()

    @pytest.mark.point(5)
    def test_change_while_pages_are_read(self, world: World) -> None:
        before = [message(n) for n in range(60)]
        after = [*before, *(message(n) for n in range(60, 70))]
        world.lab.hold(before)
        world.sync(between=lambda page: world.lab.hold(after) if page == 1 else None)
        world.sync()
        assert set(world.texts()) == {f"m{n}" for n in range(70)}

    # -- 7, 8: a source that fails ---------------------------------------------------------------------

    @pytest.mark.point(7)
    def test_faults_of_http(self, world: World) -> None:
        self.gap("an HTTP fault")
        assert isinstance(self, HttpConnectorContract), "inherit HttpConnectorContract, or declare the gap"

    @pytest.mark.point(8)
    def test_a_page_that_does_not_move_on(self, world: World) -> None:
        """Subclasses with pages of their own show it in their own tests, with the same mark."""
        self.gap("a page that does not move on")

    # -- 9, 10: strange rows ---------------------------------------------------------------------------

    @pytest.mark.point(9)
    def test_new_column_and_column_gone(self, world: World) -> None:
        self.gap("a column of its own")
        world.lab.hold([message(n) for n in range(6)])
        world.sync()
        world.lab.hold([message(n, plan="gold") for n in range(6)])
        assert world.sync().status == "ok"
        assert len(world.texts()) == 6
        self.gap("a column that is gone")
        world.lab.hold([{k: v for k, v in message(n).items() if k != "author_role"} for n in range(6)])
        report = world.sync()
        assert report.status == "ok", report.errors
        assert len(world.texts()) == 6

    @pytest.mark.point(9)
    def test_null_key(self, world: World) -> None:
        self.hold_or_gap(world, "a null key", [message(1), message(2, message_id=None), message(3)])
        report = world.sync()
        assert set(world.texts()) == {"m1", "m3"}
        assert report.rejected == 1

    @pytest.mark.point(9)
    def test_five_megabytes(self, world: World) -> None:
        long = "words and more " * 350_000
        self.hold_or_gap(world, "5 MB", [message(1), message(2, body_text=long), message(3)])
        report = world.sync()
        texts = world.texts()
        assert set(texts) - {"m2"} == {"m1", "m3"}
        assert texts.get("m2") == long or report.rejected == 1

    @pytest.mark.point(9)
    def test_nul_byte(self, world: World) -> None:
        self.hold_or_gap(world, "NUL", [message(1, body_text="be\0fore"), message(2)])
        world.sync()
        assert world.texts()["m1"] == "before"

    @pytest.mark.point(9)
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

    @pytest.mark.point(10)
    def test_instants_of_any_zone(self, world: World) -> None:
        same = ["2026-03-29T01:30:00Z", "2026-03-29T03:30:00+02:00", "2026-03-28T20:30:00-05:00"]
        self.hold_or_gap(world, "zones", [message(n, created_at=text) for n, text in enumerate(same)])
        world.sync()
        (row,) = world.rows("SELECT count(DISTINCT created_at), min(created_at) FROM messages")
        assert row[0] == 1
        assert row[1].astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

    # -- 12, 13, 14: secrets, read only, stop ----------------------------------------------------------

    @pytest.mark.point(12)
    def test_secrets_stay_out(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """Subclasses with credentials put CANARY into them."""
        caplog.set_level(logging.DEBUG)
        world.lab.hold([message(1)])
        world.sync()
        assert CANARY not in caplog.text
        everything = b"".join(p.read_bytes() for p in world.home.root.rglob("*") if p.is_file())
        assert CANARY.encode() not in everything

    @pytest.mark.point(13)
    def test_the_source_is_only_read(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        before = world.lab.content()
        world.sync()
        world.sync(full=True)
        assert world.lab.content() == before
        if isinstance(world.lab, HttpLab):
            asked = world.lab.requests()
            assert asked
            assert {line.partition(" ")[0] for line in asked} <= {"GET", "HEAD"}
        else:
            assert before is not None, "say what the source holds"

    @pytest.mark.point(14)
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


class HttpConnectorContract(ConnectorContract):
    """The same, and what an HTTP service may do to a connector. The lab is an `HttpLab`."""

    FAULTS: ClassVar[Mapping[str, Fault]] = {
        "429 with seconds": Fault(status=429, headers={"Retry-After": "1"}, body=b"{}"),
        "429 with a date": Fault(status=429, headers={"Retry-After": "Mon, 16 Nov 2026 09:00:02 GMT"}),
        "429 without header": Fault(status=429, body=b"{}"),
        "429 in plain text": Fault(status=429, headers={"Retry-After": "1", "Content-Type": "text/plain"},
                                   body=b"Number of allowed API requests per minute exceeded"),
        "500": Fault(status=500, body=b"<h1>Oops</h1>"),
        "502": Fault(status=502),
        "504": Fault(status=504),
        "a reset": Fault("reset"),
        "half an answer": Fault("truncated"),
    }  # fmt: skip

    @pytest.mark.point(7)
    @pytest.mark.parametrize("fault", sorted(FAULTS))
    def test_one_fault_is_waited_out(self, world: World, fault: str) -> None:
        self.gap(fault)
        world.lab.hold([message(n) for n in range(30)])
        world.lab.plan(self.FAULTS[fault])
        report = world.sync()
        assert report.status == "ok", report.errors
        assert len(world.texts()) == 30

    @pytest.mark.point(7)
    def test_faults_without_end_are_given_up(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        world.sync()
        before, asked = world.texts(), len(world.lab.requests())
        world.lab.plan(*[Fault(status=503)] * 200)
        report = world.sync()
        assert report.status in ("failed", "partial")
        assert report.errors[0].retryable
        assert len(world.lab.requests()) - asked < 60
        assert world.texts() == before

    @pytest.mark.point(7)
    def test_a_sign_in_page_is_no_data(self, world: World) -> None:
        self.gap("a sign-in page")
        world.lab.hold([message(n) for n in range(30)])
        page = b"<!doctype html><html><form action=/login><input type=password></form></html>"
        world.lab.plan(*[Fault(status=200, headers={"Content-Type": "text/html"}, body=page)] * 20)
        report = world.sync()
        assert report.errors
        assert "sign" in str(report.errors[0]).lower() or "log" in str(report.errors[0]).lower()

    @pytest.mark.point(14)
    def test_cancel_during_a_wait(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(9)])
        world.lab.plan(*[Fault(status=429, headers={"Retry-After": "600"})] * 9)
        stop, told = threading.Event(), []
        thread = threading.Thread(target=lambda: told.append(world.sync(stop=stop, pace=1.0)))
        thread.start()
        log = RunLog(world.home)
        while thread.is_alive() and not _waits(log):
            thread.join(0.1)
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
        assert told[0].status == "cancelled"


def _waits(log: RunLog) -> bool:
    import sqlalchemy

    with log._engine.connect() as con:
        return bool(
            con.execute(sqlalchemy.text("SELECT 1 FROM runs WHERE next_attempt_at IS NOT NULL")).first()
        )
