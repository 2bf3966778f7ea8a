from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.home import Home
from core.settings import Settings, Source
from core.viewer import EVERYTHING
from store.health import source_health, sources_health
from store.runs import Run, RunLog

HOUR = timedelta(hours=1)


@pytest.fixture
def log(home: Home, now: datetime) -> RunLog:
    return RunLog(home)


def told(log: RunLog, status: str, **more: Any) -> Run:
    """One finished run of the source `desk`, as the log gives it back."""
    number = len(log.of_sources(99).get("desk", []))
    log.start(f"r{number}", "desk")
    counts = {"rows_read": 100, "rows_rejected": more.pop("rejected", 0)}
    log.finish(f"r{number}", "desk", status, counts=counts, **more)
    return log.of_sources(99)["desk"][0]


def test_what_a_run_says_becomes_a_word_and_a_reason(log: RunLog, now: datetime) -> None:
    assert source_health([], now=now).word == "not read yet"
    fine = told(log, "ok")
    assert (source_health([fine], now=now).level, fine.source_id) == ("ok", "desk")
    many = told(log, "ok", rejected=6)
    assert source_health([many, fine], now=now).reason == "6% of its rows were set aside"
    error = {"code": "auth", "message": "the key was refused.", "hint": ""}
    failed = source_health([told(log, "failed", error=error), fine], now=now)
    assert (failed.level, failed.reason) == ("fail", "the key was refused")
    assert failed.last_success_at == fine.finished_at


def test_the_last_success_is_told_however_many_failures_came_after_it(log: RunLog, home: Home) -> None:
    fine = told(log, "ok")
    for _ in range(7):
        told(log, "failed")
    settings = Settings(sources=(Source(name="desk", kind="files"),))  # type: ignore[call-arg]
    health = sources_health(home, settings, reader=None, viewer=EVERYTHING, log=log)["desk"]
    assert (health.word, health.last_success_at) == ("failing", fine.finished_at)


def test_a_failure_that_is_tried_again_says_when(log: RunLog, now: datetime) -> None:
    error = {"code": "transient", "message": "no answer.", "hint": ""}
    failed = told(log, "failed", error=error, next_attempt_at=now + HOUR / 12)
    health = source_health([failed], now=now, next_due=now + HOUR)
    assert health.next_attempt_at == now + HOUR / 12
    assert source_health([failed], now=now, enabled=False).next_attempt_at is None


def test_a_timer_that_missed_its_turns_is_late(log: RunLog, now: datetime) -> None:
    old = replace(told(log, "ok"), finished_at=now - 50 * HOUR)
    assert source_health([old], now=now).level == "ok"
    late = source_health([old], now=now, every=HOUR)
    assert (late.level, late.reason) == ("warn", "the last successful refresh was 2 days ago")
    assert source_health([old], now=now, every=24 * HOUR).level == "ok"


def test_reading_waiting_paused_and_history(log: RunLog, now: datetime) -> None:
    fine = told(log, "ok")
    log.start("r9", "desk")
    log.progress("r9", "desk", "page 3")
    reading = source_health(log.of_sources()["desk"], now=now)
    assert (reading.word, reading.reason, reading.reading) == ("reading", "page 3", True)
    log.waiting("r9", "desk", now + HOUR, "too many requests")
    waiting = source_health(log.of_sources()["desk"], now=now)
    assert (waiting.word, waiting.next_attempt_at) == ("waiting", now + HOUR)
    assert source_health([fine], now=now, enabled=False).word == "paused"
    back = source_health([fine], now=now, history_back_to=now - 720 * HOUR)
    assert "loaded back to 17 Oct 2026" in back.reason
