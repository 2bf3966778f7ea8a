"""Excel workbooks to tables: every sheet is one. Cells are values, never formulas."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors._detect import is_header, readable, unique_names
from connectors._formats import Converted, Table, Tick
from connectors._formats_flat import as_text
from connectors._formats_write import TextTable
from connectors._mapping import file_stream, plain
from core.errors import SourceDataError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

# A sheet is read whole: it takes about twice what it unpacks to in memory (measured: 254 MB for 125 MB).
MAX_UNPACKED_BYTES = 512 << 20
HEADER_WITHIN = 30  # titles and notes may stand above the header
_OLD = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_GENERIC = (
    "sheet",
    "tabelle",
    "feuil",
    "feuille",
    "hoja",
    "foglio",
    "planilha",
    "blatt",
    "table",
    "data",
    "export",
)
Cells = list[Any]


def excel_tables(path: Path, name: str, scratch: Path, tick: Tick) -> Converted:
    """The sheets of a workbook. Raises SourceDataError."""
    with readable(path):
        _refuse_old(path, name)
        _refuse_bomb(path, name, tick)
    with _opened(path, name) as book:
        tables: list[Table] = []
        left_out: list[str] = []
        for sheet in book.sheet_names:
            tick()
            table, why = _sheet_table(book, sheet, name, scratch, tick, only=len(book.sheet_names) == 1)
            if table is None:
                left_out.append(f"{name}#{sheet} left out: {why}")
            else:
                tables.append(table)
    return Converted(tables, left_out)


def _refuse_old(path: Path, name: str) -> None:
    with path.open("rb") as stream:
        if stream.read(4) != _OLD:
            return
        tail = b""
        while block := stream.read(1 << 20):
            if _ENCRYPTED in tail + block:
                raise SourceDataError(
                    f"{name} is protected by a password.",
                    hint="Remove the password in Excel (File, Info, Protect Workbook) and save it again.",
                )
            tail = block[-64:]
    raise SourceDataError(f"{name} is an old Excel workbook (.xls) under another name.",
                          hint="Save it as .xlsx and load that file.")  # fmt: skip


def _refuse_bomb(path: Path, name: str, tick: Tick) -> None:
    """Unpack everything once without keeping it: what a ZIP says of its size may be wrong."""
    try:
        with zipfile.ZipFile(path) as archive:
            told = sum(member.file_size for member in archive.infolist())
            if told > MAX_UNPACKED_BYTES:
                raise SourceDataError(
                    f"{name} unpacks to {told / 1e9:.1f} GB; a workbook may unpack to"
                    f" {MAX_UNPACKED_BYTES / 1e9:.1f} GB.",
                    hint="Save the sheet as CSV (UTF-8) and load that file.",
                )
            for member in archive.infolist():
                with archive.open(member) as stream:
                    while stream.read(1 << 22):
                        tick()
    # zipfile raises RuntimeError for an encrypted member, and a kind of it for a compression that it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise SourceDataError(
            f"{name} is damaged: {str(error) or 'it cannot be unpacked'}.",
            hint="Copy it again, or open it in Excel and save it again.",
        ) from None


@contextmanager
def _opened(path: Path, name: str) -> Iterator[CalamineWorkbook]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            yield book
    except CalamineError as error:
        raise SourceDataError(
            f"{name} is no Excel workbook that can be read: {error}.",
            hint="Open it in Excel and save it again, or save it as CSV (UTF-8).",
        ) from None


def _sheet_table(
    book: CalamineWorkbook, sheet: str, name: str, scratch: Path, tick: Tick, *, only: bool
) -> tuple[Table | None, str]:
    from python_calamine import WorksheetNotFound

    try:
        found = book.get_sheet_by_name(sheet)
    except WorksheetNotFound:
        return None, "it is a chart or macro sheet"
    if not found.height:
        return None, "it is empty"
    rows, header, notes = _header(found)
    if header is None:
        return None, "it holds no table"
    table = TextTable(f"{name}#{sheet}", scratch)
    for column in header:
        table.add_column(column)
    for number, cells in rows:
        if number % 1000 == 0:
            tick()
        row = {column: cell_text(cell) for column, cell in zip(header, cells, strict=False) if cell != ""}
        if row:
            table.add(row, number)
    path = table.close()
    title = _title(sheet, Path(name).name.split(".")[0], only=only)
    made = Table(
        f"{name}#{sheet}",
        path,
        title=title,
        parquet=True,
        notes=(*notes, *table.notes),
        rejects=tuple(table.rejects),
    )
    return made, ""


def _title(sheet: str, stem: str, *, only: bool) -> str:
    """The words that may name the stream: the sheet's, or the file's where those say nothing."""
    generic = plain(sheet).rstrip("0123456789 ") in (*_GENERIC, "")
    return stem if (only or generic) and file_stream(Path(sheet)) is None else sheet


def _header(
    sheet: CalamineSheet,
) -> tuple[Iterator[tuple[int, Cells]], tuple[str, ...] | None, tuple[str, ...]]:
    """The rows below the header with their numbers, the columns, and what is worth knowing of them."""
    numbered = enumerate(sheet.iter_rows(), start=1)
    filled = ((number, cells) for number, cells in numbered if any(cell != "" for cell in cells))
    first = list(islice(filled, HEADER_WITHIN))
    widest = max((_width(cells) for _, cells in first), default=0)
    at = next((n for n, (_, cells) in enumerate(first) if _width(cells) >= max(1, widest * 0.6)), None)
    if at is None:
        return iter(()), None, ()
    number, cells = first[at]
    texts = [cell_text(cell) or "" for cell in cells]
    if all(isinstance(cell, str) for cell in cells) and is_header(texts):
        below = chain(first[at + 1 :], filled)
        notes = (f"header in row {number}",) if number > 1 else ()
        return below, _columns(texts), notes
    columns = tuple(f"column_{n}" for n in range(1, len(cells) + 1))
    return chain(first[at:], filled), columns, ("no header row: columns are called column_1, column_2, …",)


def _columns(texts: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns; nameless ones at the right end are kept, they may hold something."""
    return unique_names(texts)


def _width(cells: Cells) -> int:
    return sum(1 for cell in cells if cell != "")


def cell_text(cell: Any) -> str | None:
    """A cell as text: instants in ISO 8601, to the millisecond that Excel keeps."""
    if type(cell) is str:
        return cell or None
    if isinstance(cell, datetime):
        exact = cell + timedelta(microseconds=500)
        rounded = exact.replace(microsecond=exact.microsecond // 1000 * 1000)
        return rounded.isoformat(timespec="milliseconds" if rounded.microsecond else "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds()).removesuffix(".0")
    return as_text(cell)
