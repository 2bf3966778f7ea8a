"""Damaged files are named with their cure, the doctor goes on, and the cure cures."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from core.home import Home
from core.viewer import EVERYTHING
from jobs.cli import main
from jobs.damage import damaged_files
from store import generations
from store.checksums import damage
from store.lock import refresh_lock
from store.reader import open_reader
from tests.shared import copy_of, seldom

BLOCK = 262_144


@pytest.fixture
def broken_home(sample_home: Home, tmp_path: Path, now: datetime) -> Home:
    """A copy of the sample workspace that may be broken."""
    return copy_of(sample_home, tmp_path / "broken")


def scribble(path: Path, at: int, many: int = 4096) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        # No pattern: what repeats cancels out in a checksum of exclusive ors.
        file.write(random.Random(at).randbytes(many))


def doctor(home: Home, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    capsys.readouterr()
    code = main(["doctor", "--home", str(home.root), "--json", "--quiet"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    return code, {check["name"]: check for check in checks}


def refresh(home: Home) -> None:
    assert main(["refresh", "--home", str(home.root), "--json", "--quiet"]) == 0


def conversations(home: Home) -> int:
    sql = "SELECT count(*) AS n FROM {conversations}"
    return int(open_reader(home).query(sql, viewer=EVERYTHING)["n"][0].as_py())


def middle(path: Path) -> int:
    return 3 * 4096 + BLOCK * ((path.stat().st_size // BLOCK) // 2) + 9_000


def test_a_sound_home_is_sound(broken_home: Home) -> None:
    found = {check.name: check.state for check in damaged_files(broken_home)}
    names = {"work file", "workspace", "published file", "index files"}
    assert found == dict.fromkeys(names, "ok")


def spoil_blocks(path: Path) -> None:
    for at in range(3 * 4096 + 500, path.stat().st_size - 8192, BLOCK):
        scribble(path, at)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_bytes(b"not a database\n" * 1000),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 77]),
    "header": lambda path: scribble(path, 4096 + 100, 256),
    "blocks": spoil_blocks,
}


@pytest.mark.parametrize("how", seldom(sorted(DAMAGES), often=("header",)))
def test_a_damaged_work_file_is_named_with_its_cure_and_the_rest_is_looked_at(
    broken_home: Home, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    path = broken_home.warehouse / "work.duckdb"
    DAMAGES[how](path)
    code, checks = doctor(broken_home, capsys)
    found = checks["work file"]
    assert (code, found["state"]) == (1, "broken"), found
    assert str(path) in found["message"] and "move it away" in found["hint"]
    assert checks["published file"]["state"] == checks["keys"]["state"] == checks["facts"]["state"] == "ok"


@pytest.mark.slow
def test_moving_a_damaged_work_file_away_cures_it(
    broken_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path, before = broken_home.warehouse / "work.duckdb", conversations(broken_home)
    spoil_blocks(path)
    path.rename(path.with_suffix(".damaged"))
    refresh(broken_home)
    code, checks = doctor(broken_home, capsys)
    assert (code, conversations(broken_home)) == (0, before), checks


@pytest.mark.slow
def test_a_published_file_in_the_place_of_the_work_file_cures_it_too(
    broken_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path, before = broken_home.warehouse / "work.duckdb", conversations(broken_home)
    scribble(path, middle(path))
    hint = doctor(broken_home, capsys)[1]["work file"]["hint"]
    named = re.search(r"a copy of (\S+\.duckdb) in its place", hint)
    assert named
    shutil.copyfile(named[1], path)
    refresh(broken_home)
    assert doctor(broken_home, capsys)[0] == 0
    assert conversations(broken_home) == before


@pytest.mark.parametrize("how", seldom(sorted(DAMAGES), often=("header",)))
def test_a_damaged_generation_is_named_with_its_cure(
    broken_home: Home, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    path = generations.current(broken_home).path
    DAMAGES[how](path)
    code, checks = doctor(broken_home, capsys)
    found = checks["generation"]
    assert (code, found["state"]) == (1, "broken")
    assert str(path) in found["message"] and f"Delete {path}" in found["hint"]


@pytest.mark.slow
def test_deleting_a_damaged_generation_cures_it(
    broken_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path, before = generations.current(broken_home).path, conversations(broken_home)
    spoil_blocks(path)
    path.unlink()
    code, checks = doctor(broken_home, capsys)
    assert (code, checks["generation"]["state"]) == (1, "broken") and "is missing" in checks["generation"][
        "message"
    ]
    refresh(broken_home)
    assert doctor(broken_home, capsys)[0] == 0
    assert conversations(broken_home) == before


@pytest.mark.slow
def test_a_damaged_pointer_is_named_and_a_refresh_cures_it(
    broken_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    pointer, before = broken_home.warehouse / "CURRENT", conversations(broken_home)
    for text in (None, "", "{", '{"generation": "x"}', "[]"):
        pointer.unlink(missing_ok=True)
        if text is not None:
            pointer.write_text(text)
        code, checks = doctor(broken_home, capsys)
        assert (code, checks["pointer"]["state"]) == (1, "broken"), text
        assert str(pointer) in checks["pointer"]["message"]
    refresh(broken_home)
    assert doctor(broken_home, capsys)[0] == 0
    assert conversations(broken_home) == before


def test_an_older_generation_that_is_damaged_is_a_note(
    broken_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    generations.publish(broken_home, broken_home.warehouse / "work.duckdb", keep=3)
    old = broken_home.warehouse / "gen" / "gen-000001.duckdb"
    scribble(old, middle(old))
    code, checks = doctor(broken_home, capsys)
    assert (code, checks["generation 1"]["state"]) == (0, "note")
    assert str(old) in checks["generation 1"]["message"]


@pytest.mark.parametrize("how", seldom(["text", "cut", "middle"], often=("text",)))
def test_a_damaged_workspace_is_named_and_moving_it_away_cures_it(
    broken_home: Home, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    path = broken_home.workspace_db
    with closing(sqlite3.connect(path)) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for part in ("-wal", "-shm"):
        Path(f"{path}{part}").unlink(missing_ok=True)
    if how == "middle":
        scribble(path, 4096, path.stat().st_size - 8192)
    else:
        DAMAGES[how](path)
    code, checks = doctor(broken_home, capsys)
    found = checks["workspace"]
    assert (code, found["state"]) == (1, "broken")
    assert str(path) in found["message"] and "move it away" in found["hint"]
    assert checks["keys"]["state"] == "ok" and "refresh" not in checks
    path.rename(path.with_suffix(".damaged"))
    assert doctor(broken_home, capsys)[0] == 0


@pytest.mark.parametrize(
    "name", seldom(["keywords.sqlite", "chroma/chroma.sqlite3"], often=("keywords.sqlite",))
)
def test_a_damaged_index_is_named_and_deleting_it_cures_it(
    broken_home: Home, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    from rag.index import lag

    path = broken_home.index / name
    for part in ("-wal", "-shm"):
        Path(f"{path}{part}").unlink(missing_ok=True)
    path.write_bytes(b"damaged" * 3000)
    code, checks = doctor(broken_home, capsys)
    found = checks["index files"]
    assert (code, found["state"]) == (1, "broken")
    assert str(broken_home.index) in found["message"] and f"Delete {broken_home.index}" in found["hint"]
    assert checks["keys"]["state"] == "ok"
    shutil.rmtree(broken_home.index)
    refresh(broken_home)
    assert doctor(broken_home, capsys)[0] == 0
    assert lag(broken_home, open_reader(broken_home)).chunks_behind == 0


@pytest.mark.slow
def test_lost_vectors_are_named_and_the_next_refresh_makes_them_again(
    broken_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(broken_home.vectors)
    code, checks = doctor(broken_home, capsys)
    assert (code, checks["index"]["state"]) == (0, "note") and "are gone" in checks["index"]["message"]
    refresh(broken_home)
    assert doctor(broken_home, capsys)[1]["index"]["state"] == "ok"


def test_a_work_file_that_a_refresh_writes_is_left_alone(broken_home: Home) -> None:
    scribble(broken_home.warehouse / "work.duckdb", 20_000)
    with refresh_lock(broken_home, run_id="r"):
        found = {check.name: check for check in damaged_files(broken_home)}
    assert found["work file"].state == "ok" and "refresh is writing" in found["work file"].message


def test_every_changed_byte_changes_a_checksum(broken_home: Home) -> None:
    path = broken_home.warehouse / "work.duckdb"
    whole = path.read_bytes()
    assert damage(path) is None
    for at in (9, 4096 + 50, 2 * 4096 + 8, 3 * 4096, 3 * 4096 + 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert damage(path) is not None, at
