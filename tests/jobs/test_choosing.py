"""Which sources a refresh reads: the urgent first, those that rest not at all, and what it says of the run before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.base import ReadContext
from core.home import Home
from core.settings import Retention, Settings
from core.stream import Item
from jobs.refresh import refresh
from jobs.report import RefreshReport
from jobs.timer import turns
from store.lock import refresh_lock
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


@pytest.mark.parametrize("trigger", ["schedule", "webhook"])
def test_only_people_who_name_a_source_wake_it(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch, trigger: str
) -> None:
    resting = workspace("one", min_interval="1h")
    run(home, resting)
    at(monkeypatch, now + timedelta(minutes=59))
    passed = run(home, resting, sources=["one"], trigger=trigger)
    assert (passed.status, passed.sources[0].status, len(Scripted.contexts)) == ("ok", "skipped", 1)
    at(monkeypatch, now + timedelta(minutes=60))
    assert run(home, resting, sources=["one"], trigger=trigger).sources[0].status == "ok"


@pytest.mark.parametrize(
    ("trigger", "ended", "read"),
    [("schedule", "ok", "skipped"), ("schedule", "partial", "skipped"), ("schedule", "failed", "ok"),
     ("schedule", "interrupted", "ok"), ("manual", "ok", "ok")],
)  # fmt: skip
def test_what_was_read_while_the_timer_s_refresh_waited_is_not_read_again(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch, trigger: str, ended: str, read: str
) -> None:
    @contextmanager
    def after_another(*home_of: Home, **more: Any) -> Iterator[None]:
        at(monkeypatch, now + timedelta(minutes=2))
        log = RunLog(home)
        log.start("another", "one")
        log.finish("another", "one", ended)
        with refresh_lock(*home_of, **more):
            yield

    Scripted.scripts["two"] = Scripted.scripts["one"]
    monkeypatch.setattr("jobs.refresh.refresh_lock", after_another)
    told = run(home, workspace("one", "two"), sources=["one", "two"], trigger=trigger).sources
    assert {source.name: source.status for source in told} == {"one": read, "two": "ok"}
    if read == "skipped":
        (note,) = (source.note for source in told if source.name == "one")
        assert note == "read at 09:02 UTC, while this refresh waited"


def test_a_reading_before_the_timer_asked_is_none_while_it_waited(home: Home, now: datetime) -> None:
    plan = workspace("one")
    run(home, plan)
    assert run(home, plan, sources=["one"], trigger="schedule").sources[0].status == "ok"


def test_a_reading_of_before_the_clock_was_set_back_is_none_while_the_timer_s_refresh_waited(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = workspace("one")
    run(home, plan)
    at(monkeypatch, now - timedelta(hours=1))
    for _ in range(2):
        assert run(home, plan, sources=["one"], trigger="schedule").sources[0].status == "ok"


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


@pytest.mark.parametrize(
    ("days", "how_long"), [(0, "its data is kept;"), (9_000, "its data is kept for 9,000 days;")]
)
def test_a_source_that_left_the_settings_is_told_with_how_long_its_data_stays(
    home: Home, days: int, how_long: str
) -> None:
    run(home, workspace("one"))
    Scripted.scripts["two"] = Scripted.scripts["one"]
    plan = workspace("two").model_copy(update={"retention": Retention(keep_days=days)})
    (note,) = [source.note for source in run(home, plan).sources if source.name == "one"]
    assert how_long in note and "--forget one" in note


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
