"""Whether a DuckDB file still is what was written: its own checksums, read without opening it.

A file has three headers of 4 KB, then blocks; each begins with the checksum of the rest. Reading them takes no
lock and runs no query, so a refresh is never in the way and a damaged file cannot hurt the program.
(DuckDB 1.5: src/storage/single_file_block_manager.cpp, src/common/checksum.cpp.)
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.cipher import is_encrypted

if TYPE_CHECKING:
    from core.home import Home

_HEADER, _HEADERS, _MAGIC = 4096, 3, b"DUCK"
_FACTOR, _START = 0xBF58476D1CE4E5B9, 5381
_BLOCK_SIZE_AT = (
    40  # in the second and third header: checksum, iteration, root, free list, blocks, block size
)
_USUAL_BLOCK = 262_144


def damage(path: Path) -> str | None:
    """What is wrong with a file, in words, or None. A damaged block may be one that nobody uses any more."""
    with path.open("rb") as file:
        head = file.read(_HEADER * _HEADERS)
        if head[8:12] != _MAGIC:
            return "it is empty" if not head else "it is not a DuckDB file"
        if len(head) < _HEADER * _HEADERS:
            return "it is cut off within its headers"
        if is_encrypted(path):
            return _damage_of_encrypted(path, head)
        if not all(_is_sound(head[at : at + _HEADER]) for at in range(0, len(head), _HEADER)):
            return "a header is damaged"
        size, number, damaged = _block_size(head), 0, 0
        while block := file.read(size):
            number += 1
            if len(block) < size:
                return "it is cut off"
            damaged += not _is_sound(block)
    return f"{damaged:,} of {number:,} blocks are damaged" if damaged else None


def _damage_of_encrypted(path: Path, head: bytes) -> str | None:
    """What shows without the key: each block is sealed, so whether one was changed only reading it all can tell."""
    if (path.stat().st_size - _HEADER * _HEADERS) % _USUAL_BLOCK:
        return "it is cut off"
    return None if _is_sound(head[:_HEADER]) else "a header is damaged"


def read_everything(path: Path, home: Home) -> None:
    """Read every row of every table. Raises what DuckDB raises; a badly damaged file may end the process."""
    from store.connection import connect

    with connect(path, home, read_only=True) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        for (table,) in tables:
            con.execute(f'SELECT count(*), bit_xor(hash(t)) FROM "{table}" AS t').fetchall()


def _block_size(head: bytes) -> int:
    sizes = [
        struct.unpack_from("<Q", head, at + _BLOCK_SIZE_AT)[0]
        for at in range(_HEADER, _HEADERS * _HEADER, _HEADER)
    ]
    size: int = max(sizes)
    return size if 16_384 <= size <= _USUAL_BLOCK and size & (size - 1) == 0 else _USUAL_BLOCK


def _is_sound(part: bytes) -> bool:
    """Whether the checksum at its beginning is that of the rest; a part never written holds only zeros."""
    import numpy as np

    words: Any = np.frombuffer(part, dtype="<u8")
    with np.errstate(over="ignore"):
        found = int(np.bitwise_xor.reduce(words[1:] * np.uint64(_FACTOR))) ^ _START
    return found == int(words[0]) or not words.any()
