"""Language models within a budget: reckoned before every call, counted after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from pydantic import BaseModel

from core.errors import LLMBudget, LLMError, LLMRefused, LLMUnavailable
from core.settings import LanguageModel
from llm._errors import Unreadable
from llm.base import ChatModel, Hear, Reply, Usage

# English text has about four bytes a token, JSON and other languages fewer: reckoned rather too high.
_BYTES_A_TOKEN = 3
_MILLION = 1_000_000


class Ledger(Protocol):
    """Where a day's use is counted, for all who share it. Raises LLMError when it cannot be."""

    def set_aside(self, tokens: int, dollars: float) -> date | None:
        """The day an amount was added to; None when that would go over the limit."""

    def put_right(self, day: date, tokens: int, dollars: float) -> None:
        """Add the difference to what was set aside."""


# Told what each call used, and its US dollars where there are prices.
Count = Callable[[Usage, float | None], None]


@dataclass(frozen=True, slots=True)
class Bill:
    """Calls with their tokens as counted, what was reckoned before, and US dollars (None without prices)."""

    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    reckoned: Usage = field(default_factory=Usage)
    dollars: float | None = None
    reckoned_dollars: float | None = None


class BudgetedModel:
    """A language model that is asked only while the ledger allows. `bill` is what it used so far."""

    def __init__(
        self,
        model: ChatModel,
        settings: LanguageModel,
        ledger: Ledger | None = None,
        *,
        count: Count | None = None,
    ) -> None:
        self._model, self._settings, self._ledger, self._count = model, settings, ledger, count
        self.bill = Bill()

    @property
    def provider(self) -> str:
        """The model's provider."""
        return self._model.provider

    @property
    def name(self) -> str:
        """The model's name at its provider."""
        return self._model.name

    def complete(
        self, system: str, user: str, schema: type[BaseModel] | None = None, *, heard: Hear | None = None
    ) -> Reply:
        """One answer. Raises LLMBudget before anything is sent, LLMError."""
        reckoned = reckoned_of(system, user, schema, self._settings)
        day = self._set_aside(reckoned)
        try:
            reply = self._model.complete(system, user, schema, heard=heard)
        except LLMError as error:
            self._enter(day, reckoned, _used_by_failure(error, reckoned))
            raise
        except BaseException:  # whoever listens went away in the middle
            self._enter(day, reckoned, reckoned)
            raise
        self._enter(day, reckoned, _counted(reply, reckoned))
        return reply

    def _set_aside(self, reckoned: Usage) -> date | None:
        if self._ledger is None:
            return None
        day = self._ledger.set_aside(_sum(reckoned), dollars_of(reckoned, self._settings) or 0.0)
        if day is None:
            raise LLMBudget(
                "the day's budget for the language model is used up.",
                hint="Wait for the next day, or raise llm.tokens_per_day or llm.dollars_per_day.",
            )
        return day

    def _enter(self, day: date | None, reckoned: Usage, used: Usage) -> None:
        settings, bill = self._settings, self.bill
        dollars, before = dollars_of(used, settings), dollars_of(reckoned, settings)
        self.bill = Bill(
            calls=bill.calls + 1, usage=bill.usage + used, reckoned=bill.reckoned + reckoned,
            dollars=None if dollars is None else (bill.dollars or 0.0) + dollars,
            reckoned_dollars=None if before is None else (bill.reckoned_dollars or 0.0) + before,
        )  # fmt: skip
        if self._ledger is not None and day is not None:
            self._ledger.put_right(day, _sum(used) - _sum(reckoned), (dollars or 0.0) - (before or 0.0))
        if self._count is not None:
            self._count(used, dollars)


def reckoned_of(system: str, user: str, schema: type[BaseModel] | None, settings: LanguageModel) -> Usage:
    """What one call is reckoned to take: about the tokens that are sent, and the longest answer allowed."""
    form = json.dumps(schema.model_json_schema()) if schema else ""
    return Usage(tokens_of(system + user + form), settings.max_tokens)


def tokens_of(text: str) -> int:
    """About how many tokens a text has, rather too many: one for three bytes of UTF-8."""
    return -(-len(text.encode("utf-8", errors="replace")) // _BYTES_A_TOKEN)


def dollars_of(usage: Usage, settings: LanguageModel) -> float | None:
    """What tokens cost by the prices of the settings, in US dollars; None where a price is missing."""
    if settings.price_in is None or settings.price_out is None:
        return None
    return (usage.input_tokens * settings.price_in + usage.output_tokens * settings.price_out) / _MILLION


def _counted(reply: Reply, reckoned: Usage) -> Usage:
    """The server's count; where it does not say, what was reckoned of what was sent and came back."""
    said = reply.usage
    return Usage(said.input_tokens or reckoned.input_tokens, said.output_tokens or tokens_of(reply.text))


def _used_by_failure(error: LLMError, reckoned: Usage) -> Usage:
    """What a failed call is taken to have used: nothing when refused, what was sent when nothing came back."""
    if isinstance(error, LLMRefused):
        return Usage()
    if isinstance(error, Unreadable) and error.usage != Usage():
        return error.usage
    return Usage(reckoned.input_tokens) if isinstance(error, LLMUnavailable) else reckoned


def _sum(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens
