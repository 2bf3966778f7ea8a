"""A workspace in one file: what cannot be made again, with the checksum of every part.

The archive is a plain tar. Its last member, `manifest.json`, names every file with its SHA-256 and says what was
published, so that a copy that was cut off or changed is known before anything is unpacked (`store/restore.py`).
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from core import clock
from core.errors import DiskFull, StoreError
from core.home import Home
from store import generations, leftovers
from store.connection import connect
from store.database import URL_VARIABLE, shared_url
from store.generations import Generation

FORMAT = 1
MANIFEST = "manifest.json"
COUNTED = ("conversations", "messages")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `files` are paths below the home with SHA-256 and size in bytes."""

    format: int
    made_at: str
    generation: int
    counts: dict[str, int]  # rows of the published generation
    files: dict[str, tuple[str, int]]
    left_out: tuple[str, ...]  # in words: what this backup does not hold

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for _, size in self.files.values())


def back_up(
    home: Home,
    target: Path,
    *,
    settings: bytes | None = None,
    with_secrets: bool = False,
    with_vectors: bool = True,
    left_out: Sequence[str] = (),
) -> Manifest:
    """Write a backup of what is published and of what people created; refreshes and pages go on meanwhile.

    `settings` is the text of the settings file, for the restored home's own; `left_out` says what it does not hold.
    The file appears under its name when it is whole, readable by its owner only. Raises NothingPublished,
    StoreError, DiskFull.
    """
    generation = generations.current(home)
    parts = _parts(home, with_secrets=with_secrets, with_vectors=with_vectors)
    scratch = target.with_name(target.name + leftovers.PART)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(target, error) from None
    leftovers.clear(leftovers.left_behind(home, [target.parent]))
    copied = [home.workspace_db] * (2 * _is_copied(home))  # beside the backup, and in it
    needed = [generation.path, *parts.values(), *copied]
    require_room(target.parent, sum(path.stat().st_size for path in needed))
    said = (*_left_out(home, with_secrets, with_vectors), *left_out)
    try:
        with (
            _snapshot(home, target.parent) as snapshot,
            _private(scratch) as file,
            tarfile.open(fileobj=file, mode="w") as tar,
        ):
            manifest = _write(tar, home, generation, snapshot | parts, settings, said)
        scratch.replace(target)
    except OSError as error:
        raise _unwritten(target, error) from None
    finally:
        scratch.unlink(missing_ok=True)
    return manifest


def _unwritten(target: Path, error: OSError) -> StoreError:
    where = f" ({error.filename})" if error.filename else ""  # a file of the home may be in the way
    return StoreError(
        f"the backup {target} could not be written: {error.strerror or error}{where}.",
        hint="Check who owns the folder and whether it has room.",
    )


def _parts(home: Home, *, with_secrets: bool, with_vectors: bool) -> dict[str, Path]:
    """Files below the home that are copied as they are, by their path in the archive."""
    places = [
        home.sources_file,
        home.hours_file,
        home.uploads,
        home.models,
        home.sample,
        home.erasures,
    ]
    in_home = home.searching == home.root
    places += [home.vectors] * (with_vectors and in_home) + [home.secrets_file] * with_secrets
    found = [one for place in places for one in ((place,) if place.is_file() else sorted(place.rglob("*")))]
    return {
        str(path.relative_to(home.root)): path for path in found if path.is_file() and not path.is_symlink()
    }


def _left_out(home: Home, with_secrets: bool, with_vectors: bool) -> tuple[str, ...]:
    said = []
    if shared_url():
        said.append(f"what people created: it lies in the database that {URL_VARIABLE} names (pg_dump)")
    if not with_secrets and home.secrets_file.is_file():
        said.append("passwords and keys of sources (secrets.toml)")
    if home.vectors.is_dir() and not (with_vectors and home.searching == home.root):
        said.append("vectors: texts are embedded again")
    return tuple(said)


