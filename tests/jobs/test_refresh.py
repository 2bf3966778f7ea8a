from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import ReadContext
from core.errors import ConfigError, DiskFull, RefreshRunning
from core.home import Home
from core.settings import Settings
from core.stream import Checkpoint, Item, Progress, Reject, Waiting
from core.viewer import EVERYTHING
from jobs.refresh import refresh
from jobs.report import RefreshReport
from store import generations
from store.lock import refresh_lock
from store.reader import open_reader
from store.runs import RunLog
from store.writer import Writer
from tests.jobs.scripted import (
    START,
    Scripted,
    conversations,
    failing,
    go,
    pages,
    plain_steps,
    published,
    workspace,
)

pytestmark = pytest.mark.usefixtures("scripts")


def test_the_first_refresh_publishes_and_the_second_changes_nothing(home: Home) -> None:
    first, second = go(home, "one"), go(home, "one")
    assert (first.status, first.published, first.generation, first.totals.inserted) == ("ok", True, 1, 3)
    assert (first.enrich, first.index) == ("enriched", "indexed")
    assert (second.status, second.published, second.generation) == ("ok", False, 1)
    assert (second.totals.inserted, second.totals.updated) == (0, 0)
    assert "nothing changed" in second.message
    assert set(first.phases) == {
        "prepare",
        "read",
        "read one",
        "enrich",
        "chunks",
        "ledger",
        "publish",
        "index",
    }
    full = go(home, "one", full=True)
    assert (full.totals.rows_read, full.totals.unchanged, full.published) == (3, 3, False)


def test_one_source_that_fails_does_not_stop_the_others(home: Home) -> None:
    report = go(home, "bad", "one")
    assert (report.status, report.published) == ("partial", True)
    bad, one = report.sources
    assert (bad.status, one.status, one.inserted) == ("failed", "ok", 3)
    assert bad.error is not None
    assert (bad.error.code, bad.error.hint) == ("auth", "Check the key.")


def test_when_nothing_could_be_loaded_the_published_data_stays(home: Home) -> None:
    go(home, "one")
    Scripted.scripts["one"] = failing
    report = go(home, "one")
    assert (report.status, report.published, report.generation, published(home)) == ("failed", False, 1, 3)
    logged = RunLog(home).recent(1)[0]
    assert (logged.status, logged.error_code, logged.sources[0].status) == ("failed", "auth", "failed")


def test_a_source_that_breaks_half_way_keeps_its_whole_pages(home: Home) -> None:
    def breaks(context: ReadContext) -> Iterator[Item]:
        yield conversations("a")
        yield Checkpoint("conversations", {"page": 1}, "page")
        yield conversations("b")
        raise KeyError("surprise")

    Scripted.scripts["one"] = breaks
    report = go(home, "one")
    assert (report.status, report.sources[0].status, report.totals.inserted) == ("partial", "partial", 1)
    assert report.sources[0].error is not None
    assert report.sources[0].error.code == "internal"
    Scripted.scripts["one"] = pages(conversations("a"), conversations("b"))
    assert go(home, "one").totals.inserted == 1
    assert Scripted.contexts[-1].state == {"conversations": {"page": 1}}


def test_the_cursor_is_forgotten_when_the_settings_of_a_source_change(home: Home) -> None:
    go(home, "one")
    assert refresh(home, workspace("one", colour="red"), steps=plain_steps()).totals.unchanged == 3
    refresh(home, workspace("one", colour="red"), steps=plain_steps())
    states = [context.state for context in Scripted.contexts]
    assert states == [{}, {}, {"conversations": {"page": 2}}]


def test_only_the_chosen_sources_are_read(home: Home) -> None:
    Scripted.scripts["two"] = pages(conversations("x"))
    assert [s.name for s in go(home, "one", "two", sources=["two"]).sources] == ["two"]
    with pytest.raises(ConfigError, match="no source called three"):
        raise_problem(go(home, "one", sources=["three"]))


def raise_problem(report: RefreshReport) -> None:
    assert report.error is not None
    assert report.error.code == "bad_config"
    raise ConfigError(report.error.message)


def test_disabled_sources_are_skipped_and_keep_their_data(home: Home) -> None:
    go(home, "one")
    report = refresh(home, workspace("one", enabled=False), steps=plain_steps())
    assert (report.sources[0].status, report.status, published(home)) == ("skipped", "ok", 3)


