"""A requester is erased: nothing of them is left in any file of the home, and they do not come back."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import QuestionError, StoreError
from core.filters import Period
from core.home import PROJECT, Home
from core.viewer import EVERYTHING
from jobs import cli, erasing
from jobs.erasing_files import holds
from store import requesters
from store.connection import connect
from store.erasures import Erasures
from store.generations import all_generations
from store.marks import Marks
from store.reader import open_reader
from store.workspace import Workspace
from tests.conftest import NOW

NAME, EMAIL, PHONE = "Ottilie Quarrington", "ottilie.quarrington@oq.example", "+44 7700 900123"
SAID = "the violet teapot rattled through the whole delivery and arrived in eleven shards"
COMMENT = "nobody at the counter believed my story of the teapot"
SECRETS = (NAME, EMAIL, PHONE, SAID, COMMENT, "eleven shards", "quarrington")
AGENT = "Bea Agent"
SETTINGS = """
[[sources]]
name = "desk"
kind = "files"
path = "{folder}"
"""
PEOPLE = f"""person_id,kind,name,email,phone
o1,customer,{NAME},{EMAIL},{PHONE}
g1,customer,Grace Hopper,grace@gh.example,+44 7700 900999
a1,agent,{AGENT},bea@shop.example,
"""
CONVERSATIONS = """conversation_id,subject,status,requester_id,created_at
T1,Broken teapot,closed,o1,2026-11-01T10:00:00Z
T2,Where is my parcel,open,g1,2026-11-02T10:00:00Z
T3,Invoice,closed,o1,2026-11-03T10:00:00Z
"""
MESSAGES = f"""message_id,conversation_id,author_id,author_role,author_name,body_text,created_at
m1,T1,o1,customer,{NAME},"Hello, {SAID}. {NAME}, {PHONE}",2026-11-01T10:00:00Z
m2,T1,a1,agent,{AGENT},"Dear {NAME}, we are sorry that it broke.",2026-11-01T11:00:00Z
m3,T2,g1,customer,Grace Hopper,My parcel has been lost by your courier since Monday.,2026-11-02T10:00:00Z
m4,T2,a1,agent,{AGENT},"We mixed it up with that of {NAME.upper()} ({EMAIL}, {PHONE}). Sorry, Grace.",2026-11-02T11:00:00Z
m5,T2,o1,customer,{NAME},I am copied in here by mistake.,2026-11-02T12:00:00Z
m6,T3,o1,customer,{NAME},Please send the invoice to {EMAIL} again this week.,2026-11-03T10:00:00Z
m7,T3,a1,agent,{AGENT},Here it is again.,2026-11-03T11:00:00Z
"""
RATINGS = f"""csat_id,conversation_id,person_id,score,comment,rated_at
r1,T1,o1,0.2,{COMMENT},2026-11-02T10:00:00Z
r2,T2,g1,1.0,fine,2026-11-03T10:00:00Z
"""
LETTERS = f"""conversation_id,author,body_text,created_at
L1,{EMAIL},{SAID} once more by letter,2026-11-04 10:00:00
L1,bea,We have read your letter,2026-11-04 11:00:00
L2,someone@else.example,A letter of somebody else entirely,2026-11-05 10:00:00
"""


def write_desk(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"people": PEOPLE, "conversations": CONVERSATIONS, "messages": MESSAGES, "csat": RATINGS}
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def command(home: Home, *words: str, code: int = 0) -> Any:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.main([*words, "--home", str(home.root), "--json", "--quiet"]) == code, out.getvalue()
    return json.loads(out.getvalue())


def create(home: Home) -> None:
    """What people and programs left in the home about her, and what they did not."""
    kept = Workspace(home)
    cites = {"citations": [{"n": 1, "source_id": "desk", "conversation_id": "T1", "quote": SAID}]}
    asked = kept.save_question("Why did teapots break?", cites, viewer="ann")
    kept.add_feedback(asked, "useful", note=f"ask {NAME}", viewer="ann")
    kept.save_question("How many parcels were lost?", {"citations": []}, viewer="ann")
    kept.add_note(
        Period(date(2026, 11, 1), date(2026, 11, 2)),
        f"She wrote: '{SAID}', see {EMAIL}",
        tag="other",
        author="ann",
    )
    kept.save_view("teapots", owner="ann", page="volume", query="requester=Ottilie+Quarrington&team=Billing")
    kept.save_view(NAME, owner="ann", page="volume", query="")
    chosen = kept.create_evidence("broken", owner="ann", note=f"as {NAME} says")
    kept.add_evidence(chosen, [("desk", "T1"), ("desk", "T2")], viewer="ann")
    kept.label([("desk", "T1")], "pottery", viewer="ann")
    kept.keep_words("k", {"claims": [SAID]}, generation=1)
    kept.audit("asked", viewer="ann", detail={"question": f"What does {NAME} want?"})
    home.logs.mkdir(exist_ok=True)
    (home.logs / "refresh-1.log").write_text(f"could not read {EMAIL}\n")
    (home.logs / "refresh-2.log").write_text("all is well\n")
    (home.cache / "incoming").mkdir(parents=True, exist_ok=True)
    (home.cache / "incoming" / "page.csv").write_text(MESSAGES)


@pytest.fixture(scope="module", autouse=True)
def _no_ledger() -> Iterator[None]:
    """What numbers were told before has nothing to do with it, and takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analytics.ledger.record", lambda *_: 0)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two generations of a home with a source outside of it and an uploaded file, and what people created."""
    root = tmp_path_factory.mktemp("erase")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        patch.setattr("core.settings.PROJECT", root)
        home = Home(root / "home")
        home.root.mkdir()
        write_desk(root / "desk")
        home.settings_file.write_text(SETTINGS.format(folder=root / "desk"))
        (root / "letters.csv").write_text(LETTERS)
        command(home, "refresh")
        command(home, "upload", str(root / "letters.csv"))
        command(home, "refresh")
        create(home)
    return root


