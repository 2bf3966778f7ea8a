"""What a metric is: a measure over conversations, and everything needed to explain it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ibis.expr.types as ir

Unit = Literal["count", "seconds", "share", "score", "rate"]
Better = Literal["lower", "higher", "neutral"]
TableOf = Callable[[str], "ir.Table"]
Kind = Literal["count", "quantile", "share", "mean", "level", "rate"]

_MOMENTS = {
    "created_local": "creation",
    "first_reply_local": "the first reply",
    "first_solved_local": "the first solve",
    "last_solved_local": "the last solve",
    "csat_local": "the rating",
    "opened_local": "each moment at which it is open",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the catalogue. Its expression is Ibis over conversation_facts, on any engine.

    `bucket` is the column whose day a conversation counts on. `measure` gives one value a conversation
    (for a share: 1 when it is a hit, else 0), NULL where the conversation is outside the metric.
    `missing` says in words why a conversation of the period is not in the number. `needs` names what a
    source must be able to tell. `takes_dates` says that dates on the source's rows do as well.
    `ripe_days` is how long one must wait before a conversation is judged. `extend` adds columns from
    other tables (rows since the given moment) that the measure reads.
    """

    name: str
    title: str
    unit: Unit
    better: Better
    kind: Kind
    words: tuple[str, ...]
    description: str
    population_text: str
    bucket: str
    null_when: str
    missing: str = ""
    measure: Callable[[ir.Table], ir.Column] | None = None
    quantile: float | None = None
    needs: tuple[str, ...] = ()
    takes_dates: bool = False
    ripe_days: int = 0
    extend: Callable[[ir.Table, TableOf, datetime], ir.Table] | None = None

    @property
    def counted_on(self) -> str:
        """The moment on whose day a conversation counts, in words."""
        return _MOMENTS[self.bucket]

    def population(self, table: ir.Table) -> ir.BooleanValue:
        """Which conversations are in the number, before filters and period."""
        inside = table.is_counted & table[self.bucket].notnull()
        return inside & self.value_of(table).notnull() if self.measure else inside

    def value_of(self, table: ir.Table) -> ir.Column:
        """The conversation's own value: seconds, a score, or 1 and 0 for a share; 1 for a count."""
        import ibis

        one: ir.Column = ibis.literal(1, "int64")
        return self.measure(table) if self.measure else one

    def aggregate(self, measures: ir.Column, rows: ir.IntegerScalar) -> ir.Scalar:
        """The number itself, over the measures of the conversations in the population."""
        if self.kind in ("count", "level", "rate"):
            return rows.cast("float64")
        if self.kind == "quantile":
            # Linear interpolation between order statistics, exact on every engine.
            return measures.quantile(self.quantile).cast("float64")
        return measures.mean().cast("float64")

    def expression(self, table: ir.Table) -> ir.Scalar:
        """The metric of a facts table as one Ibis value."""
        chosen = table.filter(self.population(table))
        return self.aggregate(self.value_of(chosen), chosen.count())

    def n_expression(self, table: ir.Table) -> ir.IntegerScalar:
        """How many conversations the number rests on."""
        return table.filter(self.population(table)).count()
