"""How fast rows of PostgreSQL become committed canonical rows, beside the bare reading and loading of them."""

from __future__ import annotations

import shutil
import statistics
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.home import Home
from core.settings import Source

ROWS, PER_CONVERSATION, ROUNDS, FETCHED = 300_000, 5, 3, 10_000
_MESSAGES = (
    "SELECT id AS message_id, ticket_id, author_id, author_role, body, created_at, updated_at FROM comments"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Medians of a few rounds, in turns, in one process."""

    rows: int
    product_s: float
    bare_s: float

    @property
    def ratio(self) -> float:
        """How many times the bare reading and loading take."""
        return self.product_s / self.bare_s


def compare(initdb: str, scratch: Path, *, rows: int = ROWS) -> Loaded:
    """Start a server, fill it, and read it both ways in turns, each time into an empty store."""
    from tests.fakes.postgres import begun

    server = begun(initdb)
    try:
        fill(server, rows)
        bare, product = [], []
        for number in range(ROUNDS):
            bare.append(_bare(server.port, scratch / f"bare-{number}.duckdb"))
            seconds, loaded = _by_product(server.port, Home(scratch / f"pg-{number}"))
            product.append(seconds)
            if loaded != rows:
                raise RuntimeError(f"{loaded:,} rows were loaded of {rows:,}")
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
    return Loaded(rows, statistics.median(product), statistics.median(bare))


def fill(server: Any, rows: int) -> None:
    """Tickets and comments of about 330 bytes, 500 of one second, with the indexes that the docs ask for."""
    tickets = rows // (PER_CONVERSATION + 1)
    server.run(
        "CREATE TABLE tickets (id bigint PRIMARY KEY, subject text, status text, priority text,"
        " requester_id bigint, created_at timestamptz, updated_at timestamptz)",
        "CREATE TABLE comments (id bigint PRIMARY KEY, ticket_id bigint, author_id bigint, author_role text,"
        " body text, created_at timestamptz, updated_at timestamptz)",
        "INSERT INTO tickets SELECT n, 'Order ' || n || ' has not arrived', (ARRAY['open', 'pending', 'solved'])"
        "[1 + n % 3], 'normal', n % 5000, t, t + interval '40 minutes' FROM generate_series(1,"
        f" {tickets}) n, LATERAL (SELECT timestamptz '2025-01-01' + n * interval '10 minutes' AS t) x",
        f"INSERT INTO comments SELECT n, 1 + n / {PER_CONVERSATION + 1}, n % 5000, CASE WHEN n % 3 = 0 THEN"
        " 'agent' ELSE 'customer' END, repeat('Where is my order ' || n || '? ', 11), t, t FROM"
        f" generate_series(1, {rows - tickets}) n, LATERAL (SELECT timestamptz '2025-01-01' + (n / 500) *"
        " interval '14 hours' AS t) x",
        "CREATE INDEX ON tickets (updated_at, id)",
        "CREATE INDEX ON comments (updated_at, id)",
        "ANALYZE",
    )


def _bare(port: int, database: Path) -> float:
    """A server-side cursor, and DuckDB's own loading of what it gives."""
    import duckdb
    import psycopg2
    import pyarrow as pa

    begun = time.perf_counter()
    with (
        closing(psycopg2.connect(host="127.0.0.1", port=port, user="reader", dbname="postgres")) as source,
        duckdb.connect(str(database)) as con,  # noqa: TID251 - the yardstick, not a way around the store
    ):
        for table in ("tickets", "comments"):
            cursor = source.cursor(name=table)
            cursor.execute(f"SELECT * FROM {table}")
            made = False
            while rows := cursor.fetchmany(FETCHED):
                names = [column.name for column in cursor.description]
                arrow = pa.table([pa.array(values) for values in zip(*rows, strict=True)], names=names)
                con.register("page", arrow)
                con.execute(
                    f"INSERT INTO {table} FROM page" if made else f"CREATE TABLE {table} AS FROM page"
                )
                con.unregister("page")
                made = True
        con.execute("CHECKPOINT")
    seconds = time.perf_counter() - begun
    database.unlink()
    return seconds


def _by_product(port: int, home: Home) -> tuple[float, int]:
    """Connector, engine and store, to the committed rows."""
    from jobs.reading import Engine, read_source
    from store.runs import RunLog
    from store.writer import Writer

    home.root.mkdir(parents=True)
    source = Source(name="bench", kind="postgres", host="127.0.0.1", port=port, user="reader",
                    database="postgres", conversations="tickets", messages=_MESSAGES)  # fmt: skip
    begun = time.perf_counter()
    with closing(Writer(home, run_id="bench")) as writer:
        engine = Engine(writer, RunLog(home), threading.Event())
        report = read_source(engine, source, full=False, trigger="manual")
        seconds = time.perf_counter() - begun
        if report.error is not None:
            raise RuntimeError(report.error.message)
        counts = writer.query(
            "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM conversations) AS n"
        )
        rows = int(counts["n"][0].as_py())
    shutil.rmtree(home.root)
    return seconds, rows
