"""A home that holds a requester, her words everywhere, and how to look for them."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from core.filters import Period
from core.home import Home
from core.viewer import EVERYTHING
from jobs import cli
from store.connection import connect
from store.reader import open_reader
from store.workspace import Workspace
from tests.conftest import NOW

NAME, EMAIL, PHONE = "Ottilie Quarrington", "ottilie.quarrington@oq.example", "+44 7700 900123"
SAID = "the violet teapot rattled through the whole delivery and arrived in eleven shards"
COMMENT = "nobody at the counter believed my story of the teapot"
SECRETS = (NAME, EMAIL, PHONE, SAID, COMMENT, "eleven shards", "quarrington")
AGENT = "Bea Agent"
NO_LEDGER = Mock(return_value=0)  # what numbers were told before takes seconds, and has nothing to do with it
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
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.main([*words, "--home", str(home.root), "--json", "--quiet"]) == code, out.getvalue()
    return json.loads(out.getvalue())


class Killed(BaseException):
    """Nothing in the program is told of it, as of `kill -9`."""


def broken_off(home: Home, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erase her, and die before a step."""
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(f"jobs.erasing.{step}", Mock(side_effect=Killed))
        command(home, "erase", EMAIL, "--yes")


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


def make(root: Path) -> None:
    """Two generations of a home with a source outside of it and an uploaded file, and what people created."""
    with made_at_now(root):
        home = Home(root / "home")
        home.root.mkdir()
        write_desk(root / "desk")
        home.settings_file.write_text(SETTINGS.format(folder=root / "desk"))
        (root / "letters.csv").write_text(LETTERS)
        command(home, "refresh")
        command(home, "upload", str(root / "letters.csv"))
        command(home, "refresh")
        create(home)


@contextlib.contextmanager
def made_at_now(root: Path) -> Iterator[None]:
    """What tests have of themselves, for a fixture that several of them share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        patch.setattr("core.settings.PROJECT", root)
        patch.setattr("analytics.ledger.record", NO_LEDGER)
        yield


def copy(made: Path, to: Path) -> Home:
    """A home of its own, which reads a desk of its own."""
    shutil.copytree(made, to)
    home = Home(to / "home")
    home.settings_file.write_text(SETTINGS.format(folder=to / "desk"))
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
