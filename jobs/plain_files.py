"""What the doctor says about encryption: whether the warehouse opens, and which files of the home anybody can read."""

from __future__ import annotations

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
_SILENT = {"CURRENT", "refresh.lock", "timer.lock"}


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
        yield Check("plain files", "note", f"not encrypted by the program: {_told(home, plain)}.",
                    "They need the encrypted volume that the settings promise.")  # fmt: skip


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
    """Every file of the home that is readable and may tell of somebody, with what it holds."""
    for path in sorted(home.root.rglob("*")):
        inside = path.relative_to(home.root)
        holds = _HOLDS.get(inside.parts[0])
        if holds and path.is_file() and inside.name not in _SILENT and not cipher.is_encrypted(path):
            yield path, holds


def _told(home: Home, plain: list[tuple[Path, str]]) -> str:
    counts: dict[str, int] = {}
    for path, _ in plain:
        place = path.relative_to(home.root).parts[0]
        counts[place] = counts.get(place, 0) + 1
    return ", ".join(
        f"{place} ({_HOLDS[place]}{f'; {n:,} files' if n > 1 else ''})" for place, n in sorted(counts.items())
    )
