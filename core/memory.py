"""Memory that is written over: what a library writes out as malloc gave it then holds nothing that lay there before.

Chroma's index (hnswlib) writes the room that it keeps for vectors to come without ever having filled it. It held texts that
the same process had read. Where the C library is glibc, new and freed memory can be filled (mallopt, M_PERTURB).
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PERTURB, _FILL = -6, 0x5A  # glibc's malloc.h; new memory holds the complement of the byte
FILLED = 0xFF ^ _FILL
_guard = threading.Lock()
_inside = 0


@contextmanager
def overwritten() -> Iterator[None]:
    """While the block runs, memory is filled when it is given and when it is freed; nothing elsewhere than with glibc.

    What was freed before is given back to the system first, which hands it out empty.
    """
    global _inside
    with _guard:
        _inside += 1
        _set(on=True)
    try:
        yield
    finally:
        with _guard:
            _inside -= 1
            _set(on=_inside > 0)


def _set(*, on: bool) -> None:
    libc = _glibc()
    if libc is None:
        return
    if on:
        libc.malloc_trim(0)
    libc.mallopt(_PERTURB, _FILL if on else 0)


def _glibc() -> Any:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
