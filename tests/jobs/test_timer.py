from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import ConfigError, RefreshRunning
from core.home import Home
from core.settings import Settings, Source, load_settings
from core.timer import every_of, next_due
from jobs.cli import main
from jobs.family import Family
from jobs.refresh import refresh
from jobs.timer import LOOK_S, Timer, refresh_runner, turns
from store.lock import TIMER, holder, timer_lock
from store.runs import RunLog
from tests.jobs.scripted import plain_steps

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
CHECKOUT = Path(__file__).resolve().parents[2]


def source(**more: object) -> Source:
    return Source(name="desk", kind="files", **more)  # type: ignore[arg-type]


def settings(**schedule: object) -> Settings:
    return Settings(schedule=schedule)  # type: ignore[arg-type]


def test_a_source_without_a_word_of_its_own_follows_the_schedule() -> None:
    assert every_of(settings(every="6h"), source()) == 6 * HOUR
    assert every_of(settings(every="6h"), source(every="15m")) == HOUR / 4
    assert every_of(settings(cron="0 6 * * *"), source()) is None
    assert every_of(settings(cron="0 6 * * *"), source(every="2h")) == 2 * HOUR


def test_never_read_is_due_now_and_later_by_interval() -> None:
    plan = settings(every="6h")
    assert next_due(plan, source(), now=NOON, last_started_at=None) == NOON
    assert next_due(plan, source(), now=NOON, last_started_at=NOON - HOUR) == NOON + 5 * HOUR
    assert next_due(plan, source(), now=NOON, last_started_at=NOON - 50 * HOUR) == NOON - 44 * HOUR
    soon = NOON + HOUR / 12
    assert next_due(plan, source(), now=NOON, last_started_at=NOON - HOUR, retry_at=soon) == soon
    assert next_due(settings(every=None), source(), now=NOON, last_started_at=NOON) is None


def test_cron_goes_by_the_wall_clock_of_its_zone_when_the_clock_changes() -> None:
    """At 06:00 in Berlin: 05:00 UTC in winter, 04:00 UTC in summer, which begins on 2026-03-29."""
    plan = settings(cron="0 6 * * *", zone="Europe/Berlin")
    first = next_due(plan, source(), now=NOON, last_started_at=NOON - 12 * HOUR)
    assert first == datetime(2026, 3, 28, 5, 0, tzinfo=UTC)
    assert next_due(plan, source(), now=NOON, last_started_at=first) == datetime(
        2026, 3, 29, 4, 0, tzinfo=UTC
    )


def test_a_clock_that_was_set_back_makes_it_due_and_one_that_is_a_little_off_does_not() -> None:
    plan = settings(every="6h")
    assert next_due(plan, source(), now=NOON, last_started_at=NOON + HOUR) == NOON
    assert next_due(plan, source(cron="0 6 * * *"), now=NOON, last_started_at=NOON + HOUR) == NOON
    ahead = NOON + timedelta(seconds=20)
    assert next_due(plan, source(), now=NOON, last_started_at=ahead) == ahead + 6 * HOUR


def test_a_source_rests_after_a_reading_whatever_is_due() -> None:
    plan, soon = settings(every="15m"), NOON + timedelta(minutes=5)
    rests = source(min_interval="2h")
    assert next_due(plan, rests, now=NOON, last_started_at=NOON) == NOON + 2 * HOUR
    assert next_due(plan, rests, now=NOON, last_started_at=NOON, retry_at=soon) == NOON + 2 * HOUR
    assert next_due(plan, source(min_interval="1m"), now=NOON, last_started_at=NOON, retry_at=soon) == soon


def test_jitter_spreads_what_would_begin_at_once_and_is_the_same_at_every_look() -> None:
    plan = settings(cron="0 6 * * *", jitter="10m")
    six = datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    due = [
        next_due(plan, Source(name=f"desk{n}", kind="files"), now=NOON, last_started_at=NOON)  # type: ignore[call-arg]
        for n in (*range(50), *range(50))
    ]
    assert due[:50] == due[50:] and len(set(due)) == 50
    late = [(moment - six).total_seconds() for moment in due if moment]
    assert 0 <= min(late) < 120 and 480 < max(late) <= 600
    tomorrow = next_due(plan, source(), now=NOON, last_started_at=NOON + 24 * HOUR - timedelta(seconds=1))
    assert tomorrow is not None and tomorrow.minute * 60 + tomorrow.second != late[0]
    # A failed reading is tried again when it said.
    retry = NOON + timedelta(minutes=5)
    assert next_due(plan, source(), now=NOON, last_started_at=NOON, retry_at=retry) == retry


