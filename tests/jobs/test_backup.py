"""The commands that write a backup, try it, and put it in place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from jobs import cli
from tests.shared import copy_of


def test_a_folder_keeps_the_newest_and_one_of_them_is_put_in_place(
    sample_home: Home,
    tmp_path: Path,
    now: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def command(*words: str, code: int = 0) -> Any:
        assert cli.main([*words, "--json", "--quiet"]) == code
        return json.loads(capsys.readouterr().out)

    home, kept = str(tmp_path / "home"), tmp_path / "kept"
    copy_of(sample_home, home)
    for day in (16, 17, 18):
        monkeypatch.setenv("SUPPORTLENS_NOW", f"2026-11-{day}T09:00:00Z")
        made = command("backup", str(kept), "--keep", "2", "--home", home)
    assert [path.name for path in sorted(kept.iterdir())] == [
        "supportlens-20261117T090000Z.tar", "supportlens-20261118T090000Z.tar",
    ]  # fmt: skip
    assert [Path(path).name for path in made["removed"]] == ["supportlens-20261116T090000Z.tar"]
    tried = command("restore", made["file"], "--check", "--home", str(tmp_path / "other"))
    assert tried["home"] is None and tried["counts"] == made["counts"] and not (tmp_path / "other").exists()
    assert "already" in command("restore", made["file"], "--home", home, code=1)["error"]["message"]
    done = command("restore", made["file"], "--home", str(tmp_path / "other"))
    assert done["home"] == str(tmp_path / "other") and done["before"] is None
    before = command("metric", "volume", "--home", home)
    assert command("metric", "volume", "--home", str(tmp_path / "other")) == before
