"""Sources that the program keeps: added, changed, paused and removed in files of the home.

`sources.toml` holds what was added by hand, `uploads/sources.toml` the uploaded files. Passwords and keys go
to `secrets.toml`; the tables only refer to them. `settings.toml` is for people and never written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from connectors.base import configured
from core import secrets
from core.effective import SAMPLE_SOURCE, is_sample
from core.errors import AppError, ConfigError
from core.home import Home
from core.settings import Settings, Source, load_settings, written_files
from core.validation import problems
from core.written import one_writer, read_toml, replace_file, sources_toml

Table = dict[str, Any]
MASK = "***"
REFERENCES = (secrets.PREFIX, "env:")
_FIRST_LINES = {
    "sources.toml": "Sources added on Data & jobs or by `python -m jobs sources add`. Written by the program.",
    "uploads": "Files loaded through the dashboard or `python -m jobs upload`. Written by the program.",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done, in one sentence, and the table as it stands now (secrets as references)."""

    action: str
    name: str
    message: str
    table: Table


def add(home: Home, settings_file: Path | None, table: Mapping[str, Any]) -> Kept:
    """Keep a new source. Raises ConfigError when its name is taken or its settings are wrong."""
    new = _without_none(table)
    source = source_of(home, new)
    with one_writer(home):
        _free(home, settings_file, source.name)
        kept = _keep_secrets(home, source, new)
        rows = [*read(home.sources_file), _relative(home, kept)]
        _write(home, home.sources_file, rows)
    return Kept("add", source.name, f"{source.name} is kept; the next refresh reads it.", kept)


def edit(home: Home, name: str, changes: Mapping[str, Any]) -> Kept:
    """Change some settings of a kept source; None takes one out. Raises ConfigError."""
    with one_writer(home):
        file, rows, old = _written(home, name)
        for fixed in ("name", "kind"):
            if changes.get(fixed, old[fixed]) != old[fixed]:
                raise ConfigError(
                    f"the {fixed} of {name} cannot be changed: its rows are stored under it.",
                    hint="Add another source, and remove this one.",
                )
        new = _without_none({**old, **changes})
        kept = _keep_secrets(home, source_of(home, new), new)
        _write(home, file, [_relative(home, kept) if row is old else row for row in rows])
        _drop_secrets(home, old, kept)
    return Kept("edit", name, f"{name} is changed; the next refresh reads it.", kept)


def enable(home: Home, name: str, *, enabled: bool) -> Kept:
    """Pause a kept source, or go on reading it. Raises ConfigError."""
    with one_writer(home):
        file, rows, old = _written(home, name)
        new = {k: v for k, v in old.items() if k not in ("enabled", "paused")} | (
            {} if enabled else {"enabled": False}
        )
        _write(home, file, [new if row is old else row for row in rows])
    if enabled:
        return Kept("resume", name, f"{name} is read again by the next refresh.", new)
    return Kept("pause", name, f"{name} is paused: it keeps its data and is not read.", new)


def remove(home: Home, name: str) -> Kept:
    """Take a kept source out, with its secrets and its uploaded files. What it has brought stays."""
    with one_writer(home):
        file, rows, old = _written(home, name)
        _write(home, file, [row for row in rows if row is not old])
        _drop_secrets(home, old, {})
        if file.parent == home.uploads:
            _remove_folder(home, name)
    told = f"{name} is removed; its data is kept until `python -m jobs refresh --forget {name}` takes it out."
    return Kept("remove", name, told, old)


def described(home: Home, settings: Settings) -> list[dict[str, Any]]:
    """Every configured source: where it is written, whether it can be changed here, its settings without secrets."""
    places = {
        row.get("name"): place
        for file in written_files(home)
        for row in read(file)
        for place in [_place(home, file)]
    }
    return [
        {
            "name": source.name, "kind": source.kind, "enabled": source.enabled,
            "path": source.options().get("path"), "origin": place, "editable": place in ("added", "uploaded"),
            "settings": without_secrets(source),
        }
        for source in settings.sources
        for place in [places.get(source.name, "sample" if is_sample(home, source) else "settings")]
    ]  # fmt: skip


def source_of(home: Home, table: Mapping[str, Any]) -> Source:
    """A table as a validated source, its relative path starting in the home. Raises ConfigError."""
    given = {str(key): value for key, value in table.items()}
    if isinstance(given.get("path"), str) and "://" not in given["path"]:
        given["path"] = str(home.root / Path(given["path"]).expanduser())
    try:
        source = Source(**given)
    except ValidationError as error:
        raise ConfigError(f"the source is not valid: {problems(error)}.") from None
    configured(source)
    return source


