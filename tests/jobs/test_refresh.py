from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from pydantic import Field

from connectors.base import CheckResult, Config, Connector, ReadContext, Stream
from core import log as logs
from core.errors import AuthError, ConfigError, DiskFull, RefreshRunning, StoreError
from core.home import Home
from core.settings import Settings, Source, Workspace
from core.stream import Batch, Checkpoint, Item, Progress, Reject, Waiting
from core.viewer import EVERYTHING
from jobs.cli import main
from jobs.refresh import Steps, refresh
from jobs.report import RefreshReport
from store import generations
from store.lock import refresh_lock
from store.reader import open_reader
from store.runs import RunLog
from store.writer import Writer

START = datetime(2026, 1, 1, tzinfo=UTC)
Script = Callable[[ReadContext], Iterator[Item]]


class ScriptedConfig(Config):
    colour: str = Field("blue", description="A word of its own.")


class Scripted(Connector):
    """Yields what the test wrote down for the source's name."""

    kind = "scripted"
    Config = ScriptedConfig
    scripts: ClassVar[dict[str, Script]] = {}
    contexts: ClassVar[list[ReadContext]] = []

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        return []

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        return []

    def read(self, context: ReadContext) -> Iterator[Item]:
        self.contexts.append(context)
        yield from self.scripts[self.name](context)


def conversations(*ids: str, subject: str = "hello") -> Batch:
    return Batch(
        "conversations",
        pa.table(
            {"conversation_id": list(ids), "subject": [subject] * len(ids), "created_at": [START] * len(ids)}
        ),
    )


def pages(*batches: Batch) -> Script:
    def read(context: ReadContext) -> Iterator[Item]:
        done = context.state.get("conversations", {}).get("page", 0)
        for n, one in enumerate(batches, 1):
            if n > done:
                yield one
                yield Checkpoint("conversations", {"page": n}, "page")

    return read


def failing(context: ReadContext) -> Iterator[Item]:
    raise AuthError("the key was refused.", hint="Check the key.", source="bad")
    yield


def enrich(writer: Writer, settings: Settings, progress: Callable[..., None]) -> str:
    writer.execute("DELETE FROM conversation_facts")
    writer.execute(
        "INSERT INTO conversation_facts BY NAME SELECT source_id, conversation_id FROM conversations"
    )
    writer.execute("DELETE FROM dirty_conversations")
    return "enriched"


def plain_steps(**more: Any) -> Steps:
    told: dict[str, Any] = {"enrich": enrich, "chunks": lambda *_: None, "index": lambda *_: "indexed"}
    return Steps(**(told | more))


@pytest.fixture(autouse=True)
def _scripts(now: datetime) -> Iterator[None]:
    Scripted.scripts = {"one": pages(conversations("a", "b"), conversations("c")), "bad": failing}
    Scripted.contexts = []
    yield


def workspace(*names: str, **more: Any) -> Settings:
    return Settings(sources=tuple(Source(name=name, kind="scripted", **more) for name in names))


def go(home: Home, *names: str, **more: Any) -> RefreshReport:
    told: dict[str, Any] = {"steps": plain_steps()}
    return refresh(home, workspace(*names), **(told | more))


def published(home: Home) -> int:
    return open_reader(home).query("SELECT * FROM {conversation_facts}", viewer=EVERYTHING).num_rows


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


# -- files, the sample, the command line -----------------------------------------------------------


def write_csv(path: Path, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("conversation_id,author,body_text,created_at", *rows)) + "\n")


def file_source(folder: Path, name: str = "chat") -> Settings:
    return Settings(sources=(Source(name=name, kind="files", path=str(folder / "*.csv")),))


def messages(home: Home) -> list[str]:
    sql = "SELECT body_text FROM {messages} WHERE NOT is_deleted ORDER BY conversation_id, seq"
    return list(open_reader(home).query(sql, viewer=EVERYTHING)["body_text"].to_pylist())


def test_files_grow_shrink_and_go(home: Home, tmp_path: Path) -> None:
    settings, one, two = file_source(tmp_path / "in"), tmp_path / "in" / "1.csv", tmp_path / "in" / "2.csv"
    write_csv(one, "c1,ann,first words,2026-01-01 10:00:00", "c1,bob,second words,2026-01-01 11:00:00")
    write_csv(two, "c2,ann,other words,2026-01-02 10:00:00")
    first = refresh(home, settings, steps=plain_steps())
    assert (first.status, first.totals.rows_read, first.totals.files) == ("ok", 3, 2)
    again = refresh(home, settings, steps=plain_steps(), full=True)
    assert (again.totals.inserted, again.totals.updated, again.published) == (0, 0, False)
    write_csv(one, "c1,ann,first words,2026-01-01 10:00:00")
    os.utime(one, (2_000_000_000, 2_000_000_000))
    refresh(home, settings, steps=plain_steps())
    assert messages(home) == ["first words", "other words"]
    two.unlink()
    assert refresh(home, settings, steps=plain_steps()).totals.deleted > 0
    assert messages(home) == ["first words"]


