"""A backup holds what cannot be made again, and only a whole one takes a home's place."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import DiskFull, NothingPublished, RefreshRunning, StoreError
from core.home import Home
from core.viewer import EVERYTHING
from store import backup, generations
from store.backup import MANIFEST, back_up
from store.connection import connect
from store.lock import refresh_lock
from store.reader import open_reader
from store.restore import restore, tried, verify
from store.workspace import Workspace
from tests.shared import copy_of


@pytest.fixture
def copy(sample_home: Home, tmp_path: Path, now: Any) -> Home:
    """The sample's workspace in a home of its own, with a view that somebody saved and a secret."""
    made = copy_of(sample_home, tmp_path / "copy")
    Workspace(made).save_view("Morning", owner="ann", page="", query="period=7d")
    made.secrets_file.write_text('"crm.dsn" = "postgresql://u:hunter2secret@host/db"\n')
    made.secrets_file.chmod(0o600)
    return made


def rows(home: Home) -> list[Any]:
    query = "SELECT conversation_id, created_at FROM {conversations} ORDER BY 1"
    found: list[Any] = open_reader(home).query(query, viewer=EVERYTHING).to_pylist()
    return found


def test_a_backup_brings_back_what_is_published_and_what_people_made(copy: Home, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "a.tar"
    made = back_up(copy, file)
    assert made.counts["conversations"] == len(rows(copy)) > 100
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and list(file.parent.iterdir()) == [file]
    new = Home(tmp_path / "new")
    done = restore(file, new)
    assert done.before is None and done.manifest == made == tried(file)
    assert rows(new) == rows(copy)
    assert [view.name for view in Workspace(new).views("ann")] == ["Morning"]
    assert (new.warehouse / "work.duckdb").read_bytes() == generations.current(copy).path.read_bytes()
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_secrets_are_left_out_unless_asked_for(copy: Home, tmp_path: Path) -> None:
    without, with_them = tmp_path / "a.tar", tmp_path / "b.tar"
    assert "secrets.toml" in back_up(copy, without).left_out[0]
    assert b"hunter2secret" not in without.read_bytes()
    assert back_up(copy, with_them, with_secrets=True).left_out == ()
    restore(with_them, Home(tmp_path / "new"))
    assert stat.S_IMODE(Home(tmp_path / "new").secrets_file.stat().st_mode) == 0o600


def test_a_home_that_holds_something_is_moved_aside_only_when_asked(copy: Home, tmp_path: Path) -> None:
    file, before = tmp_path / "a.tar", rows(copy)
    back_up(copy, file)
    Workspace(copy).save_view("Later", owner="ann", page="", query="")
    with pytest.raises(StoreError, match="holds a workspace already"):
        restore(file, copy)
    with refresh_lock(copy, run_id="r"), pytest.raises(RefreshRunning):
        restore(file, copy, replace=True)
    assert [view.name for view in Workspace(copy).views("ann")] == ["Later", "Morning"]
    done = restore(file, copy, replace=True)
    assert rows(copy) == before and [view.name for view in Workspace(copy).views("ann")] == ["Morning"]
    assert done.before is not None
    assert [v.name for v in Workspace(Home(done.before)).views("ann")] == ["Later", "Morning"]


def refreshed(home: Home, *, without: int) -> generations.Generation:
    """One more generation, as a refresh publishes it, which lacks some conversations."""
    work = home.warehouse / "work.duckdb"
    with connect(work, home, read_only=False) as con:
        con.execute(
            f"DELETE FROM conversations WHERE rowid IN (SELECT rowid FROM conversations LIMIT {without})"
        )
    return generations.publish(home, work, keep=3)


def test_whoever_reads_on_after_a_restore_sees_what_was_restored(copy: Home, tmp_path: Path) -> None:
    """Numbers of generations are what everything read is kept by: none may mean two things."""
    file, all_of_them = tmp_path / "a.tar", rows(copy)
    first = generations.current(copy)
    back_up(copy, file)
    later = [refreshed(copy, without=5), refreshed(copy, without=5)]
    assert len(rows(copy)) == len(all_of_them) - 10
    done = restore(file, copy, replace=True)
    assert rows(copy) == all_of_them, "directly after the restore"
    assert open_reader(copy).number == done.generation == later[-1].number + 1
    assert generations.current(copy).least == done.generation, "nobody shows on what was replaced"
    assert refreshed(copy, without=7).number == done.generation + 1
    assert len(rows(copy)) == len(all_of_them) - 7
    assert restore(file, Home(tmp_path / "new")).generation == first.number, "where nothing was, nobody read"


def test_numbers_go_on_where_the_pointer_of_the_replaced_home_is_damaged(copy: Home, tmp_path: Path) -> None:
    back_up(copy, tmp_path / "a.tar")
    last = refreshed(copy, without=5)
    (copy.warehouse / "CURRENT").write_text("{")
    assert restore(tmp_path / "a.tar", copy, replace=True).generation == last.number + 1


def flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def halved(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def joined(file: Path) -> None:
    with tarfile.open(file, "a") as tar:
        tar.addfile(tarfile.TarInfo("warehouse/gen/more.duckdb"), io.BytesIO())


def escaping(file: Path) -> None:
    """A manifest that names a file outside of the folder."""
    with tarfile.open(file, "w") as tar:
        told = {"format": 1, "made_at": "", "generation": 1, "counts": {}, "left_out": [],
                "files": {"../outside": ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0]}}  # fmt: skip
        tar.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
        body = json.dumps(told).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(body)
        tar.addfile(info, io.BytesIO(body))


@pytest.mark.parametrize("harm", [flipped, halved, emptied, joined, escaping])
def test_a_damaged_backup_changes_nothing(copy: Home, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    file, new = tmp_path / "a.tar", Home(tmp_path / "new")
    back_up(copy, file)
    harm(file)
    for use in (verify, tried, lambda path: restore(path, new)):
        with pytest.raises(StoreError, match="damaged"):
            use(file)
    assert not new.root.exists() and not (tmp_path / "outside").exists()


def test_what_cannot_be_written_leaves_no_half(
    copy: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.tar"
    with pytest.raises(NothingPublished):
        back_up(Home(tmp_path / "nothing"), file)
    monkeypatch.setattr(
        backup, "counted", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(StoreError, match="No space left"):
        back_up(copy, file)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(DiskFull, match="has 0 MB free"):
        back_up(copy, file)
    assert not file.exists() and not file.with_name("a.tar.part").exists()


def test_a_workspace_that_is_written_to_is_copied_as_it_is_at_one_moment(copy: Home, tmp_path: Path) -> None:
    with closing(sqlite3.connect(copy.workspace_db)) as con:
        con.execute("BEGIN IMMEDIATE")
        con.execute("DELETE FROM saved_views")
        back_up(copy, tmp_path / "a.tar")  # somebody's change that is not complete is not in it
        con.rollback()
    restore(tmp_path / "a.tar", Home(tmp_path / "new"))
    assert [view.name for view in Workspace(Home(tmp_path / "new")).views("ann")] == ["Morning"]
