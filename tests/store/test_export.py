"""Files of rows: what comes back is what went in, hostile texts included, and a failure leaves nothing."""

# ruff: noqa: DTZ001 - local times are naive

from __future__ import annotations

import csv
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from python_calamine import CalamineWorkbook

from core.errors import DiskFull, QuestionError, StoreError
from core.home import Home
from store import export, generations
from store.export import write
from store.export_cells import CELL_CHARACTERS, harmless
from store.reader import Reader, open_reader
from store.writer import Writer

HOSTILE = [
    "=1+1", "+44 20 7946", "-5", "@sum(a1)", "\tx", "\rx", "\n=x", "\uff1d1", "'quoted'", 'say "hi", twice', "a\r\nb",
    "  spaces  ", "<b>&amp;</b>", "]]>", "日本語 🙂", "_x0041_", "\x00\x01\x0b\x1f", "\ufffe\uffff", "", None,
]  # fmt: skip
ABOUT = {
    "period": "2026-10-01 to 2026-10-31",
    "filters": {"team": ["=Billing"]},
    "notes": ["one", "two"],
    "n": 3,
}


@pytest.fixture
def reader(home: Home, now: datetime) -> Reader:
    writer = Writer(home, run_id="test")
    writer.close()
    generations.publish(home, writer.path, keep=3)
    return open_reader(home)


def texts(values: list[Any] = HOSTILE) -> pa.Table:
    return pa.table({"row": list(range(len(values))), "=text": pa.array(values, pa.string())})


def every_kind() -> pa.Table:
    at = datetime(2026, 10, 25, 0, 30, 1, 250_000, tzinfo=UTC)
    return pa.table(
        {
            "whole": pa.array([1, -2, None], pa.int64()),
            "real": pa.array([0.1, float("nan"), None], pa.float64()),
            "flag": pa.array([True, False, None], pa.bool_()),
            "day": pa.array([date(2026, 2, 28), date(1600, 1, 1), None], pa.date32()),
            "local": pa.array([datetime(2026, 10, 25, 1, 30), datetime(1, 1, 1), None], pa.timestamp("us")),
            "at": pa.array([at, at.replace(microsecond=0), None], pa.timestamp("us", tz="UTC")),
            "tags": pa.array([["vip", 'b"ug'], [], None], pa.list_(pa.string())),
        }
    )


def sheet(path: Path, name: str = "Data") -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python(skip_empty_area=False)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_parquet_changes_nothing(reader: Reader, tmp_path: Path) -> None:
    for table in (texts(), every_kind()):
        done = write(reader, table, tmp_path / "rows.parquet", "parquet", ABOUT)
        back = parquet.read_table(tmp_path / "rows.parquet")
        assert back.to_pydict().keys() == table.to_pydict().keys() and done.rows == back.num_rows
        assert str(back.to_pylist()) == str(table.to_pylist())
    kept = json.loads(back.schema.metadata[b"supportlens"])
    assert kept == ABOUT
    assert pandas.read_parquet(tmp_path / "rows.parquet")["whole"].tolist()[:2] == [1, -2]


def test_texts_survive_csv_and_are_no_formulas(reader: Reader, tmp_path: Path) -> None:
    done = write(reader, texts(), tmp_path / "rows.csv", "csv", ABOUT)
    header, *rows = read_csv(tmp_path / "rows.csv")
    assert header == ["row", "'=text"] and done.rows == len(rows) == len(HOSTILE)
    assert [row[1] for row in rows] == [harmless(text or "") for text in HOSTILE]
    assert [row[1][0] for row in rows[:8]] == ["'"] * 8
    frame = pandas.read_csv(tmp_path / "rows.csv", keep_default_na=False, dtype=str)
    assert frame["'=text"].tolist()[8:16] == HOSTILE[8:16]
    raw = (tmp_path / "rows.csv").read_bytes()
    assert raw.endswith(b'18,""\n19,\n'), "an empty text and no value are told apart"
    assert json.loads((tmp_path / "rows.csv.about.json").read_text()) == ABOUT