def test_rejected_rows_of_a_file_are_kept_once_masked_and_with_their_line(home: Home, tmp_path: Path) -> None:
    write_csv(
        tmp_path / "in" / "1.csv",
        *(f"c{n},ann,words {n},2026-01-01 10:00:0{n}" for n in range(5)),
        "c9,ann,no date,ann@example.com",
    )
    settings = file_source(tmp_path / "in")
    first = refresh(home, settings, steps=plain_steps())
    assert (first.status, first.totals.rows_read, first.totals.rejected) == ("ok", 6, 1)
    again = refresh(home, settings, steps=plain_steps(), full=True)
    assert (again.totals.rejected, again.published) == (1, False)
    rows = open_reader(home).query("SELECT line, sample, source_file FROM {sync_rejects}", viewer=EVERYTHING)
    assert [(row["line"], row["source_file"]) for row in rows.to_pylist()] == [(7, "1.csv")]
    assert "example.com" not in str(rows.to_pylist())


def test_a_refresh_stops_before_it_begins_when_the_disk_is_nearly_full(home: Home) -> None:
    settings = workspace("one").model_copy(update={"workspace": Workspace(min_free_disk_mb=10**9)})
    report = refresh(home, settings, steps=plain_steps())
    assert (report.status, report.sources) == ("failed", ())
    assert report.error is not None
    assert (report.error.code, "kept in reserve" in report.error.message) == ("disk_full", True)


@pytest.mark.parametrize("gone", ["1.csv", "2.csv"])
def test_a_row_that_leaves_one_file_and_stands_in_another_stays(
    home: Home, tmp_path: Path, gone: str
) -> None:
    settings, old, new = file_source(tmp_path / "in"), tmp_path / "in" / "1.csv", tmp_path / "in" / "2.csv"
    write_csv(old, "c1,ann,first words,2026-01-01 10:00:00", "c2,ann,second words,2026-01-02 10:00:00")
    write_csv(new, "c2,ann,second words,2026-01-02 10:00:00", "c3,ann,third words,2026-01-03 10:00:00")
    refresh(home, settings, steps=plain_steps())
    count = len(messages(home))
    (tmp_path / "in" / gone).unlink()
    refresh(home, settings, steps=plain_steps())
    assert "second words" in messages(home)
    assert len(messages(home)) < count


def test_files_that_cannot_hold_a_lost_row_are_not_read_again(home: Home, tmp_path: Path) -> None:
    settings, folder = file_source(tmp_path / "in"), tmp_path / "in"
    lines = [f"c{n // 2},ann,words {n},2026-01-01 10:{n:02d}:00" for n in range(12)]
    write_csv(folder / "1.csv", *lines[:6])
    write_csv(folder / "2.csv", *lines[6:])
    old = START.timestamp()  # a file of this very moment is looked into twice
    for file in folder.iterdir():
        os.utime(file, (old, old))
    refresh(home, settings, steps=plain_steps())
    write_csv(folder / "2.csv", *lines[6:11])
    os.utime(folder / "2.csv", (old + 9, old + 9))
    report = refresh(home, settings, steps=plain_steps())
    assert (report.totals.files, report.sources[0].streams["messages"].deleted) == (1, 1)


