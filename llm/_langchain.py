"""What the remote providers share: masking, patience, and the ladder to a checked object.

The ladder: the server's own JSON schema, then a forced tool, then JSON asked for in words with one repair. A step that
a server refuses is not tried again; after an answer that cannot be read the next step is taken for that answer alone.
"""

from __future__ import annotations

import json
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ValidationError

from core.errors import AppError, ConfigError, LLMError, LLMUnavailable
from core.settings import LanguageModel, secret_value
from llm._errors import FormRefused, Unreadable, own, too_long
from llm._patience import Patience, Wait
from llm.base import Form, Hear, Mask, Reply, Usage

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import BaseMessage

logger = logging.getLogger(__name__)

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_REPAIR = "That was not valid: {problem}\nAnswer again with one JSON object of this schema and nothing else:\n{schema}"
_ASKED = "\n\nAnswer with one JSON object of this JSON schema and nothing else:\n{schema}"
_STEPS: tuple[Form, ...] = ("schema", "tools", "text")
_METHODS: dict[Form, str] = {"schema": "json_schema", "tools": "function_calling"}  # as the clients call them
_NAMES: dict[Form, str] = {"schema": "structured output", "tools": "tools", "text": "text"}
_LEAST_S = 0.05  # a call that is made at all is given so much


