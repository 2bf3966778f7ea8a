"""The files connector against the contract of all connectors, in every format."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.contract import ConnectorContract
from tests.connectors.world import Lab, Message
from tests.fakes.workbook import write_workbook


def header_of(messages: Sequence[Message]) -> list[str]:
    return list(dict.fromkeys(key for row in messages for key in row))


class FileLab(Lab):
    """One file; a subclass knows its format."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def options(self) -> dict[str, Any]:
        return {"kind": "files", "path": str(self.path)}

    def hold(self, messages: Sequence[Message]) -> None:
        header = header_of(messages)
        with self.path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header)
            writer.writeheader()
            writer.writerows(messages)

    def content(self) -> bytes:
        return self.path.read_bytes()


# A file speaks no HTTP, and the store reads the whole of it by itself.
FILES: Mapping[str, str] = {
    "an HTTP fault": "a file on this machine is there or not",
    "a page that does not move on": "a file has one page",
}


class JsonLab(FileLab):
    def hold(self, messages: Sequence[Message]) -> None:
        lines = [json.dumps(row, ensure_ascii=False) for row in messages]
        text = "\n".join(lines) if self.path.suffix == ".jsonl" else f"[{', '.join(lines)}]"
        self.path.write_text(text, encoding="utf-8")


class ExcelLab(FileLab):
    many = 30_000  # writing more takes the test's time, reading is row by row

    def hold(self, messages: Sequence[Message]) -> None:
        header = header_of(messages)
        write_workbook(self.path, {"Messages": [header, *([row.get(h) for h in header] for row in messages)]})


class ParquetLab(FileLab):
    def hold(self, messages: Sequence[Message]) -> None:
        header = header_of(messages)
        rows = [{h: row.get(h) for h in header} for row in messages]
        pq.write_table(pa.Table.from_pylist(rows), self.path)


class FilesContract(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = FILES
    any_order = False


class TestFiles(FilesContract):
    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return FileLab(tmp_path / "messages.csv")


class TestJsonLines(FilesContract):
    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return JsonLab(tmp_path / "messages.jsonl")


class TestJsonArray(FilesContract):
    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return JsonLab(tmp_path / "messages.json")


class TestExcel(FilesContract):
    gaps: ClassVar[Mapping[str, str]] = {
        **FILES,
        "5 MB": "a cell holds 32,767 characters",
        "NUL": "XML has no NUL character",
    }

    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return ExcelLab(tmp_path / "messages.xlsx")


class TestParquet(FilesContract):
    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return ParquetLab(tmp_path / "messages.parquet")
