"""The look through what the tests wrote: that it finds what it should, in files and in databases, and fails the run."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from core.home import PROJECT
from scripts import care
from tests.written import look_through

KEY = "AKIA" + "Z7QK3MPLR2XWTN5D"
MARK = next(care.secrets_in(Path("x"), KEY.encode())).mark


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that the look at the end of this very run does not see."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def places(base: Path, *known: str) -> list[str]:
    return [line.split()[0] for line in look_through(base, known)]


def test_a_key_is_found_in_any_file_and_a_planted_one_in_logs_alone(elsewhere: Path) -> None:
    for name in ("home/settings.toml", "home/logs/refresh-1.log", "server.log"):
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_text(f"first line\nwith {KEY}\n")
    (elsewhere / "link.txt").symlink_to(elsewhere / "server.log")
    logs = ["home/logs/refresh-1.log:2", "server.log:2"]
    assert places(elsewhere) == [*logs[:1], "home/settings.toml:2", *logs[1:]]
    assert places(elsewhere, MARK) == logs
    assert KEY not in "".join(look_through(elsewhere, ()))


def test_a_planted_key_is_found_in_the_run_logs_of_databases(elsewhere: Path) -> None:
    with duckdb.connect(str(elsewhere / "work.duckdb")) as con:
        con.execute(f"CREATE TABLE sync_runs AS SELECT 'the key {KEY} was refused' AS error_message")
        con.execute(f"CREATE TABLE messages AS SELECT 'my key is {KEY}' AS body_text")
    with closing(sqlite3.connect(elsewhere / "workspace.sqlite")) as con:
        con.execute("CREATE TABLE runs (error_message)")
        con.execute("INSERT INTO runs VALUES (?)", [f"the key {KEY} was refused"])
        con.commit()
    assert places(elsewhere, MARK) == ["work.duckdb:1", "workspace.sqlite:1"]


def test_what_cannot_be_read_is_passed_by_and_so_is_a_key_of_a_server_s_own(elsewhere: Path) -> None:
    (elsewhere / "work.duckdb").write_bytes(b"damaged" * 100)
    (elsewhere / "workspace.sqlite").write_bytes(b"damaged" * 100)
    os.mkfifo(elsewhere / "pipe")
    (elsewhere / "server.key").write_text(
        "-----BEGIN " + "PRIVATE KEY-----\nof a server that a test starts\n"
    )
    assert look_through(elsewhere, ()) == []


def test_a_run_that_wrote_one_fails_and_says_where(elsewhere: Path) -> None:
    (elsewhere / "test_writes.py").write_text(
        f"def test_it(tmp_path):\n    (tmp_path / 'out.txt').write_text('AKIA' + '{KEY[4:]}')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.written", "-p", "no:cacheprovider", "-c", os.devnull,
               "--rootdir", str(elsewhere), "--basetemp", str(elsewhere / "base"), str(elsewhere / "test_writes.py")]  # fmt: skip
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stdout
    assert "1 passed" in ended.stdout and "secrets in what the tests wrote" in ended.stdout
    assert f"test_it0/out.txt:1 AKIA… ({MARK})" in ended.stdout and KEY not in ended.stdout
