"""JSON and workbooks through the refresh's engine."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import ReadContext, configured
from core.home import Home
from core.settings import load_settings
from jobs import sources
from tests.connectors.files_lab import TICKET, folder_of
from tests.connectors.world import World
from tests.fakes.workbook import write_workbook


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def world(home: Home, now: datetime, folder: Path) -> World:
    return World(folder_of(folder), home)


def test_tickets_with_comments_become_conversations_and_messages(world: World, folder: Path) -> None:
    (folder / "tickets.json").write_text(json.dumps({"tickets": [TICKET]}))
    report = world.sync()
    assert report.status == "ok", report.errors
    assert world.rows("SELECT conversation_id, subject, requester_id FROM conversations") == [
        ("1", "Parcel", TICKET["requester"]["email"])
    ]
    assert world.rows("SELECT message_id, conversation_id, author_role, body_text FROM messages ORDER BY 1") == [
        ("10", "1", "customer", "It leaves today."), ("9", "1", "customer", "Where is it?"),
    ]  # fmt: skip
    assert world.rows("SELECT tag FROM conversation_tags ORDER BY 1") == [("late, very",), ("vip",)]
    again = world.sync()
    assert (again.files, again.inserted, again.updated, again.deleted) == (0, 0, 0, 0)


def test_sheets_that_fit_nothing_are_left_out_beside_others(world: World, folder: Path) -> None:
    head = ["conversation_id", "created_at", "author", "text"]
    good = [head, ["c1", datetime(2026, 1, 5, 10, tzinfo=UTC), "ann", "help me"]]
    sheets = {"Messages": good, "Read me": [["alpha", "beta"], ["x", "y"]]}
    write_workbook(folder / "book.xlsx", sheets)
    assert world.sync().status == "ok"
    assert world.rows("SELECT created_at, body_text FROM messages") == [
        (datetime(2026, 1, 5, 10, tzinfo=UTC), "help me")
    ]
    assert world.rows("SELECT path, rows FROM sync_files") == [("book.xlsx#Messages", 1)]
    checks = configured(world.lab.source()).check(ReadContext("lab"))
    assert {c.name: c.status for c in checks} == {
        "book.xlsx#Messages": "ok", "book.xlsx#Read me": "optional_missing",
    }  # fmt: skip
    assert world.sync().files == 0


def test_a_sheet_that_is_gone_takes_its_rows_along(world: World, folder: Path) -> None:
    head = ["conversation_id", "created_at", "author", "text"]
    first = [head, ["c1", "2026-01-05T10:00:00Z", "ann", "help me"]]
    second = [head, ["c2", "2026-01-05T10:00:00Z", "bob", "me too"]]
    write_workbook(folder / "book.xlsx", {"January": first, "February": second})
    world.sync()
    assert len(world.texts()) == 2
    write_workbook(folder / "book.xlsx", {"February": second})
    world.sync()
    assert list(world.texts().values()) == ["me too"]


def test_a_sheet_that_lost_its_rows_or_columns_keeps_what_was_loaded(world: World, folder: Path) -> None:
    head = ["conversation_id", "created_at", "author", "text"]
    sheet = [head, ["c1", "2026-01-05T10:00:00Z", "ann", "help me"]]
    write_workbook(folder / "book.xlsx", {"January": sheet, "February": sheet})
    world.sync()
    for broken, said in (([head], "no rows"), ([["a", "b"], ["x", "y"]], "no mapping found")):
        write_workbook(folder / "book.xlsx", {"January": sheet, "February": broken})
        report = world.sync()
        assert report.error is not None
        assert said in report.error.message
        assert world.rows("SELECT count(*) FROM sync_files") == [(2,)]


def test_an_emptied_json_file_keeps_what_was_loaded(world: World, folder: Path) -> None:
    (folder / "tickets.json").write_text(json.dumps([TICKET]))
    (folder / "more.json").write_text(json.dumps([TICKET | {"id": 2, "comments": []}]))
    world.sync()
    (folder / "tickets.json").write_text("[]")
    report = world.sync()
    assert report.error is not None
    assert "tickets.json has no rows" in report.error.message
    assert world.rows("SELECT count(*) FROM conversations WHERE NOT is_deleted") == [(2,)]


def test_rows_set_aside_are_in_the_list_of_rejects(world: World, folder: Path) -> None:
    line = json.dumps(
        {"conversation_id": "c1", "created_at": "2026-01-05T10:00:00Z", "author": "ann", "text": "hi"}
    )
    (folder / "chat.jsonl").write_text(f"{line}\nbroken\n{line.replace('2026', 'then')}\n")
    report = world.sync()
    assert (report.rows_read, report.rejected) == (3, 2)
    assert set(world.rows("SELECT line, reason FROM sync_rejects")) == {
        (2, "the line is not complete JSON"), (3, "created_at is not a usable date"),
    }  # fmt: skip


def test_rejects_say_where_a_row_stands_in_its_sheet(world: World, folder: Path) -> None:
    head = ["conversation_id", "created_at", "author", "text"]
    good, bad = ["c1", "2026-01-05T10:00:00Z", "ann", "hi"], ["c1", "never", "ann", "hi"]
    write_workbook(folder / "chat.xlsx", {"Chat": [["Export of January"], [], head, good, [], bad, good]})
    world.sync()
    assert world.rows("SELECT line, reason FROM sync_rejects") == [(6, "created_at is not a usable date")]


def test_entries_speak_of_tables(world: World, folder: Path) -> None:
    (folder / "tickets.json").write_text(json.dumps([TICKET]))
    lab = folder_of(folder, files=[{"path": "tickets.json#comments", "skip": True}])
    world = World(lab, world.home)
    world.sync()
    assert world.rows("SELECT path FROM sync_files") == [("tickets.json",)]


def test_uploads_and_previews(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "My tickets.json"
    path.write_text(json.dumps([TICKET]))
    found = sources.upload(home, load_settings(home), path, store=False)
    assert found.mapping.file.stream == "conversations"
    assert found.mapping.preview["conversations"][0]["subject"] == "Parcel"
    assert any("also My tickets.json#comments" in f for f in found.mapping.file.findings)
    head = ["conversation_id", "created_at", "author", "text"]
    write_workbook(
        tmp_path / "b.xlsx", {"A": [head, ["c1", "2026-01-05T10:00:00Z", "ann", "help me"]], "B": []}
    )
    stored = sources.upload(home, load_settings(home), tmp_path / "b.xlsx")
    assert stored.stored
    assert "b.xlsx#B left out: it is empty" in stored.mapping.file.findings
    (one,) = sources.map_source(home, load_settings(home), "b")
    assert (one.file.file, one.preview["messages"][0]["body_text"]) == ("b.xlsx#A", "help me")
