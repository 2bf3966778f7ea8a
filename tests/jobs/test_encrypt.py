"""An encrypted warehouse: nothing readable in it, no way around the key, and a conversion that may break off anywhere."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core import encryption
from core.home import PROJECT, Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from jobs import damage
from jobs.cli import main
from jobs.findings import Check
from jobs.plain_files import encryption_checks
from store import cipher, erase, generations, recode
from store.connection import connect, warehouse_files
from store.reader import open_reader
from tests.shared import seldom

KEY, OTHER = "first-key-of-the-test-" + "x" * 20, "second-key-of-the-test-" + "y" * 20
MARKERS = ("zirkonmarke", "Quendolina")
ON = '\n[storage]\nencryption_key = "env:HOME_KEY"\nencrypted_volume = true\n'


def ticket(n: int) -> str:
    who = f"Quendolina {n}" if n % 2 else f"Someone {n}"
    text = f"The zirkonmarke number {n} of my parcel was refused at the counter again."
    return f'{n},2026-11-{1 + n % 14:02d} 10:00:00,customer,{who},q{n}@example.com,"{text}"'


def built(root: Path, more: str) -> Home:
    (root / "home").mkdir(parents=True)
    home = Home(root / "home")
    head = "conversation_id,created_at,author_role,author_name,author_email,body_text"
    (root / "tickets.csv").write_text("\n".join([head, *map(ticket, range(1, 41))]) + "\n")
    home.settings_file.write_text(
        f'[[sources]]\nname = "desk"\nkind = "files"\npath = "{root / "tickets.csv"}"\n{more}'
    )
    return home


def run(home: Home, *words: str) -> int:
    encryption.forget()  # each command is a program of its own
    return main([*words, "--home", str(home.root), "--quiet", "--json"])


def refreshed(root: Path, more: str) -> Home:
    home = built(root, more)
    assert run(home, "refresh") == 0
    generations.publish(home, home.warehouse / "work.duckdb", keep=3)
    return home


def answer(capsys: pytest.CaptureFixture[str], home: Home, *words: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run(home, *words)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told


@pytest.fixture(scope="module")
def _environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", "2026-11-16T09:00:00+00:00")
        patch.setenv("HOME_KEY", KEY)
        patch.setenv("OTHER_KEY", OTHER)
        yield patch


@pytest.fixture(scope="module")
def _closed(_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Refreshed, published twice, asked, backed up."""
    home = refreshed(tmp_path_factory.mktemp("closed"), ON)
    assert run(home, "ask", "What do customers say about the zirkonmarke?") == 0
    assert run(home, "backup", str(home.root.parent / "copy.tar")) == 0
    return home