def test_the_sample_is_made_once_and_steps_aside(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.refresh.SAMPLE_CONVERSATIONS", 30)
    first = refresh(home, Settings(), steps=plain_steps())
    assert (first.status, [s.name for s in first.sources]) == ("ok", ["sample"])
    made = (home.sample / "settings.toml").stat().st_mtime_ns

    write_csv(tmp_path / "in" / "1.csv", "c1,ann,first words,2026-01-01 10:00:00")
    refresh(home, file_source(tmp_path / "in"), steps=plain_steps())
    living = "SELECT DISTINCT source_id FROM {conversations} WHERE NOT is_deleted"
    assert open_reader(home).query(living, viewer=EVERYTHING)["source_id"].to_pylist() == ["chat"]

    unset = refresh(home, Settings(), steps=plain_steps())
    assert unset.sources[0].status == "skipped"
    assert (home.sample / "settings.toml").stat().st_mtime_ns == made
    assert open_reader(home).query(living, viewer=EVERYTHING)["source_id"].to_pylist() == ["chat"]


def test_the_commands_print_one_document(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    monkeypatch.setattr("jobs.refresh.Steps", plain_steps)
    write_csv(tmp_path / "in" / "1.csv", "c1,ann,first words,2026-01-01 10:00:00")
    home.settings_file.write_text(
        f'[[sources]]\nname = "chat"\nkind = "files"\npath = "{tmp_path / "in"}/*.csv"\n'
    )

    def command(*words: str) -> tuple[int, Any]:
        code = main([*words, "--home", str(home.root), "--json", "--quiet"])
        return code, json.loads(capsys.readouterr().out)

    code, told = command("refresh")
    assert (code, told["totals"]["rows_read"], told["generation"]) == (0, 1, 1)
    write_csv(tmp_path / "in" / "2.csv", "c2,ann,more words,2026-01-02 10:00:00")
    assert command("refresh")[1]["generation"] == 2
    assert command("rollback") == (0, {"generation": 1, "before": 2, "available": [1, 2]})
    assert command("rollback", "--to", "2")[1]["generation"] == 2
    code, told = command("rollback", "--to", "7")
    assert (code, "no generation 7" in told["error"]["message"]) == (1, True)
    (tmp_path / "in" / "1.csv").unlink()
    (tmp_path / "in" / "2.csv").unlink()
    code, told = command("refresh")
    assert (code, told["status"], told["published"]) == (1, "failed", False)
    runs = command("runs")[1]["runs"]
    assert [run["status"] for run in runs] == ["failed", "ok", "ok"]
    assert runs[0]["sources"][0]["source_id"] == "chat"


def test_a_refused_file_is_in_the_exit_code_and_the_others_are_published(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    monkeypatch.setattr("jobs.refresh.Steps", plain_steps)
    folder = tmp_path / "in"
    write_csv(folder / "good.csv", "c1,ann,first words,2026-01-01 10:00:00")
    (folder / "bad.csv").write_text("x,y\n1,2\n")
    home.settings_file.write_text(f'[[sources]]\nname = "chat"\nkind = "files"\npath = "{folder}/*.csv"\n')

    def command() -> tuple[int, Any]:
        code = main(["refresh", "--home", str(home.root), "--json", "--quiet"])
        return code, json.loads(capsys.readouterr().out)

    code, told = command()
    assert (code, told["status"], told["published"], told["generation"]) == (3, "partial", True, 1)
    assert "bad.csv" in told["sources"][0]["errors"][0]["message"]
    (folder / "bad.csv").unlink()
    code, told = command()
    assert (code, told["status"]) == (0, "ok")


def test_as_many_generations_are_kept_as_the_settings_say(home: Home) -> None:
    go(home, "one")
    settings = workspace("one").model_copy(update={"workspace": Workspace(keep_generations=1)})
    Scripted.scripts["one"] = pages(conversations("a"), conversations("b"), conversations("d"))
    refresh(home, settings, steps=plain_steps())
    assert generations.all_generations(home) == [2]


@pytest.mark.parametrize("damage", ["missing", "overwritten"])
def test_a_refresh_publishes_again_what_was_lost(home: Home, damage: str) -> None:
    Scripted.scripts["a"] = pages(conversations("1", "2"))
    go(home, "a")
    file = generations.current(home).path
    file.unlink()
    if damage == "overwritten":
        file.write_bytes(b"x" * 5_000)
    assert go(home, "a").published
    assert published(home) == 2


def test_files_that_are_no_database_are_said(home: Home) -> None:
    home.warehouse.mkdir(parents=True)
    (home.warehouse / "work.duckdb").write_bytes(b"x" * 5_000)
    report = go(home, "a")
    assert report.error is not None
    assert report.error.code == "store"
    assert "move it away" in report.error.hint
    home.workspace_db.unlink()
    home.workspace_db.write_bytes(b"x" * 5_000)
    with pytest.raises(StoreError, match=r"workspace database .* cannot be used"):
        go(home, "a")


def test_log_lines_after_a_refresh_are_not_its_own(home: Home) -> None:
    Scripted.scripts["a"] = pages(conversations("1"))
    go(home, "a")
    assert logs.run_id.get() == "-"


def test_a_forgotten_source_leaves_no_row_behind(home: Home) -> None:
    Scripted.scripts["two"] = pages(conversations("x"))
    go(home, "one", "two")
    report = go(home, "two", forget=("one",))
    assert "forgotten" in report.sources[-1].note
    writer = Writer(home, run_id="look")
    tables = writer.con.execute(
        "SELECT DISTINCT table_name FROM duckdb_columns() WHERE column_name = 'source_id' "
        "AND table_name IN (SELECT table_name FROM duckdb_tables()) AND table_name <> 'sync_runs'"
    ).fetchall()
    assert len(tables) > 20
    left = {
        t: writer.con.execute(f"SELECT count(*) FROM {t} WHERE source_id = 'one'").fetchone()
        for (t,) in tables
    }
    writer.con.close()
    assert {t for t, count in left.items() if count != (0,)} == set()
