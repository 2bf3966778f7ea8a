"""Files staged by DuckDB itself."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from core.errors import SchemaError, SourceNotFound
from core.home import Home
from core.stream import ColumnRead, FileRead, Roles
from store.bulk import stage_file
from store.writer import Writer

HEADER = ("id", "conversation", "time", "who", "text")
COLUMNS = {
    "message_id": ColumnRead("id"),
    "conversation_id": ColumnRead("conversation"),
    "created_at": ColumnRead("time"),
    "author_id": ColumnRead("who"),
    "body_text": ColumnRead("text"),
}


@pytest.fixture
def con(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    writer = Writer(home, run_id="r")
    yield writer.con
    writer.con.close()


def described(path: Path) -> FileRead:
    return FileRead(
        path=str(path), source_file=path.name, form="messages", header=HEADER, columns=COLUMNS,
        roles=Roles(first_author="customer"),
    )  # fmt: skip


def write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(HEADER)
        words = (
            "The parcel with the blue ribbon has not arrived, and the tracking page shows nothing new. " * 3
        )
        for n in range(rows):
            stamp = f"2026-{1 + n // 100_000 % 12:02d}-01T10:{n // 60 % 60:02d}:{n % 60:02d}Z"
            out.writerow([f"m{n}", f"c{n // 5}", stamp, f"p{n % 997}", f"{n} {words}"])


def test_rows_order_and_roles(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    write(path, 1000)
    assert stage_file(con, described(path), source_id="s", run_id="r") == [
        "conversations",
        "messages",
        "people",
    ]
    counts = con.execute(
        "SELECT count(*), count(DISTINCT message_id), count(DISTINCT conversation_id), max(seq),"
        " count_if(author_role = 'customer') FROM stage_messages"
    ).fetchone()
    assert counts == (1000, 1000, 200, 5, 200)
    wrong = con.execute(
        "SELECT count(*) FROM stage_messages WHERE message_id[2:] <> split_part(body_text, ' ', 1)"
    ).fetchone()
    assert wrong == (0,)


def test_both_scans_leave_out_the_same_rows(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Bad bytes in a column that the first scan does not need must not shift the second one."""
    path = tmp_path / "m.csv"
    lines = [",".join(HEADER).encode()]
    for n in range(500):
        text = b"br\xffken" if n % 7 == 0 else str(n).encode()
        lines.append(f"m{n},c1,2026-01-01T10:00:00Z,p,".encode() + text)
    path.write_bytes(b"\n".join(lines) + b"\n")
    stage_file(con, described(path), source_id="s", run_id="r")
    rows = con.execute("SELECT message_id, body_text FROM stage_messages").fetchall()
    assert {ident[1:] for ident, _ in rows} == {text for _, text in rows}
    assert len(rows) + 72 == 500
    told = con.execute("SELECT min(line), count(*) FROM stage_rejects").fetchone()
    assert told == (2, 72)


