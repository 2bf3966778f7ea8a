"""A scripted model for tests and demonstrations: says what it was told to say, records what it was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from core.errors import LLMError
from llm.base import Hear, Mask, Reply, Usage

Script = str | BaseModel | Exception | Callable[[str, str], "str | BaseModel"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One call as the model saw it."""

    system: str
    user: str
    schema: type[BaseModel] | None


@dataclass
class FakeModel:
    """Answers from a script, in order; the last line repeats. `mask` is applied like a remote model's."""

    script: Sequence[Script] = ("",)
    mask: Mask | None = None
    asked: list[Asked] = field(default_factory=list)
    provider: str = "fake"
    name: str = "scripted"

    def complete(
        self, system: str, user: str, schema: type[BaseModel] | None = None, *, heard: Hear | None = None
    ) -> Reply:
        """The next line of the script, heard word by word.

        Raises what the script says, LLMError when it does not fit the schema.
        """
        said = self._next(system, user, schema)
        usage = Usage(len((system + user).split()), 10)
        text = said.model_dump_json() if isinstance(said, BaseModel) else said
        if heard is not None:
            for word in re.finditer(r"\S+\s*", text):
                heard(text[: word.end()])
        if isinstance(said, BaseModel) or schema is None:
            return Reply(text, said if isinstance(said, BaseModel) else None, usage)
        try:
            return Reply(said, schema.model_validate_json(said), usage)
        except ValidationError as error:
            raise LLMError(
                f"the script does not fit {schema.__name__}: {error.error_count()} errors."
            ) from None

    def _next(self, system: str, user: str, schema: type[BaseModel] | None) -> str | BaseModel:
        line = self.script[min(len(self.asked), len(self.script) - 1)]
        shown = self.mask(user) if self.mask else user
        self.asked.append(Asked(system, shown, schema))
        if isinstance(line, Exception):
            raise line
        return line(system, shown) if callable(line) else line