@pytest.fixture
def home(made: Path, tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Home:
    shutil.copytree(made, tmp_path / "copy")
    home = Home(tmp_path / "copy" / "home")
    home.settings_file.write_text(SETTINGS.format(folder=tmp_path / "copy" / "desk"))
    return home


def traces(home: Home) -> list[str]:
    """Where any of her words stands: in the bytes of a file, or in a column of a DuckDB file."""
    found = []
    for path in (path for path in home.root.rglob("*") if path.is_file()):
        data = path.read_bytes()
        data += gzip.decompress(data) if data[:2] == b"\x1f\x8b" else b""
        found += [f"{path.name}: {word}" for word in SECRETS if word.lower().encode() in data.lower()]
        if path.suffix == ".duckdb":
            found += [f"{path.name}: {told}" for told in cells(path, home)]
    return found


def cells(path: Path, home: Home) -> Iterator[str]:
    words = "|".join(re.escape(word.lower()) for word in (*SECRETS, "violet"))
    with connect(path, home, read_only=True) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        for (table,) in tables:
            sql = f'SELECT regexp_extract(lower(t::VARCHAR), ?) FROM "{table}" t WHERE regexp_matches(lower(t::VARCHAR), $1)'
            yield from (
                f"{table} {word}" for (word,) in con.execute(sql.replace("?", "$1"), [words]).fetchall()
            )


def talks(home: Home) -> list[tuple[str, str]]:
    rows = open_reader(home).query(
        "SELECT source_id, conversation_id FROM {conversations} WHERE NOT is_deleted ORDER BY ALL",
        viewer=EVERYTHING,
    )
    return [(row["source_id"], row["conversation_id"]) for row in rows.to_pylist()]


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


@pytest.mark.parametrize("step", ["_take_out", "_publish", "erased.forget", "erased.shred"])
def test_it_may_be_broken_off_before_any_step(home: Home, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(f"jobs.erasing.{step}", die)
        command(home, "erase", EMAIL, "--yes")
    assert len(Erasures(home).unfinished()) == 1
    found = [one["state"] for one in command(home, "doctor", code=1)["checks"] if one["name"] == "erasure"]
    assert found == ["broken"]
    (certificate,) = command(home, "erase", EMAIL, "--yes")["certificates"]
    assert traces(home) == [] and talks(home) == [("desk", "T2"), ("letters", "L2")]
    assert certificate["rows"]["messages"] == 7 and Erasures(home).unfinished() == []


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


def test_what_is_held_of_her_is_handed_out(home: Home, tmp_path: Path) -> None:
    done = command(home, "requester", EMAIL, "--out", str(tmp_path / "her.zip"), "--by", "ann")
    assert (done["rows"]["conversations"], done["rows"]["messages"], done["rows"]["workspace/labels"]) == (
        3,
        7,
        1,
    )
    assert (tmp_path / "her.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "her.zip") as archive:
        held = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    assert {one["body_text"] for one in json.loads(held["messages.json"])} == {
        line["body_text"] for text in (MESSAGES, LETTERS) for line in csv.DictReader(text.splitlines())
        if line["conversation_id"] in ("T1", "T3", "L1") or line.get("message_id") == "m5"
    }  # fmt: skip
    (person,) = [row for row in csv.DictReader(held["people.csv"].splitlines()) if row["person_id"] == "o1"]
    assert (person["name"], person["email"], PHONE in person["custom_fields"]) == (NAME, EMAIL, True)
    assert "Grace" not in "".join(held.values()) and json.loads(held["about.json"])["rows"] == done["rows"]
    entry = Workspace(home).audit_log()[0]
    assert (entry.viewer, entry.action, entry.detail) == (
        "ann", "exported", {"what": "requester", "rows": sum(done["rows"].values())}
    )  # fmt: skip


def test_who_may_hand_out_and_erase(home: Home, tmp_path: Path) -> None:
    home.settings_file.write_text(
        home.settings_file.read_text()
        + """
[sign_in]
by = "proxy"
address = "https://support.example.com"
proxies = ["10.0.0.0/8"]

[[access]]
who = ["lead@x.example"]
role = "manager"

[[access]]
who = ["half@x.example"]
role = "admin"
sources = ["letters"]
"""
    )
    target = str(tmp_path / "her.zip")
    for name in ("nobody@x.example", "half@x.example"):
        told = command(home, "requester", EMAIL, "--out", target, "--by", name, code=1)
        assert "may not do this" in told["error"]["message"]
    assert command(home, "requester", EMAIL, "--out", target, "--by", "LEAD@x.example")["rows"]
    told = command(home, "erase", EMAIL, "--yes", "--by", "lead@x.example", code=1)
    assert "manage" in told["error"]["hint"] and Erasures(home).all() == []


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


def test_files_are_searched_in_every_way_they_are_written(tmp_path: Path) -> None:
    marks = Marks(("Zoë O'Hara", "zoe@x.example"))
    for name, data in {
        "json": json.dumps({"a": "Zoë O'Hara"}).encode(), "html": b"Zo\xc3\xab O&#x27;Hara", "query": b"a=zoe%40x.example",
        "gz": gzip.compress(b"x" * 3_000_000 + b"ZOE@X.EXAMPLE"), "wide": "zoe@x.example".encode("utf-16"),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        assert holds(tmp_path / name, marks), name
    (tmp_path / "other").write_bytes(b"zoe at x.example")
    assert not holds(tmp_path / "other", marks)


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
