"""What DuckDB says when disk or memory are used up, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core import encryption
from core.errors import DiskFull, MemoryLimit
from core.home import Home


@contextmanager
def in_our_words(home: Home, doing: str) -> Iterator[None]:
    """Raises DiskFull where `doing` ("rows were written") filled the disk, MemoryLimit where it needed more memory."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise MemoryLimit(
            f"this needs more memory than queries may take ({encryption.memory_mb(home):,} MB).",
            hint="Ask for less at once, such as a shorter period, or raise storage.memory_mb where the machine has more.",
        ) from None
    except duckdb.Error as error:
        if "No space left" not in str(error):
            raise
        raise DiskFull(
            f"the disk filled up while {doing}.",
            hint="Free some space; everything committed before stays.",
        ) from None
