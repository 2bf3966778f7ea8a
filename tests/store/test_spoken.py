"""What was said in public: one meaning, told alike in SQL, in Ibis and of a row, and written in one place."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest

from core.home import Home
from core.viewer import EVERYTHING
from store import generations
from store.reader import Reader, open_reader
from store.spoken import is_private, is_spoken, public, spoken, spoken_rows
from store.writer import Writer

PROJECT = Path(__file__).resolve().parents[2]
MESSAGES = tuple(
    {"message_id": f"m{n}", "is_public": is_public, "kind": kind, "is_deleted": is_deleted}
    for n, (is_public, kind, is_deleted) in enumerate(
        product((None, True, False), (None, "message", "voice", "note", "event"), (None, True, False))
    )
)


@pytest.fixture
def reader(home: Home) -> Reader:
    """A warehouse with a message of every kind there may be."""
    writer = Writer(home, run_id="test")
    with writer.transaction():
        writer.insert("messages", pa.Table.from_pylist([{"source_id": "desk", **one} for one in MESSAGES]))
    writer.close()
    generations.publish(home, writer.path, keep=3)
    return open_reader(home)


def test_public_messages_and_calls_that_are_not_deleted_were_said() -> None:
    said = [(one["is_public"], one["kind"]) for one in MESSAGES if is_spoken(one)]
    kinds = [kind for kind in (None, "message", "voice") for _ in (None, False)]
    assert said == [(None, kind) for kind in kinds] + [(True, kind) for kind in kinds]


def test_sql_and_ibis_say_the_same_as_of_a_row(reader: Reader) -> None:
    def asked(where: str) -> list[str]:
        found = reader.query(f"SELECT message_id FROM {{messages}} m WHERE {where}", viewer=EVERYTHING)
        return sorted(found["message_id"].to_pylist())

    said = sorted(str(one["message_id"]) for one in MESSAGES if is_spoken(one))
    assert asked(spoken("m")) == said
    assert asked(f"{public('m')} AND NOT coalesce(m.is_deleted, false)") == said
    table = reader.table("messages", EVERYTHING)
    found = reader.run(table.filter(spoken_rows(table)).select("message_id"))
    assert sorted(found["message_id"].to_pylist()) == said


def test_a_note_and_what_is_marked_are_private_and_an_event_is_not() -> None:
    told = {(one["is_public"], one["kind"]): is_private(one) for one in MESSAGES}
    assert told[None, "note"] and told[True, "note"] and told[False, "message"]
    assert not told[None, "event"] and not told[True, "message"]
    assert not any(is_private(one) and is_spoken(one) for one in MESSAGES)


def test_nobody_else_decides_what_is_public() -> None:
    decides = re.compile(r"coalesce\((?:\w+\.)?is_public|\.is_public\.|\[\"is_public\"\] is|is_public IS ")
    rooms = ("store", "enrich", "analytics", "rag", "alerts", "ui", "jobs")
    files = [file for room in rooms for end in ("py", "sql") for file in (PROJECT / room).rglob(f"*.{end}")]
    found = {str(file.relative_to(PROJECT)) for file in files if decides.search(file.read_text("utf-8"))}
    # Loading gives the column its value, and a clock asks the computed one.
    assert found == {"store/spoken.py", "store/bulk_pages.py", "enrich/sla_clocks.sql"}
