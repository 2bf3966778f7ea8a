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
from store.generations import publish
from store.reader import open_reader
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


SAMPLES = {
    "VARCHAR": "'x'", "JSON": "'[1]'::JSON", "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2026-01-02 03:04:05Z'",
    "TIMESTAMP": "TIMESTAMP '2026-01-02 03:04:05'", "DATE": "DATE '2026-01-02'", "BOOLEAN": "true",
    "VARCHAR[]": "['a', 'b']", "DOUBLE[]": "[0.5]", "FLOAT[]": "[0.5]",
}  # fmt: skip


def shape(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Columns and their types of every table."""
    rows = con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def old_store(con: duckdb.DuckDBPyConnection, version: int) -> dict[str, list[tuple[Any, ...]]]:
    """The store as that version made it, with a row in every table; gives the rows."""
    steps = migrations._steps(migrations.FOLDER)
    con.execute(Path(__file__).with_name("schema_1.sql").read_text(encoding="utf-8"))
    con.execute("INSERT INTO schema_version VALUES (1, NULL)")
    for number in range(2, version + 1):
        con.execute(steps[number].read_text(encoding="utf-8"))
        con.execute("INSERT INTO schema_version VALUES (?, NULL)", [number])
    rows = {}
    for table, names in shape(con).items():
        if table != "schema_version":
            values = ", ".join(
                SAMPLES.get(kind, f"7::{kind}" if "STRUCT" not in kind else "NULL") for kind in names.values()
            )
            con.execute(f'INSERT INTO "{table}" ({", ".join(map(quoted, names))}) VALUES ({values})')
            rows[table] = con.execute(f'SELECT {", ".join(map(quoted, names))} FROM "{table}"').fetchall()
    return rows


def quoted(name: str) -> str:
    return f'"{name}"'


@pytest.mark.parametrize("version", range(1, migrations.newest()))
def test_a_store_of_every_earlier_version_is_brought_forward(
    con: duckdb.DuckDBPyConnection, home: Home, version: int
) -> None:
    rows, names = old_store(con, version), shape(con)
    assert len(rows) >= 30
    assert migrations.upgrade(con) == migrations.newest()
    with connect(home.root / "fresh.duckdb", home, read_only=False) as fresh:
        migrations.upgrade(fresh)
        assert shape(con) == shape(fresh)
    for table, before in rows.items():
        kept = con.execute(f'SELECT {", ".join(map(quoted, names[table]))} FROM "{table}"').fetchall()
        made_anew = (
            table == "open_spans" and version < 5
        )  # facts of another shape: the next refresh fills them
        assert kept == ([] if made_anew else before), table


def test_a_newer_generation_is_refused(home: Home, now: Any) -> None:
    writer = Writer(home, run_id="r")
    writer.close()
    publish(home, writer.path, keep=3)
    assert open_reader(home).number == 1
    writer.open()
    writer.execute("INSERT INTO schema_version VALUES (9999, NULL)")
    writer.close()
    publish(home, writer.path, keep=3)
    with pytest.raises(SchemaMismatch, match="9999"):
        open_reader(home)


def test_a_newer_store_is_refused(home: Home, now: Any) -> None:
    writer = Writer(home, run_id="r")
    writer.execute("INSERT INTO schema_version VALUES (9999, NULL)")
    writer.close()
    with pytest.raises(SchemaMismatch, match="9999"):
        Writer(home, run_id="r")