@pytest.fixture(scope="module")
def _open(_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return refreshed(tmp_path_factory.mktemp("open"), "")


@pytest.fixture(scope="module")
def _in_memory(_environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The same life without an encrypted volume: index in memory, what people create in another database."""
    root = tmp_path_factory.mktemp("in_memory")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_DATABASE_URL", f"sqlite:///{root / 'elsewhere.sqlite'}")
        home = refreshed(root, f'\n[storage]\nencryption_key = "env:HOME_KEY"\nmemory_folder = "{memory}"\n')
        assert run(home, "ask", "What do customers say about the zirkonmarke?") == 0
        assert run(home, "backup", str(root / "copy.tar")) == 0
        patch.undo()  # the database is not for the other tests
        yield home


@pytest.fixture
def in_memory(_in_memory: Home, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Home:
    """That home, with its database."""
    monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", f"sqlite:///{_in_memory.root.parent / 'elsewhere.sqlite'}")
    return _in_memory


@pytest.fixture
def closed(_closed: Home, tmp_path: Path, now: datetime) -> Home:
    """A copy of an encrypted home."""
    shutil.copytree(_closed.root, tmp_path / "closed")
    return Home(tmp_path / "closed")


@pytest.fixture
def plain(_open: Home, tmp_path: Path, now: datetime) -> Home:
    """A copy of the same home without encryption."""
    shutil.copytree(_open.root, tmp_path / "plain")
    return Home(tmp_path / "plain")


def marked(folder: Path) -> set[str]:
    """Files below a folder that hold a marker."""
    found = {path for path in folder.rglob("*") if path.is_file() and holds_marker(path.read_bytes())}
    return {str(path.relative_to(folder)) for path in found}


def holds_marker(data: bytes) -> bool:
    return any(marker.lower().encode() in data.lower() for marker in MARKERS)


def rows(home: Home) -> int:
    encryption.forget()
    reader = open_reader(home)
    return int(reader.query("SELECT count(*) AS n FROM {messages}", viewer=EVERYTHING)["n"][0].as_py())


def test_no_file_of_the_warehouse_can_be_read(_closed: Home, _open: Home, now: datetime) -> None:
    assert len(warehouse_files(_closed)) == len(warehouse_files(_open)) == 3
    assert not marked(_closed.warehouse)
    assert len(marked(_open.warehouse)) == 3
    assert rows(_closed) == rows(_open) == 40


def test_no_file_of_a_home_whose_index_lies_in_memory_can_be_read(
    in_memory: Home, _open: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {"index/keywords.sqlite", "warehouse/work.duckdb"} <= marked(_open.root)
    assert not marked(in_memory.root) and not holds_marker((in_memory.root.parent / "copy.tar").read_bytes())
    code, told = answer(capsys, in_memory, "ask", "What do customers say about the zirkonmarke?")
    assert code == 0 and "was refused at the counter" in json.dumps(told)
    plain = plain_files_of(in_memory)
    assert plain.state == "note" and "no customer's words" in plain.hint


def plain_files_of(home: Home) -> Check:
    found = encryption_checks(home, load_settings(home), {})
    return next(one for one in found if one.name == "plain files")


def test_an_index_in_memory_is_built_again_and_uploads_are_refused(
    in_memory: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encryption.forget()
    memory = in_memory.searching
    assert memory.stat().st_mode & 0o777 == 0o700 and "index/keywords.sqlite" in marked(memory)
    shutil.rmtree(memory)  # the machine was started anew
    assert run(in_memory, "refresh") == 0 and "index/keywords.sqlite" in marked(memory)
    assert not marked(in_memory.root)
    (tmp_path / "more.csv").write_text((in_memory.root.parent / "tickets.csv").read_text())
    code, told = answer(capsys, in_memory, "upload", str(tmp_path / "more.csv"))
    assert code == 1 and "would lie readable" in json.dumps(told) and not marked(in_memory.root)


def test_what_an_index_on_disk_left_is_named_and_deleted(
    in_memory: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("index", "vectors"):
        (in_memory.root / folder).mkdir()
    (in_memory.root / "index" / "keywords.sqlite").write_text("zirkonmarke")
    plain = plain_files_of(in_memory)
    assert plain.state == "broken" and "index (words of conversations" in plain.message
    assert "jobs encrypt" in plain.hint
    assert answer(capsys, in_memory, "encrypt")[1]["written"] == []
    assert not (in_memory.root / "index").exists() and not (in_memory.root / "vectors").exists()


@pytest.mark.parametrize("folder", ["cache/incoming", "cache/uploads"])
def test_copies_of_files_that_were_made_before_are_named_and_deleted(
    in_memory: Home, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    left = in_memory.root / folder / "f1-20.csv"
    left.parent.mkdir(parents=True)
    left.write_text("zirkonmarke")
    assert plain_files_of(in_memory).state == "broken"
    assert answer(capsys, in_memory, "encrypt")[0] == 0
    assert not left.exists() and plain_files_of(in_memory).state == "note"


@pytest.mark.slow
def test_the_doctor_names_every_file_that_can_be_read(
    _closed: Home, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = answer(capsys, _closed, "doctor")
    assert code == 0
    checks = {check["name"]: check for check in told["checks"]}
    assert checks["encryption"]["state"] == "ok" and checks["work file"]["state"] == "ok"
    named = {str(Path(one["path"]).relative_to(_closed.root)) for one in told["plain_files"]}
    found = marked(_closed.root)
    assert "index/keywords.sqlite" in found and "workspace.sqlite" in found
    assert found <= named
    assert "index (words of conversations, and vectors" in checks["plain files"]["message"]


def test_the_warehouse_in_a_backup_is_encrypted_and_needs_the_key(
    _closed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, fresh = _closed.root.parent / "copy.tar", Home(tmp_path / "fresh")
    with tarfile.open(archive) as tar:
        inside = {one.name: (tar.extractfile(one) or pytest.fail()).read() for one in tar.getmembers()}
    kept = [data for name, data in inside.items() if name.startswith("warehouse/")]
    assert len(kept) == 2 and not any(map(holds_marker, kept))
    assert answer(capsys, fresh, "restore", str(archive))[0] == 0  # its own settings name the key
    assert rows(fresh) == 40 and cipher.is_encrypted(fresh.warehouse / "work.duckdb")
    monkeypatch.delenv("HOME_KEY")
    code, told = answer(capsys, fresh, "restore", str(archive), "--check")
    assert code == 1 and "HOME_KEY, which is not set" in told["error"]["message"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda home, patch: patch.delenv("HOME_KEY"), "HOME_KEY, which is not set"),
        (lambda home, patch: patch.setenv("HOME_KEY", OTHER), "does not open with the key"),
        (lambda home, patch: patch.setenv("HOME_KEY", "short"), "shorter than 32"),
        (lambda home, patch: without_key(home), "is encrypted, and the settings name no key"),
        (lambda home, patch: patch.setattr(cipher, "PACKAGE", "duckdb_extension_lost"), "is not installed"),
    ],
    ids=["no key", "wrong key", "short key", "no setting", "no cipher"],
)
def test_without_the_right_key_nothing_is_read_and_nothing_written(
    closed: Home, change: Any, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in warehouse_files(closed)}
    change(closed, monkeypatch)
    for words in (
        ("refresh",),
        ("ask", "How many conversations last week?"),
        ("serve", "--port", free_port()),
    ):
        code, told = answer(capsys, closed, *words)
        assert code == 1 and says in json.dumps(told)
    assert [(check.name, check.state) for check in damage._work(closed)] == [("work file", "note")]
    # Not even a new file beside the others.
    (closed.warehouse / "work.duckdb").rename(closed.warehouse / "aside")
    code, told = answer(capsys, closed, "refresh")
    assert code == 1 and says in json.dumps(told)
    (closed.warehouse / "aside").replace(closed.warehouse / "work.duckdb")
    assert {path: path.read_bytes() for path in warehouse_files(closed)} == before


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


def without_key(home: Home) -> None:
    home.settings_file.write_text(home.settings_file.read_text().replace(ON, ""))


def with_key(home: Home) -> None:
    home.settings_file.write_text(home.settings_file.read_text() + ON)


def test_a_plain_home_is_refused_until_it_is_converted(
    plain: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with_key(plain)
    for words in (("refresh",), ("ask", "How many conversations last week?")):
        code, told = answer(capsys, plain, *words)
        assert code == 1 and "jobs encrypt" in json.dumps(told)
    code, told = answer(capsys, plain, "doctor")
    assert code == 1 and {"name": "encryption", "state": "broken"}.items() <= checks_of(told).items()
    code, told = answer(capsys, plain, "encrypt")
    assert code == 0 and len(told["written"]) == 2 and told["generations_removed"] == 2
    assert not marked(plain.warehouse) and rows(plain) == 40
    assert answer(capsys, plain, "encrypt")[1]["written"] == []
    assert run(plain, "refresh") == 0 and not marked(plain.warehouse)


def checks_of(told: dict[str, Any]) -> dict[str, str]:
    return next(one for one in told["checks"] if one["name"] == "encryption")


def test_a_key_is_rotated_and_taken_away(
    closed: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME_KEY", OTHER)
    monkeypatch.setenv("OLD_KEY", KEY)
    code, told = answer(capsys, closed, "encrypt")
    assert code == 1 and "--old" in told["error"]["hint"]
    assert answer(capsys, closed, "encrypt", "--old", "env:OLD_KEY")[0] == 0
    assert rows(closed) == 40 and not marked(closed.warehouse)
    without_key(closed)
    assert answer(capsys, closed, "decrypt", "--old", "env:OLD_KEY")[0] == 1
    assert answer(capsys, closed, "decrypt", "--old", "env:HOME_KEY")[0] == 0
    assert rows(closed) == 40 and len(marked(closed.warehouse)) == 2


def test_a_file_written_anew_after_an_erasure_is_encrypted(closed: Home) -> None:
    encryption.forget()
    erase.rewrite(closed)
    assert cipher.is_encrypted(closed.warehouse / "work.duckdb") and not marked(closed.warehouse)
    with connect(closed.warehouse / "work.duckdb", closed, read_only=True) as con:
        assert con.execute("SELECT count(*) FROM messages").fetchall() == [(40,)]


STEPS = [
    (recode, "_compare"), (generations, "sync"), (recode, "_take_place"), (generations, "put"), (generations, "_point"),
    (recode, "_forget_leftovers"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "step"), seldom(STEPS, often=STEPS[:3:2]))
def test_a_conversion_that_breaks_off_at_any_step_is_finished_by_the_next(
    module: Any, step: str, plain: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, step, broken_off)
        recode.recode(plain, old=None, new=KEY)
    assert generations.is_whole(generations.current(plain))
    recode.recode(plain, old=None, new=KEY)
    with_key(plain)
    assert not marked(plain.warehouse) and rows(plain) == 40
    assert len(warehouse_files(plain)) == 2 and not recode.readable(plain)


KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from core.home import Home
from store import recode

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(importlib.import_module(sys.argv[2]), sys.argv[3], killed)
recode.recode(Home(Path(sys.argv[1])), old=None, new=sys.argv[4])
"""


@pytest.mark.slow
@pytest.mark.parametrize(("module", "step"), STEPS)
def test_a_conversion_that_is_killed_at_any_step_is_finished_by_the_next(
    module: Any, step: str, plain: Home
) -> None:
    line = [sys.executable, "-c", KILLED, str(plain.root), module.__name__, step, KEY]
    ended = subprocess.run(line, cwd=PROJECT, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-500:]
    recode.recode(plain, old=None, new=KEY)
    with_key(plain)
    assert not marked(plain.warehouse) and rows(plain) == 40
    assert len(warehouse_files(plain)) == 2 and not recode.readable(plain)


def broken_off(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_copy_that_differs_takes_no_place(plain: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    summed = recode._summed
    monkeypatch.setattr(
        recode, "_summed", lambda con, name: summed(con, name) | ({"lost": (1, 1)} if name == "older" else {})
    )
    with pytest.raises(recode.StoreError, match="is not what was copied"):
        recode.recode(plain, old=None, new=KEY)
    assert len(recode.readable(plain)) == 3 and not list(plain.warehouse.rglob("*.tmp*"))
