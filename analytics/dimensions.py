"""What numbers can be split and filtered by: columns of the facts, tags, customers' attributes, own fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from analytics import beforehand, mood_columns
from analytics.base import FACTS, OF_THE_ROW, ROWS, Metric, TableOf
from analytics.sla_states import STATES
from core import conditions
from core.clock import WEEKDAYS
from core.conditions import Condition
from core.errors import QuestionError
from core.filters import NONE, Filters
from core.keys import KEYS
from core.service_levels import CLOCKS
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader


CUSTOM = conditions.CUSTOM
ATTRIBUTE = "attribute_"  # columns of the facts that the refresh adds, one an attribute of customers


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to split what is counted.

    `table` is the only one that has it. `values` are all there can be, where that is known beforehand.
    """

    name: str
    title: str
    column: str
    words: tuple[str, ...] = ()
    table: str = FACTS
    values: tuple[str, ...] = ()

    @property
    def many(self) -> bool:
        """Whether a conversation can have several values."""
        return self.name in conditions.SEVERAL


DIMENSIONS: dict[str, Dimension] = {
    d.name: d
    for d in (
        Dimension("source", "Source", "source_id", ("source", "sources", "system")),
        Dimension("channel", "Channel", "channel", ("channel", "channels")),
        Dimension("team", "Team", "team", ("team", "teams", "group", "department")),
        Dimension("agent", "Agent", "agent", ("agent", "agents", "assignee", "who")),
        Dimension("priority", "Priority", "priority", ("priority", "priorities", "urgency")),
        Dimension("status", "Status", "status", ("status", "statuses", "state")),
        Dimension("product", "Product", "product", ("product", "products")),
        Dimension("topic", "Topic", "topic", ("topic", "topics", "subject", "theme", "themes")),
        Dimension("language", "Language", "language", ("language", "languages")),
        Dimension("sentiment", "Sentiment", "sentiment", ("sentiment", "mood")),
        Dimension("tag", "Tag", "tags", ("tag", "tags", "label", "labels")),
        Dimension("organization", "Organization", "organization", ("organization", "company", "account")),
        Dimension("requester", "Requester", "requester", ("requester", "customer", "customers")),
        Dimension("brand", "Brand", "brand", ("brand", "brands")),
        Dimension("type", "Type", "type", ("type", "types")),
        Dimension("topic_group", "Topic group", "topic_group"),
    )
}
JOINED = ("topic_group", "emerging")  # of a conversation, in no column of the facts
SLA = "sla_instances"
_NAMED = {"agent": "person", "team": "team"}  # kinds of names_seen
_CLOCK = "the moment a row counts on"
# Known by name alone: of one kind of metric, or of the moment on which something counts.
FURTHER: dict[str, Dimension] = {
    d.name: d
    for d in (
        Dimension("sla_metric", "Target of", "sla_metric", table=SLA, values=CLOCKS),
        Dimension("sla_state", "State of the target", "sla_state", table=SLA, values=STATES),
        Dimension("policy", "Policy", "policy", table=SLA),
        Dimension("csat_kind", "Rating scale", "csat_kind"),
        Dimension("csat_score", "Rating from 0 to 1", "csat_score"),
        Dimension("emerging", "Emerging group", "emerging"),
        Dimension("mood_start", "Mood at the start", mood_columns.START, values=mood_columns.CLASSES),
        Dimension("mood_end", "Mood at the end", mood_columns.END, values=mood_columns.CLASSES),
        Dimension("weekday", "Weekday", "weekday", table=_CLOCK, values=WEEKDAYS),
        Dimension("hour", "Hour of the day", "hour", table=_CLOCK, values=tuple(f"{n:02}" for n in range(24))),
        Dimension("created_team", "Team at creation", "created_team"),
        Dimension("created_priority", "Priority at creation", "created_priority"),
        Dimension("created_weekday", "Weekday of creation", beforehand.CREATED_WEEKDAY, values=WEEKDAYS),
        Dimension("created_hours", "Hours of creation", beforehand.CREATED_HOURS, values=beforehand.HOURS),
        Dimension("created_in_hours", "Working hours", beforehand.CREATED_IN_HOURS, values=beforehand.IN_HOURS),
        Dimension("early_agents", "Agents before the solve", beforehand.EARLY_AGENTS, values=beforehand.AGENTS),
        Dimension("early_replies", "Replies before the solve", beforehand.EARLY_REPLIES, values=beforehand.REPLIES),
        Dimension("early_pace", "First reply", beforehand.EARLY_PACE, values=beforehand.PACES),
        Dimension("word", "Word of the first message", beforehand.FIRST_WORDS),
    )
}  # fmt: skip


def find(name: str) -> Dimension:
    """The dimension called `name`: built in, `custom:<key>`, or an attribute of customers.

    Which attributes there are is known where the facts are (`facts`). Raises QuestionError for what cannot be one.
    """
    if name.startswith(CUSTOM) and len(name) > len(CUSTOM):
        key = name.removeprefix(CUSTOM)
        return Dimension(name, key, name)
    if name in DIMENSIONS or name in FURTHER:
        return DIMENSIONS.get(name) or FURTHER[name]
    if not re.fullmatch(r"\w+", name):
        raise _unknown(name, ())
    title = name.replace("_", " ").capitalize()
    return Dimension(name, title, ATTRIBUTE + name, (title.lower(),))


