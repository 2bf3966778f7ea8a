"""JSON, Excel and Parquet: what is a table, what a cell becomes, and what is refused with which sentence."""

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import _formats_excel, _formats_write
from connectors._detect import inspect
from connectors._files_config import Reading
from connectors._formats import Table, tables_of
from connectors._formats_write import LIST_SEPARATOR, TextTable
from core.errors import Cancelled, SourceDataError
from core.stream import ROW_NUMBER
from tests.connectors.files_lab import TICKET
from tests.fakes.workbook import Formula, write_workbook

Read = Callable[..., tuple[list[Table], list[str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The tables of a file with this name and content."""

    def build(
        name: str, content: str | bytes | None = None, tick: Callable[[], None] = lambda: None, **more: Any
    ) -> tuple[list[Table], list[str]]:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        found = tables_of(path, name, Reading(**more), scratch, tick)
        return found.tables, found.left_out

    return build


def rows(table: Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(table.path).to_pylist()
    return [{column: cell for column, cell in row.items() if column != ROW_NUMBER} for row in found]


def refused(read: Read, name: str, content: str | bytes | None = None, **more: Any) -> str:
    with pytest.raises(SourceDataError) as error:
        read(name, content, **more)
    assert error.value.hint, "an error says what to do"
    return f"{error.value.message} {error.value.hint}"


# --- JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tickets.json", json.dumps([TICKET])),
        ("tickets.json", json.dumps([TICKET], indent=2)),
        ("tickets.json", json.dumps({"tickets": [TICKET], "count": 1, "next_page": None})),
        ("tickets.json", json.dumps({"data": {"tickets": [TICKET]}})),
        ("tickets.json", json.dumps(TICKET)),
        ("tickets.json", json.dumps(TICKET, indent=2)),
        ("tickets.jsonl", json.dumps(TICKET)),
        ("tickets.json.gz", gzip.compress(json.dumps([TICKET]).encode())),
        ("tickets.ndjson.gz", gzip.compress(json.dumps(TICKET).encode())),
        ("tickets.json", json.dumps([TICKET]).encode("utf-16")),
        ("tickets.json", b"\xef\xbb\xbf" + json.dumps([TICKET]).encode()),
    ],
)
def test_every_shape_of_json_gives_the_same_rows(read: Read, name: str, content: str | bytes) -> None:
    (tickets, comments), left_out = read(name, content)
    assert left_out == []
    assert (tickets.name, comments.name) == (name, f"{name}#comments")
    (ticket,) = rows(tickets)
    assert ticket["requester.email"] == "ann@example.org"
    assert ticket["tags"] == f"late, very{LIST_SEPARATOR}vip"
    assert ticket["description"] is None, "the first comment says the same"
    assert [(c["id"], c["conversation_id"], c["author.role"]) for c in rows(comments)] == [
        ("9", "1", "end-user"), ("10", "1", "end-user"),
    ]  # fmt: skip


def test_requesters_are_customers_and_assignees_agents_where_messages_say_nothing(read: Read) -> None:
    ticket = {"id": 1, "requester_id": 7, "assignee": {"id": 8},
              "comments": [{"id": n, "author_id": n, "body": "x"} for n in (7, 8, 9)]}  # fmt: skip
    (_, comments), _ = read("tickets.json", json.dumps([ticket]))
    assert [row["author_role"] for row in rows(comments)] == ["customer", "agent", None]
    (_, told), _ = read("told.json", json.dumps([TICKET]))
    assert "author_role" not in rows(told)[0], "the messages say it themselves"


def test_several_arrays_are_several_tables(read: Read) -> None:
    tables, _ = read("all.json", json.dumps({"tickets": [TICKET], "users": [{"id": 1, "name": "Ann"}]}))
    assert [t.name for t in tables] == ["all.json#tickets", "all.json#tickets.comments", "all.json#users"]


def test_objects_one_after_the_other_are_rows(read: Read) -> None:
    text = "\n".join(json.dumps(TICKET | {"id": n}, indent=1) for n in range(3))
    (tickets, _), _ = read("tickets.json", text)
    assert [row["id"] for row in rows(tickets)] == ["0", "1", "2"]


def test_values_become_text(read: Read) -> None:
    record = {"id": 1.0, "big": 12345678901234567, "half": 0.5, "yes": True, "none": None, "empty": [],
              "pairs": [{"a": 1}], "mixed": [1, "b", None], "deep": {"er": {"x": "y"}}}  # fmt: skip
    (table,), _ = read("a.json", json.dumps([record]))
    assert rows(table) == [
        {"id": "1", "big": "12345678901234567", "half": "0.5", "yes": "true", "none": None, "empty": None,
         "pairs": '[{"a": 1}]', "mixed": "1, b", "deep.er.x": "y"}
    ]  # fmt: skip


def test_columns_that_come_later_are_empty_before(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_formats_write, "PIECE_ROWS", 2)
    records = [{"id": n} | ({"late": "x"} if n > 5 else {}) for n in range(9)]
    (table,), _ = read("a.jsonl", "\n".join(map(json.dumps, records)))
    assert [row["late"] for row in rows(table)] == [None] * 6 + ["x"] * 3


def test_broken_lines_are_set_aside_with_their_number(read: Read) -> None:
    text = (
        b'{"id":1,"t":"caf\xe9"}\n{"id":2}\n{"id":3\n[4]\n\n{"id":5,"t":"'
        + b"x" * (17 << 20)
        + b'"}\n{"id":6}\n'
    )
    (table,), _ = read("a.jsonl", text)
    assert [row["id"] for row in rows(table)] == ["2", "6"]
    assert sorted((r.line, r.reason) for r in table.rejects) == [
        (1, "the row is not valid UTF-8"), (3, "the line is not complete JSON"),
        (4, "the line is not a JSON object"), (6, "the row is longer than 16 MB"),
    ]  # fmt: skip


def test_an_object_longer_than_a_record_is_read_array_by_array(read: Read) -> None:
    tickets = [{"id": n, "text": "x" * 2000} for n in range(10_000)]
    content = json.dumps({"meta": {"pages": [1, 2]}, "data": {"tickets": tickets, "count": 10_000}})
    assert len(content) > 17 << 20
    (table,), _ = read("export.json", content)
    assert (table.title, pq.read_metadata(table.path).num_rows) == ("tickets", 10_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"id":1},', "ends too early"),
        ('[{"id":1} {"id":2}]', "',' is missing"),
        ('[{"id":1}] and more', "damaged"),
        ("<!doctype html><html>", "is not JSON that holds rows"),
        ("[" * 100_000, "nested too deeply"),
        ("[1, 2]", "no row that can be read"),
        (gzip.compress(b"[{}]", mtime=0)[:-9], "damaged gzip"),
    ],
)
def test_damaged_json_is_refused(read: Read, content: str | bytes, said: str) -> None:
    name = "a.json.gz" if isinstance(content, bytes) else "a.json"
    assert said in refused(read, name, content)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"tickets": []}'])
def test_json_without_rows_is_left_out(read: Read, content: str) -> None:
    assert read("a.json", content) == ([], ["a.json left out: it holds no rows"])


def test_too_many_columns_are_refused(read: Read) -> None:
    records = [{f"k{n}-{m}": 1 for m in range(100)} for n in range(11)]
    assert "more than 1000 columns" in refused(read, "a.json", json.dumps(records))


def test_a_dictionary_of_data_stays_one_column(read: Read) -> None:
    (table,), _ = read("a.json", json.dumps([{"id": 1, "reads": {str(n): n for n in range(500)}}]))
    assert list(rows(table)[0]) == ["id", "reads"]


def test_conversion_stops_when_asked(read: Read) -> None:
    def stop() -> None:
        raise Cancelled("the run was stopped.")

    with pytest.raises(Cancelled):
        read("a.jsonl", '{"id": 1}\n' * 2000, tick=stop)


def test_half_characters_are_replaced_and_told(read: Read) -> None:
    (table,), _ = read("a.json", '[{"id": 1, "text": "a \\ud83d b"}]')
    assert rows(table)[0]["text"] == "a \ufffd b"
    assert "unpaired surrogates" in " ".join(table.notes)


# --- Excel ----------------------------------------------------------------------------------------


def workbook(tmp_path: Path, sheets: dict[str, Any], name: str = "book.xlsx") -> str:
    write_workbook(tmp_path / name, sheets)
    return name


def test_cells_become_text(read: Read, tmp_path: Path) -> None:
    head = ["id", "when", "day", "share", "yes", "total", "empty", "  padded "]
    moment = datetime(2026, 1, 5, 10, 5, 30, tzinfo=UTC)
    cells = [12, moment, date(2026, 1, 5), 0.25, True, Formula("SUM(A2:A2)", 12), None, "x"]
    (table,), _ = read(workbook(tmp_path, {"Sheet1": [head, cells]}))
    assert table.name == "book.xlsx#Sheet1"
    assert rows(table) == [
        {"id": "12", "when": "2026-01-05T10:05:30", "day": "2026-01-05", "share": "0.25", "yes": "true",
         "total": "12", "empty": None, "padded": "x"}
    ]  # fmt: skip


def test_every_sheet_is_a_table_and_empty_ones_are_told(read: Read, tmp_path: Path) -> None:
    head = [["id", "name"], [1, "a"]]
    tables, left_out = read(workbook(tmp_path, {"Tickets": head, "Sheet2": [], "Users": head}, "all.xlsm"))
    assert [(t.name, t.title) for t in tables] == [
        ("all.xlsm#Tickets", "Tickets"),
        ("all.xlsm#Users", "Users"),
    ]
    assert left_out == ["all.xlsm#Sheet2 left out: it is empty"]


def test_a_header_below_titles_is_found(read: Read, tmp_path: Path) -> None:
    sheet = [["Report of January"], [], ["Ticket ID", "Subject", "Created"], [1, "a", "x"], [], [2, "b", "y"]]
    (table,), _ = read(workbook(tmp_path, {"Report": sheet}))
    assert [row["Ticket ID"] for row in rows(table)] == ["1", "2"]
    assert table.notes == ("header in row 3",)


def test_a_sheet_without_header_has_numbered_columns(read: Read, tmp_path: Path) -> None:
    (table,), _ = read(workbook(tmp_path, {"Data": [[1, "a"], [2, "b"]]}))
    assert [list(row.values()) for row in rows(table)] == [["1", "a"], ["2", "b"]]
    assert list(rows(table)[0]) == ["column_1", "column_2"]


def test_a_protected_workbook_is_named(read: Read) -> None:
    content = b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    assert "protected by a password" in refused(read, "a.xlsx", content)


def test_an_old_workbook_under_a_new_name_is_named(read: Read) -> None:
    assert "old Excel workbook" in refused(read, "a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"plain text"])
def test_what_is_no_workbook_is_refused(read: Read, content: bytes) -> None:
    assert "damaged" in refused(read, "a.xlsx", content)


def test_a_zip_that_is_no_workbook_is_refused(read: Read, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "no Excel workbook" in refused(read, "a.xlsx")


def test_a_zip_bomb_is_refused(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_formats_excel, "MAX_UNPACKED_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2 << 20))
    assert "unpacks to" in refused(read, "a.xlsx")


def test_a_zip_that_lies_about_its_size_is_refused(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2 << 20))
    size = (2 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    assert "damaged" in refused(read, "a.xlsx")


@pytest.mark.parametrize(
    ("offset", "value"), [(0, 0x0001), (2, 97)], ids=["encrypted", "packed in an unknown way"]
)
def test_a_workbook_whose_parts_cannot_be_unpacked_is_refused(
    read: Read, tmp_path: Path, offset: int, value: int
) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")
    content = bytearray(path.read_bytes())
    for mark, flags in (
        (b"PK\x03\x04", 6),
        (b"PK\x01\x02", 8),
    ):  # in the part's own head, and in the list of parts
        at = content.index(mark) + flags + offset
        content[at : at + 2] = value.to_bytes(2, "little")
    path.write_bytes(content)
    assert "damaged" in refused(read, "a.xlsx")


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl", "a.xlsx", "a.parquet"])
def test_a_file_that_is_taken_away_before_it_is_read_is_told_of(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceDataError, match=f"{name} was taken away while it was read"):
        tables_of(tmp_path / name, name, Reading(), tmp_path, lambda *_: None)
    with pytest.raises(SourceDataError, match="taken away"):
        inspect(tmp_path / name)


# --- Parquet --------------------------------------------------------------------------------------


def test_types_become_text(read: Read, tmp_path: Path) -> None:
    moment = datetime(2026, 1, 5, 10, 5, 30, 250_000)  # noqa: DTZ001 - a column without a zone
    table = pa.table(
        {
            "id": pa.array([1.0, 20000000000.0]),
            "when": pa.array([moment, None], pa.timestamp("ns", "Europe/London")),
            "local": pa.array([moment, None], pa.timestamp("s")),
            "day": pa.array([date(2026, 1, 5), None]),
            "price": pa.array([Decimal("1.50"), None]),
            "yes": pa.array([True, None]),
            "tags": pa.array([["a", "b, c"], []]),
            "numbers": pa.array([[1, 2], None]),
            "who": pa.array([{"name": "Ann"}, None]),
            "raw": pa.array([b"caf\xc3\xa9", b"\xff"]),
            "kind": pa.array(["x", None]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    (found,), _ = read("a.parquet")
    first, second = rows(found)
    assert first == {
        "id": "1", "when": "2026-01-05T10:05:30.250000Z", "local": "2026-01-05T10:05:30.000000",
        "day": "2026-01-05", "price": "1.50", "yes": "true", "tags": f"a{LIST_SEPARATOR}b, c", "numbers": "1, 2",
        "who": '{"name": "Ann"}', "raw": "café", "kind": "x",
    }  # fmt: skip
    assert {k: v for k, v in second.items() if v} == {"id": "20000000000", "raw": "\\xff"}
    assert found.listed == {"tags"}


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(300) + b"PAR1"])
def test_damaged_parquet_is_refused(read: Read, content: bytes) -> None:
    assert "no Parquet file that can be read" in refused(read, "a.parquet", content)


@pytest.mark.parametrize("change", [0xFF, 0x01, 0x40])
def test_a_parquet_file_with_a_wrong_byte_is_read_or_refused(read: Read, tmp_path: Path, change: int) -> None:
    table, path = pa.table({"id": ["1", "2"], "text": ["one", "two"]}), tmp_path / "a.parquet"
    pq.write_table(table, path, store_schema=False)
    whole, refusals = path.read_bytes(), 0
    for place in range(4, len(whole)):
        content = bytearray(whole)
        content[place] ^= change
        try:
            for one in read("a.parquet", bytes(content))[0]:
                rows(one)
        except SourceDataError as error:
            refusals += 1
            assert error.hint
    assert refusals > 100


def test_a_huge_cell_is_refused(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors._formats_parquet.MAX_RECORD_BYTES", 1000)
    pq.write_table(pa.table({"id": ["1"], "text": ["x" * 2000]}), tmp_path / "a.parquet")
    assert "has a cell of" in refused(read, "a.parquet")


def test_a_column_named_twice_is_told_apart(read: Read, tmp_path: Path) -> None:
    pq.write_table(pa.table([["1"], ["2"]], names=["id", "ID"]), tmp_path / "a.parquet")
    (found,), _ = read("a.parquet")
    assert rows(found) == [{"id": "1", "ID_2": "2"}]


def test_writing_without_rows_keeps_the_columns(tmp_path: Path) -> None:
    table = TextTable("a", tmp_path)
    table.add_column("id")
    assert pq.read_schema(table.close()).names == ["id", ROW_NUMBER]
