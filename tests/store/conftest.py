"""An open work file, and small batches to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from core.home import Home
from core.stream import Batch
from store.writer import Writer

START = datetime(2026, 1, 1, tzinfo=UTC)
_TYPES = {
    "source_version": pa.int64(), "is_deleted": pa.bool_(), "seq": pa.int32(), "message_count": pa.int32(),
    "created_at": pa.timestamp("us", tz="UTC"), "updated_at": pa.timestamp("us", tz="UTC"),
    "valid_from": pa.timestamp("us", tz="UTC"), "rated_at": pa.timestamp("us", tz="UTC"), "score": pa.float64(),
}  # fmt: skip

Rows = Sequence[Mapping[str, Any]]


@pytest.fixture
def writer(home: Home, now: datetime) -> Iterator[Writer]:
    """The writer of an empty store."""
    opened = Writer(home, run_id="run-1")
    yield opened
    opened.con.close()


@pytest.fixture(scope="session")
def batch() -> Callable[[str, Rows], Batch]:
    """Makes a batch from row dicts; a number as `created_at` means minutes after the start of 2026."""

    def make(stream: str, rows: Rows) -> Batch:
        names = list(dict.fromkeys(name for row in rows for name in row))
        arrays = {}
        for name in names:
            values = [row.get(name) for row in rows]
            if name == "created_at":
                values = [START + timedelta(minutes=v) if isinstance(v, int) else v for v in values]
            arrays[name] = pa.array(values, _TYPES.get(name, pa.string()))
        return Batch(stream, pa.table(arrays))

    return make
