"""The files connector end to end: from bytes on disk to canonical rows and rejects, by the refresh's engine."""

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import ReadContext, configured
from core.home import Home
from core.settings import Source
from core.stream import FileRead
from jobs.reading import LOOKS_AGAIN
from tests.connectors.files_lab import HEADER, ROWS, Make, failed, maker, rejects


@pytest.fixture
def make(home: Home, now: datetime, tmp_path: Path) -> Make:
    return maker(home, tmp_path)


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


TALKS = "conversation_id,channel,subject,created_at\n"
E1, E2 = "c1,chat,Parcel,2026-01-05T10:00:00Z\n", "c2,chat,Code,2026-01-06T08:00:00Z\n"
THERE = "SELECT conversation_id, source_file FROM conversations WHERE NOT is_deleted ORDER BY 1"


def test_what_left_a_file_that_was_renamed_twice_is_gone(make: Make, tmp_path: Path) -> None:
    world, folder = make({"talks_0.csv": TALKS + E1 + E2}), tmp_path / "in"
    world.sync()
    (folder / "talks_0.csv").rename(folder / "talks_1.csv")
    world.sync()
    assert world.rows(THERE) == [("c1", "talks_1.csv"), ("c2", "talks_1.csv")]
    (folder / "talks_1.csv").unlink()
    (folder / "talks_2.csv").write_text(TALKS + E1)
    world.sync()
    assert world.rows(THERE) == [("c1", "talks_2.csv")]


def test_rows_that_an_older_version_lost_sight_of_are_let_go(make: Make) -> None:
    world = make({"talks.csv": TALKS + E1, "more.csv": TALKS + E2})
    world.sync()
    world.rows("UPDATE conversations SET source_file = 'of_before.csv' WHERE conversation_id = 'c2'")
    world.rows("DELETE FROM conversation_parts")
    world.sync()
    assert world.rows(THERE) == [("c1", "talks.csv")]


def test_files_that_speak_of_each_other_are_read_as_they_are_at_one_moment(
    make: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    world = make({"a_talks.csv": TALKS + E1, "b_messages.csv": HEADER + ROWS.splitlines(keepends=True)[0]})

    def export_goes_on(page: int) -> None:
        if page == 1:  # the conversations were read, the messages were not
            (folder / "a_talks.csv").write_text(TALKS + E1 + E2)
            (folder / "b_messages.csv").write_text(HEADER + ROWS)

    world.sync(between=export_goes_on)
    found = world.rows(
        "SELECT conversation_id, channel, coalesce(is_derived, false) FROM conversations ORDER BY 1"
    )
    assert found == [("c1", "chat", False), ("c2", "chat", False)]


def test_a_folder_that_never_stands_still_is_left_after_a_few_looks(make: Make, tmp_path: Path) -> None:
    world, looked = make({"a.csv": HEADER + ROWS}), []

    def changes(page: int) -> None:
        looked.append(page)
        (tmp_path / "in" / "a.csv").write_text(HEADER + ROWS.replace("parcel", f"parcel {len(looked)}"))

    assert world.sync(between=changes).status == "ok"
    assert len(looked) == 1 + LOOKS_AGAIN


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
