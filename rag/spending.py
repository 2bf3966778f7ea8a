"""The day's budget of the language model, kept in the workspace: every process that shares it draws on one sum."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core import clock
from core.errors import AppError, LLMError, StoreError
from core.home import Home
from core.settings import Settings
from rag.answer import Usage

if TYPE_CHECKING:
    from llm.base import ChatModel
    from llm.base import Usage as Used
    from llm.budget import BudgetedModel

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DayLedger:
    """Counts in the workspace, by days of the reporting zone."""

    home: Home
    settings: Settings

    def set_aside(self, tokens: int, dollars: float) -> date | None:
        """The day it was added to, or None over the limit. Raises LLMError: what cannot be counted is not spent."""
        from store.workspace import Spent, Workspace

        limits = self.settings.llm
        day = clock.today(self.settings.workspace.reporting_zone)
        try:
            added = Workspace(self.home).set_spending_aside(
                day, Spent(tokens, dollars),
                most_tokens=limits.tokens_per_day, most_dollars=limits.dollars_per_day,
            )  # fmt: skip
        except StoreError as error:
            raise LLMError(f"its budget cannot be counted: {error.message}", hint=error.hint) from None
        return day if added else None

    def put_right(self, day: date, tokens: int, dollars: float) -> None:
        """Add the difference; where that fails, what was set aside stays counted."""
        from store.workspace import Spent, Workspace

        try:
            Workspace(self.home).put_spending_right(day, Spent(tokens, dollars))
        except StoreError as error:
            logger.warning("language model's use not put right", extra={"reason": error.message})


@dataclass(frozen=True, slots=True)
class Sum:
    """One model's sum in the workspace, over all time."""

    home: Home
    provider: str
    model: str

    def count(self, used: Used, dollars: float | None) -> None:
        """Add a call. An answer that is there is not lost for a sum that cannot be written."""
        from store.workspace import ModelUse, Workspace

        use = ModelUse(self.provider, self.model, 1, used.input_tokens, used.output_tokens, dollars)
        try:
            Workspace(self.home).count_model_use(use)
        except AppError as error:
            logger.warning("language model's use not counted", extra={"reason": error.message})


def within_budget(model: ChatModel, home: Home, settings: Settings) -> BudgetedModel:
    """The model, counted; with a limit in the settings, asked only within it."""
    from llm.budget import BudgetedModel

    limits = settings.llm
    limited = limits.tokens_per_day > 0 or limits.dollars_per_day > 0
    ledger = DayLedger(home, settings) if limited else None
    return BudgetedModel(model, limits, ledger, count=Sum(home, model.provider, model.name).count)


def usage_of(model: BudgetedModel | None, *, reused: bool = False) -> Usage:
    """What a run used, as part of its answer."""
    if model is None:
        return Usage()
    bill = model.bill
    return Usage(
        input_tokens=bill.usage.input_tokens, output_tokens=bill.usage.output_tokens, calls=bill.calls,
        estimated_tokens=bill.reckoned.input_tokens + bill.reckoned.output_tokens,
        cost=bill.dollars, estimated_cost=bill.reckoned_dollars, reused=reused,
    )  # fmt: skip
