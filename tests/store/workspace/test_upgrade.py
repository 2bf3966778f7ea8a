from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import JSON, Column, Float, Integer, MetaData, String, Table, Text, select

import store.database
from core.errors import SchemaMismatch, StoreError
from core.filters import Period
from core.home import PROJECT, Home
from store.database import Instant, database
from store.runs import RunLog
from store.workspace import SavedView, Workspace
from store.workspace.tables import VERSION, metadata

# As version 1 made them, written down here so that a change of the tables cannot change the past.
VERSION_1 = MetaData()
QUESTIONS = Table(
    "questions", VERSION_1, Column("id", Integer, primary_key=True, autoincrement=True),
    Column("asked_at", Instant, nullable=False), Column("viewer", String(200), nullable=False, index=True),
    Column("question", Text, nullable=False), Column("answer_json", JSON), Column("generation", Integer),
    Column("provider", String(40)), Column("seconds", Float),
)  # fmt: skip
VIEWS = Table(
    "saved_views", VERSION_1, Column("owner", String(200), primary_key=True), Column("name", String(200), primary_key=True),
    Column("page", String(100), nullable=False), Column("query", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)  # fmt: skip
THEN = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_workspace_of_version_1_keeps_its_rows(
    kind: str, home: Home, now: datetime, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("shared_url") if kind == "postgresql" else None
    old = database(home, VERSION_1, part="workspace", version=1, url=url)
    with old.begin() as con:
        con.execute(
            VIEWS.insert().values(owner="ann", name="mine", page="overview", query="a=1", created_at=THEN)
        )
        con.execute(QUESTIONS.insert().values(asked_at=THEN, viewer="ann", question="Why?", seconds=0.5))
    new = Workspace(home, url=url)
    assert new.views("ann") == [SavedView("ann", "mine", "overview", "a=1", THEN, False)]
    assert new.views("bob") == []
    (question,) = new.recent_questions()
    assert (question.question, question.seconds) == ("Why?", 0.5)
    assert new.add_note(Period(date(2026, 1, 1), date(2026, 1, 1)), "x", tag="other", author="ann") == 1
    with new._engine.connect() as con:
        versions = con.execute(select(Table("part_versions", MetaData(), autoload_with=con))).all()
    assert versions == [("workspace", VERSION)]


def tables_until(version: int) -> list[str]:
    """The statements that made the tables of that version."""
    text = Path(__file__).with_name("past.sql").read_text(encoding="utf-8")
    found = re.findall(r"^-- version (\d+)$|^(CREATE TABLE .*);$", text, re.MULTILINE)
    statements, at = [], 0
    for number, statement in found:
        at = int(number) if number else at
        statements += [statement] if statement and at <= version else []
    return statements


SAMPLES = {"INTEGER": 7, "BOOLEAN": 1, "FLOAT": 0.5, "DATE": "2026-01-02", "DATETIME": "2026-01-02 03:04:05.000000",
           "JSON": '["x"]'}  # fmt: skip


def old_rows(con: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """A row in every table, and all rows by table."""
    tables = [
        name
        for (name,) in con.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'part_versions'"
        )
    ]
    rows = {}
    for table in tables:
        kinds = [(name, kind) for _, name, kind, *_ in con.execute(f"PRAGMA table_info({table})")]
        values = [SAMPLES.get(kind.split("(")[0], "x") for _, kind in kinds]
        con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
        names = ", ".join(f'"{name}"' for name, _ in kinds)
        rows[f"SELECT {names} FROM {table}"] = con.execute(f"SELECT {names} FROM {table}").fetchall()
    return rows


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_workspace_of_every_earlier_version_keeps_its_rows(home: Home, now: datetime, version: int) -> None:
    with closing(sqlite3.connect(home.workspace_db)) as con, con:
        con.execute(
            "CREATE TABLE part_versions (part VARCHAR(40) NOT NULL PRIMARY KEY, version INTEGER NOT NULL)"
        )
        con.execute("INSERT INTO part_versions VALUES ('workspace', ?)", [version])
        for statement in tables_until(version):
            con.execute(statement)
        rows = old_rows(con)
    assert len(rows) >= 4
    kept = Workspace(home)
    with closing(sqlite3.connect(home.workspace_db)) as con:
        assert {query: con.execute(query).fetchall() for query in rows} == rows
        assert con.execute("SELECT version FROM part_versions").fetchall() == [(VERSION,)]
        for name, table in metadata.tables.items():
            columns = {row[1] for row in con.execute(f"PRAGMA table_info({name})")}
            assert columns >= {column.name for column in table.columns}, name
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            con.execute("DELETE FROM audit_log")
    kept.audit("saw", viewer="ann")
    assert [entry.viewer for entry in kept.audit_log()] == ["ann", "x"]


def test_processes_may_upgrade_at_once(home: Home, now: datetime) -> None:
    old = database(home, VERSION_1, part="workspace", version=1)
    with old.begin() as con:
        con.execute(VIEWS.insert().values(owner="ann", name="mine", page="", query="", created_at=THEN))
    code = f"""
import pathlib, time
from core.home import PROJECT, Home
from store.workspace import Workspace
begin = pathlib.Path({str(home.root / "begin")!r})
print("ready", flush=True)
while not begin.exists():
    time.sleep(0.001)
Workspace(Home(pathlib.Path({str(home.root)!r}))).audit("changed", viewer="x")
"""
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    (home.root / "begin").touch()
    for process in running:
        process.communicate(timeout=60)
    assert [process.returncode for process in running] == [0] * 4
    assert len(Workspace(home).views("ann")) == 1
    assert len(Workspace(home).audit_log()) == 4


def test_threads_may_open_a_new_workspace_at_once(opened, at_once) -> None:
    at_once(lambda n: [opened().audit("saw", viewer=str(n)) for _ in range(5)])
    assert len(opened().audit_log()) == 30


def test_a_newer_workspace_is_refused(home: Home, now: datetime) -> None:
    Workspace(home)
    with sqlite3.connect(home.workspace_db) as con:
        con.execute("UPDATE part_versions SET version = 99 WHERE part = 'workspace'")
    con.close()
    with pytest.raises(SchemaMismatch, match="99"):
        Workspace(home)


def test_tables_are_looked_at_again_only_when_something_was_written(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    bring_up = store.database._bring_up
    monkeypatch.setattr(store.database, "_bring_up", lambda *of: (looked.append(of[2]), bring_up(*of)))
    Workspace(home)
    for _ in range(3):
        Workspace(home).views("ann")
    assert looked == ["workspace"]
    RunLog(home)  # tables of another part
    assert looked == ["workspace", "runs"]
    with sqlite3.connect(home.workspace_db) as con:
        con.execute("DELETE FROM part_versions WHERE part = 'workspace'")
    con.close()
    Workspace(home)
    assert looked == ["workspace", "runs", "workspace"]
    monkeypatch.setattr(store.database, "_LOOK_AGAIN_S", 0.0)
    Workspace(home)
    assert looked[3:] == ["workspace"]


def test_a_locked_database_is_said_in_words(home: Home, now: datetime, tmp_path: Path) -> None:
    workspace = Workspace(home)
    shutil.move(home.workspace_db, tmp_path / "gone")
    home.workspace_db.mkdir()
    with pytest.raises(StoreError, match="cannot be used now"):
        workspace.views("ann")
