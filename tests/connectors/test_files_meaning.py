"""What files mean: dates, roles, the order of messages, events, and files of several streams."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import ReadContext, configured
from core.home import Home
from tests.connectors.files_lab import HEADER, ROWS, Make, failed, maker, rejects


@pytest.fixture
def make(home: Home, now: datetime, tmp_path: Path) -> Make:
    return maker(home, tmp_path)


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
