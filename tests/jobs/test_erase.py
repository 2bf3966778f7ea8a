"""A requester is erased: nothing of them is left in any file of the home, and they do not come back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from core.errors import QuestionError, StoreError
from core.filters import Period
from core.home import PROJECT, Home
from core.viewer import EVERYTHING
from jobs import cli, erasing
from store import requesters
from store.erasures import Erasures
from store.generations import all_generations
from store.reader import open_reader
from store.workspace import Workspace
from tests.conftest import NOW
from tests.jobs.erasable import (
    AGENT,
    CONVERSATIONS,
    EMAIL,
    LETTERS,
    MESSAGES,
    NAME,
    PEOPLE,
    broken_off,
    command,
    talks,
    traces,
)
from tests.shared import seldom


@pytest.fixture
def home(her_home: Home) -> Home:
    return her_home


def test_nothing_of_an_erased_person_is_left(home: Home) -> None:
    before = traces(home)
    kinds = {told.split(":")[0] for told in before}
    assert {"work.duckdb", "gen-000001.duckdb", "gen-000002.duckdb", "workspace.sqlite", "keywords.sqlite",
            "letters.csv", "refresh-1.log", "page.csv"} <= kinds  # fmt: skip
    plan = command(home, "erase", EMAIL)["plan"]
    assert [one["key"] for one in plan["people"]] == ["desk/o1", f"letters/{EMAIL}"]
    assert (plan["conversations"], plan["rows"]["messages"], plan["rows"]["csat"]) == (3, 7, 1)
    assert plan["files"][0] == {"file": "uploads/letters/letters.csv", "records": 2, "deleted": False}
    assert traces(home) == before, "a look changed something"

    (certificate,) = command(home, "erase", "desk/o1", "--yes", "--by", "ann")["certificates"]
    assert traces(home) == []
    assert talks(home) == [("desk", "T2"), ("letters", "L2")]
    assert all_generations(home) == [3] and certificate["generations_removed"] == [1, 2]
    assert (certificate["by"], certificate["persons"], certificate["rows"]) == ("ann", 2, plan["rows"])
    assert any(line.startswith("the source desk") for line in certificate["not_touched"])
    kept = json.loads((home.erasures / "erasure-0001.json").read_text())
    assert (
        kept == certificate and "Certificate of erasure 1" in (home.erasures / "erasure-0001.txt").read_text()
    )
    assert (home.uploads / "letters" / "letters.csv").read_text() == "".join(
        line for line in LETTERS.splitlines(keepends=True) if not line.startswith("L1")
    )


def test_what_is_not_hers_stays(home: Home) -> None:
    command(home, "erase", NAME.split()[0] + " nobody", "--yes", code=1)
    command(home, "erase", "desk/o1", "--yes", "--by", "ann")
    texts = open_reader(home).query(
        "SELECT message_id, body_text FROM {messages} WHERE source_id = 'desk' ORDER BY ALL",
        viewer=EVERYTHING,
    )
    assert dict(zip(*texts.to_pydict().values(), strict=True)) == {
        "m3": "My parcel has been lost by your courier since Monday.",
        "m4": "We mixed it up with that of [erased] ([erased], [erased]). Sorry, Grace.",
    }
    kept = Workspace(home)
    assert [one.question for one in kept.recent_questions()] == ["How many parcels were lost?"]
    (note,) = kept.notes(Period(date(2026, 11, 1), date(2026, 11, 2)))
    assert note.text == "She wrote: '[erased]', see [erased]"
    views = {one.name[:8]: one.query for one in kept.views("ann")}
    assert views == {"teapots": "requester=%5Berased%5D&team=Billing", "[erased ": ""}
    (chosen,) = kept.evidence_sets("ann")
    assert (chosen.note, [one.conversation_id for one in kept.evidence(chosen.id, viewer="ann")]) == (
        "as [erased] says",
        ["T2"],
    )
    log = kept.audit_log()
    assert [(one.action, one.viewer, one.detail) for one in log] == [
        ("erased", "ann", {"erasure": 1, "conversations": 3}), ("asked", "ann", {"question": "What does [erased] want?"}),
    ]  # fmt: skip
    with (
        closing(sqlite3.connect(home.workspace_db)) as con,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        con.execute("UPDATE audit_log SET viewer = 'bob'")
    assert sorted(path.name for path in home.logs.iterdir()) == ["refresh-2.log"]
    found = command(home, "search", "parcel lost by courier")["results"][0]["hits"]
    assert found[0]["conversation_id"] == "T2"


def test_a_refresh_does_not_bring_her_back(home: Home) -> None:
    command(home, "erase", EMAIL, "--yes")
    desk = home.root.parent / "desk"
    ran = command(home, "refresh", "--full")
    assert (ran["status"], talks(home)) == ("ok", [("desk", "T2"), ("letters", "L2")])
    assert traces(home) == []
    # Under another id and in a new conversation, the conversation's file being read before that of the people.
    (desk / "people.csv").write_text(PEOPLE.replace("o1,", "o99,"))
    (desk / "conversations.csv").write_text(CONVERSATIONS + "T9,Again,open,o99,2026-11-06T10:00:00Z\n")
    (desk / "messages.csv").write_text(
        MESSAGES + f"m9,T9,a1,agent,{AGENT},An answer to a new letter.,2026-11-06T11:00:00Z\n"
    )
    for _ in range(2):
        command(home, "refresh", "--full")
        assert talks(home) == [("desk", "T2"), ("letters", "L2")]
    assert command(home, "doctor", code=0)["checks"]


@pytest.mark.parametrize("step", seldom(["_take_out", "_publish", "erased.forget", "erased.shred"], often=()))
def test_it_may_be_broken_off_before_any_step(home: Home, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_off(home, step, monkeypatch)
    assert len(Erasures(home).unfinished()) == 1
    found = [one["state"] for one in command(home, "doctor", code=1)["checks"] if one["name"] == "erasure"]
    assert found == ["broken"]
    (certificate,) = command(home, "erase", EMAIL, "--yes")["certificates"]
    assert traces(home) == [] and talks(home) == [("desk", "T2"), ("letters", "L2")]
    assert certificate["rows"]["messages"] == 7 and Erasures(home).unfinished() == []


@pytest.mark.slow
def test_a_certificate_finds_her_again_after_an_older_backup(home: Home, tmp_path: Path) -> None:
    kept = tmp_path / "kept.tar"
    command(home, "backup", str(kept))
    command(home, "erase", EMAIL, "--yes")
    paper = tmp_path / "erasure.json"
    shutil.copy(home.erasures / "erasure-0001.json", paper)
    command(home, "restore", str(kept), "--replace")
    assert ("desk", "T1") in talks(home)
    told = command(home, "erase", "--again", str(paper))["plan"]["people"]
    assert [one["key"] for one in told] == ["desk/o1", f"letters/{EMAIL}"]
    (certificate,) = command(home, "erase", "--again", str(paper), "--yes")["certificates"]
    assert any("home.before-" in line for line in certificate["not_touched"])
    assert traces(home) == []


def test_who_cannot_be_erased(home: Home) -> None:
    find = requesters.by_name(home, "desk/a1")
    with pytest.raises(QuestionError, match="an agent"):
        erasing.look(home, cli.Context(home).settings, find)
    with pytest.raises(QuestionError, match="nobody"):
        erasing.look(home, cli.Context(home).settings, requesters.by_name(home, "desk/o2"))
    assert command(home, "erase")["erasures"] == []


def test_what_is_left_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.erase._mentions", lambda *_: iter(()))  # texts of others are forgotten about
    command(home, "erase", EMAIL, "--yes")
    monkeypatch.undo()
    assert any("work.duckdb" in told for told in traces(home)), "the search for traces finds nothing at all"


def test_an_erasure_that_left_something_is_no_success(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
    monkeypatch.setattr("jobs.erasing.erase.remove", lambda *_, **__: None)
    with pytest.raises(StoreError, match="still holds"):
        erasing.run(home, cli.Context(home).settings, requesters.by_name(home, EMAIL), viewer="ann")


@pytest.mark.slow
def test_it_may_be_killed_at_any_moment(home: Home, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "jobs", "erase", EMAIL, "--yes", "--json", "--quiet"]
    environment = {**os.environ, "SUPPORTLENS_NOW": NOW.isoformat()}
    calm = Home(tmp_path / "calm")
    shutil.copytree(home.root, calm.root)
    begun = time.monotonic()
    subprocess.run(
        [*words, "--home", str(calm.root)], cwd=PROJECT, env=environment, check=True, capture_output=True
    )
    whole, killed = time.monotonic() - begun, 0
    for round_ in range(12):
        one = Home(tmp_path / f"round{round_}")
        shutil.copytree(home.root, one.root)
        process = subprocess.Popen(
            [*words, "--home", str(one.root)],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(whole * (round_ + 1) / 12)
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        command(one, "erase", EMAIL, "--yes")
        assert traces(one) == [] and talks(one) == talks(calm), f"round {round_}"
    assert killed >= 6
