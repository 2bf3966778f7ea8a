"""A home that may only be read: what was published can be looked at, and what cannot be done says why."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.home import PROJECT, Home
from store.backup import back_up
from store.restore import restore
from tests.conftest import NOW
from tests.shared import copy_of

PAGES = (
    "pages/watch/overview.py",
    "pages/ask/ask.py",
    "pages/ask/conversations.py",
    "pages/operate/data_jobs.py",
)
# Every page of the dashboard as its script draws it: errors and exceptions as JSON.
DRAW = """
import json, sys
from streamlit.testing.v1 import AppTest
shown = AppTest.from_file(sys.argv[1], default_timeout=120).run()
told = {}
for page in sys.argv[2:]:
    shown = shown.switch_page(page).run()
    told[page] = [len(shown.markdown), [e.value for e in shown.exception], [e.value for e in shown.error]]
print(json.dumps(told))
"""


@pytest.fixture
def read_only(sample_home: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy of the sample workspace without write permission; the cache folder is gone."""
    home = copy_of(sample_home, tmp_path / "locked")
    shutil.rmtree(home.cache, ignore_errors=True)
    folders = [home.root, *(path for path in home.root.rglob("*") if path.is_dir())]
    for path in home.root.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    for folder in folders:
        folder.chmod(0o555)
    yield home
    for folder in folders:
        folder.chmod(0o755)


def limited(*words: str, home: Home) -> subprocess.CompletedProcess[str]:
    """Run a program as somebody whom permissions bind, also when the tests run as root."""
    line = [sys.executable, *words]
    if os.geteuid() == 0:
        tool = shutil.which("setpriv")
        if tool is None:
            pytest.skip("root may write everywhere, and setpriv, which takes that away, is not installed")
        line = [tool, "--bounding-set=-all", "--inh-caps=-all", *line]
    environment = {**os.environ, "SUPPORTLENS_NOW": NOW.isoformat(), "SUPPORTLENS_HOME": str(home.root)}
    return subprocess.run(line, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def jobs(home: Home, *words: str) -> tuple[int, dict[str, object], str]:
    done = limited("-m", "jobs", *words, "--home", str(home.root), "--json", "--quiet", home=home)
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.slow
def test_what_was_published_can_be_asked(read_only: Home) -> None:
    assert limited("-c", f"open({str(read_only.root / 'x')!r}, 'w')", home=read_only).returncode == 1
    code, result, _ = jobs(read_only, "metric", "volume", "--by", "channel")
    assert code == 0 and result["total"]["value"] > 0  # type: ignore[index]
    code, result, _ = jobs(read_only, "ask", "How many conversations were created in October?")
    assert code == 0 and result["claims"] and result["id"] == 0
    assert any("not kept" in note for note in result["notes"])  # type: ignore[attr-defined]
    code, result, _ = jobs(read_only, "search", "refund")
    assert code == 0 and result["results"][0]["hits"]  # type: ignore[index]
    code, result, _ = jobs(read_only, "runs")
    assert code == 0 and len(result["runs"]) == 1  # type: ignore[arg-type]


def test_the_doctor_says_that_it_may_only_be_read(read_only: Home) -> None:
    code, result, _ = jobs(read_only, "doctor")
    checks = {check["name"]: check for check in result["checks"]}  # type: ignore[attr-defined]
    assert code == 0, checks
    assert checks["home"]["state"] == "note" and "may only be read" in checks["home"]["message"]


@pytest.mark.parametrize("words", [("refresh",), ("rollback",)])
def test_what_would_write_says_why_it_cannot(read_only: Home, words: tuple[str, ...]) -> None:
    code, result, told = jobs(read_only, *words)
    assert code == 1
    assert "cannot be written to" in told or "may only be read" in told
    assert result["error"]["hint"]  # type: ignore[index]


def test_a_backup_and_a_restore_say_where_they_may_not_write(read_only: Home, tmp_path: Path) -> None:
    there = Home(read_only.root / "new")
    code, _, told = jobs(read_only, "backup", str(there.root / "a.tar"))
    assert code == 1 and f"{there.root / 'a.tar'} could not be written" in told
    back_up(copy_of(read_only, tmp_path / "open"), tmp_path / "a.tar")
    code, _, told = jobs(there, "restore", str(tmp_path / "a.tar"))
    assert code == 1 and f"{read_only.root} may not be written to" in told


def test_it_can_be_backed_up_with_what_stands_in_the_log_of_the_database(
    read_only: Home, tmp_path: Path
) -> None:
    """A program that was killed leaves what it wrote last in `workspace.sqlite-wal`."""
    wal = read_only.workspace_db.with_name("workspace.sqlite-wal")
    read_only.root.chmod(0o755)
    with closing(sqlite3.connect(read_only.workspace_db)) as con:
        con.execute("CREATE TABLE told (words TEXT)")
        con.execute("INSERT INTO told VALUES ('the last word')")
        con.commit()
        kept = wal.read_bytes()
    wal.write_bytes(kept)
    wal.chmod(0o444)
    read_only.root.chmod(0o555)
    (tmp_path / "kept").mkdir(mode=0o777)
    (tmp_path / "kept").chmod(0o777)
    code, _, told = jobs(read_only, "backup", str(tmp_path / "kept" / "a.tar"))
    assert code == 0, told
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["a.tar"]
    restored = Home(tmp_path / "restored")
    restore(tmp_path / "kept" / "a.tar", restored)
    with closing(sqlite3.connect(restored.workspace_db)) as con:
        assert con.execute("SELECT words FROM told").fetchall() == [("the last word",)]


@pytest.mark.slow
def test_every_page_is_drawn_or_says_that_nothing_can_be_kept(read_only: Home) -> None:
    done = limited(
        "-c", DRAW, str(PROJECT / "app.py"), *(str(PROJECT / page) for page in PAGES), home=read_only
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for page, (parts, exceptions, errors) in json.loads(done.stdout.splitlines()[-1]).items():
        assert parts and exceptions == [], page
        # Nobody has asked a question here yet, so the table of questions cannot be made.
        assert all(page.endswith("ask.py") and "may only be read" in error for error in errors), page
