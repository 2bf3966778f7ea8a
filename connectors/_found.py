"""Which files a source means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from connectors._files_config import FilesConfig, Reading
from connectors._formats import NOT_READ, READABLE, suffix, verdict
from core.errors import SourceDataError, SourceNotFound

_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a source: its name inside the source, its path, and how it is to be read."""

    name: str
    path: Path
    reading: Reading


def found_files(config: FilesConfig, source: str) -> tuple[list[FoundFile], list[str]]:
    """The readable files in the order of their names, and sentences about those left out.

    Raises SourceNotFound when there is none, SourceDataError for a single file of a format without reader.
    """
    path = Path(config.path).expanduser()
    if path.is_file():
        _refuse_format(path, source)
        return [FoundFile(path.name, path, config.reading(config.entry(path.name)))], []
    base = path if path.is_dir() else _fixed_part(path)
    if not base.is_dir():
        raise SourceNotFound(
            f"there is no file or folder {config.path}.",
            hint="Check the path; a relative one starts at the folder of the settings file.", source=source,
        )  # fmt: skip
    candidates = sorted(_candidates(path, base))
    found, left_out = [], []
    for one in candidates:
        name = one.relative_to(base).as_posix()
        reading = config.reading_of(name)
        if reading is None:
            continue
        is_read, why = verdict(name, named=path != base or config.entry(name) is not None)
        if is_read:
            found.append(FoundFile(name, one, reading))
        elif why:
            left_out.append(why)
    _all_entries_found(config, [f.name for f in found], source)
    if not found:
        reason = f" ({'; '.join(left_out)})" if left_out else ""
        raise SourceNotFound(
            f"there is no file that can be read in {config.path}{reason}.",
            hint=f"Files that can be read end in {', '.join(READABLE)}.", source=source,
        )  # fmt: skip
    return found, left_out


def _refuse_format(path: Path, source: str) -> None:
    kind = suffix(path)
    if kind in NOT_READ:
        what, hint = NOT_READ[kind]
        raise SourceDataError(f"{path.name} is {what}, which is not read.", hint=hint, source=source)


def _fixed_part(path: Path) -> Path:
    """The folder before the first wildcard."""
    parts = []
    for part in path.parts:
        if _MAGIC & set(part):
            break
        parts.append(part)
    return Path(*parts) if parts != list(path.parts) else path


def _candidates(path: Path, base: Path) -> Iterable[Path]:
    pattern = "*" if path == base else path.relative_to(base).as_posix()
    return (p for p in base.glob(pattern) if p.is_file())


def _all_entries_found(config: FilesConfig, names: list[str], source: str) -> None:
    for entry in config.files:
        wanted = (entry.path, entry.path.partition("#")[0])  # an entry may mean a table of a file
        if not entry.skip and not any(fnmatch(name, path) for name in names for path in wanted):
            raise SourceNotFound(
                f"there is no file {entry.path} in {config.path}.",
                hint="Check the [[sources.files]] entry.", source=source,
            )  # fmt: skip
