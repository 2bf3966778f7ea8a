"""Whether the warehouse is encrypted, and where its key lies.

The key itself is never a setting: it would lie in the home, and in its backups, beside what it opens.
"""

from __future__ import annotations

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
_asked: list[Callable[[], Storage]] = []


class Storage(Section):
    """Whether files of the home are encrypted. What that covers: docs/security.md."""

    encryption_key: str | None = Field(
        None,
        description='Where the key of the warehouse lies: "env:NAME", or "file:/path" outside the home. Never the '
        "key itself. Not encrypted when empty.",
    )
    encrypted_volume: bool = Field(
        False,
        description="Yes: the home lies on an encrypted volume, which covers what stands beside the warehouse.",
    )

    @model_validator(mode="after")
    def _all_of_it(self) -> Storage:
        if self.encryption_key is None:
            return self
        if not self.encryption_key.startswith((_ENV, _FILE)):
            raise ValueError(
                'encryption_key says where the key lies, "env:NAME" or "file:/path"; never the key'
            )
        if not self.encrypted_volume:
            raise ValueError(
                "encryption_key covers the warehouse alone: the search index, vectors, uploads and what people "
                "create would stay readable. Put the home on an encrypted volume and say encrypted_volume = true"
            )
        return self


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