def test_a_source_taken_out_of_the_settings_is_kept_and_said_until_it_is_forgotten(home: Home) -> None:
    Scripted.scripts["two"] = pages(conversations("z"))
    go(home, "one", "two")
    kept = go(home, "two")
    assert (kept.published, published(home)) == (False, 4)
    assert "--forget one" in kept.sources[-1].note
    assert go(home, "two", forget=["two"]).status == "failed"
    assert published(home) == 4
    gone = go(home, "two", forget=["one"])
    assert "3 rows were taken out" in gone.sources[-1].note
    left = open_reader(home).query(
        "SELECT source_id FROM {conversations} WHERE NOT is_deleted", viewer=EVERYTHING
    )
    assert left.column("source_id").to_pylist() == ["two"]
    assert [source.name for source in go(home, "two").sources] == ["two"]


def test_a_raised_enricher_version_publishes_without_new_rows(home: Home) -> None:
    go(home, "one")

    def raised(writer: Writer, settings: Settings, progress: Callable[..., None]) -> None:
        writer.execute("DELETE FROM settings_kv WHERE key = 'enricher:facts'")
        writer.execute("INSERT INTO settings_kv VALUES ('enricher:facts', '2')")

    assert go(home, "one", steps=plain_steps(enrich=raised)).published
    assert not go(home, "one", steps=plain_steps(enrich=raised)).published


def test_after_a_rollback_the_next_refresh_publishes_the_newest_state(home: Home) -> None:
    go(home, "one")
    Scripted.scripts["one"] = pages(conversations("a"), conversations("b"), conversations("d"))
    go(home, "one")
    assert published(home) == 4
    generations.rollback(home)
    assert published(home) == 3
    again = go(home, "one")
    assert (again.published, again.generation, published(home)) == (True, 3, 4)


def test_a_step_that_fails_leaves_the_published_data(home: Home) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no model")

    report = go(home, "one", steps=plain_steps(enrich=broken))
    assert (report.status, report.published, generations.current_or_none(home)) == ("failed", False, None)
    later = go(home, "one")
    assert (later.status, later.totals.inserted, later.published, published(home)) == ("ok", 0, True, 3)


def test_an_index_that_fails_does_not_take_the_data_back(home: Home) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no room in the index")

    report = go(home, "one", steps=plain_steps(index=broken))
    assert (report.status, report.published, published(home)) == ("partial", True, 3)
    assert report.error is not None
    assert "no room" in report.error.message


def test_too_little_disk_is_said_and_nothing_is_lost(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    go(home, "one")
    Scripted.scripts["one"] = pages(conversations("a"), conversations("b"), conversations("d"))

    def full(*_: Any, **__: Any) -> None:
        raise DiskFull("no room.", hint="Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(generations, "require_room", full)
        report = go(home, "one")
    assert (report.status, report.published, published(home)) == ("failed", False, 3)
    assert report.error is not None
    assert report.error.code == "disk_full"
    assert (go(home, "one").published, published(home)) == (True, 4)


def test_rejects_waiting_and_progress_are_told(home: Home) -> None:
    def read(context: ReadContext) -> Iterator[Item]:
        yield Progress("page 1", 1, 2)
        yield Waiting(START + timedelta(days=1), "rate limit")
        yield conversations("a")
        yield Reject("conversations", "no date", native_id="9", sample="mail ann@example.com")
        yield Checkpoint("conversations", {"page": 1}, "page")

    Scripted.scripts["one"] = read
    report = go(home, "one")
    assert (report.totals.rejected, report.totals.rows_read) == (1, 2)
    rows = open_reader(home).query("SELECT sample, reason FROM {sync_rejects}", viewer=EVERYTHING).to_pylist()
    assert rows == [{"sample": "mail [email]", "reason": "no date"}]


def test_a_second_refresh_is_refused_while_one_runs(home: Home) -> None:
    with refresh_lock(home, run_id="first"), pytest.raises(RefreshRunning, match="run first"):
        go(home, "one")


def test_ending_the_process_politely_cancels_and_undoes_the_open_page(home: Home) -> None:
    def stopped(context: ReadContext) -> Iterator[Item]:
        yield conversations("a")
        yield Checkpoint("conversations", {"page": 1}, "page")
        yield conversations("b")
        os.kill(os.getpid(), signal.SIGTERM)
        assert context.stop.wait(10)
        yield Checkpoint("conversations", {"page": 2}, "page")

    before = signal.getsignal(signal.SIGTERM)
    Scripted.scripts["one"] = stopped
    report = go(home, "one")
    assert (report.status, report.published, report.totals.inserted) == ("cancelled", False, 1)
    assert RunLog(home).recent(1)[0].status == "cancelled"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_refresh_may_run_outside_the_main_thread(home: Home) -> None:
    told: list[RefreshReport] = []
    thread = threading.Thread(target=lambda: told.append(go(home, "one")))
    thread.start()
    thread.join()
    assert told[0].status == "ok"