class RemoteModel(ABC):
    """A chat model behind a network. Made lazily: the first call opens the client."""

    provider: ClassVar[str]
    default_model: ClassVar[str]

    def __init__(
        self, settings: LanguageModel, *, mask: Mask | None = None, patience: Patience | None = None
    ) -> None:
        self.settings, self._mask = settings, mask
        self._patience = patience or Patience(settings.max_retries, settings.give_up_s)
        self._step = 0

    @property
    def name(self) -> str:
        """The model's name at its provider."""
        return self.settings.model or self.default_model

    @abstractmethod
    def _make(self, key: str) -> BaseChatModel:
        """The provider's client. It must not try again itself: `Patience` does."""

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

    def complete(
        self, system: str, user: str, schema: type[BaseModel] | None = None, *, heard: Hear | None = None
    ) -> Reply:
        """One answer; with a schema a checked object. Raises LLMError, ConfigError without a key."""
        messages, wait = self._messages(system, user), self._patience.begin()
        if schema is not None:
            return self._structured(messages, schema, wait, heard)
        answer = self._ask(self._client, messages, wait, heard)
        if not _text(answer):
            raise LLMError(f"{self.provider} sent an empty answer.", hint="Try again, or another model.")
        return Reply(_text(answer), None, _usage(answer))

    def _messages(self, system: str, user: str) -> list[BaseMessage]:
        from langchain_core.messages import HumanMessage, SystemMessage

        shown = self._mask(user) if self._mask else user
        return [SystemMessage(system), HumanMessage(shown)]

    def _structured(
        self, messages: list[BaseMessage], schema: type[BaseModel], wait: Wait, heard: Hear | None
    ) -> Reply:
        """The first step of the ladder that gives an object, what it took, and why it was not the first of all."""
        spent, instead = Usage(), self._lacking()
        for at in range(self._step, len(_STEPS)):
            form = _STEPS[at]
            by = self._from_text if form == "text" else self._by_server
            try:
                reply = by(messages, schema, form, wait, heard)
                return replace(reply, usage=reply.usage + spent, form=form, instead=instead)
            except FormRefused:
                if form == "text":
                    raise
                self._step, instead = at + 1, f"{self.provider} refuses {_NAMES[form]}"
            except Unreadable as error:
                spent += error.usage
                if form == "text":
                    raise Unreadable(error.message, hint=error.hint, usage=spent) from None
                instead = f"its {_NAMES[form]} could not be read"
            logger.info("next form of output", extra={"form": form, "provider": self.provider})
        raise AssertionError("the last step returns or raises")

    def _lacking(self) -> str:
        return f"{self.provider} refuses {_NAMES[_STEPS[self._step - 1]]}" if self._step else ""

    def _by_server(
        self, messages: list[BaseMessage], schema: type[BaseModel], form: Form, wait: Wait, heard: Hear | None
    ) -> Reply:
        return self._read(self._ask(self._bound(schema, form), messages, wait, heard), schema)

    def _bound(self, schema: type[BaseModel], form: Form) -> Any:
        """The client, told to answer with an object in this form."""
        made: Any = self._client.with_structured_output(schema, method=_METHODS[form])
        return made.first  # what asks; the part behind it tells too little of an answer that cannot be read

    def _from_text(
        self, messages: list[BaseMessage], schema: type[BaseModel], form: Form, wait: Wait, heard: Hear | None
    ) -> Reply:
        from langchain_core.messages import AIMessage, HumanMessage

        wanted = json.dumps(schema.model_json_schema())
        talk = [*messages[:-1], HumanMessage(_text(messages[-1]) + _ASKED.format(schema=wanted))]
        answer = self._ask(self._client, talk, wait, heard)
        try:
            return self._read(answer, schema)
        except Unreadable as error:
            problem, spent = error.message, error.usage
        said = [AIMessage(_text(answer)), HumanMessage(_REPAIR.format(problem=problem, schema=wanted))]
        try:
            reply = self._read(self._ask(self._client, [*talk, *said], wait, heard), schema)
        except Unreadable as error:
            raise Unreadable(
                f"{self.name} did not give the asked form: {error.message}.",
                hint="Try another model.", usage=spent + error.usage,
            ) from None  # fmt: skip
        return replace(reply, usage=reply.usage + spent)

    def _read(self, answer: Any, schema: type[BaseModel]) -> Reply:
        """The object of an answer. Raises Unreadable with what is wrong."""
        said = _said(answer)
        found = _parsed(said, schema)
        if isinstance(found, str):
            if _was_cut(answer):
                raise too_long(self.provider)
            raise Unreadable(found, usage=_usage(answer))
        return Reply(said, found, _usage(answer))

    def _ask(self, runnable: Any, messages: list[BaseMessage], wait: Wait, heard: Hear | None) -> Any:
        """One message, after as many tries as the patience allows; `heard` is told of it while it comes."""
        return wait.through(lambda: self._call(lambda: self._once(runnable, messages, wait, heard)))

    def _once(self, runnable: Any, messages: list[BaseMessage], wait: Wait, heard: Hear | None) -> Any:
        timed = runnable.bind(timeout=max(min(self.settings.timeout_s, wait.left_s), _LEAST_S))
        if heard is None:
            return timed.invoke(messages)
        whole: Any = None
        try:
            for piece in timed.stream(messages):
                whole = piece if whole is None else whole + piece
                self._still(wait)
                heard(_said(whole))
        except ValueError:
            if whole is not None:
                raise
        return timed.invoke(messages) if whole is None else whole  # some servers know no streams

    def _still(self, wait: Wait) -> None:
        if wait.left_s <= 0:
            total_s = self._patience.total_s
            raise LLMUnavailable(
                f"{self.provider} was not done after {total_s:g} s.", hint="Raise llm.give_up_s."
            )

    def _call(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except AppError:
            raise
        except Exception as error:
            raise own(error, self.provider, self.name, self.settings.timeout_s) from None


def _text(message: Any) -> str:
    """The text of a message, whose content may be a list of blocks."""
    content = getattr(message, "content", "")
    if isinstance(content, str):
        return content
    return "".join(
        b if isinstance(b, str) else str(b.get("text", "")) for b in content if isinstance(b, str | dict)
    )


def _said(message: Any) -> str:
    """The text of a message, or what it hands to a tool, as JSON; whole or as far as it came."""
    pieces = getattr(message, "tool_call_chunks", None)
    if pieces:
        return str(pieces[0].get("args") or "")
    calls = getattr(message, "tool_calls", None)
    return json.dumps(calls[0]["args"]) if calls else _text(message)


def _was_cut(message: Any) -> bool:
    """Whether the server says that the answer reached the longest allowed."""
    told = getattr(message, "response_metadata", None) or {}
    return told.get("finish_reason") == "length" or told.get("stop_reason") == "max_tokens"


def _usage(message: Any) -> Usage:
    counted = getattr(message, "usage_metadata", None) or {}
    return Usage(int(counted.get("input_tokens", 0)), int(counted.get("output_tokens", 0)))


def _parsed(text: str, schema: type[BaseModel]) -> BaseModel | str:
    """The object in a text, or what is wrong with it."""
    found = _OBJECT.search(text)
    if not found:
        return "there is no JSON object in it"
    try:
        return schema.model_validate_json(found[0])
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