@pytest.mark.parametrize(
    "bad",
    [
        "every = 'soon'", "every = '0m'", "cron = '61 * * * *'", "zone = 'Mars'", "jitter = 'some'",
        "alarm_after = '1h'", "alarm_channels = ['ops']", "alarm_after = '1h'\nalarm_channels = ['ops']",
    ],
)  # fmt: skip
def test_a_timer_that_cannot_be_read_is_refused(home: Home, bad: str) -> None:
    home.settings_file.write_text(f"[schedule]\n{bad}\n")
    with pytest.raises(ConfigError, match="schedule"):
        load_settings(home)


# -- the timer itself ------------------------------------------------------------------------------


class Desk:
    """A home with two sources, and a refresh that only notes what it was asked."""

    def __init__(self, home: Home) -> None:
        self.home, self.asked, self.log = home, list[list[str]](), RunLog(home)
        home.settings_file.write_text(
            '[[sources]]\nname = "fast"\nkind = "files"\npath = "a"\nevery = "15m"\n'
            '[[sources]]\nname = "slow"\nkind = "files"\npath = "b"\nevery = "6h"\n'
        )
        self.timer = Timer(home, None, self.refresh, threading.Event())

    def refresh(self, names: Sequence[str]) -> int:
        self.asked.append(list(names))
        for name in names:
            self.log.start(f"r{len(self.asked)}", name)
            self.log.finish(f"r{len(self.asked)}", name, "ok")
        return 0


@pytest.fixture
def desk(home: Home, now: datetime) -> Desk:
    return Desk(home)


def at(patch: pytest.MonkeyPatch, moment: datetime) -> None:
    patch.setenv("SUPPORTLENS_NOW", moment.isoformat())


