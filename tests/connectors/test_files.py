"""The files connector end to end: from bytes on disk to canonical rows and rejects, by the refresh's engine."""

import gzip
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ReadContext, configured
from core.home import Home
from core.settings import Source
from core.stream import FileRead
from tests.connectors.world import Given, World

HEADER = "message_id,conversation_id,created_at,author_id,author_role,body_text\n"
ROWS = (
    "m1,c1,2026-01-05T10:00:00Z,ann,customer,Where is my parcel?\n"
    "m2,c1,2026-01-05T10:05:00Z,ben,agent,It leaves today.\n"
    "m3,c2,2026-01-06T08:00:00Z,cat,customer,The code never arrives.\n"
)


def folder_of(path: Path, **more: Any) -> Given:
    """A folder or file with whatever bytes a test writes."""
    return Given(kind="files", path=str(path), **more)


Make = Callable[..., World]


@pytest.fixture
def make(home: Home, now: datetime, tmp_path: Path) -> Make:
    """A world around a file (text or bytes) or, with a mapping of names, around a folder."""

    def build(
        content: str | bytes | dict[str, str | bytes], name: str = "messages.csv", **more: Any
    ) -> World:
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        files = content if isinstance(content, dict) else {name: content}
        for file, text in files.items():
            (folder / file).write_bytes(text.encode() if isinstance(text, str) else text)
        return World(folder_of(folder if isinstance(content, dict) else folder / name, **more), home)

    return build


def failed(world: World) -> str:
    """Sync, expect that nothing could be loaded, and give the sentence."""
    report = world.sync()
    assert report.status == "failed"
    assert report.error is not None
    assert report.error.hint, "an error says what to do"
    return f"{report.error.message} {report.error.hint}"


def rejects(world: World) -> list[tuple[Any, ...]]:
    return world.rows("SELECT line, reason, field FROM sync_rejects ORDER BY line")


# --- bad input ------------------------------------------------------------------------------------


def test_missing_file(make: Make, tmp_path: Path) -> None:
    world = make(HEADER + ROWS)
    (tmp_path / "in" / "messages.csv").unlink()
    assert "there is no file or folder" in failed(world)


def test_empty_file(make: Make) -> None:
    assert "messages.csv is empty" in failed(make(""))


def test_header_only(make: Make) -> None:
    assert "messages.csv has a header but no rows. Export it again" in failed(make(HEADER))


@pytest.mark.parametrize("full", [False, True])
def test_a_file_that_lost_all_rows_keeps_what_was_loaded(make: Make, tmp_path: Path, full: bool) -> None:
    world = make({"a.csv": HEADER + ROWS, "b.csv": HEADER + "m9,c9,2026-01-05T10:00:00Z,ann,customer,Hi\n"})
    world.sync()
    (tmp_path / "in" / "a.csv").write_text(HEADER)
    report = world.sync(full=full)
    assert report.error is not None
    assert "a.csv has a header but no rows" in report.error.message
    assert world.rows("SELECT count(*) FROM messages WHERE NOT is_deleted") == [(4,)]


def test_an_empty_stream_beside_others_is_no_problem(make: Make) -> None:
    ratings = "csat_id,conversation_id,score,rated_at\n"
    assert make({"messages.csv": HEADER + ROWS, "csat.csv": ratings}).sync().status == "ok"


@pytest.mark.parametrize("age_s", [0, 86_400])
def test_a_renamed_file_takes_its_rows_along(make: Make, tmp_path: Path, age_s: int) -> None:
    world = make({"b.csv": HEADER + ROWS})
    world.sync()
    old, new = tmp_path / "in" / "b.csv", tmp_path / "in" / "a.csv"
    modified = old.stat().st_mtime - age_s
    old.rename(new)
    os.utime(new, (modified, modified))
    world.sync()
    alive = "SELECT count(*), any_value(source_file) FROM messages WHERE NOT is_deleted"
    assert world.rows(alive) == [(3, "a.csv")]
    assert world.rows("SELECT count(*) FROM conversations WHERE NOT is_deleted") == [(2,)]
    assert world.sync().deleted == 0
    assert world.rows(alive) == [(3, "a.csv")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n", "a web page"),
        ('[{"id": 1, "text": "a, b"},\n {"id": 2, "text": "c"}]', "JSON"),
        ('<?xml version="1.0"?>\n<tickets/>', "XML"),
        ("sep=,\r\n" + HEADER + ROWS, "Remove the first line"),
    ],
)
def test_text_that_is_no_table(make: Make, content: str, what: str) -> None:
    assert what in failed(make(content))