def attributes(reader: Reader, viewer: Viewer) -> tuple[Dimension, ...]:
    """The attributes of customers that this generation knows, by name."""
    return _attributes(reader.table("conversation_facts", viewer))


def _attributes(table: ir.Table) -> tuple[Dimension, ...]:
    names = sorted(c.removeprefix(ATTRIBUTE) for c in table.columns if c.startswith(ATTRIBUTE))
    return tuple(find(name) for name in names)


def _unknown(name: str, known: tuple[Dimension, ...]) -> QuestionError:
    names = (*sorted({*DIMENSIONS, *FURTHER}), *(d.name for d in known), f"{CUSTOM}<field>")
    return QuestionError(f"there is no dimension called {name!r}.", hint=f"Known: {', '.join(names)}.")


def is_own(name: str) -> bool:
    """Whether a dimension is of the metric's own rows, and in no column of the facts."""
    return find(name).table != FACTS


def require(dimension: Dimension, metric: Metric) -> None:
    """Raise QuestionError where the rows of a metric do not have a dimension."""
    if dimension.table == SLA and metric.table != SLA:
        raise QuestionError(
            f"{metric.title.lower()} has no {dimension.title.lower()}: only targets have.",
            hint="Leave it out, or ask for a metric of targets such as sla_compliance.",
        )
    if dimension.table == _CLOCK and metric.kind in ("level", "level_quantile"):
        raise QuestionError(
            f"{metric.title.lower()} is what is open at a moment, and has no {dimension.title.lower()}.",
            hint="Leave it out, or ask for it in steps of an hour or a day.",
        )


def facts(tables: TableOf, names: tuple[str, ...]) -> ir.Table:
    """The facts, with a text column per custom field, group of topics or emerging group that `names` speak of.

    They are joined only then.

    Raises QuestionError for a name that is no dimension of these facts.
    """
    columns = {find(name).column for name in names if not name.startswith(CUSTOM)}
    table = beforehand.with_columns(tables("conversation_facts"), tables, columns)
    table = mood_columns.with_columns(table, columns)
    for name in names:
        known = name.startswith(CUSTOM) or name in JOINED or is_own(name)
        if not known and find(name).column not in table.columns:
            raise _unknown(name, _attributes(table))
    table = _grouped(tables, table, names)
    custom = sorted({name for name in names if name.startswith(CUSTOM)})
    if not custom:
        return table
    joined = table.left_join(tables("conversations").select(*KEYS, "custom_fields"), KEYS)
    # Read after the join, so that only conversations that pass the other filters are looked into.
    fields = {name: _custom_value(joined.custom_fields, name.removeprefix(CUSTOM)) for name in custom}
    return joined.select(*table.columns, **fields)


def _grouped(tables: TableOf, table: ir.Table, names: tuple[str, ...]) -> ir.Table:
    """The facts with the group of their topic, and the emerging group they are in, where they are asked for."""
    if "topic_group" in names:
        topics = tables("topics")
        topics = topics.filter(topics.is_current).select("topic_id", topic_group=topics.group_label)
        table = table.left_join(topics, "topic_id").select(*table.columns, "topic_group")
    if "emerging" in names:
        groups = tables("emerging_groups").select("group_no", emerging="label")
        members = tables("emerging_conversations").inner_join(groups, "group_no").select(*KEYS, "emerging")
        table = table.left_join(members, KEYS).select(*table.columns, "emerging")
    return table


def where(table: ir.Table, filters: Filters) -> ir.Table:
    """The rows that pass the filters; alternatives within a dimension, AND between them, then any of the groups."""
    for name, values in filters.where:
        table = table.filter(_one_of(table, find(name), values))
    if filters.groups:
        tests = [reduce(and_, [_holds(table, one) for one in group]) for group in filters.groups]
        table = table.filter(reduce(or_, tests))
    return table


def check(filters: Filters, by: tuple[str, ...]) -> None:
    """Raise QuestionError where a name cannot be a dimension; `facts` raises it for those that do not exist."""
    for name in names_of(filters, by):
        find(name)


