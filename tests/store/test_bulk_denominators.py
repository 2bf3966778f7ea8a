"""Daily numbers from files and pages, wide and long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.home import Home
from core.stream import ColumnRead, FileRead, Page
from store.bulk import stage_file, stage_page
from store.writer import Writer


@pytest.fixture
def writer(home: Home) -> Iterator[Writer]:
    made = Writer(home, run_id="r")
    yield made
    made.con.close()


def described(path: str, header: tuple[str, ...], **more: Any) -> FileRead:
    columns = {"day": ColumnRead("day"), **{f"custom:{c}": ColumnRead(c) for c in header[1:]}}
    return FileRead(
        path=path, source_file="d.csv", form="rows", stream="denominators", header=header,
        columns=more.pop("columns", columns), **more,
    )  # fmt: skip


def rows(writer: Writer) -> list[tuple[Any, ...]]:
    return writer.con.execute("SELECT day, name, value FROM stage_denominators").fetchall()


def rejects(writer: Writer) -> list[tuple[Any, ...]]:
    return writer.con.execute("SELECT line, reason, field, sample FROM stage_rejects ORDER BY ALL").fetchall()


def test_every_column_beside_the_day_is_a_number(writer: Writer, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(
        "day,Active customers,orders\n2026-11-01,1000,20\n2026-11-02T00:00:00+02:00,\"1,010\",\n"
        "2026-11-03,many,-4\n,5,5\nsoon,6,6\n2026-11-01,1001,21\n"
    )  # fmt: skip
    assert stage_file(
        writer.con, described(str(path), ("day", "Active customers", "orders")), source_id="s", run_id="r"
    ) == ["denominators"]
    assert rows(writer) == [
        (date(2026, 11, 1), "active_customers", 1001.0), (date(2026, 11, 1), "orders", 21.0),
        (date(2026, 11, 2), "active_customers", 1010.0),
    ]  # fmt: skip
    again = "this day appears again further down; the last row counts"
    no_day, bad_day = (5, "day is empty", "day", None), (6, "day is not a usable date", "day", "soon")
    assert rejects(writer) == [
        (2, again, None, "1000"), (2, again, None, "20"), (4, "active_customers is not a number", "active_customers", "many"),
        (4, "orders is less than nothing", None, "-4"), no_day, bad_day,
    ]  # fmt: skip


def test_one_number_a_row_in_a_page(writer: Writer) -> None:
    columns = {c: ColumnRead(c) for c in ("day", "name", "value")}
    read = described("", ("day", "name", "value"), columns=columns, complete=False)
    page = pa.table(
        {"day": ["2026-11-01 00:00:00+00"] * 2, "name": ["Orders", "visits"], "value": ["7", None]}
    )
    stage_page(writer.con, Page(page, read), source_id="s", run_id="r")
    assert rows(writer) == [(date(2026, 11, 1), "orders", 7.0)]


def test_days_in_other_formats_keep_their_calendar_day(writer: Writer, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("day,orders\n01.11.2026,3\n")
    columns = {
        "day": ColumnRead("day", formats=("%d.%m.%Y",), zone="Europe/Berlin"),
        "custom:orders": ColumnRead("orders"),
    }
    stage_file(
        writer.con, described(str(path), ("day", "orders"), columns=columns), source_id="s", run_id="r"
    )
    assert rows(writer) == [(date(2026, 11, 1), "orders", 3.0)]


def test_a_column_called_value_alone_is_a_number(writer: Writer, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("day,Value\n2026-11-01,3\n")
    columns = {"day": ColumnRead("day"), "value": ColumnRead("Value")}
    stage_file(writer.con, described(str(path), ("day", "Value"), columns=columns), source_id="s", run_id="r")
    assert rows(writer) == [(date(2026, 11, 1), "value", 3.0)]


def test_a_file_read_again_replaces_its_days(writer: Writer, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    read = described(str(path), ("day", "orders"))
    for text, changed in (
        ("2026-11-01,3\n2026-11-02,4\n", 2),
        ("2026-11-01,3\n2026-11-03,5\n", 2),
        ("2026-11-01,3\n2026-11-03,5\n", 0),
    ):
        path.write_text("day,orders\n" + text)
        counts = writer.apply_file("s", read).counts
        assert counts.inserted + counts.updated + counts.deleted == changed
    held = writer.con.execute(
        "SELECT day::VARCHAR, value FROM denominators WHERE NOT is_deleted ORDER BY 1"
    ).fetchall()
    assert held == [("2026-11-01", 3.0), ("2026-11-03", 5.0)]
