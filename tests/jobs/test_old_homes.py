"""A home as the first version left it, refreshed by this program: the same answers as if it had been made today."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from core.stream import KEYS
from core.viewer import EVERYTHING
from jobs import cli
from jobs.sample import generate
from store import migrations
from store.connection import connect
from store.reader import open_reader

ROWS = (
    *KEYS,
    "sources",
    "conversation_parts",
    "people_parts",
    "field_definitions",
    "sync_state",
    "sync_files",
)
COMPARED = {
    "conversation_facts": "*", "open_spans": "*", "solves": "*", "replies": "*", "sla_instances": "*",
    "message_enrichment": "*", "chunks": "*",
}  # fmt: skip


def refresh(home: Home, settings: Path) -> None:
    assert cli.main(["refresh", "--home", str(home.root), "--settings", str(settings), "--quiet"]) == 0


def age(home: Home, new: Home) -> None:
    """Another home with the same rows, as the first version would have kept them, and nothing made of them."""
    new.warehouse.mkdir(parents=True)
    with connect(new.warehouse / "work.duckdb", new, read_only=False) as con:
        con.execute((Path(__file__).parents[1] / "store" / "schema_1.sql").read_text(encoding="utf-8"))
        con.execute("INSERT INTO schema_version VALUES (1, NULL)")
        con.execute(f"ATTACH '{home.warehouse / 'work.duckdb'}' AS today (READ_ONLY)")
        then = {
            row[0]
            for row in con.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'work'"
            ).fetchall()
        }
        for table in then & set(ROWS):
            names = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
            con.execute(f"INSERT INTO {table} BY NAME SELECT {', '.join(names)} FROM today.{table}")
        con.execute("DETACH today")


def answers(home: Home) -> dict[str, Any]:
    reader = open_reader(home)
    return {
        table: reader.query(f"SELECT {columns} FROM {{{table}}} ORDER BY ALL", viewer=EVERYTHING).to_pylist()
        for table, columns in COMPARED.items()
    }


def test_a_home_of_the_first_version_gives_the_same_answers(
    tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:  # some seconds: two refreshes with everything that follows from rows
    monkeypatch.setattr("analytics.ledger.record", lambda *_: 0)
    source, fresh, old = tmp_path / "source", Home(tmp_path / "fresh"), Home(tmp_path / "old")
    generate(source, conversations=60, seed=7, end=date(2026, 11, 15))
    refresh(fresh, source / "settings.toml")
    age(fresh, old)
    refresh(old, source / "settings.toml")
    with connect(old.warehouse / "work.duckdb", old, read_only=True) as con:
        assert migrations.version(con) == migrations.newest()
    made = answers(fresh)
    assert answers(old) == made and all(made[name] for name in ("conversation_facts", "solves", "chunks"))
    shutil.rmtree(old.root)
