"""What a language model is to the product: text in, text or a checked object out, tokens counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from core.errors import ConfigError
from core.settings import Settings

T = TypeVar("T", bound=BaseModel)
Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the server counted them; 0 where it does not say."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the text, and the parsed object when a schema was given."""

    text: str
    parsed: BaseModel | None = None
    usage: Usage = Usage()


@runtime_checkable
class ChatModel(Protocol):
    """One language model. Raises LLMUnavailable (worth another try), LLMRefused or LLMError."""

    @property
    def provider(self) -> str:
        """none, openai, anthropic or fake."""

    @property
    def name(self) -> str:
        """The model's name at its provider."""

    def complete(self, system: str, user: str, schema: type[BaseModel] | None = None) -> Reply:
        """One answer; with a schema an object of it, checked, after at most one repair."""

    def stream(self, system: str, user: str) -> Iterator[str]:
        """The answer in pieces, none of them empty."""


def make_model(settings: Settings, *, mask: Mask | None = None) -> ChatModel:
    """The configured model. A remote one only ever sees masked text.

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

        return OpenAIModel(chosen, mask=applied)
    from llm.anthropic import AnthropicModel

    return AnthropicModel(chosen, mask=applied)
