"""The settings in use as a backup keeps them: without secrets that stand in them, and with paths that hold from anywhere."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core import secrets
from core.errors import AppError
from core.home import PROJECT, Home
from core.settings import Settings, Source, absolute_paths, settings_path
from core.written import key_toml, read_toml, value_toml
from jobs.source_files import REFERENCES, put, secret_places, secrets_in

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsKept:
    """The text for the archive (None: there is none), and in words what it does not hold."""

    text: bytes | None
    left_out: tuple[str, ...]


def settings_kept(home: Home, chosen: Path | None, *, with_secrets: bool) -> SettingsKept:
    """What a backup keeps of the settings that count now. Raises ConfigError for a file that cannot be read."""
    path, said = settings_path(home, chosen), list(_by_environment())
    if path is None:
        return SettingsKept(None, tuple(said))
    table = read_toml(path)
    meant, taken = deepcopy(table), dict[str, str]()
    if not with_secrets:
        try:
            taken = _take_secrets(meant)
        except (AppError, ValidationError):
            said.append(f"the settings {path}: it cannot be said which of them are secret (--with-secrets)")
            return SettingsKept(None, tuple(said))
    if taken:
        said.append(f"secrets that stand in {path}: {', '.join(taken)}")
    if path.parent != home.root:
        absolute_paths(meant.get("sources"), path.parent)
    text = _written(path.read_text(encoding="utf-8"), table, meant, tuple(taken.values()))
    return SettingsKept(text.encode(), tuple(said))


def told_of_restored(home: Home, chosen: Path | None, files: Mapping[str, object]) -> str:
    """Where a restored home's settings are, and whether they are the ones that are read here; empty without any."""
    own = home.settings_file
    if own.name not in files:
        return ""
    read = settings_path(home, chosen)
    if read is not None and read.resolve() != own.resolve():
        return f"Its settings are in {own}; here {read} is read instead (--settings, SUPPORTLENS_SETTINGS)."
    other = PROJECT / own.name
    more = f" {other} is not read for this home any more." if other.is_file() else ""
    return f"Its settings are in {own}.{more}"


def _by_environment() -> Iterator[str]:
    heads = tuple(f"SUPPORTLENS_{section.upper()}" for section in Settings.model_fields)
    if names := sorted(name for name in os.environ if name.split("__")[0] in heads):
        yield f"settings in the environment: {', '.join(names)}"


def _take_secrets(table: dict[str, Any]) -> dict[str, str]:
    """Put references in the place of secrets; what stood there, by the name that is referred to."""
    taken = {}
    for place in list(_places(table)):
        found = _at(table, place)
        if isinstance(found, str) and found and not found.startswith(REFERENCES):
            name = _name(table, place)
            taken[name] = found
            put(table, place, secrets.PREFIX + name)
    return taken


def _places(table: Mapping[str, Any]) -> Iterator[Place]:
    """Where secrets may stand, by what each table of the file is. Raises ValidationError, ConfigError."""
    for section, about in Settings.model_fields.items():
        if section == "sources":
            for number, row in enumerate(table.get(section, [])):
                yield from ((section, str(number), *place) for place in secret_places(Source(**row)))
        elif section in table and about.annotation is not None:
            found = TypeAdapter(about.annotation).validate_python(table[section])
            yield from (place for place, _ in secrets_in(found, (section,)))


def _at(table: Any, place: Place) -> Any:
    for key in place:
        table = table[int(key)] if isinstance(table, list) else table.get(key, {})
    return table


def _name(table: dict[str, Any], place: Place) -> str:
    """As secrets are called on Data & jobs: crm.dsn; of others with their section: channels.ops.secret."""
    parts = [
        str(_at(table, place[:upto])["name"]) if key.isdigit() else key for upto, key in enumerate(place, 1)
    ]
    return ".".join(parts[1:] if place[0] == "sources" else parts)


def _written(text: str, table: dict[str, Any], meant: dict[str, Any], hidden: tuple[str, ...]) -> str:
    """The text as people wrote it where that can say what is meant, else the same tables without their comments."""
    for old, new in _changed(table, meant):
        for quoted in (value_toml(old), f"'{old}'"):
            text = text.replace(quoted, value_toml(new))
    if tomllib.loads(text) == meant and not any(secret in text for secret in hidden):
        return text
    return "".join(f"{key_toml(key)} = {value_toml(value)}\n" for key, value in meant.items())


def _changed(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    if isinstance(old, dict):
        for key, value in old.items():
            yield from _changed(value, new[key])
    elif isinstance(old, list):
        for one, other in zip(old, new, strict=True):
            yield from _changed(one, other)
    elif isinstance(old, str) and old != new:
        yield old, new
