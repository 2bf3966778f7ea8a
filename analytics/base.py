"""What a metric is: a measure over rows of one table, and everything needed to explain it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Literal

from analytics.population import is_counted
from core.filters import Hours

if TYPE_CHECKING:
    import ibis.expr.types as ir

Unit = Literal["count", "seconds", "share", "score", "rate", "number", "points"]
Better = Literal["lower", "higher", "neutral"]
TableOf = Callable[[str], "ir.Table"]
Kind = Literal["count", "sum", "quantile", "share", "mean", "ratio", "level", "level_quantile", "rate"]
FACTS = "conversation_facts"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose number it is: for each dimension that has a history, the column that holds its value at `moment`.

    A dimension that is not among `columns` (tags, custom fields, product, …) has its value of now.
    """

    moment: str
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)

    def as_of(self, dimension: str) -> str:
        """When a dimension's value held, in words."""
        return self.moment if dimension in self.columns else "now"


NOW = Attribution("now")
AT_CREATION = Attribution("creation", {"team": "created_team", "priority": "created_priority"})


def at(moment: str, prefix: str) -> Attribution:
    """Agent, team and priority of a moment of the facts: columns <prefix>_agent, _team, _priority."""
    return Attribution(moment, {name: f"{prefix}_{name}" for name in ("agent", "team", "priority")})


OF_THE_ROW = {"agent": "agent", "team": "team", "priority": "priority"}  # tables that hold them as of then

# When a row of each table came about: what decides which rows a period should have held.
ARISES = {
    FACTS: "created_local",
    "replies": "replied_local",
    "solves": "solved_local",
    "sla_instances": "due_local",
    "open_spans": "opened_local",
}
ROWS = {
    FACTS: "conversations",
    "replies": "replies",
    "solves": "solves",
    "sla_instances": "targets",
    "open_spans": "conversations",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an `extend` may use: other tables, the earliest moment asked about, and how far the data is known.

    Both moments are naive wall-clock times of the reporting zone.
    """

    tables: TableOf
    since: datetime
    known: datetime


@dataclass(frozen=True, slots=True)
class Variant:
    """Another published definition of a metric: shown in the audit, not in the picker."""

    name: str
    description: str
    source: str
    measure: Callable[[ir.Table], ir.Column]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the catalogue. Its expression is Ibis over `table`, on any engine.

    `table` has one row per thing counted: a conversation (the facts), a reply, a solve, an SLA target. `bucket`
    is the column whose day a row counts on, in words `counted_on`. `measure` gives one value a row (for a share:
    1 when it is a hit, else 0), NULL where the row is outside the metric; `business` the same in working time.
    Of a level_quantile, whose values are ages, it is the wall-clock moment since when a row of open_spans ages.
    `admits` names excluded kinds that belong to this metric. `missing` says in words why a conversation of the
    period is not in the number. `needs` names what a source must be able to tell; `takes_dates` says that dates
    on the source's rows do as well. `ripe_days` is how long one must wait before a row is judged. `per` names the
    columns whose distinct values a ratio divides by; with `per_hour` all rows of one value are of one hour. `source`
    says whose definition it is. Metrics of the settings have filters of their own in `where`, and what they are
    divided by in `over`.
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
    counted_on: str
    null_when: str
    source: str
    missing: str = ""
    table: str = FACTS
    measure: Callable[[ir.Table], ir.Column] | None = None
    business: Callable[[ir.Table], ir.Column] | None = None
    quantile: float | None = None
    needs: tuple[str, ...] = ()
    takes_dates: bool = False
    ripe_days: int = 0
    attribution: Attribution = NOW
    admits: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    per_hour: bool = False
    variants: tuple[Variant, ...] = ()
    family: str | None = None
    in_picker: bool = True
    extend: Callable[[ir.Table, Scope], ir.Table] | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    over: Metric | None = None

    @property
    def arises(self) -> str:
        """The column that says when a row came about, whether or not it has a value."""
        return ARISES[self.table]

    @property
    def of_moments(self) -> bool:
        """Whether it counts what is open at a moment, and not what happens in a span of time."""
        return self.table == "open_spans"

    @property
    def rows(self) -> str:
        """What n counts, in the plural: conversations, replies, solves, targets."""
        return ROWS[self.table]

    def population(
        self, table: ir.Table, include: tuple[str, ...] = (), hours: Hours = "calendar"
    ) -> ir.BooleanValue:
        """Which rows are in the number, before filters and period."""
        inside = self.counts(table, include) & table[self.bucket].notnull()
        return inside & self.value_of(table, hours).notnull() if self.measure else inside

    def counts(self, table: ir.Table, include: tuple[str, ...] = ()) -> ir.BooleanValue:
        """Whether a row's conversation counts, with the kinds that the metric or the question admits."""
        return is_counted(table, (*self.admits, *include))

    def value_of(self, table: ir.Table, hours: Hours = "calendar") -> ir.Column:
        """The row's own value: seconds, a score, or 1 and 0 for a share; 1 for a count."""
        import ibis

        measure = self.business if hours == "business" and self.business else self.measure
        one: ir.Column = ibis.literal(1, "int64")
        return measure(table) if measure else one

    def divides_by(self, table: ir.Table) -> ir.Column:
        """The column whose distinct values a ratio divides by; of several one text a row, NULL where one is."""
        if len(self.per) == 1:
            only: ir.Column = table[self.per[0]]
            return only
        texts: list[ir.StringColumn] = [table[name].cast("string") for name in self.per]
        return reduce(lambda left, right: left + "\x1f" + right, texts)

    def aggregate(
        self, measures: ir.Column, rows: ir.IntegerScalar, divisors: ir.IntegerScalar | None = None
    ) -> ir.Scalar:
        """The number itself, over the measures of the rows in the population; a ratio divides by `divisors`."""
        if self.kind in ("count", "level", "rate"):
            return rows.cast("float64")
        if self.quantile is not None:
            # Linear interpolation between order statistics, exact on every engine.
            return measures.quantile(self.quantile).cast("float64")
        if self.kind == "sum":
            return addable(measures).sum().cast("float64")
        if divisors is not None:
            return rows.cast("float64") / divisors.nullif(0)
        return addable(measures).mean().cast("float64")


def addable(measures: ir.Column) -> ir.Column:
    """The same values, of which a sum is the same in whatever order they come: fractions to twelve digits."""
    exact: ir.Column = measures.cast("decimal(38, 12)") if measures.type().is_floating() else measures
    return exact
