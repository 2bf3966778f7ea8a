"""`make docs`: write docs/settings.md from the settings themselves. A test fails when the page is stale."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

if TYPE_CHECKING:
    from pydantic import BaseModel

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "settings.md"
_WORDS = {"str": "text", "int": "number", "float": "number", "bool": "true or false", "date": "date",
          "SecretStr": "secret", "dict": "table", "tuple": "list"}  # fmt: skip

INTRODUCTION = """\
# Settings

<!-- Written by `make docs` from core/settings.py. Do not edit. -->

Nothing has to be set. Settings come from three places, and a later one wins: the defaults below,
`settings.toml`, and environment variables that begin with `SUPPORTLENS_`. The file is the one named by
`--settings` or `SUPPORTLENS_SETTINGS`, else the one in the home, else the one in the checkout. Relative
paths of sources are relative to the file. An unknown key is refused, with its name. A list or a table in a variable is
written as JSON: `SUPPORTLENS_SIGN_IN__PROXIES='["10.0.3.0/24"]'`, `SUPPORTLENS_COUNTING__HANDLING_MINUTES='{"phone": 6}'`.

Secrets are references: `api_key = "env:OPENAI_API_KEY"` reads that variable when it is needed, and
`"secret:NAME"` the home's `secrets.toml`. A secret is never printed, logged or stored elsewhere. Sources that
are added on *Data & jobs* are kept in the home's own `sources.toml`; [operations.md](operations.md) tells how.
Calendars and SLA targets that are saved on *Settings* are kept in the home's own `hours.toml`, and take the place of
`[[calendars]]` and `[[sla]]` until *Back to settings.toml*.

These variables have no key in the file:

| variable | meaning |
| --- | --- |
| `SUPPORTLENS_HOME` | the folder of a workspace: warehouse, index, uploads, caches (default `data/var`) |
| `SUPPORTLENS_SETTINGS` | the settings file |
| `SUPPORTLENS_NOW` | fixes the clock (ISO time), for tests and replays |
| `PORT` | the dashboard's port; beats `dashboard.port` |
| `SUPPORTLENS_DATABASE_URL` | a database for what people create and the run log (deployment.md), instead of a file in the home |
| `CHROMA_URL` | a Chroma server that holds the search index, instead of files in the home |
"""


def page() -> str:
    """The whole page."""
    from core.settings import Settings

    parts = [INTRODUCTION]
    for name, field in Settings.model_fields.items():
        section, repeated = _section_of(field.annotation)
        parts.append(f"\n## {f'[[{name}]]' if repeated else f'[{name}]'}\n")
        parts.append(f"{(section.__doc__ or '').strip()}\n")
        if repeated:
            parts.append("Repeat the table for each one.\n")
        parts.append("\n".join(_table(name, section, with_variable=not repeated)) + "\n")
    return "\n".join(parts)


def _section_of(annotation: object) -> tuple[Any, bool]:
    inner = get_args(annotation)
    return (inner[0], True) if inner else (annotation, False)


def _table(name: str, section: type[BaseModel], *, with_variable: bool) -> Iterator[str]:
    yield "| key | type | default | meaning |" + (" variable |" if with_variable else "")
    yield "| --- | --- | --- | --- |" + (" --- |" if with_variable else "")
    for name_of, field in section.model_fields.items():
        key = field.alias or name_of
        variable = f" `SUPPORTLENS_{name.upper()}__{key.upper()}` |" if with_variable else ""
        default = "required" if field.is_required() else _shown(field.get_default(call_default_factory=True))
        yield f"| `{key}` | {_type(field.annotation)} | {default} | {field.description} |{variable}"


def _shown(value: object) -> str:
    if value is None or value == () or value == {}:
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(annotation: object) -> str:
    choices = [choice for choice in get_args(annotation) if choice is not type(None)]
    if len(choices) == 1 and get_origin(choices[0]) is Literal:
        choices = list(get_args(choices[0]))
    if choices and all(isinstance(choice, str) for choice in choices):
        return " or ".join(f"`{choice}`" for choice in choices)
    origin = get_origin(annotation)
    plain = origin if origin in (dict, tuple) else choices[0] if choices else annotation
    if get_origin(plain) in (dict, tuple):  # or nothing
        plain = get_origin(plain)
    if get_origin(plain) is Annotated:  # a type with a check of its own is still that type
        plain = get_args(plain)[0]
    return _WORDS[getattr(plain, "__name__", "")]


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(PROJECT)}")
