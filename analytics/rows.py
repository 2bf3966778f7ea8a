"""The rows a number is made of: those of the metric's table, with what they are filtered and split by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.base import FACTS, Metric, TableOf
from analytics.question import Question, between, phase, within
from core.clock import WEEKDAYS
from core.filters import Filters
from core.keys import KEYS

if TYPE_CHECKING:
    import ibis.expr.types as ir

SILENT = "source:"
CLOCKLESS = "no working hours"


def rows_of(tables: TableOf, question: Question, by: tuple[str, ...], *more: str) -> ir.Table:
    """The rows that pass the filters, in the period or not, with the columns of `by` and `more`.

    Agent, team, priority and the like are those of the moment that the metric is attributed to. The facts are
    joined only where the metric's own table does not hold what is asked for. Raises QuestionError for a
    dimension that the metric's rows do not have.
    """
    metric = question.metric
    own = Filters(where=metric.where)
    names = (*dimensions.names_of(question.filters, by), *dimensions.names_of(own))
    for name in names:
        dimensions.require(dimensions.find(name), metric)
    if metric.table == FACTS:
        table = dimensions.facts(tables, names)
    else:
        table = _with_facts(tables, tables(metric.table), names, more)
    if metric.extend:
        table = metric.extend(table, question.scope(tables))
    table = _timed(_attributed(table, metric), metric, names)
    return dimensions.where(dimensions.where(table, question.filters), own)


def chosen(
    tables: TableOf, question: Question, by: tuple[str, ...], *more: str, both: bool = True
) -> ir.Table:
    """The rows in the number: phase (0 now, 1 before), at, measure, `divisor` of a ratio, and those asked for.

    Without `both` those of the period alone.
    """
    table, metric, frame = rows_of(tables, question, by, *more), question.metric, question.frame
    at = table[metric.bucket]
    span = within(at, frame) if both else between(at, frame.start, frame.until)
    rows = table.filter(counted(table, question), span)
    columns = {*more, *(dimensions.find(name).column for name in by)}
    divisor = {"divisor": metric.divides_by(rows)} if metric.kind == "ratio" else {}
    return rows.select(
        *sorted(columns),
        phase=phase(rows[metric.bucket], frame),
        at=rows[metric.bucket],
        measure=metric.value_of(rows, question.hours),
        **divisor,
    )


def counted(table: ir.Table, question: Question) -> ir.BooleanValue:
    """Whether a row can be in the number at all: its population, from a source that can tell."""
    inside = question.metric.population(table, question.include, question.hours)
    return inside & table.source_id.notin(question.lacking) if question.lacking else inside


def outside(table: ir.Table, question: Question) -> ir.Table:
    """Of the rows that came about in the period, those that are not in the number: reason, n."""
    frame, metric = question.frame, question.metric
    arisen = table.filter(between(table[metric.arises], frame.start, frame.until))
    left = arisen.filter(~counted(arisen, question).fill_null(False))
    return left.group_by(reason=reason_of(left, question)).aggregate(n=left.count())


def arisen(table: ir.Table, question: Question) -> ir.Table:
    """How many rows that count came about in the period, from all sources and from those that can tell: n, told."""
    frame, metric = question.frame, question.metric
    rows = table.filter(
        between(table[metric.arises], frame.start, frame.until), metric.counts(table, question.include)
    )
    tells = rows.source_id.notin(question.lacking).ifelse(1, 0)
    return rows.aggregate(n=rows.count(), value=tells.sum().fill_null(0).cast("float64"))


def reason_of(left: ir.Table, question: Question) -> ir.StringColumn:
    """Why a row is not in the number: a word, `source:<id>` that cannot tell, or '' for no value."""
    metric = question.metric
    counts = metric.counts(left, question.include).fill_null(False)
    told: ir.StringColumn = counts.ifelse("", left.excluded_because.fill_null("other"))
    if question.hours == "business" and metric.measure is not None:
        clockless = metric.value_of(left).notnull() & metric.value_of(left, "business").isnull()
        told = (counts & clockless).ifelse(CLOCKLESS, told)
    if question.lacking:
        silent = counts & left.source_id.isin(question.lacking)
        told = silent.ifelse(SILENT + left.source_id, told)
    return told


def _with_facts(tables: TableOf, table: ir.Table, names: tuple[str, ...], more: tuple[str, ...]) -> ir.Table:
    """The table with the columns of the facts that it lacks; as it is where it lacks none."""
    asked = (*(name for name in names if not dimensions.is_own(name)), *more)
    own = {*table.columns}
    facts = dimensions.facts(tables, tuple(name for name in names if not dimensions.is_own(name)))
    wanted = {dimensions.find(name).column if name in names else name for name in asked} - own
    return table.inner_join(facts.select(*KEYS, *sorted(wanted)), KEYS) if wanted else table


def _attributed(table: ir.Table, metric: Metric) -> ir.Table:
    """The table whose agent, team, priority, … are those of the moment the number is attributed to."""
    columns = {dimensions.find(name).column: column for name, column in metric.attribution.columns.items()}
    moved = {to: table[column] for to, column in columns.items() if to != column}
    return table.mutate(**moved) if moved else table


def _timed(table: ir.Table, metric: Metric, names: tuple[str, ...]) -> ir.Table:
    """The table with weekday and hour of the moment a row counts on, where they are asked for."""
    at, columns = table[metric.bucket], {}
    if "weekday" in names:
        columns["weekday"] = at.day_of_week.index().cases(*enumerate(WEEKDAYS))
    if "hour" in names:
        columns["hour"] = at.hour().cast("string").lpad(2, "0")
    return table.mutate(**columns) if columns else table
