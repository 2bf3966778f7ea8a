"""Copies that backups and restores work on: whoever works in one holds its lock, and one that nobody holds was left behind.

The lock is the kernel's and ends with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.home import Home

BACKUP, RESTORE, TRIED = ".backup-", ".restore-", "supportlens-restore-"
PART = ".part"
LOCK = "in-use"
_OURS = {
    LOCK,
    "home",
}  # what a folder of a restore holds; beside a home others may have folders called alike
_BEING_MADE_S = 60.0  # so long a folder without a lock may be one that somebody is about to lock


@contextmanager
def folder_for(parent: Path | None, prefix: str) -> Iterator[Path]:
    """A folder to work in that is gone afterwards; None: where the system keeps what is temporary."""
    with tempfile.TemporaryDirectory(dir=parent, prefix=prefix) as folder:
        handle = os.open(Path(folder) / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(handle)


def left_behind(home: Home, backups: Sequence[Path] = ()) -> list[Path]:
    """What backups and restores left that were killed: in the home, beside it, and in folders of backups."""
    folders = [
        *home.root.glob(f"{BACKUP}*"),
        *(path for path in home.root.parent.glob(f"{RESTORE}*") if _is_of_a_restore(path)),
        *Path(tempfile.gettempdir()).glob(f"{TRIED}*"),
    ]
    found = [path for path in folders if _is_folder(path) and not _is_worked_in(path)]
    return found + [part for folder in backups for part in parts_left(folder)]


def parts_left(folder: Path) -> list[Path]:
    """Backups in a folder that were never finished and that nobody writes."""
    return [path for path in folder.glob(f"supportlens-*.tar{PART}") if not _is_locked(path)]


def clear(paths: Sequence[Path]) -> int:
    """Remove them; how many are gone. What belongs to another account stays."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return sum(not path.exists() for path in paths)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid()


def _is_of_a_restore(path: Path) -> bool:
    names = {one.name for one in path.iterdir()} if _is_folder(path) else set()
    return bool(names) and names <= _OURS


def _is_worked_in(folder: Path) -> bool:
    lock = folder / LOCK
    if lock.is_file():
        return _is_locked(lock)
    return time.time() - folder.stat().st_mtime < _BEING_MADE_S


def _is_locked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # gone meanwhile, or another account's
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
