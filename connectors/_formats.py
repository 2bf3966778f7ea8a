"""From a file of any format to tables that the store can read by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from connectors._detect import fingerprint, readable
from connectors._files_config import Reading
from core.stream import Reject

# Formats whose tables are written as text into the scratch folder before they are read.
JSON = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
EXCEL = (".xlsx", ".xlsm")
CONVERTED = (*JSON, *EXCEL, ".parquet")
DELIMITED = (".csv", ".tsv", ".psv", ".txt", ".csv.gz", ".tsv.gz", ".psv.gz", ".txt.gz")
READABLE = (*DELIMITED, *CONVERTED)
# Formats that hold tables but have no reader here, and what to do about them.
NOT_READ = {
    ".xls": ("an old Excel workbook", "Save it as .xlsx and load that file."),
    ".xlsb": ("a binary Excel workbook", "Save it as .xlsx and load that file."),
    ".ods": ("an OpenDocument sheet", "Save it as .xlsx or CSV (UTF-8) and load that file."),
    ".feather": ("an Arrow file", "Save it as Parquet and load that file."),
    ".zip": ("a ZIP archive", "Unpack it and load the files in it."),
    ".xml": ("XML", "Save it as CSV (UTF-8) and load that file."),
    ".pdf": ("a PDF", "Export the data as CSV (UTF-8) and load that file."),
}
PASSED_OVER = (".", "~")  # how hidden files begin, and those that a program keeps beside an open one
_TEXT = (".txt", ".txt.gz")  # mostly notes beside the data
Tick = Callable[[], None]  # called often while a file is converted; raises when the run should stop


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file as the store will read them: the file itself, or an all-text Parquet copy.

    `name` is the file's name inside its source; of a file with several tables it is `book.xlsx#Sheet`.
    `title` are the words that may name the stream of the rows. `size`, `modified_at`, `etag` and `sha256` are
    those of the file that the table came from.
    """

    name: str
    path: Path
    title: str = ""
    parquet: bool = False
    size: int = 0
    modified_at: datetime | None = None
    etag: str | None = None
    sha256: str = ""
    notes: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()
    listed: frozenset[str] = frozenset()  # columns that held arrays, joined by LIST_SEPARATOR


@dataclass(frozen=True, slots=True)
class Converted:
    """The tables of a file in the order they have in it, and sentences about what was left out."""

    tables: list[Table]
    left_out: list[str] = field(default_factory=list)


def suffix(path: Path) -> str:
    """The ending that tells the format, `.gz` included."""
    endings = [s.lower() for s in path.suffixes[-2:]]
    return "".join(endings) if endings[-1:] == [".gz"] else "".join(endings[-1:])


def verdict(name: str, *, named: bool, passed_over: tuple[str, ...] = PASSED_OVER) -> tuple[bool, str]:
    """Whether a file that a source holds is read, and the sentence about one that is left out, where there is one.

    `named`: the settings mean it by more than its place, as an entry or a pattern does.
    """
    kind = suffix(Path(name))
    if Path(name).name.startswith(passed_over):
        return False, ""
    if kind in NOT_READ:
        what, hint = NOT_READ[kind]
        return False, f"{name} left out: it is {what}, which is not read. {hint}"
    if kind in _TEXT and not named:
        return (
            False,
            f"{name} left out: text is read where a pattern or an entry in [[sources.files]] names it.",
        )
    return kind in READABLE, ""


def is_converted(name: str) -> bool:
    """Whether a file of this name is read by way of a copy in the scratch folder."""
    return suffix(Path(name)) in CONVERTED


def local_table(path: Path, name: str) -> Table:
    """A delimited file on this machine."""
    status = path.stat()
    moment = datetime.fromtimestamp(status.st_mtime, UTC)
    return Table(name, path, title=Path(name).name.split(".")[0], size=status.st_size, modified_at=moment)


def tables_of(path: Path, name: str, reading: Reading, scratch: Path, tick: Tick) -> Converted:
    """The tables of a file. Raises SourceDataError.

    What is not delimited text is written to the scratch folder as Parquet that holds only text.
    """
    with readable(path):
        return _tables(path, name, reading, scratch, tick)


def _tables(path: Path, name: str, reading: Reading, scratch: Path, tick: Tick) -> Converted:
    whole = local_table(path, name)
    if not is_converted(name):
        return Converted([whole])
    found = _converted(path, name, reading, scratch, tick)
    sha256 = fingerprint(path)
    tables = [
        replace(table, size=whole.size, modified_at=whole.modified_at, sha256=sha256)
        for table in found.tables
    ]
    return Converted(tables, found.left_out)


def _converted(path: Path, name: str, reading: Reading, scratch: Path, tick: Tick) -> Converted:
    kind = suffix(Path(name))
    if kind in JSON:
        from connectors._formats_json import json_tables

        ident = reading.columns.get("conversation_id")
        return json_tables(path, name, scratch, tick, encoding=reading.encoding, id_column=ident)
    if kind in EXCEL:
        from connectors._formats_excel import excel_tables

        return excel_tables(path, name, scratch, tick)
    from connectors._formats_parquet import parquet_tables

    return parquet_tables(path, name, scratch, tick)