def test_a_gzip_file_cut_off_late(make: Make) -> None:
    rows = "".join(
        f"m{i},c{i},2026-01-05T10:00:00Z,ann,customer,{os.urandom(30).hex()}\n" for i in range(9000)
    )
    said = failed(make(gzip.compress((HEADER + rows).encode())[:-2000], name="messages.csv.gz"))
    assert "damaged gzip file" in said


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters_are_detected(make: Make, delimiter: str) -> None:
    world = make((HEADER + ROWS).replace(",", delimiter))
    assert world.sync().streams["messages"].inserted == 3


def test_wrong_delimiter_is_named(make: Make) -> None:
    said = failed(make(HEADER + ROWS, delimiter=";"))
    assert "no mapping found" in said
    assert "wrong delimiter" in said


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"PK\x03\x04" + b"\0" * 200, "Excel"), (bytes(range(256)) * 40, "binary"), (b"%PDF-1.7\n", "PDF")],
)
def test_binary_files(make: Make, content: bytes, what: str) -> None:
    assert what in failed(make(content))


def test_other_formats_are_named(make: Make) -> None:
    said = failed(make(b"\xd0\xcf\x11\xe0", name="tickets.xls"))
    assert "old Excel workbook" in said
    assert "Save it as .xlsx" in said


def test_bad_utf8_rejects_its_row_with_line(make: Make) -> None:
    bad = (HEADER + ROWS + "m4,c2,2026-01-06T09:00:00Z,ann,customer,caf\u00e9\n").encode()
    bad += b"m5,c2,2026-01-06T09:01:00Z,ann,customer,br\xff\xfeken\n"
    world = make(bad)
    report = world.sync()
    assert (report.rows_read, report.rejected) == (5, 1)
    assert rejects(world)[0][:2] == (6, "the row is not valid UTF-8")
    assert not any("\ufffd" in (text or "") for text in world.texts().values())


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
def test_encodings_are_detected(make: Make, encoding: str) -> None:
    words = "Où est “mon” café à 5 €?"
    text = HEADER + ROWS + f"m4,c3,2026-01-06T09:00:00Z,dan,customer,{words}\n"
    world = make(text.encode(encoding))
    world.sync()
    assert world.texts()["m4"] == words
    (check,) = configured(world.lab.source()).check(ReadContext("lab"))
    assert f"encoding: {encoding if encoding != 'utf-8-sig' else 'utf-8'}" in check.message


def test_duplicate_ids_last_row_counts(make: Make) -> None:
    world = make(HEADER + ROWS + "m1,c1,2026-01-05T10:00:00Z,ann,customer,changed\n")
    report = world.sync()
    assert world.texts()["m1"] == "changed"
    assert (report.rows_read, report.rejected) == (4, 1)
    assert rejects(world) == [(2, "this message id appears again further down; the last row counts", None)]


def test_lines_count_line_breaks_inside_fields(make: Make) -> None:
    world = make(
        HEADER
        + 'm1,c1,2026-01-05T10:00:00Z,ann,customer,"three\nlines\nlong"\n'
        + "short,row\n"
        + "\n"
        + "m2,c1,not a date,ben,agent,x\n"
        + "m3,c1,2026-01-05T10:00:00Z,ben,agent,y,too,many\n"
        + "m4,,2026-01-05T10:00:00Z,ben,agent,z\n"
        + "m5,c1,2026-01-05T10:09:00Z,ben,agent,fine\n"
    )
    report = world.sync()
    assert set(world.texts()) == {"m1", "m5"}
    assert (report.rows_read, report.rejected) == (6, 4)
    assert [(line, reason) for line, reason, _ in rejects(world)] == [
        (5, "the row has too few fields"),
        (7, "created_at is not a usable date"),
        (8, "the row has too many fields"),
        (9, "the conversation id is empty"),
    ]


