"""The room that the vector index keeps in its files for vectors to come holds nothing of what its process has read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from core import memory
from core.home import PROJECT, Home
from core.settings import Settings
from rag.index import update
from store.reader import Reader

Publish = Callable[..., Reader]
GIVEN = """
import ctypes
from core.memory import FILLED, overwritten
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
def given():
    place = libc.malloc(5000)
    found = ctypes.string_at(place, 4000)
    ctypes.memset(place, 84, 5000)  # somebody's text
    libc.free(place)
    return found
given()
print(given().count(b"T"))
with overwritten(), overwritten():
    print(given() == bytes([FILLED]) * 4000)
given()
print(given().count(b"T"))
"""


@pytest.mark.skipif(memory._glibc() is None, reason="memory is filled by glibc alone")
def test_memory_is_filled_while_a_block_runs_and_not_after_it() -> None:
    told = subprocess.run(
        [sys.executable, "-c", GIVEN], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert int(told[0]) > 3000, "what was freed comes back as it was"
    assert told[1] == "True"
    assert int(told[2]) > 3000


@pytest.mark.skipif(memory._glibc() is None, reason="memory is filled by glibc alone")
def test_room_for_more_vectors_is_filled(publish: Publish, home: Home) -> None:
    talks = {f"t{at}": [f"Parcel {at} never arrived, says customer {at}."] for at in range(300)}
    update(home, Settings(), publish(talks))
    files = list((home.index / "chroma").rglob("data_level0.bin"))
    assert files, "the index was written out"
    assert all(bytes([memory.FILLED]) * 64 in file.read_bytes() for file in files)
