"""A refresh under way: phase, rows, rate, and until when a source has to wait."""

from datetime import timedelta

import pytest

from store.runs import WHOLE, RunLog
from ui import refresh


@pytest.fixture
def log(home, now):
    return RunLog(home)


def part_of(log):
    return log.current().sources[0]


def test_rows_rate_and_rows_set_aside(log, now, monkeypatch):
    log.start("r1")
    log.start("r1", "desk")
    log.phase("r1", "desk", "reading")
    monkeypatch.setenv("SUPPORTLENS_NOW", (now + timedelta(seconds=10)).isoformat())
    log.counts("r1", "desk", {"rows_read": 12_000, "rows_rejected": 3})
    said = refresh._part(part_of(log))
    assert "**desk** · reading · 12,000 rows (1,200 rows/s) · 3 set aside" in said
    assert "waiting" not in said


def test_a_wait_is_said_with_its_end_and_reason(log, now):
    log.start("r1")
    log.start("r1", "desk")
    log.waiting("r1", "desk", now + timedelta(seconds=90), "the server asks for fewer requests.")
    said = refresh._part(part_of(log))
    assert "waiting until 09:01:30" in said and "fewer requests" in said


def test_a_source_that_is_done_says_how_it_ended(log, now):
    log.start("r1")
    log.start("r1", "desk")
    log.waiting("r1", "desk", now + timedelta(seconds=90), "patience")
    log.finish("r1", "desk", "failed", error={"code": "auth", "message": "no *door*", "hint": ""})
    said = refresh._part(part_of(log))
    assert "failed" in said and "waiting" not in said and "reading" not in said


def test_words_of_a_source_are_not_obeyed(log, now):
    log.start("r1")
    log.start("r1", "desk")
    log.progress("r1", "desk", "[click](https://evil.example) *x*")
    assert r"\[click\]" in refresh._part(part_of(log))


def test_the_phase_is_said_in_plain_words(log, now):
    log.start("r1")
    log.phase("r1", WHOLE, "enrich")
    assert refresh._sentence(log.current()).startswith("Refresh running for 0 s · computing facts")


def test_only_whoever_started_a_refresh_is_shown_it_before_it_is_ready(log, now, monkeypatch):
    begun = []
    monkeypatch.setattr(refresh, "recent", lambda n: log.recent(n))
    monkeypatch.setattr(refresh.state, "value", lambda _: begun[-1] if begun else None)
    for number, (said, ours) in enumerate([(None, False), ("r0", True), (None, False), ("r1", False)]):
        if said is not None:
            begun.append((said, 0.0))
        monkeypatch.setenv("SUPPORTLENS_NOW", (now + timedelta(seconds=number)).isoformat())
        log.start(f"r{number}")
        log.finish(f"r{number}", WHOLE, "ok")
        assert refresh._is_ours() is ours, number
