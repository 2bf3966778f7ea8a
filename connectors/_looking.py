"""Looking at the files of a source without loading them: for the connection test and the list of streams."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from connectors._describe import describe_table
from connectors._files_config import TablesConfig
from connectors._loading import SourceFile, copied_tables
from connectors.base import CheckResult, ReadContext, Stream
from core.errors import ConnectorError, SchemaError
from core.stream import Item

# Of files that lie elsewhere so many are copied for a look; the others are only counted.
MOST_COPIED = 20
T = TypeVar("T")


@contextmanager
def with_scratch(context: ReadContext) -> Iterator[ReadContext]:
    """The same context with a folder of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="supportlens-") as folder:
        yield replace(context, folder=Path(folder))


def checked(
    config: TablesConfig, source: str, context: ReadContext, files: Sequence[SourceFile]
) -> list[CheckResult]:
    """What each file is taken for, or why it cannot be read. Never raises for a bad file."""
    results = []
    looked_at = [f for n, f in enumerate(files) if f.here or n < MOST_COPIED]
    for file in looked_at:
        try:
            results += _checked(config, source, context, file)
        except ConnectorError as error:
            results.append(CheckResult(file.name, "error", error.message, error.code, error.hint))
    if left := len(files) - len(looked_at):
        results.append(CheckResult(f"{left} more files", "ok", "not looked at in a test of the connection"))
    return results


def _checked(config: TablesConfig, source: str, context: ReadContext, file: SourceFile) -> list[CheckResult]:
    results = []
    content = ended(copied_tables(file, config, context))
    for table in content.tables:
        reading = config.reading_of(table.name, within=file.name)
        if reading is None:
            continue
        try:
            found = describe_table(table, reading, source)
            results.append(CheckResult(table.name, "ok", "; ".join(found.notes)))
        except ConnectorError as error:
            results.append(CheckResult(table.name, "error", error.message, error.code, error.hint))
    fine = any(result.status == "ok" for result in results)
    results += [CheckResult(text.split(" ")[0], "optional_missing", text) for text in content.left_out]
    # A table without a mapping beside others that have one is left out when it is loaded.
    return [
        replace(r, status="optional_missing")
        if fine and r.code == SchemaError.code and config.entry(r.name) is None
        else r
        for r in results
    ]


def discovered(
    config: TablesConfig, source: str, context: ReadContext, files: Sequence[SourceFile]
) -> list[Stream]:
    """The tables, their columns, and what a row of each is. Raises ConnectorError."""
    streams = []
    for file in [f for n, f in enumerate(files) if f.here or n < MOST_COPIED]:
        tables = ended(copied_tables(file, config, context)).tables
        for table in tables:
            reading = config.reading_of(table.name, within=file.name)
            if reading is not None:
                try:
                    found = describe_table(table, reading, source)
                except SchemaError:
                    if len(tables) == 1 or config.entry(table.name) is not None:
                        raise
                    continue
                streams.append(Stream(table.name, found.read.header, note="; ".join(found.notes)))
    return streams


def ended(steps: Generator[Item, None, T]) -> T:
    """What a generator returns at its end; nobody sees what it yields meanwhile."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value
