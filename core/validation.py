"""What is wrong with settings, as a sentence: the key and what was expected."""

from __future__ import annotations

import os
from json import JSONDecodeError

from pydantic import ValidationError
from pydantic_settings import SettingsError

from core.errors import ConfigError


def problems(error: ValidationError) -> str:
    """Every problem, separated by semicolons. Values are never repeated: one of them may be a secret."""
    return "; ".join(_one(".".join(map(str, found["loc"])), found["msg"]) for found in error.errors())


def no_json(error: SettingsError) -> ConfigError:
    """The variable that should hold a list or a table and holds something else, with the form it should have."""
    cause = error.__cause__
    text = cause.doc if isinstance(cause, JSONDecodeError) else None
    name = next((name for name in sorted(os.environ) if _is_it(name, text)), None)
    return ConfigError(
        f"the variable {name} is not valid: a list or a table is written as JSON there."
        if name
        else f"the settings in the environment are not valid: {error}.",
        hint=f"""For example {name or "NAME"}='["one", "two"]' for a list, '{{"key": "value"}}' for a table.""",
    )


def _is_it(name: str, text: str | None) -> bool:
    return name.upper().startswith("SUPPORTLENS_") and os.environ[name] == text


def _one(key: str, message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