def names_of(filters: Filters, by: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Every dimension that a question speaks of."""
    return (*by, *filters.dimensions())


def dimension_values(
    reader: Reader, name: str, *, viewer: Viewer, limit: int = 200, filters: Filters | None = None
) -> list[tuple[str, int]]:
    """The values of a dimension with their number of counted conversations, most frequent first.

    Where all that there can be are known beforehand, those, without a number (0).
    """
    chosen, dimension = filters or Filters(), find(name)
    if dimension.values:
        return [(value, 0) for value in dimension.values][:limit]
    check(chosen, (name,))
    from analytics.shapes import sql_of  # which reads the names of dimensions itself

    sql = sql_of(_most_frequent, reader, _Listed(chosen, name, limit), viewer)
    return [(row["value"], row["n"]) for row in reader.select(sql).to_pylist()]


@dataclass(frozen=True, slots=True)
class _Listed:
    """Which values are asked for."""

    filters: Filters
    name: str
    limit: int


def _most_frequent(tables: TableOf, asked: _Listed) -> ir.Table:
    """value, n: the most frequent first."""
    if is_own(asked.name):
        table = tables(find(asked.name).table)
    else:
        table = where(facts(tables, names_of(asked.filters, (asked.name,))), asked.filters)
        table = table.filter(table.is_counted)
    values = split(table, (asked.name,))
    counts = values.group_by(value=values.g0).aggregate(n=values.count())
    return counts.order_by([counts.n.desc(), counts.value]).limit(asked.limit)


def check_values(reader: Reader, filters: Filters, *, viewer: Viewer) -> None:
    """Raise QuestionError where a filter names a value that no conversation has or had, with the nearest ones."""
    from difflib import get_close_matches

    grouped = ((one.dimension, one.values) for group in filters.groups for one in group)
    for name, values in (*filters.where, *grouped):
        known = [value for value, _ in dimension_values(reader, name, viewer=viewer, limit=100_000)]
        unknown = [value for value in values if value not in known and value != NONE]
        if not unknown:
            continue
        known += sorted(_of_history(reader, name, viewer).difference(known))
        for value in unknown:
            if value not in known:
                near = get_close_matches(value, known, n=5, cutoff=0.5) or known[:8]
                raise QuestionError(
                    f"no conversation has the {find(name).title.lower()} {value!r}.",
                    hint=f"Known: {', '.join(near)}." if near else "",
                )


def _of_history(reader: Reader, name: str, viewer: Viewer) -> set[str]:
    """Agents, teams or priorities of any moment: numbers belong to their moment, though nobody holds them now."""
    import ibis

    found = []
    for table in (reader.table(table, viewer) for table in ROWS) if name in OF_THE_ROW else ():
        held = [
            c for c in table.columns if c == name or (c.endswith(f"_{name}") and not c.startswith(ATTRIBUTE))
        ]
        found += [table.select(value=table[c].cast("string")).distinct() for c in held]
    if kind := _NAMED.get(name):
        names = reader.table("names_seen", viewer)
        found.append(names.filter(names.kind == kind).select(value=names.name))
    if not found:
        return set()
    values = reader.run(ibis.union(*found, distinct=True)).to_pylist()
    return {row["value"] for row in values if row["value"]}


def split(table: ir.Table, by: tuple[str, ...], only: tuple[str, ...] | None = None) -> ir.Table:
    """The table with the columns g0, g1, … of the dimensions as text, NULL and empty written as (none).

    A row per tag where one of them is tag.
    With `only` the columns of those alone, numbered by their place in `by`.
    """
    for position, name in enumerate(by):
        if only is not None and name not in only:
            continue
        place = f"g{position}"
        table = table.mutate(**{place: _values(table, find(name))})
        # A step of its own: PostgreSQL unnests nothing within an expression.
        table = table.mutate(**{place: table[place].cast("string").nullif("").fill_null(NONE)})
    return table


def _values(table: ir.Table, dimension: Dimension) -> ir.Column:
    """The column of a dimension; a row for each of several values, and one for none at all."""
    value: ir.Column = table[dimension.column]
    if not dimension.many:
        return value
    import ibis

    # Unnesting an empty list would drop the row.
    empty = value.isnull() | (value.length() == 0)
    return empty.ifelse(ibis.array([ibis.null("string")]), value).unnest()


def _one_of(table: ir.Table, dimension: Dimension, values: tuple[str, ...]) -> ir.BooleanValue:
    if dimension.column not in table.columns:
        raise QuestionError(
            f"what is listed here has no {dimension.title.lower()}.", hint="Ask a metric that has it instead."
        )
    named = [value for value in values if value != NONE]
    value = table[dimension.column]
    if dimension.many:
        tests = [value.contains(tag) for tag in named]
        nothing = value.isnull() | (value.length() == 0)
    else:
        text = value.cast("string")
        tests = [text.isin(named)] if named else []
        nothing = text.isnull() | (text == "")
    if len(named) < len(values):
        tests.append(nothing)
    result = tests[0]
    for test in tests[1:]:
        result = result | test
    return result


def _holds(table: ir.Table, condition: Condition) -> ir.BooleanValue:
    """Whether a condition holds; a missing value is none of the values, and so "is not" holds of it."""
    found = _one_of(table, find(condition.dimension), condition.values).fill_null(False)
    return ~found if condition.is_not else found


def _custom_value(fields: ir.Column, key: str) -> ir.StringColumn:
    import ibis

    # Ibis' unwrap gives NULL for numbers and booleans, whose JSON text is the value itself.
    value = fields.cast("json")[key]
    return ibis.coalesce(value.unwrap_as("string"), value.cast("string").nullif("null"))
