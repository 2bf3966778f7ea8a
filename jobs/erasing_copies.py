"""Copies on their way that go with an erasure, whoever they are of: nobody can search a workbook or an archive byte by byte.

Uploads that nobody has loaded yet are previews only: whoever still wants one sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.home import Home
from store import leftovers

PENDING = "uploads that nobody had loaded"
BROKEN_OFF = "copies of backups and restores that were broken off"


def counted(home: Home, backups: Sequence[Path] = ()) -> dict[str, int]:
    """How many files there are of which kind, in words; kinds without any are left out. `backups` are folders."""
    found = {
        PENDING: len(_files(_pending(home))),
        BROKEN_OFF: len(_files(leftovers.left_behind(home, backups))),
    }
    return {words: n for words, n in found.items() if n}


def remove(home: Home, backups: Sequence[Path] = ()) -> None:
    """Remove all of them. Backups and restores that somebody is making now go on."""
    leftovers.clear([*_pending(home), *leftovers.left_behind(home, backups)])


def _pending(home: Home) -> list[Path]:
    """The folder of the upload form, and what previews work on."""
    return [path for path in (home.pending, *home.pending.parent.glob("tmp*")) if path.is_dir()]


def _files(paths: Sequence[Path]) -> list[Path]:
    found = [one for path in paths for one in ([path] if path.is_file() else path.rglob("*"))]
    return [path for path in found if path.is_file() and path.name != leftovers.LOCK]
