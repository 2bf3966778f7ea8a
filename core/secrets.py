"""Secrets of the home: `secrets.toml`, readable by its owner only. Settings refer to them as `secret:NAME`.

A name is the source and the field: `tickets_db.dsn`. What is read here is blotted out of every log line.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from secrets import token_hex
from typing import Any
from urllib.parse import unquote

from core import log
from core.errors import ConfigError
from core.home import Home, find_home
from core.written import checked, key_toml, one_writer, read_toml, replace_file, value_toml

PREFIX = "secret:"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_INSIDE = (re.compile(r"://[^:/@\s]*:([^@/\s]+)@"), re.compile(r"(?i)\bpassword\s*=\s*'?([^\s';]+)"))
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_homes: list[Home] = []


def use(home: Home) -> None:
    """Say whose secrets `value` gives: those of the workspace whose settings were read last."""
    _homes[:] = [home]


def value(name: str) -> str:
    """One secret. Raises ConfigError when there is none of that name, or others may read the file."""
    home = _homes[0] if _homes else find_home()
    found = read(home).get(name)
    if not found:
        raise ConfigError(
            f"the settings refer to the secret {name}, which is not in {home.secrets_file}.",
            hint="Save it again on Data & jobs, or with `python -m jobs sources edit`.",
        )
    return found


def read(home: Home) -> dict[str, str]:
    """All secrets by name. Raises ConfigError when others may read the file."""
    path = home.secrets_file
    try:
        mode = path.stat().st_mode
    except OSError:
        return {}
    if mode & _OTHERS:
        raise ConfigError(
            f"{path} may be read by other users of this machine, so it is not used.",
            hint=f"Run `chmod 600 {path}` and change the passwords in it.",
        )
    found = dict(_flat(read_toml(path)))
    for text in found.values():
        hide(text)
    return found


def save(home: Home, changes: Mapping[str, str | None]) -> None:
    """Keep secrets; None takes one out. Call it while holding `written.one_writer`. Raises ConfigError."""
    if not changes:
        return
    for name, text in changes.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{name!r} is no name for a secret.", hint="Use letters, digits, - _ and dots.")
        hide(text or "")
    kept = {k: v for k, v in {**read(home), **changes}.items() if v is not None}
    lines = [f"{key_toml(k)} = {value_toml(v)}\n" for k, v in sorted(kept.items())]
    text = "# Written by the program. Only its owner may read it.\n" + "".join(lines)
    replace_file(home.secrets_file, checked(text, kept), mode=0o600)


def made(home: Home, name: str) -> str:
    """A random secret of the home, made when it is first asked for. Raises ConfigError."""
    found = read(home).get(name)
    if found is None:
        with one_writer(home):
            found = read(home).get(name)  # another process may have made it while this one waited
            if found is None:
                found = token_hex(32)
                save(home, {name: found})
    return found


def hide(secret: str) -> None:
    """Keep a secret out of the logs, and the password inside an address or a connection string too."""
    log.hide(secret)
    for pattern in _INSIDE:
        for part in pattern.findall(secret):
            log.hide(part)
            log.hide(unquote(part))


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Names with dots, whether they were written quoted or as tables."""
    pairs: list[tuple[str, str]] = []
    for key, found in table.items():
        if isinstance(found, Mapping):
            pairs += _flat(found, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", str(found)))
    return pairs
