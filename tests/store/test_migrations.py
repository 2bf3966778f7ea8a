from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import SchemaMismatch
from core.home import Home
from store import migrations
from store.connection import connect
from store.writer import Writer


@pytest.fixture
def con(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = connect(home.root / "some.duckdb", home, read_only=False)
    yield opened
    opened.close()


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "0002_add_colour.sql").write_text("ALTER TABLE teams ADD COLUMN colour VARCHAR;")
    (folder / "0003_paint.sql").write_text(
        "UPDATE teams SET colour = 'red' || name; CREATE TABLE extra (a INTEGER);"
    )
    return folder


def test_a_fresh_store_gets_the_newest_schema(con: duckdb.DuckDBPyConnection) -> None:
    assert migrations.version(con) is None
    assert migrations.upgrade(con) == migrations.newest() == migrations.version(con)
    assert migrations.upgrade(con) == migrations.newest()
    assert con.execute("SELECT count(*) FROM schema_version").fetchone() == (1,)


def test_an_older_store_is_upgraded_step_by_step(
    con: duckdb.DuckDBPyConnection, steps: Path, tmp_path: Path
) -> None:
    migrations.upgrade(con, tmp_path / "none")
    con.execute("INSERT INTO teams (source_id, team_id, name) VALUES ('s', 't', 'One')")
    assert migrations.upgrade(con, steps) == 3
    assert con.execute("SELECT colour FROM teams").fetchall() == [("redOne",)]
    assert migrations.version(con) == 3


def test_a_step_that_fails_leaves_the_store_as_it_was(
    con: duckdb.DuckDBPyConnection, steps: Path, tmp_path: Path
) -> None:
    migrations.upgrade(con, tmp_path / "none")
    (steps / "0004_wrong.sql").write_text("SELECT nothing FROM nowhere;")
    with pytest.raises(duckdb.CatalogException):
        migrations.upgrade(con, steps)
    assert migrations.version(con) == migrations.FIRST
    assert "colour" not in [row[0] for row in con.execute("DESCRIBE teams").fetchall()]


def test_a_newer_store_is_refused(home: Home, now: Any) -> None:
    writer = Writer(home, run_id="r")
    writer.execute("INSERT INTO schema_version VALUES (9999, NULL)")
    writer.close()
    with pytest.raises(SchemaMismatch, match="9999"):
        Writer(home, run_id="r")
