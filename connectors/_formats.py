"""From a file of any format to tables that the store can read by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.stream import Reject

# Formats whose tables are written as text into the scratch folder before they are read.
CONVERTED: tuple[str, ...] = ()
DELIMITED = (".csv", ".tsv", ".psv", ".txt", ".csv.gz", ".tsv.gz", ".psv.gz", ".txt.gz")
READABLE = (*DELIMITED, *CONVERTED)
# Formats that hold tables but have no reader here, and what to do about them.
NOT_READ = {
    ".json": ("JSON", "Save it as CSV (UTF-8) and load that file."),
    ".jsonl": ("JSON", "Save it as CSV (UTF-8) and load that file."),
    ".ndjson": ("JSON", "Save it as CSV (UTF-8) and load that file."),
    ".xlsx": ("Excel", "Save it as CSV (UTF-8) and load that file."),
    ".xlsm": ("Excel", "Save it as CSV (UTF-8) and load that file."),
    ".parquet": ("Parquet", "Save it as CSV (UTF-8) and load that file."),
    ".xls": ("an old Excel workbook", "Save it as .xlsx and load that file."),
    ".xlsb": ("a binary Excel workbook", "Save it as .xlsx and load that file."),
    ".ods": ("an OpenDocument sheet", "Save it as .xlsx or CSV (UTF-8) and load that file."),
    ".feather": ("an Arrow file", "Save it as Parquet and load that file."),
    ".zip": ("a ZIP archive", "Unpack it and load the files in it."),
    ".xml": ("XML", "Save it as CSV (UTF-8) and load that file."),
    ".pdf": ("a PDF", "Export the data as CSV (UTF-8) and load that file."),
}
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


def suffix(path: Path) -> str:
    """The ending that tells the format, `.gz` included."""
    endings = [s.lower() for s in path.suffixes[-2:]]
    return "".join(endings) if endings[-1:] == [".gz"] else "".join(endings[-1:])


def is_converted(name: str) -> bool:
    """Whether a file of this name is read by way of a copy in the scratch folder."""
    return suffix(Path(name)) in CONVERTED


def local_table(path: Path, name: str) -> Table:
    """A delimited file on this machine."""
    status = path.stat()
    moment = datetime.fromtimestamp(status.st_mtime, UTC)
    return Table(name, path, title=Path(name).name.split(".")[0], size=status.st_size, modified_at=moment)


def tables_of(path: Path, name: str, scratch: Path, tick: Tick) -> list[Table]:
    """The tables of a file in the order they have in it. Raises SourceDataError.

    What is not delimited text is written to the scratch folder as Parquet that holds only text.
    """
    whole = local_table(path, name)
    if not is_converted(name):
        return [whole]
    found: list[Table] = []
    return [replace(table, size=whole.size, modified_at=whole.modified_at) for table in found]
