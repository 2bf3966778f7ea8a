"""Anthropic, and every server that speaks its messages API."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr

from llm._langchain import RemoteModel

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


class AnthropicModel(RemoteModel):
    """A model behind /v1/messages."""

    provider: ClassVar[str] = "anthropic"
    default_model: ClassVar[str] = "claude-sonnet-4-5"

    def _make(self, key: str) -> BaseChatModel:
        from langchain_anthropic import ChatAnthropic

        chosen = self.settings
        address = {} if chosen.base_url is None else {"base_url": chosen.base_url}
        return ChatAnthropic(
            model_name=self.name, api_key=SecretStr(key), timeout=chosen.timeout_s,
            max_retries=0, max_tokens_to_sample=chosen.max_tokens, stop=None, **address,
        )  # fmt: skip