def _write(
    tar: tarfile.TarFile,
    home: Home,
    generation: Generation,
    parts: dict[str, Path],
    settings: bytes | None,
    left_out: tuple[str, ...],
) -> Manifest:
    files: dict[str, tuple[str, int]] = {}
    with generation.path.open("rb") as file:  # held open: a publish meanwhile only takes its name away
        name = str(generation.path.relative_to(home.root))
        files[name] = _add(tar, name, file)
        counts = counted(generation.path, home)
    pointer = io.BytesIO((json.dumps(_pointer(home, generation))).encode())
    files["warehouse/CURRENT"] = _add(tar, "warehouse/CURRENT", pointer)
    if settings is not None:
        files[home.settings_file.name] = _add(tar, home.settings_file.name, io.BytesIO(settings))
    for name, path in parts.items():
        with path.open("rb") as file:
            files[name] = _add(tar, name, file)
    manifest = Manifest(FORMAT, clock.now().isoformat(), generation.number, counts, files, left_out)
    _add(tar, MANIFEST, io.BytesIO(json.dumps(asdict(manifest)).encode()))
    return manifest


def _pointer(home: Home, generation: Generation) -> dict[str, Any]:
    return {
        "generation": generation.number, "file": str(generation.path.relative_to(home.warehouse)),
        "published_at": generation.published_at.isoformat(), "state": generation.state, "newest": generation.newest,
        "size": generation.size,
    }  # fmt: skip


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes]) -> tuple[str, int]:
    """Add one file; gives its SHA-256 and size."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(clock.now().timestamp())
    summed = _Summed(file)
    tar.addfile(info, summed)  # it reads, and nothing else
    return summed.hash.hexdigest(), size


class _Summed:
    """A file whose bytes are summed up while somebody reads them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._file.read(size)
        self.hash.update(piece)
        return piece


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner only, on disk when it is closed."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of a part that nobody holds it is known that it was left behind
        yield file
        file.flush()
        os.fsync(file.fileno())


def _is_copied(home: Home) -> bool:
    """Whether what people created lies in the home."""
    return shared_url() is None and home.workspace_db.is_file()


@contextmanager
def _snapshot(home: Home, beside: Path) -> Iterator[dict[str, Path]]:
    """What people created as it is at one moment, whoever writes to it meanwhile, by its path in the archive.

    The copy lies in a folder beside the backup: a home may be one that may only be read. Raises StoreError.
    """
    if not _is_copied(home):
        yield {}
        return
    with leftovers.folder_for(beside, leftovers.BACKUP) as folder:
        copy = folder / home.workspace_db.name
        try:
            _copy(home.workspace_db, copy)
        except sqlite3.Error as error:
            raise StoreError(
                f"{home.workspace_db} could not be read for the backup: {error}.",
                hint="`python -m jobs doctor` says whether it is damaged.",
            ) from None
        yield {home.workspace_db.name: copy}


def _copy(database: Path, copy: Path) -> None:
    """Copy an SQLite file with what its log holds. Raises sqlite3.Error, OSError."""
    is_ours = os.access(database.parent, os.W_OK)
    try:
        opened = database.resolve().as_uri() + ("" if is_ours else "?mode=ro")
        with (
            closing(sqlite3.connect(opened, uri=True, timeout=30)) as source,
            closing(sqlite3.connect(copy)) as into,
        ):
            source.backup(into)
    except sqlite3.OperationalError:
        if is_ours:
            raise
        # Where SQLite may make no files of its own it opens nothing; nobody writes then, and the files are copied.
        for end in ("", "-wal"):
            if (file := database.with_name(database.name + end)).is_file():
                shutil.copyfile(file, copy.with_name(copy.name + end))
        with closing(sqlite3.connect(copy)) as con:
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def counted(path: Path, home: Home) -> dict[str, int]:
    """Rows of the tables that a backup is known by."""
    with connect(path, home, read_only=True) as con:
        return {
            name: int((con.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,))[0]) for name in COUNTED
        }


def require_room(folder: Path, size: int) -> None:
    """Raises DiskFull where a folder has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < size * 1.05:
        raise DiskFull(f"this needs {size / 1e6:,.0f} MB, and {folder} has {free / 1e6:,.0f} MB free.")


def newest_first(folder: Path) -> list[Path]:
    """Backups in a folder by the time in their names, the newest first."""
    return sorted(folder.glob("supportlens-*.tar"), reverse=True)


def name_at(moment: datetime) -> str:
    """What a backup of that moment is called."""
    return f"supportlens-{moment:%Y%m%dT%H%M%SZ}.tar"