def test_unterminated_quote_says_what_it_swallowed(make: Make) -> None:
    world = make(HEADER + ROWS + 'm4,c2,2026-01-06T09:00:00Z,ann,customer,"never closed\n' + "m5,c2,x\n" * 3)
    world.sync()
    assert set(world.texts()) == {"m1", "m2", "m3"}
    (told,) = rejects(world)
    assert told[0] == 5
    assert "not closed" in told[1]
    assert "lines after it" in told[1]


def test_two_files_with_different_headers(make: Make) -> None:
    other = (
        "Comment;Ticket ID;Sent at;From\nHello;t1;2026-02-01 10:00:00;eve\nHi;t1;2026-02-01 10:01:00;fay\n"
    )
    world = make({"a.csv": HEADER + ROWS, "b.csv": other})
    report = world.sync()
    assert report.status == "ok", report.errors
    assert report.streams["messages"].inserted == 5
    assert set(world.texts().values()) >= {"Hello", "Hi"}


def test_one_bad_file_does_not_stop_the_others(make: Make) -> None:
    world = make({"a.csv": HEADER + ROWS, "b.csv": "x,y\n1,2\n"})
    report = world.sync()
    assert report.status == "partial"
    assert len(world.texts()) == 3
    assert report.error is not None
    assert "b.csv" in report.error.message


def test_no_mapping_found(make: Make) -> None:
    said = failed(make("alpha,beta\n1,2\n3,4\n"))
    assert "no mapping found" in said
    assert "alpha, beta" in said
    assert "[sources.columns]" in said


def test_a_mapped_column_that_is_not_there(make: Make) -> None:
    assert "no column 'Texte'" in failed(make(HEADER + ROWS, columns={"body_text": "Texte"}))


def test_bad_optional_date_keeps_the_row(make: Make) -> None:
    tickets = "Ticket ID,Subject,Status,Created at,Due date\n1,Lost,open,2026-01-01 10:00:00,0000-00-00\n"
    tickets += "2,Found,open,2026-01-02 10:00:00,2026-02-01 00:00:00\n"
    world = make(tickets, name="tickets.csv")
    report = world.sync()
    assert (report.rows_read, report.rejected) == (2, 0)
    assert rejects(world) == [(2, "row kept: due_at is not a usable date", "due_at")]


# --- dates ----------------------------------------------------------------------------------------

NUMERIC = "message_id,conversation_id,date,author,text\nm1,c1,{},ann,hello there\nm2,c1,{},ben,good day\n"


def test_ambiguous_dates_are_asked_about(make: Make) -> None:
    said = failed(make(NUMERIC.format("03/04/2026 10:00", "05/06/2026 11:00")))
    assert "day or the month" in said
    assert "day_first" in said


@pytest.mark.parametrize(("day_first", "month"), [(True, 4), (False, 3)])
def test_day_first_decides(make: Make, day_first: bool, month: int) -> None:
    world = make(NUMERIC.format("03/04/2026 10:00", "05/06/2026 11:00"), day_first=day_first)
    world.sync()
    assert world.rows("SELECT month(created_at) FROM messages WHERE message_id = 'm1'") == [(month,)]


def test_one_value_decides_and_is_named(make: Make) -> None:
    world = make(NUMERIC.format("03/04/2026 10:00", "25/06/2026 11:00"))
    world.sync()
    assert world.rows("SELECT month(created_at) FROM messages WHERE message_id = 'm1'") == [(4,)]
    (check,) = configured(world.lab.source()).check(ReadContext("lab"))
    assert "day first, as '25/06/2026 11:00' shows" in check.message


