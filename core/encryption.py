"""Whether the warehouse is encrypted, and where its key lies.

The key itself is never a setting: it would lie in the home, and in its backups, beside what it opens.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from pydantic import Field, model_validator

from core import log
from core.errors import ConfigError
from core.home import Home
from core.section import Section

SETTING = "storage.encryption_key"
LEAST_CHARACTERS = 32
_ENV, _FILE = "env:", "file:"
_HOW = "Make a key with `openssl rand -base64 32`, and keep a copy where no backup of the home lies."
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOUNTS = Path("/proc/self/mounts")
_asked: list[Callable[[], Storage]] = []


class Storage(Section):
    """What the warehouse may take in memory, and whether files of the home are encrypted (docs/security.md)."""

    memory_mb: int = Field(
        4000,
        ge=256,
        description="Memory in megabytes that queries of one open generation take at most, together; a dashboard has up "
        "to four open. What needs more goes on in files below `cache/`; a query that cannot is ended, and says so.",
    )

    encryption_key: str | None = Field(
        None,
        description='Where the key of the warehouse lies: "env:NAME", or "file:/path" outside the home. Never the '
        "key itself. Not encrypted when empty.",
    )
    encrypted_volume: bool = Field(
        False,
        description="Yes: the home lies on an encrypted volume, which covers what stands beside the warehouse.",
    )

    memory_folder: str | None = Field(
        None,
        description="Where the search index, vectors and copies of what is being read lie instead of the home, such as "
        '"/dev/shm/supportlens". They go when the machine restarts; the next refresh builds them again.',
    )

    @model_validator(mode="after")
    def _all_of_it(self) -> Storage:
        if self.memory_folder is not None and not Path(self.memory_folder).is_absolute():
            raise ValueError("memory_folder must be an absolute path")
        if self.encryption_key is None:
            return self
        if not self.encryption_key.startswith((_ENV, _FILE)):
            raise ValueError(
                'encryption_key says where the key lies, "env:NAME" or "file:/path"; never the key'
            )
        if not (self.encrypted_volume or self._is_without_texts()):
            raise ValueError(
                "encryption_key covers the warehouse alone: the search index, vectors, uploads and what people "
                "create would stay readable. Put the home on an encrypted volume and say encrypted_volume = true; "
                "or keep them out of it: memory_folder on a file system in memory, and SUPPORTLENS_DATABASE_URL"
            )
        return self

    def _is_without_texts(self) -> bool:
        """Whether what would be readable lies elsewhere: in memory, and in a database of its own."""
        in_memory = self.memory_folder is not None and is_in_memory(Path(self.memory_folder))
        return in_memory and bool(os.environ.get("SUPPORTLENS_DATABASE_URL"))


def memory_mb(home: Home) -> int:
    """Megabytes that the queries of one open DuckDB file may take together. Raises ConfigError."""
    return _storage(home).memory_mb


def use(ask: Callable[[], Storage]) -> None:
    """Say how to learn what counts for every DuckDB file that this process opens from now on."""
    _asked[:] = [ask]


def forget() -> None:
    """As if no settings had been read yet."""
    _asked.clear()


def key(home: Home) -> str | None:
    """The key of the workspace whose settings were read last, else of this home's; None: not encrypted.

    Raises ConfigError where the settings cannot be read, or what they refer to is no key.
    """
    reference = _storage(home).encryption_key
    return None if reference is None else resolved(reference, home)


def variables(home: Home) -> dict[str, str]:
    """What a program needs in its environment to open the same files, also when it does not know the settings file."""
    found = _storage(home).model_dump(mode="json", exclude_defaults=True)
    return {f"SUPPORTLENS_STORAGE__{name.upper()}": str(value) for name, value in found.items()}


def _storage(home: Home) -> Storage:
    if _asked:
        return _asked[0]()
    from core.settings import read_settings

    return read_settings(home).storage


def refuse_readable(home: Home, what: str) -> None:
    """Raises ConfigError where files that are kept as they come would be the only readable texts in the home."""
    found = _storage(home)
    if found.encryption_key is not None and not found.encrypted_volume:
        raise ConfigError(
            f"{what} would lie readable in the home, and the settings ask for encryption.",
            hint="Put the files where you keep them, and name the folder as a source; or put the home on an encrypted "
            "volume and say storage.encrypted_volume = true.",
        )


def memory_root(home: Home) -> Path | None:
    """The folder of this home below `memory_folder`, its owner's alone; None where the home itself is the place.

    It is made here, so that no index in it is ever anybody else's to read. Raises ConfigError.
    """
    folder = _storage(home).memory_folder
    if folder is None:
        return None
    own = Path(folder) / hashlib.sha256(str(home.root).encode()).hexdigest()[:16]
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = own.stat()
    except OSError as error:
        raise ConfigError(
            f"storage.memory_folder {folder} cannot be used: {error.strerror}.", hint="Name another folder."
        ) from None
    if found.st_uid != os.getuid() or found.st_mode & _OTHERS:
        raise ConfigError(
            f"{own} belongs to another account, or may be read by others.", hint="Name another folder."
        )
    return own


def is_in_memory(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether a folder, which need not be there yet, lies on a file system in memory (Linux)."""
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    place, nearest = folder.resolve(), ("", "")
    for _, point, kind, *_ in (line.split(" ") for line in lines):
        point = point.replace("\\040", " ")
        if place.is_relative_to(point) and len(point) >= len(nearest[0]):
            nearest = (point, kind)
    return nearest[1] in ("tmpfs", "ramfs")


def resolved(reference: str, home: Home) -> str:
    """The key that "env:NAME" or "file:/path" refers to. Raises ConfigError."""
    if reference.startswith(_ENV):
        found = os.environ.get(reference.removeprefix(_ENV), "")
        if not found:
            raise ConfigError(
                f"{SETTING} refers to the variable {reference.removeprefix(_ENV)}, which is not set.",
                hint="Export it before starting: nothing is read or written without the key.",
            )
    elif reference.startswith(_FILE):
        found = _from_file(Path(reference.removeprefix(_FILE)).expanduser(), home)
    else:
        raise ConfigError('a key is named by where it lies: "env:NAME" or "file:/path".', hint=_HOW)
    if len(found) < LEAST_CHARACTERS:
        raise ConfigError(
            f"the key of the warehouse is shorter than {LEAST_CHARACTERS} characters.", hint=_HOW
        )
    log.hide(found)
    return found


def _from_file(path: Path, home: Home) -> str:
    if path.resolve().is_relative_to(home.root.resolve()):
        raise ConfigError(
            f"the key file {path} lies in the home, beside what it opens.", hint="Move it out of the home."
        )
    try:
        if path.stat().st_mode & _OTHERS:
            raise ConfigError(
                f"the key file {path} may be read by other users of this machine.",
                hint=f"Run `chmod 600 {path}`, and rotate the key: `python -m jobs encrypt --old`.",
            )
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the key file {path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.",
            hint="Nothing is read or written without the key.",
        ) from None
