"""Writing rows of text to Parquet in pieces, so that a file of any size needs little memory."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import SourceDataError
from core.stream import MAX_RECORD_BYTES, ROW_NUMBER, TOO_LONG, Reject

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MAX_COLUMNS = 1000
PIECE_ROWS, PIECE_BYTES = 5_000, 8 << 20
MAX_REJECTS = 1000
SAMPLE_CHARACTERS = 500
# Between the values of an array under a name that means tags; nobody types it.
LIST_SEPARATOR = "\x1f"
HOW: dict[str, Any] = {"compression": "zstd", "use_dictionary": False, "write_statistics": False}
Row = Mapping[str, str | None]


class TextTable:
    """Rows of one table on their way to a Parquet file whose columns are all text.

    Columns are those of all rows together, in the order in which they first appear. Rows that cannot be text
    are set aside with their number.
    """

    def __init__(self, name: str, scratch: Path) -> None:
        self.name, self.scratch = name, scratch
        self.columns: dict[str, None] = {}
        self.listed: set[str] = set()  # columns whose arrays were joined by LIST_SEPARATOR
        self.rejects: list[Reject] = []
        self.rows = self.aside = self.replaced = 0
        self._held: list[tuple[int, Row]] = []
        self._held_bytes = 0
        self._parts: list[Path] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, row: Row, number: int) -> None:
        """One row and its number in the file, counted from 1."""
        size = sum(map(len, filter(None, row.values())))
        if size > MAX_RECORD_BYTES:
            self.set_aside(number, TOO_LONG)
            return
        if not row.keys() <= self.columns.keys():
            for column in row:
                if column not in self.columns:
                    self.add_column(column)
        self._held.append((number, row))
        self._held_bytes += size
        if len(self._held) >= PIECE_ROWS or self._held_bytes >= PIECE_BYTES:
            self._flush()

    def set_aside(self, number: int, reason: str, sample: str | None = None) -> None:
        """Note a row that cannot be loaded."""
        self.aside += 1
        if len(self.rejects) < MAX_REJECTS:
            self.rejects.append(Reject("", reason, line=number, sample=sample and sample[:SAMPLE_CHARACTERS]))

    def close(self) -> Path:
        """Write what is left; gives the file."""
        self._flush()
        if not self._parts:
            self._write([])
        self._end_part()
        return self._parts[0] if len(self._parts) == 1 and self._is_whole() else self._joined()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the copy."""
        said = []
        if self.aside:
            said.append(f"{self.aside} rows set aside")
        if self.replaced:
            said.append(f"half characters (unpaired surrogates) replaced in {self.replaced} rows")
        return tuple(said)

    def add_column(self, column: str) -> None:
        """Make room for a column that no row may have. Raises SourceDataError for one too many, or of a name of ours."""
        if column == ROW_NUMBER:
            raise SourceDataError(f"{self.name} has a column {column!r}, which is a name of our own.",
                                  hint="Give the column another name.")  # fmt: skip
        if len(self.columns) >= MAX_COLUMNS:
            raise SourceDataError(
                f"{self.name} has more than {MAX_COLUMNS} columns (the last is {column[:80]!r}).",
                hint="Objects whose keys are ids become columns; export them as a list instead.",
            )
        self.columns[column] = None

    def _flush(self) -> None:
        if not self._held:
            return
        rows = self._held
        self._held, self._held_bytes = [], 0
        try:
            self._write(rows)
        except UnicodeEncodeError:
            cleaned = ((number, self._cleaned(number, row)) for number, row in rows)
            self._write([(number, row) for number, row in cleaned if row is not None])

    def _cleaned(self, number: int, row: Row) -> Row | None:
        """The row without half characters; None when its bytes were no text to begin with."""
        joined = "".join(text for text in row.values() if text)
        if joined.isascii() or not any("\ud800" <= c <= "\udfff" for c in joined):
            return row
        if any("\udc80" <= c <= "\udcff" for c in joined):  # how bytes that are not UTF-8 were kept
            self.set_aside(number, "the row is not valid UTF-8", joined.encode("utf-8", "replace").decode())
            return None
        self.replaced += 1
        return {c: text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                for c, text in row.items()}  # fmt: skip

    def _write(self, rows: list[tuple[int, Row]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        cells = {c: pa.array([row.get(c) for _, row in rows], pa.string()) for c in self.columns}
        numbers = pa.array([number for number, _ in rows], pa.int64())
        table = pa.table({**cells, ROW_NUMBER: numbers})
        self.rows += len(rows)
        if self._writer is None or self._writer.schema != table.schema:
            self._end_part()
            self._parts.append(new_file(self.scratch))
            self._writer = pq.ParquetWriter(self._parts[-1], table.schema, **HOW)
        self._writer.write_table(table)

    def _end_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _is_whole(self) -> bool:
        import pyarrow.parquet as pq

        return list(pq.read_schema(self._parts[0]).names) == [*self.columns, ROW_NUMBER]

    def _joined(self) -> Path:
        """One file of all pieces, each with all columns."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([*((name, pa.string()) for name in self.columns), (ROW_NUMBER, pa.int64())])
        path = new_file(self.scratch)
        with pq.ParquetWriter(path, schema, **HOW) as writer:
            for part in self._parts:
                with pq.ParquetFile(part) as file:
                    for batch in file.iter_batches(PIECE_ROWS):
                        writer.write_table(_widened(batch, schema))
                part.unlink()
        return path


def new_file(scratch: Path) -> Path:
    """A new empty Parquet file's path."""
    with tempfile.NamedTemporaryFile(dir=scratch, suffix=".parquet", delete=False) as file:
        return Path(file.name)


def _widened(table: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns = [
        table.column(name) if name in table.schema.names else pa.nulls(table.num_rows, pa.string())
        for name in schema.names
    ]
    return pa.table(columns, schema=schema)