def test_a_value_far_down_the_file_decides(make: Make) -> None:
    rows = [f"m{n},c{n},03/04/2026 10:00,ann,{'word ' * 60}\n" for n in range(6000)]
    rows.append("last,c1,12/31/2026 10:00,ann,end\n")
    world = make("message_id,conversation_id,date,author,text\n" + "".join(rows))
    world.sync()
    assert world.rows("SELECT month(created_at) FROM messages WHERE message_id = 'm1'") == [(3,)]
    assert world.rows("SELECT count(*) FROM messages") == [(6001,)]


def test_zone_is_assumed_where_none_is_written(make: Make) -> None:
    world = make(NUMERIC.format("2026-07-01 10:00:00", "2026-01-01 10:00:00"), timezone="Europe/London")
    world.sync()
    times = dict(world.rows("SELECT message_id, created_at FROM messages"))
    assert times["m1"].astimezone(UTC).hour == 9
    assert times["m2"].astimezone(UTC).hour == 10


def test_local_times_that_do_not_exist_or_exist_twice(make: Make) -> None:
    """The gap moves on by an hour, the fold is read as standard time; both are written down in the docs."""
    world = make(NUMERIC.format("2026-03-29 01:30:00", "2026-10-25 01:30:00"), timezone="Europe/London")
    world.sync()
    times = dict(world.rows("SELECT message_id, created_at FROM messages"))
    assert times["m1"].astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert times["m2"].astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["1767348000", "1767348000000", "2026-01-02T10:00:00.000Z", "02.01.2026 10:00", "02 Jan 2026 10:00",
     "Jan 02, 2026 10:00 AM", "2026/01/02 10:00:00", "Fri, 02 Jan 2026 10:00:00 +0000"],
)  # fmt: skip
def test_date_formats(make: Make, text: str) -> None:
    world = make(f"message_id;conversation_id;created_at;author;text\nm1;c1;{text};ann;hello there\n")
    world.sync()
    (row,) = world.rows("SELECT created_at FROM messages")
    assert row[0].astimezone(UTC) == datetime(2026, 1, 2, 10, tzinfo=UTC)


# --- forms, roles, streams ------------------------------------------------------------------------


def test_first_author_and_bots(make: Make) -> None:
    text = "conversation_id,created_at,author,text\nc1,2026-01-01 10:00:00,ann,help\n"
    text += "c1,2026-01-01 10:01:00,ubot,use search\nc1,2026-01-01 10:02:00,ben,hi\nc1,2026-01-01 10:03:00,ann,thanks\n"
    world = make(text, roles={"first_author": "customer", "values": {"ubot": "bot"}})
    world.sync()
    assert world.rows("SELECT author_role FROM messages ORDER BY seq") == [
        ("customer",), ("bot",), ("agent",), ("customer",),
    ]  # fmt: skip


SEQ = "message_id,conversation_id,seq,created_at,author,text\n"
FIRST = "a,c1,1,2026-01-01 10:00:00,ann,help\n"
SECOND = "b,c1,2,2026-01-01 09:55:00,ben,a clock that is slow\n"
THIRD = "c,c1,3,2026-01-01 10:05:00,ann,thanks\n"
PLACED = "SELECT message_id FROM messages WHERE NOT is_deleted ORDER BY seq"


def test_the_sources_own_sequence_comes_before_time(make: Make) -> None:
    world = make(SEQ + THIRD + FIRST + SECOND, roles={"first_author": "customer"})
    world.sync()
    assert world.rows(PLACED) == [("a",), ("b",), ("c",)]
    roles = "SELECT message_id, author_role FROM messages ORDER BY 1"
    assert world.rows(roles) == [("a", "customer"), ("b", "agent"), ("c", "customer")]


