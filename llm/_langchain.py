"""What the remote providers share: masking, the ladder to a checked object, errors in our own classes.

The ladder: the server's own JSON schema, then a forced tool, then JSON asked for in words with one repair.
The first rung that a server accepts is remembered.
"""

from __future__ import annotations

import json
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ValidationError

from core import log
from core.errors import AppError, ConfigError, LLMError, LLMRefused, LLMUnavailable
from core.settings import LanguageModel, secret_value
from llm.base import Mask, Reply, Usage

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import BaseMessage

logger = logging.getLogger(__name__)

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_REPAIR = "That was not valid: {problem}\nAnswer again with one JSON object of this schema and nothing else:\n{schema}"
_ASKED = "\n\nAnswer with one JSON object of this JSON schema and nothing else:\n{schema}"


class RemoteModel(ABC):
    """A chat model behind a network. Made lazily: the first call opens the client."""

    provider: ClassVar[str]
    default_model: ClassVar[str]
    rungs: ClassVar[tuple[str, ...]] = ("json_schema", "function_calling", "text")

    def __init__(self, settings: LanguageModel, *, mask: Mask | None = None) -> None:
        self.settings, self._mask = settings, mask
        self._rung = 0

    @property
    def name(self) -> str:
        """The model's name at its provider."""
        return self.settings.model or self.default_model

    @abstractmethod
    def _make(self, key: str) -> BaseChatModel:
        """The provider's client."""

    @cached_property
    def _client(self) -> BaseChatModel:
        if self.settings.api_key is None:
            if self.settings.base_url is None:
                raise ConfigError(
                    f"there is no key for {self.provider}.",
                    hint=f'Set llm.api_key = "env:NAME" for {self.provider}.',
                )
            return self._make("unused")  # many self-hosted servers take any key
        return self._make(secret_value(self.settings.api_key))

    def complete(self, system: str, user: str, schema: type[BaseModel] | None = None) -> Reply:
        """One answer; with a schema a checked object. Raises LLMError, ConfigError without a key."""
        messages = self._messages(system, user)
        if schema is None:
            answer = self._call(lambda: self._client.invoke(messages))
            return Reply(_text(answer), None, _usage(answer))
        return self._structured(messages, schema)

    def stream(self, system: str, user: str) -> Iterator[str]:
        """The answer in pieces, none of them empty. Raises LLMError."""
        pieces = self._client.stream(self._messages(system, user))
        said = False
        while True:
            piece = self._call(lambda: next(pieces, None))
            if piece is None:
                break
            text = _text(piece)
            if text:
                said = True
                yield text
        if not said:
            raise LLMError(f"{self.provider} sent an empty answer.", hint="Try again, or another model.")

    def _messages(self, system: str, user: str) -> list[BaseMessage]:
        from langchain_core.messages import HumanMessage, SystemMessage

        shown = self._mask(user) if self._mask else user
        return [SystemMessage(system), HumanMessage(shown)]

    def _structured(self, messages: list[BaseMessage], schema: type[BaseModel]) -> Reply:
        while True:
            rung = self.rungs[self._rung]
            if rung == "text":
                return self._from_text(messages, schema)
            try:
                return self._by_server(messages, schema, rung)
            except (LLMRefused, _NotParsed) as error:
                # Many compatible servers lack one or the other: take the next rung and stay there.
                if getattr(error, "code_status", 400) in (401, 403, 404):
                    raise
                self._rung += 1
                logger.info(
                    "structured output not supported", extra={"rung": rung, "provider": self.provider}
                )

    def _by_server(self, messages: list[BaseMessage], schema: type[BaseModel], rung: str) -> Reply:
        runnable = self._client.with_structured_output(schema, method=rung, include_raw=True)
        answer: Any = self._call(lambda: runnable.invoke(messages))
        parsed, raw = answer.get("parsed"), answer.get("raw")
        if isinstance(parsed, schema):
            return Reply(_text(raw), parsed, _usage(raw))
        found = _parsed(_text(raw), schema)
        if isinstance(found, str):
            raise _NotParsed(found)
        return Reply(_text(raw), found, _usage(raw))

    def _from_text(self, messages: list[BaseMessage], schema: type[BaseModel]) -> Reply:
        from langchain_core.messages import AIMessage, HumanMessage

        wanted = json.dumps(schema.model_json_schema())
        talk = [*messages[:-1], HumanMessage(_text(messages[-1]) + _ASKED.format(schema=wanted))]
        usage = Usage()
        problem = ""
        for _ in range(2):
            answer = self._call(lambda talk=talk: self._client.invoke(talk))  # type: ignore[misc]
            usage = _added(usage, _usage(answer))
            found = _parsed(_text(answer), schema)
            if not isinstance(found, str):
                return Reply(_text(answer), found, usage)
            problem = found
            talk = [
                *talk,
                AIMessage(_text(answer)),
                HumanMessage(_REPAIR.format(problem=problem, schema=wanted)),
            ]
        raise LLMError(f"{self.name} did not give the asked form: {problem}.", hint="Try another model.")

    def _call(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except AppError:
            raise
        except Exception as error:
            raise self._own(error) from None

    def _own(self, error: Exception) -> Exception:
        """The provider's error in our words, without its body: that may repeat a key or a text."""
        from langchain_core import exceptions as known

        status = getattr(error, "status_code", None)
        kind = type(error).__name__
        wrong_key = known.ModelAuthenticationError | known.ModelPermissionDeniedError
        if isinstance(error, wrong_key) or status in (401, 403):
            return _refused(f"{self.provider} refused the key.", "Check llm.api_key.", status or 401)
        if isinstance(error, known.ModelNotFoundError) or status == 404:
            return _refused(
                f"{self.provider} has no model {self.name!r}, or not at this address.",
                "Check llm.model and llm.base_url.",
                404,
            )
        if isinstance(error, known.ModelTimeoutError):
            return LLMUnavailable(
                f"{self.provider} did not answer within {self.settings.timeout_s:g} s.",
                hint="Raise llm.timeout_s.",
            )
        if isinstance(error, known.ModelRateLimitError) or status == 429:
            return LLMUnavailable(
                f"{self.provider} asks to slow down.", hint="Wait a minute, then ask again."
            )
        if isinstance(error, known.ModelConnectionError):
            return LLMUnavailable(
                f"{self.provider} cannot be reached.", hint="Check llm.base_url and the network."
            )
        if status is not None and int(status) >= 500:
            return LLMUnavailable(f"{self.provider} failed with status {status}.", hint="Try again later.")
        wrong_request = known.ModelInvalidRequestError | known.ContextOverflowError
        if isinstance(error, wrong_request) or status is not None:
            return _refused(
                f"{self.provider} refused the request ({status or kind}).",
                "Check llm.model.",
                int(status or 400),
            )
        if isinstance(error, ValueError | TypeError | KeyError | AttributeError | IndexError):
            logger.debug("unreadable answer", extra={"problem": log.blot(kind)})
            return _NotParsed(f"{self.provider} sent something that cannot be read ({kind}).")
        return LLMUnavailable(f"{self.provider} broke off ({kind}).", hint="Try again.")


class _NotParsed(LLMError):
    """The answer was not of the asked form."""


def _refused(message: str, hint: str, status: int) -> LLMRefused:
    error = LLMRefused(message, hint=hint)
    error.code_status = status  # type: ignore[attr-defined]
    return error


def _text(message: Any) -> str:
    """The text of a message, whose content may be a list of blocks."""
    content = getattr(message, "content", "")
    if isinstance(content, str):
        return content
    return "".join(
        b if isinstance(b, str) else str(b.get("text", "")) for b in content if isinstance(b, str | dict)
    )


def _usage(message: Any) -> Usage:
    counted = getattr(message, "usage_metadata", None) or {}
    return Usage(int(counted.get("input_tokens", 0)), int(counted.get("output_tokens", 0)))


def _added(one: Usage, other: Usage) -> Usage:
    return Usage(one.input_tokens + other.input_tokens, one.output_tokens + other.output_tokens)


def _parsed(text: str, schema: type[BaseModel]) -> BaseModel | str:
    """The object in a text, or what is wrong with it."""
    found = _OBJECT.search(text)
    if not found:
        return "there is no JSON object in it"
    try:
        return schema.model_validate_json(found[0])
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
