"""Copies that backups and restores work on: whoever works in one holds its lock, and one that nobody holds was left behind.

The lock is the kernel's and ends with its process, however that ends. Also files that were looked at on Data & jobs and
never loaded.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from core.home import Home

BACKUP, RESTORE, TRIED = ".backup-", ".restore-", "supportlens-restore-"
PART = ".part"
LOCK = "in-use"
COPIED = "workspace.sqlite"  # what a folder of a backup holds
_GENERATION = re.compile(r"warehouse/gen/gen-\d+\.duckdb")
_OURS = {
    LOCK,
    "home",
}  # what a folder of a restore holds; beside a home others may have folders called alike
_WAITS_S = 86_400.0  # so long a file that was looked at and not loaded is kept
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
        *(path for folder in backups for path in folder.glob(f"{BACKUP}*") if _is_of_a_backup(path)),
    ]
    found = [path for path in folders if _is_folder(path) and not _is_worked_in(path)]
    return list(dict.fromkeys([*found, *(part for folder in backups for part in parts_left(folder))]))


def forget_uploads(home: Home) -> None:
    """Remove what was looked at on Data & jobs and not loaded for a day; a page that is still open sends its file again.

    Raises ConfigError.
    """
    for path in home.pending.glob("*"):
        with suppress(OSError):  # loaded or forgotten meanwhile, another account's, or no file at all
            if time.time() - path.stat().st_mtime > _WAITS_S:
                path.unlink()


def parts_left(folder: Path) -> list[Path]:
    """Backups in a folder that were never finished and that nobody writes.

    One with a name of its own is known by how it begins: others may have files called alike.
    """
    return [
        path
        for path in folder.glob(f"*.tar{PART}")
        if (path.name.startswith("supportlens-") or _begins_as_a_backup(path)) and not _is_locked(path)
    ]


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


def _is_of_a_backup(path: Path) -> bool:
    names = {one.name for one in path.iterdir()} if _is_folder(path) else set()
    return bool(names) and all(name == LOCK or name.startswith(COPIED) for name in names)


def _begins_as_a_backup(path: Path) -> bool:
    """Whether the first member is a generation as a backup writes it: for its owner only, and of no user's name."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with tarfile.open(path, "r:") as tar:
            first = tar.next()
    except (OSError, tarfile.TarError):
        return False
    return (
        first is not None
        and bool(_GENERATION.fullmatch(first.name))
        and (first.mode, first.uname) == (0o600, "")
    )


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