def test_stages_of_an_earlier_file_are_gone(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    write(path, 10)
    stage_file(con, described(path), source_id="s", run_id="r")
    tags = tmp_path / "tags.csv"
    tags.write_text("conversation,tag\nc1,vip\n")
    read = FileRead(
        path=str(tags), source_file="tags.csv", form="rows", stream="conversation_tags", header=("conversation", "tag"),
        columns={"conversation_id": ColumnRead("conversation"), "tag": ColumnRead("tag")},
    )  # fmt: skip
    assert stage_file(con, read, source_id="s", run_id="r") == ["conversation_tags"]
    left = con.execute("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'stage_%'").fetchall()
    assert sorted(left) == [("stage_conversation_tags",), ("stage_rejects",)]
    assert not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name LIKE 'bulk_%'").fetchone()


def test_what_is_not_there_is_said(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    with pytest.raises(SourceNotFound, match=r"m\.csv does not exist"):
        stage_file(con, described(path), source_id="s", run_id="r")
    write(path, 1)
    read = FileRead(
        path=str(path), source_file="m.csv", form="messages", header=HEADER,
        columns={**COLUMNS, "body_text": ColumnRead("nowhere")},
    )  # fmt: skip
    with pytest.raises(SchemaError, match="no column 'nowhere'"):
        stage_file(con, read, source_id="s", run_id="r")


_LOAD = """
import resource, sys
from pathlib import Path
from connectors.base import ReadContext, configured
from core.home import Home
from core.settings import Source
from core.stream import FileRead
from store.writer import Writer
source = Source(name="big", kind="files", path=sys.argv[1])
writer = Writer(Home(Path(sys.argv[2])), run_id="r")
for item in configured(source).read(ReadContext("big")):
    if isinstance(item, FileRead):
        writer.apply_file("big", item)
print(writer.con.execute("SELECT count(*) FROM messages").fetchone()[0])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
writer.close()
"""


@pytest.mark.slow
def test_a_large_file_stays_within_the_memory_limit(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    write(path, 2_000_000)
    assert path.stat().st_size > 600_000_000
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(path), str(tmp_path / "home")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    rows, peak = map(int, done.stdout.split())
    assert rows == 2_000_000
    # The store's memory limit (4 GB) holds whatever the size; what a file needs is paged out beyond it.
    assert peak < 4.5e9


def test_a_ticket_tells_what_its_status_and_dates_tell(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "ticket,opened,state,done\n"
        "a,2026-01-01T10:00:00Z,assigned,2026-01-09T10:00:00Z\n"
        "b,2026-01-01T10:00:00Z,solved,2026-01-03T10:00:00Z\n"
        "c,2026-01-01T10:00:00Z,solved,\n"
        "d,2026-01-01T10:00:00Z,whatever,\n"
    )
    read = FileRead(
        path=str(path), source_file="t.csv", form="tickets", header=("ticket", "opened", "state", "done"),
        columns={
            "conversation_id": ColumnRead("ticket"), "created_at": ColumnRead("opened"),
            "status": ColumnRead("state", values=(("assigned", "open"), ("solved", "solved"))),
            "last_solved_at": ColumnRead("done"),
        },
    )  # fmt: skip
    stage_file(con, read, source_id="s", run_id="r")
    told = con.execute(
        "SELECT conversation_id, new_value, occurred_at::DATE::VARCHAR FROM stage_conversation_events"
        " ORDER BY conversation_id, seq"
    ).fetchall()
    assert told == [("a", "open", "2026-01-01"), ("b", "new", "2026-01-01"), ("b", "solved", "2026-01-03")]


def test_a_ticket_tells_how_fine_its_times_are(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Where a row says nothing, the file's own times decide."""
    path = tmp_path / "t.csv"
    path.write_text("ticket,opened,fine\na,2026-01-01T10:00:00Z,min\nb,2026-01-01T10:00:07Z,\n")
    columns = {
        "conversation_id": ColumnRead("ticket"),
        "created_at": ColumnRead("opened"),
        "time_precision": ColumnRead("fine"),
    }
    read = FileRead(
        path=str(path),
        source_file="t.csv",
        form="tickets",
        header=("ticket", "opened", "fine"),
        columns=columns,
    )
    stage_file(con, read, source_id="s", run_id="r")
    told = con.execute(
        "SELECT conversation_id, time_precision FROM stage_conversations ORDER BY 1"
    ).fetchall()
    assert told == [("a", "min"), ("b", "s")]


@pytest.mark.parametrize("told", [None, ",", "false,true"])
def test_a_note_that_does_not_say_who_may_read_it_is_private(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, told: str | None
) -> None:
    path = tmp_path / "m.csv"
    rows = [
        ["m1", "c", "2026-01-01T10:00:00Z", "a", "Hello", ""],
        ["m2", "c", "2026-01-01T11:00:00Z", "b", "Rude", "note"],
    ]
    header, columns = (*HEADER, "kind"), {**COLUMNS, "kind": ColumnRead("kind")}
    if told is not None:
        header, columns = (*header, "open"), {**columns, "is_public": ColumnRead("open")}
        rows = [[*row, word] for row, word in zip(rows, told.split(","), strict=True)]
    path.write_text("\n".join(",".join(row) for row in (header, *rows)) + "\n")
    stage_file(con, replace(described(path), header=header, columns=columns), source_id="s", run_id="r")
    found = con.execute("SELECT is_public FROM stage_messages ORDER BY message_id").fetchall()
    assert found == ([(False,), (True,)] if told == "false,true" else [(True,), (False,)])
