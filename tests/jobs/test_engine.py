"""The engine between connectors and the store: side by side, ahead, in pages, by keys, and what goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from connectors._retry import attempts
from connectors.base import ReadContext
from core.errors import NoProgress, RateLimited, SourceUnavailable
from core.home import Home
from core.settings import Source
from core.stream import (
    Checkpoint,
    Item,
    KeysSeen,
    Progress,
    Waiting,
)
from jobs.reading import settings_fingerprint
from store import generations
from store.runs import RunLog
from tests.jobs.played import START, conversations, go, point, rows

# -- side by side ----------------------------------------------------------------------------------


def test_sources_are_read_side_by_side_up_to_the_setting(home: Home, now: datetime) -> None:
    both = threading.Barrier(2, timeout=30)

    def meet(context: ReadContext) -> Iterator[Item]:
        both.wait()
        yield conversations("a")

    assert go(home, {"one": meet, "two": meet}).status == "ok"
    alone = threading.Lock()

    def one_at_a_time(context: ReadContext) -> Iterator[Item]:
        assert alone.acquire(blocking=False), "two sources were read at once"
        yield conversations("b")
        time.sleep(0.05)
        alone.release()

    report = go(home, dict.fromkeys(("one", "two", "three"), one_at_a_time), rules={"parallel_sources": 1})
    assert [source.status for source in report.sources] == ["ok"] * 3


def test_a_source_that_hangs_does_not_hold_the_others_up(home: Home, now: datetime) -> None:
    done = threading.Event()

    def slow(context: ReadContext) -> Iterator[Item]:
        assert done.wait(30)
        yield conversations("late")

    def quick(context: ReadContext) -> Iterator[Item]:
        yield conversations("soon")
        yield point(1)
        done.set()

    assert go(home, {"slow": slow, "quick": quick}).totals.inserted == 2


def test_a_long_refresh_publishes_on_the_way(home: Home, now: datetime) -> None:
    seen: list[int] = []

    def long(context: ReadContext) -> Iterator[Item]:
        for n in range(1, 3):
            yield conversations(f"c{n}")
            yield point(n, horizon=START + timedelta(days=9 - n))
            while len(seen) < n:
                found = generations.current_or_none(home)
                if found and found.number == n:
                    seen.append(found.number)
                time.sleep(0.02)
        yield conversations("c9")
        yield point(9)

    report = go(home, {"one": long}, rules={"first_publish_s": 1, "publish_every_s": 1})
    assert (report.status, seen, report.generation) == ("ok", [1, 2], 3)
    assert rows(home, "SELECT (SELECT count(*) FROM conversations), max(horizon) FROM sync_state") == [
        (3, None)
    ]


# -- ahead of the store ----------------------------------------------------------------------------


def test_reading_ahead_stays_within_its_depth_and_commits_in_order(home: Home, now: datetime) -> None:
    ahead: list[int] = []
    store = home.warehouse / "work.duckdb"

    def read(context: ReadContext) -> Iterator[Item]:
        for n in range(1, 30):
            yield conversations(f"c{n}")
            yield point(n)
            ahead.append(n)
        assert store.exists()

    report = go(home, {"one": read}, kind="played_ahead")
    assert (report.status, report.totals.inserted) == ("ok", 29)
    assert rows(home, "SELECT cursor FROM sync_state WHERE stream = 'conversations'") == [('{"page": 29}',)]


def test_what_was_read_before_a_failure_stays_and_the_next_run_goes_on(home: Home, now: datetime) -> None:
    broken = [True]

    def read(context: ReadContext) -> Iterator[Item]:
        for n in range(context.state.get("conversations", {}).get("page", 0) + 1, 6):
            if n == 4 and broken.pop():
                raise SourceUnavailable("the server went away.")
            yield conversations(f"c{n}")
            yield point(n)
            context.stop_if_asked()
            time.sleep(0.3)  # the store has time to write each page

    first = go(home, {"one": read}, kind="played_ahead")
    assert first.sources[0].status == "partial"
    assert first.totals.inserted >= 2
    broken.append(False)
    assert go(home, {"one": read}, kind="played_ahead").status == "ok"
    assert rows(home, "SELECT count(*) FROM conversations") == [(5,)]


# -- keys ------------------------------------------------------------------------------------------


def keys(*ids: str, last: bool = True) -> KeysSeen:
    return KeysSeen("conversations", pa.table({"conversation_id": list(ids)}), last=last)


@pytest.mark.parametrize("kind", ["played", "played_ahead"])
def test_keys_tell_what_is_gone_and_what_is_missing(home: Home, now: datetime, kind: str) -> None:
    def first(context: ReadContext) -> Iterator[Item]:
        yield conversations("a", "b", "c")
        yield point(1)

    def second(context: ReadContext) -> Iterator[Item]:
        yield keys("a", last=False)
        yield keys("c", "late")
        missed = context.missing("conversations").column("conversation_id").to_pylist()
        assert missed == ["late"]
        yield conversations(*missed)
        yield point(2)

    go(home, {"one": first}, kind=kind)
    report = go(home, {"one": second}, kind=kind)
    assert (report.status, report.totals.inserted, report.totals.deleted) == ("ok", 1, 1)
    left = "SELECT conversation_id FROM conversations WHERE NOT is_deleted ORDER BY 1"
    assert rows(home, left) == [("a",), ("c",), ("late",)]
    assert go(home, {"one": second}, kind=kind).status == "failed", "nothing is missing any more"

    def back(context: ReadContext) -> Iterator[Item]:
        yield keys("a", "b", "c", "late")
        yield conversations(*context.missing("conversations").column("conversation_id").to_pylist())
        yield point(3)

    go(home, {"one": back}, kind=kind)
    assert len(rows(home, left)) == 4


# -- state, settings, patience ---------------------------------------------------------------------


def test_a_cursor_of_another_kind_is_not_believed(home: Home, now: datetime) -> None:
    told: list[Mapping[str, Any]] = []

    def read(context: ReadContext) -> Iterator[Item]:
        told.append(dict(context.state))
        yield conversations("a")
        yield Checkpoint("conversations", {"page": 1}, "page", version=len(told))

    for _ in range(3):
        go(home, {"one": read})
    assert told == [{}, {"conversations": {"page": 1}}, {}]


def test_a_new_password_reads_nothing_again(home: Home, now: datetime) -> None:
    one = Source(name="one", kind="played", password="old", what="all")
    assert settings_fingerprint(one) == settings_fingerprint(one.model_copy(update={"enabled": False}))
    other = [
        Source(name="one", kind="played", password=p, what=w) for p, w in (("new", "all"), ("old", "some"))
    ]
    assert [settings_fingerprint(s) == settings_fingerprint(one) for s in other] == [True, False]


def test_a_source_that_takes_too_long_is_stopped_and_goes_on_next_time(home: Home, now: datetime) -> None:
    def read(context: ReadContext) -> Iterator[Item]:
        assert context.deadline == now + timedelta(seconds=7)
        yield conversations("a")
        yield point(1)
        context.deadline = now - timedelta(seconds=1)
        yield conversations("b")
        yield point(2)

    report = go(home, {"one": read}, rules={"deadline_s": 7})
    assert (report.status, report.totals.inserted) == ("partial", 1)
    assert "time it was given" in report.sources[0].errors[0].message
    assert rows(home, "SELECT cursor FROM sync_state WHERE stream = 'conversations'") == [('{"page": 1}',)]


def test_a_failure_worth_another_try_says_when(home: Home, now: datetime) -> None:
    def down(context: ReadContext) -> Iterator[Item]:
        raise SourceUnavailable("no answer.")
        yield

    def stuck(context: ReadContext) -> Iterator[Item]:
        raise NoProgress("the same page again.")
        yield

    go(home, {"down": down, "stuck": stuck})
    parts = {part.source_id: part for part in RunLog(home).recent(1)[0].sources}
    assert parts["down"].next_attempt_at == now + timedelta(minutes=5)
    assert (parts["stuck"].next_attempt_at, parts["stuck"].error_code) == (None, "no_progress")


def test_what_reading_cost_is_in_the_run_table(home: Home, now: datetime) -> None:
    def read(context: ReadContext) -> Iterator[Item]:
        context.note(requests=3, retries=1, bytes=700)
        context.pace = 0.0
        context.sleep(12)
        yield conversations("a")
        yield point(1)

    go(home, {"one": read})
    part = RunLog(home).recent(1)[0].sources[0]
    assert (part.requests, part.retries, part.bytes, part.rate_limited_seconds) == (3, 1, 700, 12.0)
    assert rows(home, "SELECT requests, rate_limited_seconds FROM sync_runs") == [(3, 12.0)]


# -- trying again ----------------------------------------------------------------------------------


def tried(*outcomes: Any, **more: Any) -> tuple[list[Waiting], Any, ReadContext]:
    """The waits and the result of a call that has these outcomes, one after the other."""
    left, context, waits = list(outcomes), ReadContext("one", pace=0.0), []

    def call() -> Any:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    steps = attempts(call, context, **more)
    while True:
        try:
            waits.append(next(steps))
        except StopIteration as end:
            return waits, end.value, context


def test_waits_follow_what_the_source_asks(now: datetime) -> None:
    asked = RateLimited("too many requests.", retry_at=now + timedelta(seconds=42))
    waits, result, context = tried(asked, RateLimited("again."), SourceUnavailable("down."), "page")
    assert (result, context.effort.retries) == ("page", 3)
    assert waits[0] == Waiting(now + timedelta(seconds=42), "too many requests.")
    spans = [(wait.until - now).total_seconds() for wait in waits]
    assert 1 <= spans[1] <= 2
    assert 2 <= spans[2] <= 4


def test_it_ends(now: datetime) -> None:
    with pytest.raises(SourceUnavailable):
        tried(*[SourceUnavailable("down.")] * 99, tries=4)
    with pytest.raises(NoProgress):
        tried(NoProgress("stuck."), "never")
    far = RateLimited("come back next year.", retry_at=now + timedelta(days=300))
    assert (tried(far, 1)[0][0].until - now).total_seconds() == 900


def test_progress_is_no_page(home: Home, now: datetime) -> None:
    def read(context: ReadContext) -> Iterator[Item]:
        yield Progress("nothing new")

    report = go(home, {"one": read})
    assert (report.sources[0].status, report.sources[0].pages) == ("ok", 0)