@pytest.mark.parametrize(
    ("before", "after", "placed"),
    [
        (FIRST + THIRD, FIRST + SECOND + THIRD, "abc"),  # a message comes between
        (FIRST + SECOND + THIRD, SECOND + THIRD + FIRST.replace("help", "help me"), "abc"),  # one is changed
        (FIRST + SECOND + THIRD, SECOND + THIRD.replace("thanks", "thank you"), "bc"),  # one is gone
    ],
)
def test_a_file_that_changed_keeps_the_sources_sequence(
    make: Make, tmp_path: Path, before: str, after: str, placed: str
) -> None:
    world = make({"a.csv": SEQ + before})
    world.sync()
    (tmp_path / "in" / "a.csv").write_text(SEQ + after)
    world.sync()
    assert [key for (key,) in world.rows(PLACED)] == list(placed)


@pytest.mark.parametrize("more", ["", "x"])
def test_without_a_place_for_each_message_time_decides(make: Make, more: str) -> None:
    world = make(SEQ + FIRST + SECOND.replace(",2,", f",{more},") + THIRD)
    world.sync()
    assert world.rows(PLACED) == [("b",), ("a",), ("c",)]


@pytest.mark.parametrize("name", ["index", "Position", "order", "Line No"])
def test_a_count_of_rows_that_tell_the_newest_first_is_no_sequence(make: Make, name: str) -> None:
    """Row 1 is the last message: only who says so in the settings reads the story by that column."""
    newest_first = (
        f"message_id,conversation_id,{name},created_at,author,text\n"
        "c,c1,1,2026-01-01 10:05:00,ann,thanks\n"
        "b,c1,2,2026-01-01 09:55:00,ben,it is on its way\n"
        "a,c1,3,2026-01-01 09:50:00,ann,where is it\n"
    )
    world = make({"a.csv": newest_first}, roles={"first_author": "customer"})
    assert world.sync().status == "ok"
    assert world.rows(PLACED) == [("a",), ("b",), ("c",)]
    assert world.rows("SELECT message_id, author_role FROM messages ORDER BY 1") == [
        ("a", "customer"), ("b", "agent"), ("c", "customer"),
    ]  # fmt: skip
    told = make({"a.csv": newest_first}, columns={"seq": name})
    told.sync(full=True)
    assert told.rows(PLACED) == [("c",), ("b",), ("a",)]


def test_agents_by_list(make: Make) -> None:
    text = "conversation_id,created_at,author,text\nc1,2026-01-01 10:00:00,Ben,hello\nc1,2026-01-01 10:01:00,ann,hi\n"
    world = make(text, roles={"agents": ["ben"]})
    world.sync()
    assert world.rows("SELECT author_role FROM messages ORDER BY seq") == [("agent",), ("customer",)]
    assert world.rows("SELECT person_id, kind FROM people ORDER BY ALL") == [
        ("Ben", "agent"),
        ("ann", "customer"),
    ]


def test_equal_rows_without_ids_are_all_kept(make: Make) -> None:
    text = "conversation_id,created_at,author,text\n" + "c1,2026-01-01 10:00:00,ann,ping\n" * 3
    world = make(text)
    world.sync()
    assert world.rows("SELECT count(*), count(DISTINCT message_id) FROM messages") == [(3, 3)]
    assert world.sync(full=True).inserted == 0


def test_tickets_are_solved_only_by_their_status(make: Make) -> None:
    text = (
        "Issue id,Summary,Status,Priority,Created,Resolved,Description,Component,Severity score\n"
        "1,Lost parcel,RESOLVED,P1,2026-01-01 10:00:00,2026-01-03 10:00:00,It is lost,Tracking,5\n"
        "2,Found parcel,UNCONFIRMED,--,2026-01-02 10:00:00,2026-01-04 10:00:00,,Tracking,\n"
        "3,Odd,SIDEWAYS,P2,2026-01-02 11:00:00,,Odd thing,,1\n"
    )
    world = make(text, name="bugs.csv")
    world.sync()
    assert world.rows(
        "SELECT conversation_id, status, native_status, priority, product, last_solved_at IS NOT NULL"
        " FROM conversations ORDER BY 1"
    ) == [
        ("1", "solved", "RESOLVED", "urgent", "Tracking", True),
        ("2", "new", "UNCONFIRMED", "none", "Tracking", False),
        ("3", "unknown", "SIDEWAYS", "high", None, False),
    ]
    events = world.rows("SELECT conversation_id, new_value FROM conversation_events ORDER BY 1, seq")
    assert events == [("1", "new"), ("1", "solved"), ("2", "new")]  # nothing is known of the third
    assert world.rows("SELECT count(*) FROM messages") == [(2,)]
    assert world.rows("SELECT custom_fields->>'Severity score' FROM conversations ORDER BY conversation_id") == [
        ("5",), (None,), ("1",),
    ]  # fmt: skip
    assert ("row kept: status 'SIDEWAYS' is not known, 1 rows read as unknown",) in world.rows(
        "SELECT reason FROM sync_rejects"
    )


