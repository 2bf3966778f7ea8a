from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from core.errors import SchemaMismatch
from core.home import Home
from store.database import _VERSION, database
from store.runs import RUNS, VERSION, WHOLE, RunLog, metadata


@pytest.fixture
def log(home: Home, now: datetime) -> RunLog:
    return RunLog(home)


def test_a_run_with_its_sources_from_start_to_end(log: RunLog, now: datetime) -> None:
    log.start("r1", trigger="schedule")
    log.start("r1", "a")
    log.phase("r1", "a", "reading")
    log.progress("r1", "a", "page 3", 3, 9)
    log.waiting("r1", "a", now + timedelta(minutes=5), "rate limit")
    current = log.current()
    assert current is not None
    (part,) = current.sources
    assert (part.phase, part.progress_text, part.done, part.total) == ("reading", "rate limit", 3, 9)
    assert part.next_attempt_at == now + timedelta(minutes=5)
    log.phase("r1", "a", "enrich")
    log.finish(
        "r1", "a", "failed", counts={"rows_read": 7}, error={"code": "auth", "message": "no", "hint": "key"}
    )
    log.finish("r1", WHOLE, "partial", generation=4)
    assert log.current() is None
    (run,) = log.recent()
    (part,) = run.sources
    assert (run.status, run.trigger, run.generation, run.finished_at) == ("partial", "schedule", 4, now)
    assert (part.rows_read, part.error_code, part.error_hint, part.done, part.next_attempt_at) == (
        7, "auth", "key", None, None,
    )  # fmt: skip


def test_the_newest_come_first_also_while_the_clock_stands(log: RunLog) -> None:
    for n in range(5):
        log.start(f"r{n}")
        log.finish(f"r{n}", WHOLE, "ok")
    assert [run.run_id for run in log.recent(3)] == ["r4", "r3", "r2"]
    assert log.get("r0") is not None
    assert log.get("r9") is None


def test_a_run_whose_process_is_gone_is_interrupted(log: RunLog, home: Home) -> None:
    root = Path(__file__).parents[2]
    program = (
        "import sys; from pathlib import Path; from core.home import Home; from store.runs import RunLog\n"
        "log = RunLog(Home(Path(sys.argv[1]))); log.start('r1'); log.start('r1', 'a')"
    )
    subprocess.run([sys.executable, "-c", program, str(home.root)], cwd=root, check=True)
    assert log.current() is None
    (run,) = log.recent()
    assert (run.status, run.sources[0].status, run.error_code) == (
        "interrupted",
        "interrupted",
        "interrupted",
    )


def test_a_reused_process_number_is_not_a_living_run(log: RunLog) -> None:
    log.start("r1")
    with log._engine.begin() as con:
        con.execute(update(RUNS).values(process_started="another time"))
    assert log.mark_interrupted() == 1
    assert log.mark_interrupted() == 0


@pytest.mark.parametrize(
    ("minutes", "status"), [(-4, "running"), (-6, "interrupted"), (4, "running"), (61, "interrupted")]
)
def test_a_run_of_a_machine_that_is_silent_is_interrupted(
    log: RunLog, now: datetime, minutes: int, status: str
) -> None:
    """Also where its last sign of life lies in the future: one of the two clocks was set since."""
    log.start("r1")
    log.start("r1", "a")
    with log._engine.begin() as con:
        con.execute(
            update(RUNS).values(
                host="a container that is gone", heartbeat_at=now + timedelta(minutes=minutes)
            )
        )
    (run,) = log.recent()
    assert (run.status, run.sources[0].status) == (status, status)
    if status == "interrupted":
        assert run.error_message == "its machine has not been heard of since." and run.finished_at == now