def test_sources_that_are_due_together_are_one_refresh(
    desk: Desk, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.timer.look() == 15 * 60
    assert desk.asked == [["fast", "slow"]]
    at(monkeypatch, now + timedelta(minutes=14))
    assert desk.timer.look() == 60
    at(monkeypatch, now + timedelta(minutes=15))
    desk.timer.look()
    assert desk.asked[1:] == [["fast"]]


def test_after_a_sleep_what_was_missed_is_done_once(
    desk: Desk, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.timer.look()
    at(monkeypatch, now + 9 * HOUR)
    desk.timer.look()
    assert desk.asked[1:] == [["fast", "slow"]]
    # A timer that was started anew knows the same.
    Timer(desk.home, None, desk.refresh, threading.Event()).look()
    assert len(desk.asked) == 2


def test_a_failure_is_tried_again_when_it_said(
    desk: Desk, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.timer.look()
    desk.log.start("bad", "slow")
    desk.log.finish("bad", "slow", "failed", next_attempt_at=now + timedelta(minutes=5))
    plan = {turn.source: turn.due for turn in turns(desk.home, load_settings(desk.home))}
    assert plan["slow"] == now + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("status", "trigger", "minutes"),
    [("interrupted", "manual", 5), ("interrupted", "schedule", 5), ("cancelled", "schedule", 5),
     ("cancelled", "manual", 360), ("failed", "schedule", 360)],
)  # fmt: skip
def test_a_reading_that_was_cut_off_is_taken_up_again(
    desk: Desk, now: datetime, status: str, trigger: str, minutes: int
) -> None:
    desk.log.start("r1", "slow", trigger=trigger)
    desk.log.finish("r1", "slow", status)
    plan = {turn.source: turn.due for turn in turns(desk.home, load_settings(desk.home))}
    assert plan["slow"] == now + timedelta(minutes=minutes)


def test_a_clock_that_is_set_back_is_read_by_at_once_and_then_by_its_interval(
    desk: Desk, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.timer.look()
    at(monkeypatch, now - HOUR)
    assert desk.timer.look() == 15 * 60
    assert desk.asked[1:] == [["fast", "slow"]]
    at(monkeypatch, now - HOUR + timedelta(minutes=15))
    desk.timer.look()
    assert desk.asked[2:] == [["fast"]]


def test_settings_that_break_meanwhile_do_not_end_it(desk: Desk) -> None:
    desk.home.settings_file.write_text("[[sources]\n")
    assert desk.timer.look() > 0
    assert not desk.asked


def lost(desk: Desk) -> None:
    """As a server that was started anew: what is asked of it fails in the middle, not where it is opened."""
    with closing(sqlite3.connect(desk.home.workspace_db)) as con:
        con.execute("ALTER TABLE runs RENAME TO elsewhere")


def damaged(desk: Desk) -> None:
    desk.home.workspace_db.with_name("kept").write_bytes(desk.home.workspace_db.read_bytes())
    desk.home.workspace_db.write_bytes(b"no database at all " * 500)


@pytest.mark.parametrize("harm", [lost, damaged])
def test_a_workspace_database_that_is_away_for_a_while_does_not_end_it(
    desk: Desk, caplog: pytest.LogCaptureFixture, harm: Callable[[Desk], None]
) -> None:
    with closing(sqlite3.connect(desk.home.workspace_db)) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    harm(desk)
    with caplog.at_level("ERROR", "jobs.timer"):
        assert [desk.timer.look() for _ in range(3)] == [LOOK_S] * 3
    (line,) = caplog.messages
    assert "workspace database" in line and "SELECT" not in line and not desk.asked
    if harm is lost:
        with closing(sqlite3.connect(desk.home.workspace_db)) as con:
            con.execute("ALTER TABLE elsewhere RENAME TO runs")
    else:
        desk.home.workspace_db.write_bytes(desk.home.workspace_db.with_name("kept").read_bytes())
    desk.timer.look()
    assert desk.asked == [["fast", "slow"]]
    harm(desk)
    with caplog.at_level("ERROR", "jobs.timer"):
        desk.timer.look()
    assert len(caplog.messages) == 2, "what comes again is said again"


@pytest.mark.parametrize("code", [0, 1])
def test_a_refresh_that_leaves_no_trace_is_not_begun_again_at_once(desk: Desk, code: int) -> None:
    """On a full disk nothing is noted, and a refresh may pass a source by: the sources stay due."""
    timer = Timer(desk.home, None, lambda names: code, threading.Event())
    assert timer.look() == LOOK_S


def test_the_generated_sample_beside_a_source_of_your_own_is_never_due(desk: Desk) -> None:
    with desk.home.settings_file.open("a") as file:
        file.write('[[sources]]\nname = "sample"\nkind = "files"\npath = "sample/data"\n')
    assert desk.timer.look() == 15 * 60
    assert desk.asked == [["fast", "slow"]]


def test_one_timer_a_home(desk: Desk) -> None:
    assert holder(desk.home, TIMER) is None
    with timer_lock(desk.home):
        assert holder(desk.home, TIMER) is not None
        with pytest.raises(RefreshRunning):
            desk.timer.keep_on()


def test_after_a_restore_the_timer_goes_on_in_the_home_that_took_the_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was the lock of the folder that was moved aside: another timer could have been started beside it."""
    held: list[bool] = []

    def look() -> float:
        held.append(holder(desk.home, TIMER) is not None)
        if len(held) == 1:
            before = desk.home.root.with_name("before")
            desk.home.root.rename(before)
            shutil.copytree(before, desk.home.root)
        else:
            desk.timer.stop.set()
        return 0.0

    monkeypatch.setattr(desk.timer, "look", look)
    desk.timer.keep_on()
    assert held == [True, True]


# -- as a command ----------------------------------------------------------------------------------


def filled(home: Home) -> None:
    (home.root / "chat.csv").write_text(
        "conversation_id,author,body_text,created_at\n1,ann,where is my order,2026-11-01T10:00:00Z\n"
    )
    home.settings_file.write_text('[[sources]]\nname = "chat"\nkind = "files"\npath = "chat.csv"\n')


def test_once_reads_what_is_due_and_then_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    filled(home)
    assert main(["schedule", "--list", "--json", "--home", str(home.root)]) == 0
    assert json.loads(capsys.readouterr().out)["turns"][0]["source"] == "chat"
    for refreshes in (1, 0):
        assert main(["schedule", "--once", "--json", "--home", str(home.root)]) == 0
        assert json.loads(capsys.readouterr().out) == {"refreshes": refreshes, "failed": 0}
    assert RunLog(home).recent(1)[0].trigger == "schedule"


def test_with_the_clock_set_back_the_refresh_reads_and_the_timer_waits_for_the_interval(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refresh took readings of the future for such that were made while it waited, and the timer went at once."""
    filled(home)
    refresh(home, load_settings(home), steps=plain_steps())
    at(monkeypatch, now - HOUR)
    with Family() as family:
        timer = Timer(home, None, refresh_runner(family, home, None), threading.Event())
        assert timer.look() == 15 * 60
    newest, before = RunLog(home).of_sources()["chat"]
    assert (newest.status, newest.started_at, before.started_at) == ("ok", now - HOUR, now)


def test_once_says_what_was_in_its_way(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    filled(home)
    home.workspace_db.write_bytes(b"no database at all " * 500)
    assert main(["schedule", "--once", "--home", str(home.root)]) == 1
    assert "workspace database" in capsys.readouterr().err


@pytest.mark.slow
def test_it_runs_until_it_is_ended_politely(home: Home) -> None:
    filled(home)
    timer = subprocess.Popen(
        [sys.executable, "-m", "jobs", "schedule", "--home", str(home.root)], cwd=CHECKOUT,
        env={**os.environ, "SUPPORTLENS_HOME": str(home.root)},
    )  # fmt: skip
    try:
        log, patience = RunLog(home), time.monotonic() + 120
        while time.monotonic() < patience and not any(run.status == "ok" for run in log.recent(3)):
            time.sleep(0.2)
        assert log.recent(1)[0].status == "ok"
        assert holder(home, TIMER) is not None
    finally:
        timer.send_signal(signal.SIGTERM)
    assert timer.wait(60) == 0
    assert holder(home, TIMER) is None