def test_status_changes_over_message_rows_become_events(make: Make) -> None:
    text = "ticket_id,created_at,author,text,status\n"
    text += "t1,2026-01-01 10:00:00,ann,help,open\nt1,2026-01-01 11:00:00,ben,done,resolved\n"
    text += "t1,2026-01-01 12:00:00,ann,thanks,resolved\n"
    world = make(text)
    world.sync()
    assert world.rows("SELECT old_value, new_value, is_derived FROM conversation_events ORDER BY seq") == [
        (None, "open", True), ("open", "solved", True),
    ]  # fmt: skip
    assert world.rows("SELECT status, message_count FROM conversations") == [("solved", 3)]


def test_a_folder_of_streams(make: Make) -> None:
    world = make(
        {
            "messages.csv": HEADER + ROWS,
            "tickets.csv": "conversation_id,subject,status,created_at,tags\n"
            'c1,Parcel,solved,2026-01-05T10:00:00Z,"vip, delay"\n',
            "status_events.csv": "ticket_id,changed_at,from,to\nc1,2026-01-05 12:00:00,open,solved\n",
            "assignments.csv": "ticket_id,assigned_at,assignee\nc1,2026-01-05 10:01:00,ben\n",
            "ratings.csv": "ticket_id,rating,rated_at,comment\nc1,4,2026-01-06 10:00:00,fine\nc2,5,2026-01-07,\n",
            "users.csv": "user_id,name,role,email\nann,Ann A,end-user,ann@example.org\nben,Ben B,agent,\n",
            "notes.xml": "<notes/>",
        }
    )
    report = world.sync()
    assert report.status == "ok", report.errors
    assert world.rows("SELECT field, old_value, new_value FROM conversation_events ORDER BY 1") == [
        ("assignee", None, "ben"), ("status", "open", "solved"),
    ]  # fmt: skip
    assert world.rows("SELECT conversation_id, score, native_score FROM csat ORDER BY 1") == [
        ("c1", 0.75, "4"), ("c2", 1.0, "5"),
    ]  # fmt: skip
    assert world.rows("SELECT tag FROM conversation_tags ORDER BY 1") == [("delay",), ("vip",)]
    assert world.rows("SELECT person_id, name FROM people ORDER BY 1") == [
        ("ann", "Ann A"), ("ben", "Ben B"), ("cat", "cat"),
    ]  # fmt: skip
    assert world.rows("SELECT conversation_id, subject FROM conversations ORDER BY 1") == [
        ("c1", "Parcel"), ("c2", None),
    ]  # fmt: skip
    assert world.sync().inserted == 0
    checks = configured(world.lab.source()).check(ReadContext("lab"))
    assert any("notes.xml left out" in c.message for c in checks)


@pytest.mark.parametrize(
    ("columns", "rows", "native"),
    [
        ("score,native_score", ("0.75,4", ",offered", ",offered"), ("4", "offered", "offered")),
        ("score", ("4", "", "offered"), ("4", None, "offered")),
    ],
)
def test_a_survey_without_an_answer_is_an_offer(
    make: Make, columns: str, rows: tuple[str, ...], native: tuple[str | None, ...]
) -> None:
    lines = [
        f"r{n},c{n % 2 + 1},{row},2026-01-06 09:00:00,{'' if n else '2026-01-06 10:00:00'}"
        for n, row in enumerate(rows)
    ]
    ratings = f"csat_id,conversation_id,{columns},offered_at,rated_at\n" + "\n".join(lines) + "\n"
    world = make({"messages.csv": HEADER + ROWS, "csat.csv": ratings})
    report = world.sync()
    assert (report.status, report.rejected) == ("ok", 0)
    assert world.rows("SELECT score, native_score, offered_at IS NULL, rated_at IS NULL FROM csat ORDER BY csat_id") == [
        (0.75, native[0], False, False), (None, native[1], False, True), (None, native[2], False, True),
    ]  # fmt: skip


