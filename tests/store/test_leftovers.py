"""What killed backups and restores left is known by its lock that nobody holds, and goes."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from core.home import PROJECT, Home
from store import leftovers
from store.backup import back_up
from store.restore import restore, tried
from tests.shared import copy_of

LONG_AGO = time.time() - 3600
# A program that is in the middle of a backup, or of a restore, until it is killed.
IN_THE_MIDDLE = """
import sys, time
from pathlib import Path
from core.home import Home
from store import backup, restore

def for_ever(*_, **__):
    print("there", flush=True)
    time.sleep(600)

add = backup._add
backup._add = lambda tar, name, file: (for_ever if name == "workspace.sqlite" else add)(tar, name, file)
restore.counted = for_ever
home, file = Home(Path(sys.argv[2])), Path(sys.argv[3])
if sys.argv[1] == "backup":
    backup.back_up(home, file)
elif sys.argv[1] == "restore":
    restore.restore(file, home, replace=True)
else:
    restore.tried(file)
"""


@pytest.fixture
def copy(sample_home: Home, tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    return copy_of(sample_home, tmp_path / "homes" / "copy")


def started(what: str, home: Home, file: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", IN_THE_MIDDLE, what, str(home.root), str(file)]
    process = subprocess.Popen(words, cwd=PROJECT, env=dict(os.environ), stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "there\n"
    return process


@pytest.mark.parametrize(("what", "pieces"), [("backup", 2), ("restore", 1), ("try", 1)])
def test_what_a_killed_one_left_is_removed_by_the_next(
    copy: Home, tmp_path: Path, what: str, pieces: int
) -> None:
    kept = tmp_path / "kept"
    whole = kept / "supportlens-20260101T000000Z.tar"
    back_up(copy, whole)
    file = whole if what in ("restore", "try") else kept / "supportlens-20260102T000000Z.tar"
    before = set(everything(tmp_path))
    process = started(what, copy, file)
    try:
        assert leftovers.left_behind(copy, [kept]) == [], "somebody works in it"
    finally:
        process.kill()
        process.communicate()
    left = leftovers.left_behind(copy, [kept])
    assert len(left) == pieces and set(everything(tmp_path)) - before
    if what == "restore":
        restore(whole, copy, replace=True)
    elif what == "try":
        tried(whole)
    else:
        back_up(copy, kept / "supportlens-20260103T000000Z.tar")
    assert not any(path.exists() for path in left) and leftovers.left_behind(copy, [kept]) == []


def test_a_backup_with_a_name_of_its_own_is_known_by_how_it_begins(copy: Home, tmp_path: Path) -> None:
    kept, theirs = tmp_path / "kept", tmp_path / "kept" / "theirs.tar.part"
    kept.mkdir()
    generation = next((copy.warehouse / "gen").glob("*.duckdb"))
    with tarfile.open(theirs, "w") as tar:  # as `tar` itself writes it
        tar.add(generation, f"warehouse/gen/{generation.name}")
    (kept / "empty.tar.part").touch()
    process = started("backup", copy, kept / "monday.tar")
    try:
        assert leftovers.parts_left(kept) == [], "somebody writes it"
    finally:
        process.kill()
        process.communicate()
    assert leftovers.parts_left(kept) == [kept / "monday.tar.part"]
    back_up(copy, kept / "tuesday.tar")
    assert sorted(path.name for path in kept.iterdir()) == [
        "empty.tar.part",
        "theirs.tar.part",
        "tuesday.tar",
    ]


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_folders_of_others_are_left_alone(copy: Home, tmp_path: Path) -> None:
    """What is called so beside a home may be anybody's; what an older version left has no lock."""
    for path in ("homes/.restore-theirs/letters/a", "homes/.restore-old/home/workspace.sqlite",
                 "homes/copy/.backup-old/workspace.sqlite", "homes/copy/.backup-now/workspace.sqlite",
                 "kept/their.tar.part", "kept/.backup-theirs/letters/a"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    for name in (
        "homes/.restore-theirs",
        "homes/.restore-old",
        "homes/copy/.backup-old",
        "kept/.backup-theirs",
    ):
        os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    found = leftovers.left_behind(copy, [tmp_path / "kept"])
    assert sorted(str(path.relative_to(tmp_path)) for path in found) == [
        "homes/.restore-old", "homes/copy/.backup-old",
    ]  # fmt: skip
    assert leftovers.clear(found) == 2 and leftovers.left_behind(copy, []) == []


def test_what_waited_a_day_to_be_loaded_goes_and_a_folder_there_stops_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.pending.mkdir(parents=True)
    (home.pending / "a folder").mkdir()
    for name in ("old.csv", "new.csv"):
        (home.pending / name).write_text("a")
    for name in ("a folder", "old.csv"):
        os.utime(home.pending / name, (LONG_AGO - 86_400, LONG_AGO - 86_400))
    leftovers.forget_uploads(home)
    assert sorted(path.name for path in home.pending.iterdir()) == ["a folder", "new.csv"]