def secret_places(source: Source) -> dict[tuple[str, ...], str]:
    """Where the source's settings hold secrets, and what stands there. Raises ConfigError."""
    return dict(secrets_in(configured(source).config, ()))


def without_secrets(source: Source) -> Table:
    """The connector's settings with references to secrets, but never a secret."""
    options: Table = _copy(source.options())
    try:
        places = secret_places(source)
    except AppError:  # nobody knows which of its settings are secret
        return dict.fromkeys(options, MASK)
    for place, text in places.items():
        if not text.startswith(REFERENCES):
            put(options, place, MASK)
    return options


def read(file: Path) -> list[Table]:
    """The tables of a written file."""
    found = read_toml(file).get("sources", [])
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _free(home: Home, settings_file: Path | None, name: str) -> None:
    taken = {s.name for s in load_settings(home, settings_file).sources} | {SAMPLE_SOURCE}
    if name in taken:
        raise ConfigError(f"a source called {name!r} is there already.", hint="Choose another name.")


def _written(home: Home, name: str) -> tuple[Path, list[Table], Table]:
    """The file that holds a source, all its tables, and the source's own. Raises ConfigError."""
    for file in written_files(home):
        rows = read(file)
        for row in rows:
            if row.get("name") == name and row.get("kind"):
                return file, rows, row
    if name in {source.name for source in load_settings(home).sources}:
        raise ConfigError(
            f"{name} stands in a settings file, which is written by people.",
            hint="Change it there: `enabled = false` pauses it.",
        )
    raise ConfigError(f"there is no source called {name!r}.", hint="See `python -m jobs sources list`.")


def _keep_secrets(home: Home, source: Source, table: Table) -> Table:
    """The table with references in the place of secrets, which go to secrets.toml."""
    kept: Table = _copy(table)
    found: dict[str, str | None] = {}
    for place, text in secret_places(source).items():
        if text == MASK:
            raise ConfigError("a masked secret cannot be saved.", hint="Type it again.", source=source.name)
        if text and not text.startswith(REFERENCES):
            name = ".".join((source.name, *place))
            found[name] = text
            put(kept, place, secrets.PREFIX + name)
    secrets.save(home, found)
    return kept


def _drop_secrets(home: Home, old: Table, new: Table) -> None:
    """Forget secrets of a source's own name that it no longer refers to."""
    gone = _references(old) - _references(new)
    own = [name for name in gone if name.startswith(f"{old['name']}.")]
    secrets.save(home, dict.fromkeys(own))


def _references(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return {name for inner in value.values() for name in _references(inner)}
    if isinstance(value, list | tuple):
        return {name for inner in value for name in _references(inner)}
    if isinstance(value, str) and value.startswith(secrets.PREFIX):
        return {value.removeprefix(secrets.PREFIX)}
    return set()


def secrets_in(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where validated settings hold secrets, and what stands there; places begin with `place`."""
    if isinstance(value, SecretStr):
        yield place, value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name), (*place, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from secrets_in(inner, (*place, str(key)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from secrets_in(inner, (*place, str(number)))


def put(table: Any, place: tuple[str, ...], new: str) -> None:
    """Replace what stands at a place; a default that was not given stays away."""
    for key in place[:-1]:
        table = table[int(key)] if isinstance(table, list) else table.get(key, {})
    if isinstance(table, list):
        table[int(place[-1])] = new
    elif place[-1] in table:
        table[place[-1]] = new


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list | tuple) else value


def _without_none(table: Mapping[str, Any]) -> Table:
    return {key: value for key, value in table.items() if value is not None}


def _relative(home: Home, table: Table) -> Table:
    """A path inside the home is written relative to it, so that the home can be moved."""
    path = table.get("path")
    if isinstance(path, str) and path.startswith(f"{home.root}/"):
        return {**table, "path": str(Path(path).relative_to(home.root))}
    return table


def _place(home: Home, file: Path) -> str:
    return "added" if file == home.sources_file else "uploaded"


def _write(home: Home, file: Path, rows: list[Table]) -> None:
    first = _FIRST_LINES["sources.toml" if file == home.sources_file else "uploads"]
    replace_file(file, sources_toml([_relative(home, row) for row in rows], first))


def write_uploads(home: Home, rows: list[Table]) -> None:
    """Replace uploads/sources.toml. Call it while holding `core.written.one_writer`. Raises ConfigError."""
    _write(home, home.uploads / "sources.toml", rows)


def _remove_folder(home: Home, name: str) -> None:
    folder = home.uploads / name
    if folder.is_symlink():
        folder.unlink()
    elif folder.resolve().parent == home.uploads.resolve():
        shutil.rmtree(folder, ignore_errors=True)
