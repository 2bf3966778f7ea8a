"""What is wrong with settings, as a sentence: the key and what was expected."""

from __future__ import annotations

from pydantic import ValidationError


def problems(error: ValidationError) -> str:
    """Every problem, separated by semicolons. Values are never repeated: one of them may be a secret."""
    return "; ".join(_one(".".join(map(str, found["loc"])), found["msg"]) for found in error.errors())


def _one(key: str, message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
