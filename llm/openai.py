"""OpenAI, and every server that speaks its chat completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr

from llm._langchain import RemoteModel

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


class OpenAIModel(RemoteModel):
    """A model behind /chat/completions."""

    provider: ClassVar[str] = "openai"
    default_model: ClassVar[str] = "gpt-4o-mini"

    def _make(self, key: str) -> BaseChatModel:
        from langchain_openai import ChatOpenAI

        chosen = self.settings
        return ChatOpenAI(
            model=self.name, base_url=chosen.base_url, api_key=SecretStr(key), temperature=0,
            timeout=chosen.timeout_s, max_retries=chosen.max_retries, max_tokens=chosen.max_tokens,
            use_responses_api=False,
        )  # fmt: skip
