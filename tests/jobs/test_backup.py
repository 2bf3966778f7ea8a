"""The commands that write a backup, try it, and put it in place."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from core import secrets
from core.errors import ConfigError
from core.home import Home
from core.settings import load_settings, secret_value
from jobs import cli
from store import backup
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
    copy_of(sample_home, Path(home))
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


def test_with_the_clock_set_back_the_one_just_made_stays(
    sample_home: Home, tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, kept = copy_of(sample_home, tmp_path / "home"), tmp_path / "kept"
    kept.mkdir()
    for day in (17, 18):
        (kept / f"supportlens-202611{day}T090000Z.tar").touch()
    monkeypatch.setenv("SUPPORTLENS_NOW", "2026-11-02T09:00:00Z")
    for _ in range(2):  # the second is written over the first
        assert cli.main(["backup", str(kept), "--keep", "2", "--home", str(home.root), "--quiet"]) == 0
        assert [path.name for path in sorted(kept.iterdir())] == [
            "supportlens-20261102T090000Z.tar", "supportlens-20261118T090000Z.tar",
        ]  # fmt: skip


def test_one_that_is_ended_politely_leaves_nothing(
    sample_home: Home, tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, add = copy_of(sample_home, tmp_path / "home"), backup._add

    def ended(tar: Any, name: str, file: Any) -> Any:
        if name == home.workspace_db.name:
            os.kill(os.getpid(), signal.SIGTERM)
        return add(tar, name, file)

    monkeypatch.setattr(backup, "_add", ended)
    assert cli.main(["backup", str(tmp_path / "kept"), "--home", str(home.root), "--quiet"]) == 130
    assert list((tmp_path / "kept").iterdir()) == [] and list(home.root.glob(".backup-*")) == []


# -- settings --------------------------------------------------------------------------------------

LITERAL = "key-that-stands-in-the-file"
SETTINGS = f"""# what this desk wants
[workspace]
name = "Our desk"  # kept as it was written

[llm]
provider = "openai"
model = "m"
api_key = "{LITERAL}"

[[channels]]
name = "ops"
kind = "webhook"
url = "env:OPS_URL"
secret = 'a "signing" key'

[[sources]]
name = "export"
kind = "files"
path = "exports/*.csv"

[[sources]]
name = "crm"
kind = "postgres"
dsn = "postgresql://u:hunter2secret@host/db"
conversations = "select 1 as conversation_id"
"""


@pytest.fixture
def elsewhere(sample_home: Home, tmp_path: Path, now: Any) -> Path:
    """A workspace whose settings lie beside the program, not in the home."""
    copy_of(sample_home, tmp_path / "home")
    file = tmp_path / "checkout" / "settings.toml"
    file.parent.mkdir()
    file.write_text(SETTINGS)
    return file


def backed_up(file: Path, capsys: pytest.CaptureFixture[str], *words: str, named: bool = True) -> Any:
    home = file.parent.parent / "home"
    chosen = ["--settings", str(file)] if named else []
    target = str(file.parent.parent / "a.tar")
    assert cli.main(["backup", target, "--home", str(home), *chosen, "--json", "--quiet", *words]) == 0
    return json.loads(capsys.readouterr().out)


def restored(file: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[Home, str]:
    new = Home(file.parent.parent / "new")
    assert cli.main(["restore", str(file.parent.parent / "a.tar"), "--home", str(new.root), *words]) == 0
    return new, capsys.readouterr().out


@pytest.mark.parametrize("by", ["argument", "variable", "checkout"])
def test_the_settings_in_use_are_kept_wherever_they_lie(
    elsewhere: Path, by: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if by == "variable":
        monkeypatch.setenv("SUPPORTLENS_SETTINGS", str(elsewhere))
    if by == "checkout":
        for module in ("core.settings", "jobs.settings_kept"):
            monkeypatch.setattr(f"{module}.PROJECT", elsewhere.parent)
    backed_up(elsewhere, capsys, "--with-secrets", named=by == "argument")
    monkeypatch.delenv("SUPPORTLENS_SETTINGS", raising=False)
    new, said = restored(elsewhere, capsys)
    assert f"Its settings are in {new.settings_file}" in said
    assert ("is not read for this home any more" in said) is (by == "checkout")
    text = new.settings_file.read_text()
    assert text == SETTINGS.replace('"exports/', f'"{elsewhere.parent}/exports/'), (
        "paths are found from anywhere"
    )
    assert load_settings(new).workspace.name == "Our desk"


def test_secrets_that_stand_in_the_settings_are_left_out_and_said(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPPORTLENS_DASHBOARD__PORT", "8600")
    said = " ".join(backed_up(elsewhere, capsys)["left_out"])
    assert "crm.dsn, llm.api_key, channels.ops.secret" in said and "SUPPORTLENS_DASHBOARD__PORT" in said
    held = (tmp_path / "a.tar").read_bytes()
    for secret in (LITERAL.encode(), b"signing", b"hunter2secret"):
        assert secret not in held
    new, _ = restored(elsewhere, capsys)
    found = load_settings(new)
    assert found.llm.api_key and found.llm.api_key.get_secret_value() == "secret:llm.api_key"
    assert found.channels[0].url.get_secret_value() == "env:OPS_URL"
    text = new.settings_file.read_text()
    assert "# what this desk wants" in text and "# kept as it was written" in text
    with pytest.raises(ConfigError, match=r"secret llm\.api_key"):
        secret_value(found.llm.api_key)
    secrets.save(new, {"llm.api_key": "given-again"})
    assert secret_value(found.llm.api_key) == "given-again"


def test_a_secret_that_is_repeated_in_a_comment_takes_the_comments_with_it(
    elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere.write_text(f"# it was {LITERAL}\n{SETTINGS}")
    backed_up(elsewhere, capsys)
    assert LITERAL.encode() not in (tmp_path / "a.tar").read_bytes()
    new, _ = restored(elsewhere, capsys)
    assert load_settings(new).sources[0].options()["path"] == f"{elsewhere.parent}/exports/*.csv"


def test_settings_of_which_nobody_can_say_what_is_secret_are_left_out(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere.write_text('[[sources]]\nname = "x"\nkind = "nothing"\ntoken = "hunter2secret"\n')
    assert str(elsewhere) in " ".join(backed_up(elsewhere, capsys)["left_out"])
    new, _ = restored(elsewhere, capsys)
    assert not new.settings_file.exists()


def test_a_restore_says_when_other_settings_are_read_here(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backed_up(elsewhere, capsys)
    _, said = restored(elsewhere, capsys, "--settings", str(elsewhere))
    assert f"here {elsewhere} is read instead" in said
