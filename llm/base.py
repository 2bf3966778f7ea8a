"""What a language model is to the product: text in, text or a checked object out, tokens counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from core.errors import ConfigError
from core.settings import Settings
from llm._patience import Patience

T = TypeVar("T", bound=BaseModel)
Mask = Callable[[str], str]
Hear = Callable[
    [str], None
]  # told the whole of an answer as far as it came; shorter again when it is begun anew
Form = Literal["schema", "tools", "text"]  # how an object was asked for


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the server counted them; 0 where it does not say."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the text, and the parsed object when a schema was given.

    `form` says how the object was asked for, `instead` why it was not by the server's own schema.
    """

    text: str
    parsed: BaseModel | None = None
    usage: Usage = Usage()
    form: Form | None = None
    instead: str = ""


@runtime_checkable
class ChatModel(Protocol):
    """One language model. Raises LLMUnavailable (worth another try), LLMRefused or LLMError."""

    @property
    def provider(self) -> str:
        """none, openai, anthropic or fake."""

    @property
    def name(self) -> str:
        """The model's name at its provider."""

    def complete(
        self, system: str, user: str, schema: type[BaseModel] | None = None, *, heard: Hear | None = None
    ) -> Reply:
        """One answer; with a schema an object of it, checked, after at most one repair. `heard` hears it come."""


def make_model(
    settings: Settings, *, mask: Mask | None = None, patience: Patience | None = None
) -> ChatModel:
    """The configured model. A remote one only ever sees masked text, and is waited for as `llm` says unless told.

    Raises ConfigError when masking is off and the settings do not allow that by name, or no model is named.
    """
    chosen = settings.llm
    if chosen.provider == "none":
        from llm.none import NoModel

        return NoModel()
    if not settings.masking.enabled and not settings.masking.allow_unmasked_remote:
        raise ConfigError(
            f"masking is off, and the provider {chosen.provider} would send texts to a server.",
            hint="Set masking.enabled = true, or masking.allow_unmasked_remote = true if that is what you want.",
        )
    if settings.masking.enabled and mask is None:
        raise ConfigError(
            "a remote language model needs a masking function.", hint="Pass mask= to make_model."
        )
    applied = mask if settings.masking.enabled else None
    if chosen.provider == "openai":
        from llm.openai import OpenAIModel

        return OpenAIModel(chosen, mask=applied, patience=patience)
    from llm.anthropic import AnthropicModel

    return AnthropicModel(chosen, mask=applied, patience=patience)