def test_gzip(make: Make) -> None:
    world = make(gzip.compress((HEADER + ROWS + "bad,row\n").encode()), name="messages.csv.gz")
    assert world.sync().streams["messages"].inserted == 3
    assert rejects(world) == [(5, "the row has too few fields", None)]


def test_no_header_line(make: Make) -> None:
    columns = {"conversation_id": "column_2", "created_at": "column_3", "body_text": "column_4"}
    world = make(
        "1,c1,2026-01-01 10:00:00,hello\n2,c1,2026-01-01 10:01:00,bye\n", columns=columns, form="messages"
    )
    assert world.sync().streams["messages"].inserted == 2


def test_entries_say_what_files_are(make: Make) -> None:
    files = [
        {"path": "a*.csv", "stream": "messages", "columns": {"body_text": "y"}},
        {"path": "b.csv", "skip": True},
    ]
    text = "conversation_id,created_at,y\nc1,2026-01-01 10:00:00,hello there\n"
    world = make({"a1.csv": text, "b.csv": "x\n1\n"}, files=files)
    assert world.sync().streams["messages"].inserted == 1


# --- incremental ----------------------------------------------------------------------------------


def test_only_changed_files_are_read_and_vanished_ones_go(make: Make, tmp_path: Path) -> None:
    world = make(
        {"a.csv": HEADER + ROWS, "b.csv": HEADER + "n1,d1,2026-01-07T10:00:00Z,eve,customer,Hello?\n"}
    )
    assert world.sync().files == 2
    assert world.sync().files == 0
    (tmp_path / "in" / "b.csv").write_text(HEADER + "n1,d1,2026-01-07T10:00:00Z,eve,customer,Hello again?\n")
    report = world.sync()
    assert (report.files, report.updated) == (1, 1 + 0 if report.updated == 1 else report.updated)
    assert world.texts()["n1"] == "Hello again?"
    (tmp_path / "in" / "b.csv").unlink()
    assert world.sync().deleted > 0
    assert set(world.texts()) == {"m1", "m2", "m3"}


def test_touched_but_equal_files_are_not_read(make: Make, tmp_path: Path) -> None:
    world = make(HEADER + ROWS)
    world.sync()
    path = tmp_path / "in" / "messages.csv"
    path.write_text(path.read_text())
    assert world.sync().files == 0


def test_a_file_that_still_changes_keeps_its_rows_when_all_is_read_anew(make: Make, tmp_path: Path) -> None:
    world = make({"a.csv": HEADER + ROWS}, settle_s=3600)
    path, old = tmp_path / "in" / "a.csv", datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    os.utime(path, (old, old))
    world.sync()
    recent = datetime(2026, 11, 16, 8, 59, tzinfo=UTC).timestamp()
    os.utime(path, (recent, recent))
    report = world.sync(full=True)
    assert report.error is not None
    assert "a.csv is still changing" in report.error.message
    assert len(world.texts()) == 3
    assert world.sync().status == "ok"


def test_order_of_files_is_stable(make: Make) -> None:
    names = {f"{n}.csv": HEADER + f"m{n},c{n},2026-01-05T10:00:00Z,ann,customer,hi\n" for n in "badc"}
    world = make(names)
    source: Source = world.lab.source()
    items = configured(source).read(ReadContext("lab"))
    assert [i.source_file for i in items if isinstance(i, FileRead)] == ["a.csv", "b.csv", "c.csv", "d.csv"]