def test_signs_of_life_are_given_while_a_block_runs_and_not_after_it(
    log: RunLog, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.start("r1")
    beats = threading.Semaphore(0)
    monkeypatch.setattr(log, "heartbeat", lambda run_id: beats.release())
    with log.beating("r1", every_s=0.001):
        assert all(beats.acquire(timeout=10) for _ in range(3))
    while beats.acquire(blocking=False):
        pass
    assert not beats.acquire(timeout=0.05)


def test_a_sign_of_life_that_cannot_be_given_does_not_end_the_block(
    log: RunLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Semaphore(0)

    def full(run_id: str) -> None:
        tried.release()
        raise OSError("no space left on device")

    monkeypatch.setattr(log, "heartbeat", full)
    with log.beating("r1", every_s=0.001):
        assert all(tried.acquire(timeout=10) for _ in range(2))


def test_when_a_refresh_last_ended_well_and_when_the_first_began(
    log: RunLog, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (log.last_success(), log.first_start()) == (None, None)
    for hours, status in enumerate(("ok", "partial", "failed")):
        monkeypatch.setenv("SUPPORTLENS_NOW", (now + timedelta(hours=hours)).isoformat())
        log.start(f"r{hours}")
        log.start(f"r{hours}", "a")
        log.finish(f"r{hours}", "a", "ok")
        log.finish(f"r{hours}", WHOLE, status)
    assert (log.last_success(), log.first_start()) == (now + timedelta(hours=1), now)


def test_a_refresh_that_read_no_source_is_no_success(log: RunLog, now: datetime) -> None:
    for name, part in (("read", "failed"), ("retention", None)):
        log.start(name)
        if part:
            log.start(name, "a")
            log.finish(name, "a", part)
        log.finish(name, WHOLE, "ok" if part is None else part)
    assert log.last_success() is None


def test_when_each_source_was_last_read_well_however_long_it_has_failed_since(
    log: RunLog, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = {"a": ("ok", "partial", *["failed"] * 30), "b": ("failed",) * 30}
    for source, statuses in ends.items():
        for hours, status in enumerate(statuses):
            monkeypatch.setenv("SUPPORTLENS_NOW", (now + timedelta(hours=hours)).isoformat())
            log.start(f"{source}{hours}", source)
            log.finish(f"{source}{hours}", source, status)
    assert log.last_ended() == {"a": now + timedelta(hours=1)}
    assert log.last_ended(("ok",)) == {"a": now}
    assert log.first_tried() == {"a": now, "b": now}


def test_another_database_by_url_and_a_newer_one_is_refused(home: Home, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    RunLog(home, url=url).start("r1")
    assert not home.workspace_db.exists()
    assert len(RunLog(home, url=url).recent()) == 1
    engine = database(home, metadata, part="runs", version=VERSION, url=url)
    with engine.begin() as con:
        assert con.execute(select(_VERSION.c.version)).scalar_one() == VERSION
        con.execute(update(_VERSION).values(version=9))
        con.execute(insert(_VERSION).values(part="other", version=1))
    with pytest.raises(SchemaMismatch, match="version 9"):
        RunLog(home, url=url)


def test_a_log_of_an_older_version_is_kept(log: RunLog, home: Home, now: datetime) -> None:
    log.start("r1")
    log.finish("r1", WHOLE, "ok")
    log.start("r2")
    log.finish("r2", WHOLE, "partial", error={"code": "retention_held"})
    with log._engine.begin() as con:
        con.execute(update(_VERSION).values(version=1))
        con.exec_driver_sql("ALTER TABLE runs DROP COLUMN host")
        con.exec_driver_sql("ALTER TABLE runs DROP COLUMN clock_doubted")
        con.exec_driver_sql("UPDATE runs SET finished_at = '2030-01-01' WHERE run_id = 'r2'")
    later = RunLog(home)
    assert [run.run_id for run in later.recent()] == ["r2", "r1"]
    later.start("r3")
    assert len(later.recent()) == 3
    assert later.last_end(until=now + timedelta(days=9999)) == now, "of r2 the code says what the mark says"


def test_a_run_whose_clock_was_doubted_does_not_tell_the_time(log: RunLog, now: datetime) -> None:
    log.start("r1")
    log.finish("r1", WHOLE, "partial", error={"code": "store"}, clock_doubted=True)
    assert log.last_end(until=now) is None
    log.start("r2")
    log.finish("r2", WHOLE, "partial", error={"code": "store"})
    assert log.last_end(until=now) == now
