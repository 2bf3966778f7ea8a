"""A refresh of files and of the sample, by the command line, and what it leaves in the home."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from core import log as logs
from core.errors import StoreError
from core.home import Home
from core.settings import Settings, Source, Workspace
from core.viewer import EVERYTHING
from jobs.cli import main
from jobs.refresh import refresh
from store import generations
from store.reader import open_reader
from store.writer import Writer
from tests.jobs.scripted import START, Scripted, conversations, go, pages, plain_steps, published, workspace

pytestmark = pytest.mark.usefixtures("scripts")


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


def living(home: Home) -> list[str]:
    found = open_reader(home).query(
        "SELECT DISTINCT source_id FROM {conversations} WHERE NOT is_deleted ORDER BY 1", viewer=EVERYTHING
    )
    return [str(name) for name in found["source_id"].to_pylist()]


@pytest.mark.parametrize("is_generated", [False, True])
def test_a_source_of_your_own_may_be_called_like_the_sample(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_generated: bool
) -> None:
    if is_generated:
        monkeypatch.setattr("jobs.refresh.SAMPLE_CONVERSATIONS", 30)
        refresh(home, Settings(), steps=plain_steps())
    chat = file_source(tmp_path / "in").sources[0]
    own = chat.model_copy(update={"name": "sample", "path": f"{tmp_path / 'own'}/*.csv"})
    write_csv(tmp_path / "in" / "1.csv", "c1,ann,first words,2026-01-01 10:00:00")
    write_csv(tmp_path / "own" / "1.csv", "s1,bob,other words,2026-01-01 10:00:00")
    for _ in range(2):
        report = refresh(home, Settings(sources=(chat, own)), steps=plain_steps())
        assert [source.status for source in report.sources] == ["ok", "ok"]
        assert living(home) == ["chat", "sample"]
    rows = open_reader(home).query("SELECT conversation_id FROM {conversations} WHERE NOT is_deleted ORDER BY 1",
                                   viewer=EVERYTHING)  # fmt: skip
    assert rows["conversation_id"].to_pylist() == ["c1", "s1"]
    if not is_generated:
        left = refresh(home, Settings(sources=(chat,)), steps=plain_steps())
        assert "--forget sample" in left.sources[-1].note and living(home) == ["chat", "sample"]


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
