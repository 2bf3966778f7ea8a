"""Parquet: files of any types become files of text only, in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors._detect import SAMPLE_ROWS, Layout
from core.stream import Dialect


def lay_out_parquet(path: Path) -> Layout:
    """The columns and first rows of a Parquet file that holds only text."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        header = tuple(file.schema_arrow.names)
        first = next(file.iter_batches(batch_size=SAMPLE_ROWS), None)
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
