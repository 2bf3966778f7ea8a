"""Copies on their way go with an erasure, whoever they are of."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from core import encryption
from core.encryption import Storage
from core.home import Home
from core.written import scratch
from jobs import erasing_copies
from jobs.erasing_copies import BROKEN_OFF, PENDING
from store import leftovers
from tests.jobs.erasable import EMAIL, command
from ui import upload


def waiting(home: Home) -> list[Path]:
    """Two uploads that wait to be loaded, of kinds whose bytes say nothing, and what a killed preview left of a third."""
    folder = scratch(home) / "uploads"
    preview = scratch(home) / "tmpabcd1234"
    folder.mkdir()
    preview.mkdir()
    files = [folder / "1f-20.xlsx", folder / "2f-30.parquet", preview / "sheet.parquet"]
    for file in files:
        file.write_bytes(b"PK\x03\x04 pressed together")
    return files


def broken_off(home: Home, backups: Path) -> list[Path]:
    found = [home.root / ".backup-abc" / "workspace.sqlite", home.root.parent / ".restore-abc" / "home" / "a"]
    for file in found:
        file.parent.mkdir(parents=True)
        file.write_text("x")
        os.utime(home.root.parent / file.relative_to(home.root.parent).parts[0], (1, time.time() - 3600))
        os.utime(file.parent, (1, time.time() - 3600))
    backups.mkdir()
    part = backups / "supportlens-20260101T000000Z.tar.part"
    part.write_text("x")
    return [*found, part]


@pytest.mark.parametrize("where", ["home", "memory folder"])
def test_what_waits_is_found_wherever_it_lies(home: Home, tmp_path: Path, where: str) -> None:
    if where == "memory folder":
        encryption.use(lambda: Storage(memory_folder=str(tmp_path / "memory")))  # type: ignore[call-arg]
    files, kept = waiting(home), scratch(home) / "kept" / "a"
    kept.parent.mkdir()
    kept.write_text("x")
    assert home.pending == scratch(home) / "uploads"
    assert all(file.is_relative_to(home.root if where == "home" else tmp_path / "memory") for file in files)
    assert erasing_copies.counted(home) == {PENDING: 3}
    erasing_copies.remove(home)
    assert erasing_copies.counted(home) == {} and kept.is_file()


def test_the_form_keeps_its_files_there(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.resources.home", lambda: home)
    assert upload._keep("id", "Mails of Ada.csv", memoryview(b"a")).parent == home.pending


def test_an_erasure_removes_them_and_says_how_many(
    her_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, backups = her_home, tmp_path / "kept"
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    files = waiting(home) + broken_off(home, backups)
    with leftovers.folder_for(home.root, leftovers.BACKUP) as running:
        plan = command(home, "erase", EMAIL)["plan"]
        assert plan["copies"] == {PENDING: 3, BROKEN_OFF: 2} and all(file.is_file() for file in files)
        told: dict[str, Any] = command(
            home, "erase", EMAIL, "--yes", "--by", "ann", "--backups", str(backups)
        )
        assert running.is_dir(), "a backup that is being made goes on"
    (certificate,) = told["certificates"]
    assert certificate["copies"] == {PENDING: 3, BROKEN_OFF: 3}
    assert not any(file.exists() for file in files)
    assert f"  {PENDING}: 3 files" in (home.erasures / "erasure-0001.txt").read_text()
