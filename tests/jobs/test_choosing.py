"""Which sources a refresh reads: the urgent first, those that rest not at all, and what it says of the run before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from connectors.base import ReadContext
from core.home import Home
from core.settings import Settings
from core.stream import Item
from jobs.refresh import refresh
from jobs.report import RefreshReport
from jobs.timer import turns
from store.runs import RunLog
from tests.jobs.scripted import Scripted, conversations, failing, go, pages, plain_steps, workspace

pytestmark = pytest.mark.usefixtures("scripts")


def at(patch: pytest.MonkeyPatch, moment: datetime) -> None:
    patch.setenv("SUPPORTLENS_NOW", moment.isoformat())


def run(home: Home, settings: Settings, **more: object) -> RefreshReport:
    return refresh(home, settings, steps=plain_steps(), **more)  # type: ignore[arg-type]


def test_the_urgent_are_read_first(home: Home) -> None:
    asked: list[str] = []

    def noted(context: ReadContext) -> Iterator[Item]:
        asked.append(context.source_id)
        yield conversations(context.source_id)

    names = ("late", "usual", "soon", "usual2")
    Scripted.scripts = dict.fromkeys(names, noted)
    sources = [
        {"name": name, "kind": "scripted", "priority": {"soon": 5, "late": -5}.get(name, 0)} for name in names
    ]
    run(home, Settings(sources=sources, refresh={"parallel_sources": 1}))  # type: ignore[arg-type]
    assert asked == ["soon", "usual", "usual2", "late"]


def test_a_paused_source_is_read_by_nothing(home: Home) -> None:
    sources = [{"name": "one", "kind": "scripted", "paused": True}, {"name": "two", "kind": "scripted"}]
    Scripted.scripts |= {"two": Scripted.scripts["one"]}
    settings = Settings(sources=sources, schedule={"every": "1h"})  # type: ignore[arg-type]
    for more in ({}, {"full": True}, {"sources": ["one"]}):
        report = run(home, settings, **more)
        told = {source.name: (source.status, source.note) for source in report.sources}
        assert told["one"] == ("skipped", "paused: it is not read, its data stays")
    assert {context.source_id for context in Scripted.contexts} == {"two"}
    assert [turn.source for turn in turns(home, settings)] == ["two"]


def test_a_source_that_rests_is_passed_by_unless_it_is_named(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting = workspace("one", min_interval="1h")
    assert run(home, resting).sources[0].status == "ok"
    at(monkeypatch, now + timedelta(minutes=59))
    passed = run(home, resting)
    assert (passed.status, passed.sources[0].status, len(Scripted.contexts)) == ("ok", "skipped", 1)
    assert "until 10:00" in passed.sources[0].note and "--source one" in passed.sources[0].note
    assert run(home, resting, sources=["one"]).sources[0].status == "ok"
    at(monkeypatch, now + timedelta(minutes=119))
    assert run(home, resting).sources[0].status == "ok"


def test_a_source_does_not_rest_after_a_reading_that_was_cut_off_nor_by_a_clock_that_was_set_back(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting = workspace("one", min_interval="1h")
    log = RunLog(home)
    log.start("r1", "one")
    log.finish("r1", "one", "interrupted")
    assert run(home, resting).sources[0].status == "ok"
    at(monkeypatch, now - timedelta(hours=3))
    assert run(home, resting).sources[0].status == "ok"
    Scripted.scripts["one"] = failing
    at(monkeypatch, now + timedelta(hours=3))
    assert run(home, resting).sources[0].status == "failed"
    assert run(home, resting).sources[0].status == "skipped", "a source that fails is not asked more often"


def test_a_refresh_says_what_became_of_the_one_before(home: Home, now: datetime) -> None:
    assert go(home, "one").before == ""
    assert go(home, "one").before == ""
    Scripted.scripts["one"] = failing
    go(home, "one")
    Scripted.scripts["one"] = pages(conversations("a"))
    told = "the refresh before, of 2026-11-16 09:00 UTC, ended failed: the key was refused."
    assert go(home, "one").before == told
    log = RunLog(home)
    log.start("r1")
    log.phase("r1", "*", "enrich")
    log.finish(
        "r1", "*", "interrupted", error={"code": "interrupted", "message": "the process ended.", "hint": ""}
    )
    told = go(home, "one").before
    assert told.endswith("ended interrupted while it was in the phase enrich: the process ended.")
