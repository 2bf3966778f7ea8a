"""What the doctor says about encryption: whether the warehouse opens, and which files of the home anybody can read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import encryption
from core.errors import ConfigError, StoreError, WarehouseLocked
from core.home import Home
from core.settings import Settings
from jobs.findings import Check
from store import cipher
from store.connection import connect, warehouse_files

# First folder or file below the home: what lies there. The pointer, locks and settings say nothing of anybody.
_HOLDS = {
    "index": "words of conversations, and vectors",
    "vectors": "vectors of texts",
    "workspace.sqlite": "what people wrote and asked, answers with quotes",
    "workspace.sqlite-wal": "what people wrote last",
    "uploads": "files as they were loaded",
    "sample": "the generated sample",
    "models": "weights that corrections have taught",
    "logs": "names of sources and files, reasons of failures",
    "cache": "scratch",
    "secrets.toml": "passwords and keys of sources",
    "erasures": "certificates, which name nobody",
    "warehouse": "the warehouse itself",
}
_SILENT = {"CURRENT", "refresh.lock", "timer.lock", "sources.toml"}
# Of these, what may hold customers' words: without an encrypted volume it must not be in the home.
_MADE = (
    "index",
    "vectors",
    "cache/incoming",
    "cache/uploads",
)  # the program makes them anew, or needs them no more
_TEXTS = (*_MADE, "workspace.sqlite", "workspace.sqlite-wal", "uploads")


def encryption_checks(home: Home, settings: Settings, facts: dict[str, Any]) -> Iterator[Check]:
    """A line for the warehouse and one for all else where a key is set; nothing where none is, and none is needed."""
    files = warehouse_files(home)
    if settings.storage.encryption_key is None and not any(map(cipher.is_encrypted, files)):
        return
    locked = next(filter(None, (_problem(home, path) for path in (*files, None))), None)
    if locked:
        yield Check("encryption", "broken", locked.message, locked.hint)
    else:
        yield Check(
            "encryption", "ok", f"{len(files)} files of the warehouse are encrypted, and the key opens them."
        )
    plain = list(plain_files(home))
    facts["plain_files"] = [{"path": str(path), "holds": holds} for path, holds in plain]
    if plain:
        told = f"not encrypted by the program: {_told(home, plain)}."
        yield _judged(home, told, [path for path, _ in plain], on_volume=settings.storage.encrypted_volume)


def _judged(home: Home, told: str, plain: list[Path], *, on_volume: bool) -> Check:
    """Whether readable files may be there: all of them on an encrypted volume, else none with customers' words."""
    if on_volume:
        return Check("plain files", "note", told, "They need the encrypted volume that the settings promise.")
    if any(path.is_relative_to(home.root / place) for path in plain for place in _TEXTS):
        hint = (
            "`python -m jobs encrypt` deletes index, vectors and copies of before. Move uploads to a folder of your own and "
            "name it as a source; `python -m jobs workspace copy` carries workspace.sqlite to the database, then delete it."
        )
        return Check("plain files", "broken", told, hint)
    return Check(
        "plain files", "note", told, "Index and vectors lie in memory; no customer's words in the home."
    )


def _problem(home: Home, path: Path | None) -> ConfigError | WarehouseLocked | None:
    try:
        if path is None:
            encryption.key(home)
        else:
            connect(path, home, read_only=True).close()
    except (ConfigError, WarehouseLocked) as error:
        return error
    except StoreError:  # a refresh has it open, or it is damaged: other checks say so
        return None
    return None


def plain_files(home: Home) -> Iterator[tuple[Path, str]]:
    """Every readable file of the home, and of its folder in memory, that may tell of somebody, with what it holds."""
    for path in sorted(found for root in {home.root, home.searching} for found in root.rglob("*")):
        inside = _inside(home, path)
        holds = _HOLDS.get(inside.parts[0])
        if holds and path.is_file() and inside.name not in _SILENT and not cipher.is_encrypted(path):
            yield path, holds


def forget_index_of_before(home: Home) -> None:
    """Delete search index, vectors and copies in the home, where they lie in memory now."""
    if home.searching != home.root:
        for folder in _MADE:
            shutil.rmtree(home.root / folder, ignore_errors=True)


def _inside(home: Home, path: Path) -> Path:
    return path.relative_to(home.root if path.is_relative_to(home.root) else home.searching)


def _told(home: Home, plain: list[tuple[Path, str]]) -> str:
    counts: dict[str, int] = {}
    for path, _ in plain:
        place = _inside(home, path).parts[0]
        counts[place] = counts.get(place, 0) + 1
    return ", ".join(
        f"{place} ({_HOLDS[place]}{f'; {n:,} files' if n > 1 else ''})" for place, n in sorted(counts.items())
    )
