"""What language models used, day by day: one sum for every process that shares the workspace.

An amount is set aside before a call and put right after it. Both are one statement each, so that two processes
that ask at once cannot both take the last of a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from store.workspace.part import Part
from store.workspace.tables import MODEL_SPENDING

# A sum of floating-point amounts may lie a hair above the limit that it equals.
_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and US dollars of one day, with what is set aside for calls under way."""

    tokens: int = 0
    dollars: float = 0.0


class ModelSpending(Part):
    """The sums of the days."""

    def set_spending_aside(
        self, day: date, amount: Spent, *, most_tokens: int = 0, most_dollars: float = 0
    ) -> bool:
        """Add an amount to a day unless that would go over a limit (0: none); gives whether it was added."""
        table = MODEL_SPENDING.c
        add = update(MODEL_SPENDING).where(table.day == day)
        if most_tokens:
            add = add.where(table.tokens + amount.tokens <= most_tokens)
        if most_dollars:
            add = add.where(table.dollars + amount.dollars <= most_dollars + _HAIR)
        add = add.values(tokens=table.tokens + amount.tokens, dollars=table.dollars + amount.dollars)
        begin = insert(MODEL_SPENDING).values(day=day, tokens=0, dollars=0.0)
        known = select(table.day).where(table.day == day)

        def work(con: Connection) -> bool:
            if con.execute(known).first() is None:
                con.execute(begin)
            return con.execute(add).rowcount == 1

        return self._writing(work)

    def put_spending_right(self, day: date, difference: Spent) -> None:
        """Add what a call used beyond what was set aside for it; negative where it used less."""
        table = MODEL_SPENDING.c
        change = update(MODEL_SPENDING).where(table.day == day)
        change = change.values(
            tokens=table.tokens + difference.tokens, dollars=table.dollars + difference.dollars
        )
        self._writing(lambda con: con.execute(change))
