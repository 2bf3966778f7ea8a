"""No language model: a complete mode. Answers are written from templates; nothing is ever called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from pydantic import BaseModel

from core.errors import LLMRefused


class NoModel:
    """Stands where a model could stand, and refuses to be one."""

    provider = "none"
    name = "none"

    def complete(self, system: str, user: str, schema: type[BaseModel] | None = None) -> NoReturn:
        """Raises LLMRefused: callers write without a model instead."""
        raise LLMRefused("no language model is configured.", hint="Set llm.provider, or answer without one.")

    def stream(self, system: str, user: str) -> Iterator[str]:
        """Raises LLMRefused."""
        self.complete(system, user)
        yield ""
