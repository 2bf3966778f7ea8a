"""What people created is carried from the file in the home to a database that was empty."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import ConfigError, StoreError
from core.home import Home
from jobs.cli import main
from store import carried
from store.database import engine_for
from store.erasures import Erasures, keys_of
from store.person_links import PersonLinks
from store.runs import RunLog
from store.workspace import Workspace
from tests.jobs.erasable import create


@pytest.fixture
def used(home: Home, now: datetime) -> Home:
    """A home whose workspace holds something in tables of every part."""
    create(home)
    kept = Workspace(home)
    for n in range(3):
        kept.add_alert_rule(f"rule {n}", "threshold", {"metric": "volume", "level": 1}, owner="ann")
    kept.delete_alert_rule(2, owner="ann")
    PersonLinks(home).decide(("desk", "o1"), ("desk", "o2"), "confirmed", viewer="ann")
    done = Erasures(home)
    done.certify(done.begin({"people": []}, keys_of([("desk", "x")], [], []), viewer="ann"), {"erasure": 1})
    RunLog(home).start("r1")
    return home


def rows(url: str) -> dict[str, list[dict[str, Any]]]:
    with engine_for(url, read_only=False).connect() as con:
        return {
            table.name: [
                dict(row) for row in con.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in carried.all_tables()
        }


def ran(home: Home, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["workspace", "copy", "--home", str(home.root), "--quiet", *more])
    told = capsys.readouterr()
    return code, told.out or told.err


def test_every_row_arrives_as_it_was_and_numbers_go_on(
    used: Home, shared_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", shared_url)
    code, out = ran(used, capsys, "--json")
    before, after = rows(f"sqlite:///{used.workspace_db}"), rows(shared_url)
    assert after == before and code == 0
    told = json.loads(out)
    assert told["tables"] == {name: len(found) for name, found in before.items() if found}
    assert {"questions", "audit_log", "person_links", "erasures", "tombstones", "runs"} <= set(told["tables"])
    assert [rule.id for rule in Workspace(used).alert_rules()] == [1, 3]
    assert Workspace(used).add_alert_rule("new", "threshold", {"metric": "volume"}, owner="ann") == 4
    assert Workspace(used).save_question("And now?", {}, viewer="ann") == len(before["questions"]) + 1
    assert Erasures(used).begin({}, [], viewer="ann") == 2
    RunLog(used).start("r2")


def test_a_database_that_holds_something_is_refused_with_what_it_holds(
    used: Home, shared_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", shared_url)
    RunLog(used).start("of another")
    code, told = ran(used, capsys)
    assert code == 1 and "runs (1)" in told and "is not empty" in told
    assert {name: len(found) for name, found in rows(shared_url).items() if found} == {"runs": 1}


def test_what_the_database_does_not_take_leaves_it_empty(
    used: Home, shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(used.workspace_db)) as con, con:
        con.execute("UPDATE saved_views SET page = ?", ["x" * 101])
    monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", shared_url)
    with pytest.raises(StoreError, match="too long"):
        carried.carry(used)
    assert not any(rows(shared_url).values())


def test_in_words_it_says_what_is_left_to_do(
    used: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{used.root.parent / 'elsewhere.sqlite'}"
    monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", url)
    code, told = ran(used, capsys)
    assert code == 0 and "alert_rules: 2 rows" in told and "delete it" in told
    assert rows(url) == rows(f"sqlite:///{used.workspace_db}")


def test_without_a_database_or_a_file_there_is_nothing_to_do(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="names no database"):
        carried.carry(home)
    monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", f"sqlite:///{home.root.parent / 'elsewhere.sqlite'}")
    with pytest.raises(StoreError, match="there is no"):
        carried.carry(home)


def test_every_table_of_the_file_is_carried(used: Home) -> None:
    with closing(sqlite3.connect(used.workspace_db)) as con:
        found = {name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    kept = {table.name for table in carried.all_tables()}
    assert found - {"part_versions", "sqlite_sequence"} == kept
