"""Parquet: files of any types become files of text only, in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors._detect import SAMPLE_ROWS, Layout, readable, unique_names
from connectors._formats import Converted, Table, Tick
from connectors._formats_flat import as_json, as_text, is_tags
from connectors._formats_write import LIST_SEPARATOR, MAX_COLUMNS, new_file
from core.errors import SourceDataError
from core.stream import MAX_RECORD_BYTES, ROW_NUMBER, Dialect

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

PIECE_ROWS = 10_000
READ_BYTES = 1 << 20  # held of each column while a row group is read


def lay_out_parquet(path: Path) -> Layout:
    """The columns and first rows of a Parquet file that holds only text."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        header = tuple(name for name in file.schema_arrow.names if name != ROW_NUMBER)
        first = next(file.iter_batches(batch_size=SAMPLE_ROWS, columns=list(header)), None)
    columns = [] if first is None else [column.to_pylist() for column in first.columns]
    rows = tuple(tuple(cell or "" for cell in row) for row in zip(*columns, strict=True))
    return Layout(Dialect(format="parquet"), header, rows)


def text_rows(path: Path, columns: Sequence[str]) -> Iterator[list[str]]:
    """The cells of some columns of such a file, row by row."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=SAMPLE_ROWS, columns=list(columns)):
            cells = [batch.column(name).to_pylist() for name in columns]
            yield from ([cell or "" for cell in row] for row in zip(*cells, strict=True))


def parquet_tables(path: Path, name: str, scratch: Path, tick: Tick) -> Converted:
    """The one table of a Parquet file. Raises SourceDataError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stem = Path(name).name.split(".")[0]
    with _opened(path, name) as file:
        names = file.schema_arrow.names
        if len(names) > MAX_COLUMNS:
            raise SourceDataError(f"{name} has {len(names)} columns; {MAX_COLUMNS} are read at most.",
                                  hint="Export fewer columns.")  # fmt: skip
        header = unique_names(names)
        schema = pa.schema([(column, pa.string()) for column in header])
        copy, listed = new_file(scratch), frozenset(_listed(file))
        with pq.ParquetWriter(copy, schema, compression="zstd", use_dictionary=False) as writer:
            for batch in file.iter_batches(batch_size=PIECE_ROWS):
                tick()
                batch.validate(full=True)  # text that is none would only be found by whoever reads it
                cells = [_text(column, named) for column, named in zip(batch.columns, names, strict=True)]
                writer.write_batch(pa.record_batch([_bounded(c, name) for c in cells], schema=schema))
    table = Table(
        name, copy, title=stem, parquet=True, notes=(f"{len(header)} columns, typed",), listed=listed
    )
    return Converted([table])


@contextmanager
def _opened(path: Path, name: str) -> Iterator[pq.ParquetFile]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with readable(path), pq.ParquetFile(path, buffer_size=READ_BYTES, pre_buffer=False) as file:
            yield file
    # Whatever Arrow refuses: damage, a size nobody has, a codec, a name or a text that is none.
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise SourceDataError(
            f"{name} is no Parquet file that can be read: {str(error).splitlines()[0]}.",
            hint="Copy it again, or write it again: a file that was cut off looks like this.",
        ) from None


def _listed(file: pq.ParquetFile) -> Iterator[str]:
    import pyarrow as pa

    for field in file.schema_arrow:
        if _is_list(field.type) and not pa.types.is_nested(field.type.value_type) and is_tags(field.name):
            yield field.name


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _text(column: pa.Array, name: str) -> pa.Array:
    """A column of any type as text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _text(column.dictionary_decode(), name)
    if pa.types.is_timestamp(kind):
        exact = column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
        return pc.strftime(exact, format="%Y-%m-%dT%H:%M:%SZ" if kind.tz else "%Y-%m-%dT%H:%M:%S")
    if _is_list(kind) or pa.types.is_nested(kind):
        flat = _is_list(kind) and not pa.types.is_nested(kind.value_type)
        separator = LIST_SEPARATOR if is_tags(name) else ", "
        return pa.array(
            [
                _joined(v, separator) if flat else as_json(v) if v is not None else None
                for v in column.to_pylist()
            ],
            pa.string(),
        )
    if pa.types.is_floating(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([_decoded(as_text(v)) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _decoded(text: str | None) -> str | None:
    """Bytes that are no UTF-8 are shown as they are written in programs; nothing is lost silently."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _joined(values: list[object] | None, separator: str) -> str | None:
    if values is None:
        return None
    return separator.join(text for value in values if (text := as_text(value))) or None


def _bounded(column: pa.Array, name: str) -> pa.Array:
    import pyarrow.compute as pc

    longest = pc.max(pc.binary_length(column)).as_py() or 0
    if longest > MAX_RECORD_BYTES:
        raise SourceDataError(f"{name} has a cell of {longest / 1e6:.0f} MB; {MAX_RECORD_BYTES >> 20} MB are read at"
                              " most.", hint="Export it without attachments.")  # fmt: skip
    return column
