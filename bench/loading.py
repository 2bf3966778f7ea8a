"""How fast a file of messages becomes committed canonical rows, beside DuckDB's own reading of it."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from core.home import Home
from core.settings import Source

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """Medians of a few rounds, in turns, in one process."""

    rows: int
    product_s: float
    duckdb_s: float

    @property
    def ratio(self) -> float:
        """How many times DuckDB's own reading takes."""
        return self.product_s / self.duckdb_s


def compare(messages: Path, scratch: Path) -> Loaded:
    """Load the file both ways, in turns, each time into an empty store."""
    product, plain, rows = [], [], 0
    for number in range(ROUNDS):
        seconds, expected = _by_duckdb(messages, scratch / f"plain-{number}.duckdb")
        plain.append(seconds)
        seconds, rows = by_product(messages, Home(scratch / f"load-{number}"))
        product.append(seconds)
        if rows != expected:
            raise RuntimeError(f"{rows:,} messages were loaded of {expected:,} in the file")
    return Loaded(rows, statistics.median(product), statistics.median(plain))


def _by_duckdb(messages: Path, database: Path) -> tuple[float, int]:
    import duckdb

    begun = time.perf_counter()
    with duckdb.connect(str(database)) as con:  # noqa: TID251 - the yardstick, not a way around the store
        con.execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", [str(messages)])
        con.execute("CHECKPOINT")
        seconds = time.perf_counter() - begun
        (rows,) = con.execute("SELECT count(*) FROM t").fetchone() or (0,)
    database.unlink()
    return seconds, int(rows)


def by_product(messages: Path, home: Home) -> tuple[float, int]:
    """Seconds from the file to committed canonical rows in an empty store, and how many there are."""
    from connectors.base import ReadContext, configured
    from core.stream import FileRead
    from store.writer import Writer

    begun = time.perf_counter()
    connector = configured(Source(name="bench", kind="files", path=str(messages)))
    writer = Writer(home, run_id="bench")
    for item in connector.read(ReadContext(source_id="bench")):
        if isinstance(item, FileRead):
            writer.apply_file("bench", item)
    seconds = time.perf_counter() - begun
    rows = writer.query("SELECT count(*) AS n FROM messages")["n"][0].as_py()
    writer.close()
    return seconds, int(rows)
