"""No language model: a complete mode. Answers are written from templates; nothing is ever called."""

from __future__ import annotations

from typing import NoReturn

from pydantic import BaseModel

from core.errors import LLMRefused
from llm.base import Hear


class NoModel:
    """Stands where a model could stand, and refuses to be one."""

    provider = "none"
    name = "none"

    def complete(
        self, system: str, user: str, schema: type[BaseModel] | None = None, *, heard: Hear | None = None
    ) -> NoReturn:
        """Raises LLMRefused: callers write without a model instead."""
        raise LLMRefused("no language model is configured.", hint="Set llm.provider, or answer without one.")
