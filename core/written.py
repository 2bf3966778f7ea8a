"""TOML files that the program writes into the home: whole files, replaced at once, one writer at a time."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.home import Home
from core.locking import taken

PATIENCE_S = 10.0
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def value_toml(value: Any) -> str:
    """One value as TOML text; strings are always quoted and escaped."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_toml(k)} = {value_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_toml(v) for v in value) + "]"
    # JSON strings are TOML strings, but for one control character that JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def key_toml(key: object) -> str:
    """A key as TOML text."""
    text = str(key)
    return text if _BARE_KEY.fullmatch(text) else value_toml(text)


def sources_toml(sources: Sequence[Mapping[str, Any]], first_line: str) -> str:
    """`[[sources]]` tables as TOML text. Raises ConfigError for a value that TOML cannot hold."""
    return tables_toml({"sources": sources} if sources else {}, first_line)


def tables_toml(tables: Mapping[str, Sequence[Mapping[str, Any]]], first_line: str) -> str:
    """Lists of tables as TOML text, also those that are empty. Raises ConfigError for a value that TOML cannot hold."""
    blocks = [f"# {first_line}", *(f"{name} = []" for name, rows in tables.items() if not rows)]
    for name, rows in tables.items():
        for row in rows:
            cells = "".join(f"{key_toml(k)} = {value_toml(v)}\n" for k, v in row.items())
            blocks.append(f"\n[[{name}]]\n{cells}")
    return checked("\n".join(blocks), {name: list(rows) for name, rows in tables.items()})


def checked(text: str, meant: Mapping[str, Any]) -> str:
    """The text, if it says what was meant and nothing else. Raises ConfigError."""
    try:
        said = tomllib.loads(text)
        text.encode()
    except (tomllib.TOMLDecodeError, UnicodeEncodeError):
        said = None
    if said != json.loads(json.dumps(meant, default=str)):
        raise ConfigError("the settings hold a value that cannot be written down.", hint="Type it again.")
    return text


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file; none where there is no file. Raises ConfigError when it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint="Check who owns it.") from None


def saved_hours(home: Home) -> dict[str, Any]:
    """The tables that were saved on Settings, by name; none where nobody saved any. Raises ConfigError."""
    found = read_toml(home.hours_file)
    if other := sorted(set(found) - {"calendars", "sla"}):
        raise ConfigError(
            f"{home.hours_file} holds {', '.join(other)}, and calendars and sla alone are saved there.",
            hint="Put it into settings.toml.",
        )
    return found


@contextmanager
def one_writer(home: Home) -> Iterator[None]:
    """Hold the home's settings lock, so that of two saves at once none is lost. Raises ConfigError."""
    with _writing(home.root):
        home.make()
        handle = os.open(home.root / "settings.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not taken(handle, PATIENCE_S):
            raise ConfigError("somebody else is saving settings.", hint="Try again.")
        yield
    finally:
        os.close(handle)


def replace_file(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Put a text in the place of a file, so that nobody ever reads half of it. Raises ConfigError."""
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 from its birth
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
                os.fchmod(out.fileno(), mode)
            Path(scratch).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(scratch).unlink()
            raise


def scratch(home: Home) -> Path:
    """Where copies of files may lie for a while; it is there afterwards. Raises ConfigError when it cannot be written."""
    folder = home.incoming.parent
    with _writing(folder):
        home.make()
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return folder


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Check the folder's owner and whether the disk is read-only or full.",
        ) from None
