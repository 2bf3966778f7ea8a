"""A backup in place of a home: checked byte by byte, opened and counted before anything that is there is touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core import clock, encryption
from core.errors import StoreError, WarehouseLocked
from core.home import Home
from store import cipher, generations, leftovers
from store.backup import FORMAT, MANIFEST, Manifest, counted, require_room
from store.lock import refresh_lock

_PIECE = 1 << 20  # bytes read at a time
_MOST_MANIFEST = 64 << 20


def verify(archive: Path) -> Manifest:
    """The manifest of a backup of which every byte is as it was written. Raises StoreError."""
    try:
        with tarfile.open(archive, mode="r:") as tar:
            members = {member.name: member for member in tar.getmembers()}
            manifest = _manifest(tar, members)
            if set(members) != {*manifest.files, MANIFEST}:
                raise _broken(archive, "it holds other files than it says")
            for name, (expected, size) in manifest.files.items():
                member = members[name]
                if not member.isreg() or not _is_below(name) or member.size != size:
                    raise _broken(archive, f"{name} is not what it says")
                if _sum(tar.extractfile(member)) != expected:
                    raise _broken(archive, f"{name} has changed")
    except FileNotFoundError:
        raise StoreError(f"there is no backup {archive}.") from None
    except (tarfile.TarError, KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise _broken(archive, "it is cut off or no backup") from error
    return manifest


def _manifest(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> Manifest:
    if members[MANIFEST].size > _MOST_MANIFEST:
        raise ValueError("no manifest is that long")
    file = tar.extractfile(members[MANIFEST])
    told = json.loads(file.read() if file else b"")
    if told["format"] > FORMAT:
        raise StoreError("the backup was made by a newer Supportlens.", hint="Update Supportlens.")
    files = {name: (str(sha), int(size)) for name, (sha, size) in told["files"].items()}
    return Manifest(**{**told, "files": files, "left_out": tuple(told["left_out"])})


def _is_below(name: str) -> bool:
    """Whether a path stays below the folder that it is unpacked to."""
    parts = Path(name).parts
    return bool(parts) and not Path(name).is_absolute() and ".." not in parts


def _sum(file: IO[bytes] | None) -> str:
    summed = hashlib.sha256()
    while file and (piece := file.read(_PIECE)):
        summed.update(piece)
    return summed.hexdigest()


def _broken(archive: Path, why: str) -> StoreError:
    return StoreError(
        f"the backup {archive} is damaged: {why}.", hint="Nothing was changed. Use another backup."
    )


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, as which generation, and where what was there before is now (None where nothing was).

    `certificates` are of erasures that the backup did not know of: persons whom it may have brought back.
    """

    manifest: Manifest
    home: Path
    before: Path | None
    generation: int
    certificates: tuple[str, ...]


def restore(archive: Path, home: Home, *, replace: bool = False) -> Restored:
    """Put a backup in place of a home. What was there is moved aside whole, never deleted.

    The home is tried before it takes its place: its generation has to open and to hold the rows that the manifest
    counts. Raises StoreError for a damaged backup, a home in use, and a home that is not empty without `replace`.
    """
    manifest = verify(archive)
    if not replace and _is_used(home):
        raise StoreError(
            f"{home.root} holds a workspace already.",
            hint="Name an empty folder with --home, or say --replace: what is there is moved aside.",
        )
    _require_place(home.root.parent)
    leftovers.clear(leftovers.left_behind(home))
    require_room(home.root.parent, manifest.size * 2)
    with leftovers.folder_for(home.root.parent, leftovers.RESTORE) as folder:
        made = Home(folder / "home")
        _unpack(archive, made, manifest)
        with _held(home):
            generation = _numbered(made, home)
            certificates = _with_certificates(made, home)
            return Restored(manifest, home.root, _take_place(made, home), generation, certificates)


def _require_place(folder: Path) -> None:
    """Raises StoreError where nothing may be written beside the home: it is unpacked there, and moved aside there."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(
            f"{folder} may not be written to: a backup is unpacked there, beside the home.",
            hint="Run this as who may, and give the home to its account afterwards; or name another one with --home.",
        )


def tried(archive: Path) -> Manifest:
    """Unpack a backup to a folder that is thrown away, open it and count. Raises StoreError where it cannot be used."""
    manifest = verify(archive)
    with leftovers.folder_for(None, leftovers.TRIED) as folder:
        made = Home(folder / "home")
        leftovers.clear(leftovers.left_behind(made))
        require_room(folder, manifest.size * 2)
        _unpack(archive, made, manifest)
    return manifest


def _unpack(archive: Path, made: Home, manifest: Manifest) -> None:
    made.root.mkdir(mode=0o700)
    with tarfile.open(archive, mode="r:") as tar:
        tar.extractall(made.root, members=[tar.getmember(name) for name in manifest.files], filter="data")
    generation = generations.current(made)
    _require_its_key(archive, made, generation.path)
    # The work file is the generation that was published: the next refresh goes on from there.
    shutil.copyfile(generation.path, made.warehouse / "work.duckdb")
    if counted(generation.path, made) != manifest.counts:
        raise _broken(archive, "its generation holds other rows than it says")
    if made.workspace_db.is_file():
        with closing(sqlite3.connect(made.workspace_db)) as con:
            if con.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise _broken(archive, f"{made.workspace_db.name} cannot be used")


def _require_its_key(archive: Path, made: Home, generation: Path) -> None:
    """An encrypted backup opens with the key that the settings name, else with the one that its own settings name."""
    encrypted, key = cipher.is_encrypted(generation), encryption.key(made)
    if encrypted and key is None:
        encryption.forget()  # from here on those in the backup count
    elif encrypted is False and key is not None:
        raise WarehouseLocked(
            f"the warehouse in {archive} is not encrypted, and the settings ask for encrypted files.",
            hint=f"Restore it without {encryption.SETTING}, set that again, and run `python -m jobs encrypt`.",
        )


def _is_used(home: Home) -> bool:
    return home.root.is_dir() and any(home.root.iterdir())


@contextmanager
def _held(home: Home) -> Iterator[None]:
    """No refresh runs in the home that is moved aside."""
    if not _is_used(home):
        yield
        return
    with refresh_lock(home, run_id="restore"):
        yield


def _numbered(made: Home, home: Home) -> int:
    """The number of what is restored: in place of a home another one than any there, as readers keep things by it."""
    if not _is_used(home):
        return generations.current(made).number
    return generations.renumber(made, above=generations.newest(home)).number


def _with_certificates(made: Home, home: Home) -> tuple[str, ...]:
    """Take along the certificates of erasures since the backup; gives their names. They keep out who was erased."""
    later = [one for one in sorted(home.erasures.glob("*")) if not (made.erasures / one.name).exists()]
    for path in later:
        made.erasures.mkdir(mode=0o700, exist_ok=True)
        shutil.copy2(path, made.erasures / path.name)
    return tuple(path.name for path in later if path.suffix == ".json")


def _take_place(made: Home, home: Home) -> Path | None:
    before = None
    try:
        if _is_used(home):
            before = home.root.with_name(f"{home.root.name}.before-{clock.now():%Y%m%dT%H%M%S}")
            home.root.rename(before)
        elif home.root.is_dir():
            home.root.rmdir()
        made.root.rename(home.root)
    except OSError as error:
        if before and not home.root.exists():
            before.rename(home.root)
        raise StoreError(
            f"{home.root} cannot be replaced: {error.strerror}.",
            hint="Where it is a mounted volume, restore into a folder below it and point SUPPORTLENS_HOME there.",
        ) from None
    return before