def test_texts_survive_excel_and_are_no_formulas(reader: Reader, tmp_path: Path) -> None:
    write(reader, texts(), tmp_path / "rows.xlsx", "xlsx", ABOUT)
    header, *rows = sheet(tmp_path / "rows.xlsx")
    assert header == ["row", "'=text"] and [row[0] for row in rows] == list(range(len(HOSTILE)))
    found = cells_of(tmp_path / "rows.xlsx")
    expected = [harmless(text or "") for text in HOSTILE]
    expected[16], expected[17] = "�" * 4, "�" * 2  # XML has no place for these
    expected[15] = "_x005F_x0041_"  # Excel reads that as _x0041_, and _x0041_ as A
    assert found == expected
    with zipfile.ZipFile(tmp_path / "rows.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    about = sheet(tmp_path / "rows.xlsx", "About")
    assert about == [["period", ABOUT["period"]], ["filters: team", '["=Billing"]'], ["notes", "one"],
                     ["notes", "two"], ["n", "3"]]  # fmt: skip


def cells_of(path: Path) -> list[str]:
    """The texts of the second column, read by a parser of XML."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = root.iter(f"{space}row")
    next(rows)
    return ["".join(list(row)[1].itertext()) for row in rows]


def test_every_kind_of_value_in_csv(reader: Reader, tmp_path: Path) -> None:
    write(reader, every_kind(), tmp_path / "rows.csv", "csv", {})
    _, first, second, third = read_csv(tmp_path / "rows.csv")
    assert first == ["1", "0.1", "true", "2026-02-28", "2026-10-25T01:30:00", "2026-10-25T00:30:01.250000Z",
                     '["vip","b\\"ug"]']  # fmt: skip
    assert second[2:] == ["false", "1600-01-01", "0001-01-01T00:00:00", "2026-10-25T00:30:01Z", "[]"]
    assert third == [""] * 7


def test_every_kind_of_value_in_excel(reader: Reader, tmp_path: Path) -> None:
    write(reader, every_kind(), tmp_path / "rows.xlsx", "xlsx", {})
    _, first, second, *rest = sheet(tmp_path / "rows.xlsx")
    assert first == [1, 0.1, True, date(2026, 2, 28), datetime(2026, 10, 25, 1, 30), "2026-10-25T00:30:01.250000Z",
                     '["vip","b\\"ug"]']  # fmt: skip
    assert second == [-2, "", False, "1600-01-01", "0001-01-01T00:00:00", "2026-10-25T00:30:01Z", "[]"]
    assert all(cell == "" for row in rest for cell in row)
    frame = pandas.read_excel(tmp_path / "rows.xlsx", engine="calamine")
    assert frame["day"].iloc[0].date() == date(2026, 2, 28)


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_no_rows_are_a_file_with_a_header(reader: Reader, tmp_path: Path, form: Any) -> None:
    path = tmp_path / f"rows.{form}"
    assert write(reader, texts([]), path, form, {}).rows == 0
    if form == "csv":
        assert read_csv(path) == [["row", "'=text"]]
    elif form == "xlsx":
        assert sheet(path) == [["row", "'=text"]]
    else:
        assert parquet.read_table(path).column_names == ["row", "=text"]


def test_a_long_text_is_cut_in_excel_and_counted(reader: Reader, tmp_path: Path) -> None:
    long = ["x" * CELL_CHARACTERS, "y" * (CELL_CHARACTERS + 1), "🙂" * 20_000, "=" * CELL_CHARACTERS]
    assert write(reader, texts(long), tmp_path / "rows.xlsx", "xlsx", {}).cut_cells == 3
    found = cells_of(tmp_path / "rows.xlsx")
    assert [len(text.encode("utf-16-le")) // 2 for text in found] == [CELL_CHARACTERS] * 2 + [CELL_CHARACTERS - 1,
                                                                                             CELL_CHARACTERS]  # fmt: skip
    assert write(reader, texts(long), tmp_path / "rows.csv", "csv", {}).cut_cells == 0


def test_more_rows_than_a_sheet_has_are_refused(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="1,048,575 rows below its header; these are 1,048,576"):
        write(reader, "SELECT i FROM range(1048576) r(i)", tmp_path / "rows.xlsx", "xlsx", {})
    assert list(tmp_path.glob("*rows*")) == []


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_full_disk_leaves_what_was_there(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Any
) -> None:
    """/dev/full is a disk without room: the half-written file is a link to it."""
    path = tmp_path / "rows"
    path.write_text("before")
    (tmp_path / "half").symlink_to("/dev/full")
    monkeypatch.setattr(export, "_scratch", lambda path: path.with_name("half"))
    with pytest.raises(DiskFull, match="filled up while rows was written"):
        write(reader, "SELECT i, repeat('x', 100) AS t FROM range(50000) r(i)", path, form, {})
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["rows"]


def test_a_failure_in_the_middle_leaves_nothing(reader: Reader, tmp_path: Path) -> None:
    rows = "SELECT CASE WHEN i = 40000 THEN error('no') ELSE i END AS i FROM range(50000) r(i)"
    for form in ("csv", "parquet", "xlsx"):
        with pytest.raises(Exception, match="no"):
            write(reader, rows, tmp_path / f"rows.{form}", form, {})
    assert [file for file in tmp_path.iterdir() if file.is_file()] == []


def test_a_place_that_cannot_be_written(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        write(reader, texts(), tmp_path, "csv", {})
    with pytest.raises(StoreError, match="folder that does not exist"):
        write(reader, texts(), tmp_path / "no" / "rows.csv", "csv", {})


def test_a_hostile_file_name(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / 'it\'s 100% "日本".csv'
    assert write(reader, texts(), path, "csv", {}).rows == len(HOSTILE) == len(read_csv(path)) - 1
