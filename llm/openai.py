"""OpenAI, and every server that speaks its chat completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, SecretStr

from llm._langchain import RemoteModel
from llm.base import Form

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
            timeout=chosen.timeout_s, max_retries=0, max_tokens=chosen.max_tokens,
            use_responses_api=False,
        )  # fmt: skip

    def _bound(self, schema: type[BaseModel], form: Form) -> Any:
        if form != "schema":
            return super()._bound(schema, form)
        named = {"name": schema.__name__, "strict": True, "schema": strict(schema.model_json_schema())}
        # Past the client's own reading of the answer: it loses what an unreadable one was and took.
        return self._client.bind(
            extra_body={"response_format": {"type": "json_schema", "json_schema": named}}
        )


def strict(schema: Any) -> Any:
    """A JSON schema as strict servers want it: every property required, no others, no defaults."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(part) for key, part in schema.items() if key != "default"}
    if isinstance(made.get("properties"), dict):
        made |= {"required": list(made["properties"]), "additionalProperties": False}
    return made
