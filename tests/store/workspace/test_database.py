"""Where what people create lies: a file in the home, or the database that the environment names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core import log
from core.errors import ConfigError, StoreError
from core.home import Home
from jobs.diagnosis import diagnose
from store.backup import back_up
from store.database import URL_VARIABLE, is_kept
from store.person_links import confirmed
from store.runs import RunLog
from store.workspace import Workspace
from tests.shared import copy_of


def test_several_homes_share_what_people_create(
    sample_home: Home, tmp_path: Path, now: Any, shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = Home(tmp_path / "here"), Home(tmp_path / "there")
    copy_of(sample_home, here.root)
    here.workspace_db.unlink()
    assert not is_kept(here)
    monkeypatch.setenv(URL_VARIABLE, shared_url)
    Workspace(here).save_view("Morning", owner="ann", page="", query="")
    RunLog(here).start("r1")
    assert [view.name for view in Workspace(there).views("ann")] == ["Morning"]
    assert [run.run_id for run in RunLog(there).recent()] == ["r1"]
    assert not here.workspace_db.exists() and not there.workspace_db.exists()
    assert confirmed(there) == [] and is_kept(there)
    assert diagnose(here, None).facts["last_run"]["run_id"] == "r1"
    made = back_up(here, tmp_path / "a.tar")
    assert "pg_dump" in made.left_out[0] and "workspace.sqlite" not in made.files


def test_a_database_that_is_not_there_is_said_without_its_password(
    home: Home, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_VARIABLE, "postgresql+psycopg2://ann:hunter2secret@127.0.0.1:1/none")
    with pytest.raises(StoreError) as said:
        Workspace(home)
    assert "cannot be used" in str(said.value) and "hunter2secret" not in str(said.value)
    assert "hunter2secret" not in log.blot("password hunter2secret")
    monkeypatch.setenv(URL_VARIABLE, "no url at all")
    with pytest.raises(ConfigError, match="no database URL"):
        Workspace(home)
