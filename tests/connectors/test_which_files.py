"""Which of the files that lie where a source looks are read."""

from pathlib import Path

import pytest

from connectors._files_config import FilesConfig
from connectors._formats import READABLE, verdict
from connectors._found import found_files
from ui.upload import TYPES


@pytest.mark.parametrize(
    "name", ["messages.csv", "2026/Messages.CSV", "book.xlsx", "a.json.gz", "_made.parquet"]
)
def test_it_is_read(name: str) -> None:
    assert verdict(name, named=False) == (True, "")


@pytest.mark.parametrize("name", [".messages.csv", "2026/~$book.xlsx", "messages.py", "messages", "old/.txt"])
def test_it_is_passed_over(name: str) -> None:
    assert verdict(name, named=True) == (False, "")


def test_a_format_without_reader_is_named_with_the_way_out() -> None:
    assert verdict("a/old.xls", named=True) == (
        False, "a/old.xls left out: it is an old Excel workbook, which is not read. Save it as .xlsx and load that file.",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["notes.txt", "notes.txt.gz"])
def test_text_is_read_where_it_is_named(name: str) -> None:
    assert verdict(name, named=True) == (True, "")
    is_read, why = verdict(name, named=False)
    assert not is_read and why.startswith(f"{name} left out: text is read where")


def test_a_folder_with_notes_beside_the_data(tmp_path: Path) -> None:
    for name in ("messages.csv", "~$messages.csv", ".messages.csv", "notes.txt"):
        (tmp_path / name).write_text("id\n1\n")
    found, left_out = found_files(FilesConfig(path=str(tmp_path)), "letters")
    assert [file.name for file in found] == ["messages.csv"]
    assert [text.split(" ")[0] for text in left_out] == ["notes.txt"]
    found, left_out = found_files(FilesConfig(path=str(tmp_path / "*")), "letters")
    assert ([file.name for file in found], left_out) == (["messages.csv", "notes.txt"], [])


def test_the_form_takes_what_can_be_read() -> None:
    assert {ending.rsplit(".", 1)[1] for ending in READABLE} == set(TYPES)
