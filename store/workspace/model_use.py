"""What each language model used since the workspace is there: calls, tokens and, where there are prices, dollars."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from store.workspace.part import Part
from store.workspace.tables import MODEL_USE

_NAME = 200  # letters of a name that are kept


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Calls of one model, the tokens that were sent and came back, and US dollars (None: never with a price)."""

    provider: str
    model: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    dollars: float | None = None


class ModelUses(Part):
    """Sums that only grow."""

    def model_uses(self) -> list[ModelUse]:
        """One sum for each model, by provider and name."""
        query = select(MODEL_USE).order_by(MODEL_USE.c.provider, MODEL_USE.c.model)
        with self._reading() as con:
            return [ModelUse(**row) for row in con.execute(query).mappings()]

    def count_model_use(self, use: ModelUse) -> None:
        """Add to the sum of its model. Raises StoreError."""
        table = MODEL_USE.c
        provider, model = use.provider[:_NAME], use.model[:_NAME]
        add = {
            "calls": table.calls + use.calls,
            "input_tokens": table.input_tokens + use.input_tokens,
            "output_tokens": table.output_tokens + use.output_tokens,
        }
        if use.dollars is not None:
            add["dollars"] = func.coalesce(table.dollars, 0.0) + use.dollars
        change = update(MODEL_USE).where(table.provider == provider, table.model == model).values(add)
        begin = insert(MODEL_USE).values(
            provider=provider, model=model, calls=use.calls, input_tokens=use.input_tokens,
            output_tokens=use.output_tokens, dollars=use.dollars,
        )  # fmt: skip

        def work(con: Connection) -> None:
            if not con.execute(change).rowcount:
                con.execute(begin)  # somebody else may be first: then it is done again, as a change

        self._writing(work)
