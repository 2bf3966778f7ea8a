"""Reading a delimited file with DuckDB: options, encoding, and where a bad row stands."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.errors import SourceDataError
from core.stream import MAX_RECORD_BYTES, TOO_LONG, Dialect, FileRead
from store.sql import identifier, literal

if TYPE_CHECKING:
    import duckdb

BUFFER_BYTES = 2 * MAX_RECORD_BYTES  # the buffer must hold two records
_WHY = {
    "MISSING COLUMNS": "the row has too few fields",
    "TOO MANY COLUMNS": "the row has too many fields",
    "UNQUOTED VALUE": "a quoted field is not closed or has text after its closing quote",
    "LINE SIZE OVER MAXIMUM": TOO_LONG,
    "INVALID ENCODING": "the row is not valid UTF-8",
    "INVALID STATE": "the row's quoting is broken",
}


PAGE, NUMBER = "bulk_page", "_sl_n"  # the rows of a page, and the column with their numbers


def scan(path: Path, file: FileRead, *, rejects: bool = False) -> str:
    """A FROM clause with the file's columns as text and `n`, the number of the row among readable rows.

    Rows that cannot be split into fields are left out; with `rejects` they are also listed in the
    temp table `bulk_reader_rejects`. A file without a path is a page.
    """
    if not file.path:
        return f"(SELECT {NUMBER} AS n, {', '.join(map(identifier, file.header))} FROM {PAGE})"
    if file.dialect.format == "parquet":
        return (
            f"(SELECT file_row_number + 1 AS n, {', '.join(map(identifier, file.header))} "
            f"FROM read_parquet({literal(str(path))}, file_row_number=true))"
        )
    return _scan_text(path, file, rejects=rejects)


def _scan_text(path: Path, file: FileRead, *, rejects: bool) -> str:
    dialect = file.dialect
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in file.header)
    errors = (
        "store_rejects=true, rejects_table='bulk_reader_rejects', rejects_scan='bulk_reader_scans',"
        " rejects_limit=0"
        if rejects
        else "ignore_errors=true"
    )
    # DuckDB looks for bad bytes only in columns that somebody reads; every scan must leave out the same rows.
    read_all = " + ".join(f"coalesce(strlen({identifier(column)}), 0)" for column in file.header)
    return (
        f"(SELECT row_number() OVER () AS n, * FROM read_csv({literal(str(path))}, columns={{{columns}}}, "
        f"auto_detect=false, header={str(dialect.has_header).lower()}, delim={literal(dialect.delimiter)}, "
        f"quote={literal(dialect.quote)}, escape={literal(dialect.escape)}, strict_mode=true, "
        f"compression={literal(dialect.compression or 'none')}, "
        f"max_line_size={MAX_RECORD_BYTES}, buffer_size={BUFFER_BYTES}, {errors}) WHERE {read_all} >= 0)"
    )


def is_text(file: FileRead) -> bool:
    """Whether rows stand on lines."""
    return bool(file.path) and file.dialect.format == "delimited"


@contextmanager
def readable(con: duckdb.DuckDBPyConnection, file: FileRead) -> Iterator[Path]:
    """The file's path, or that of a UTF-8 copy in the scratch folder while its encoding is another one."""
    path, encoding = Path(file.path), codecs.lookup(file.dialect.encoding).name
    if not is_text(file) or encoding in ("utf-8", "ascii", "utf-8-sig"):
        yield path
        return
    row = con.execute("SELECT current_setting('temp_directory')").fetchone()
    folder = Path(row[0]) if row and row[0] else path.parent
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"utf8-{abs(hash(file.path)):x}.csv{'.gz' if file.dialect.compression else ''}"
    try:
        _transcode(path, copy, file.dialect)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _transcode(path: Path, copy: Path, dialect: Dialect) -> None:
    decode = codecs.getincrementaldecoder(dialect.encoding)("strict")
    with opened(path, dialect) as source, opened(copy, dialect, "wb") as target:
        try:
            while block := source.read(1 << 20):
                target.write(decode.decode(block).encode("utf-8"))
            target.write(decode.decode(b"", final=True).encode("utf-8"))
        except UnicodeDecodeError as error:
            raise SourceDataError(
                f"{path.name} cannot be read as {dialect.encoding}: {error.reason}.",
                hint="Set encoding to what the file was written in, for example cp1252 or utf-16.",
            ) from None


def opened(path: Path, dialect: Dialect, mode: str = "rb") -> IO[bytes]:
    """The file's bytes, decompressed."""
    return gzip.open(path, mode, 1) if dialect.compression else path.open(mode)  # type: ignore[return-value]


def keep_reader_rejects(
    con: duckdb.DuckDBPyConnection, path: Path, file: FileRead, stream: str
) -> dict[int, int]:
    """Move what the reader rejected into `stage_rejects`; gives each row's first line and its further lines."""
    found = con.execute(
        "SELECT min(line_byte_position), string_agg(DISTINCT error_type::VARCHAR, ', '), any_value(csv_line)"
        " FROM bulk_reader_rejects GROUP BY line ORDER BY min(line_byte_position)"
    ).fetchall()
    lines = _lines_at_bytes(path, file.dialect, [row[0] for row in found])
    spans: dict[int, int] = {}
    for (_, kinds, text), line in zip(found, lines, strict=True):
        reason = "; ".join(_WHY.get(kind, kind.lower()) for kind in kinds.split(", "))
        spans[line] = (text or "").rstrip("\r\n").count("\n")
        if spans[line] and "UNQUOTED VALUE" in kinds:
            reason += f"; the {spans[line]} lines after it were read as part of it"
        con.execute(
            "INSERT INTO stage_rejects (source_id, stream, source_file, line, reason, sample)"
            " SELECT any_value(source_id), ?, ?, ?, ?, ? FROM bulk_source",
            [stream, file.source_file, line, reason, (text or "")[:500]],
        )
    return spans


def _lines_at_bytes(path: Path, dialect: Dialect, positions: list[int]) -> list[int]:
    """Physical line numbers (from 1) of byte positions (from 1), which come in rising order."""
    lines: list[int] = []
    if not positions:
        return lines
    with opened(path, dialect) as stream:
        seen, count = 0, 1
        for position in positions:
            while seen < position - 1 and (block := stream.read(min(1 << 20, position - 1 - seen))):
                seen += len(block)
                count += block.count(b"\n")
            lines.append(count)
    return lines


def lines_of_rows(path: Path, dialect: Dialect, rows: set[int], rejected: dict[int, int]) -> dict[int, int]:
    """First physical lines of readable rows (numbered from 1), found by counting quotes.

    `rejected` gives the first line and the further lines of rows that the reader left out. Only used to tell
    people where a bad row stands, so it stops after the last one.
    """
    found: dict[int, int] = {}
    quote, row, inside, skip_to = dialect.quote.encode(), 0 if dialect.has_header else 1, False, 0
    with opened(path, dialect) as stream:
        for number, line in enumerate(stream, start=1):
            if number <= skip_to or (not inside and not line.strip(b"\r\n")):
                continue
            if not inside and number in rejected:
                skip_to = number + rejected[number]
                continue
            if not inside and row in rows:
                found[row] = number
                if len(found) == len(rows):
                    break
            inside ^= line.count(quote) % 2 == 1
            row += not inside
    return found


def drop(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Remove temp tables if they exist."""
    for table in names:
        con.execute(f"DROP TABLE IF EXISTS {identifier(table)}")
