"""Every metric on a real PostgreSQL gives what it gives on DuckDB: the same expressions, compiled by Ibis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from analytics.base import Metric, Scope, TableOf, Variant
from analytics.catalogue import METRICS, find
from analytics.compute import ask
from analytics.query import build
from core.conditions import decode
from core.effective import effective_settings
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings, load_settings
from core.viewer import EVERYTHING
from store.reader import Reader, open_reader
from tests.analytics.kinds import one_of_each
from tests.fakes.postgres import Postgres, postgres
from tests.shared import seldom

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["postgres"]  # the fixture
TABLES = ("conversation_facts", "open_spans", "replies", "solves", "sla_instances", "conversations")
QUARTER = Period(date(2026, 8, 17), date(2026, 11, 15))
FORTNIGHT = Period(date(2026, 9, 17), date(2026, 9, 30))
LONG_AGO, NOON = datetime(2000, 1, 1), datetime(2026, 10, 1, 12)  # noqa: DTZ001 - wall-clock times

CONDITIONS = decode("priority!:low,(none);team:Billing|tag:vip;tag!:bug|team:(none)")

Answer = dict[tuple[Any, ...], tuple[Any, int]]


@dataclass
class Engines:
    """The sample's tables on both engines."""

    reader: Reader
    settings: Settings
    postgres: Any

    def on_duckdb(self, name: str) -> ir.Table:
        return as_if(partial(self.reader.table, viewer=EVERYTHING), name)

    def on_postgres(self, name: str) -> ir.Table:
        return as_if(self.postgres.table, name)


def as_if(tables: TableOf, name: str) -> ir.Table:
    """A table, with what the sample lacks made from what it has: daily customers, other surveys, another scale."""
    import ibis

    facts = tables("conversation_facts") if name == "denominators" else tables(name)
    if name == "denominators":
        days = facts.group_by(day=facts.created_local.date()).aggregate(
            value=facts.count().cast("float64") * 10
        )
        told = {"name": ibis.literal("customers"), "source_id": ibis.literal("crm")}
        return days.mutate(is_deleted=ibis.literal(False), **told)
    if name == "sla_instances":
        low = (facts.sla_metric == "first_reply") & (facts.priority == "low")
        return facts.mutate(sla_metric=low.ifelse("next_reply", facts.sla_metric))
    if name != "conversation_facts":
        return facts
    return facts.mutate(
        nps_score=facts.csat_score * 10, nps_local=facts.csat_local, ces_score=facts.csat_score * 6 + 1,
        ces_local=facts.csat_local, csat_kind=ibis.literal("3"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def engines(sample_home: Home, postgres: Postgres) -> Iterator[Engines]:
    import ibis

    settings, reader = effective_settings(sample_home, load_settings(sample_home)), open_reader(sample_home)
    postgres.run("CREATE DATABASE facts")
    backend = ibis.postgres.connect(host="127.0.0.1", port=postgres.port, user="postgres", database="facts")
    for name in TABLES:
        copy(backend, name, reader.query(f"SELECT * FROM {{{name}}}", viewer=EVERYTHING))
    yield Engines(reader, settings, backend)
    backend.disconnect()


def copy(backend: Any, name: str, rows: pa.Table) -> None:
    """Make the table on PostgreSQL and fill it through COPY."""
    columns = ", ".join(f'"{field.name}" {type_of(field.type)}' for field in rows.schema)
    with backend.con.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{name}" ({columns})')
        with cursor.copy(f'COPY "{name}" FROM STDIN') as copying:
            for row in rows.to_pylist():
                copying.write_row(tuple(row.values()))
    backend.con.commit()


def type_of(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{type_of(kind.value_type)}[]"
    if pa.types.is_timestamp(kind):
        return "timestamptz" if kind.tz else "timestamp"
    names = {
        "bool": "boolean",
        "int32": "integer",
        "int64": "bigint",
        "double": "double precision",
        "date32[day]": "date",
    }
    if pa.types.is_decimal(kind):
        return "numeric"
    return names.get(str(kind), "text")


def rows_of(table: pa.Table) -> Answer:
    """The parts of an answer by what names them."""
    found = {}
    for row in table.to_pylist():
        key = (row.pop("part"), *(plain(row.pop(name)) for name in sorted(row) if name not in ("value", "n")))
        assert key not in found
        value = row["value"]
        found[key] = (None if value is None else float(value), int(row["n"]))
    return found


def plain(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def both(engines: Engines, name: str, filters: Filters, **asked: Any) -> Answer:
    made = ask(engines.reader, name, filters, settings=engines.settings, viewer=EVERYTHING, **asked)
    per = "customers" if find(name).kind == "rate" else None
    margins = tuple((one,) for one in made.question.by) if len(made.question.by) > 1 else ((),)
    question = replace(made.question, per=per, lacking=(), margins=margins)
    here = rows_of(engines.reader.run(build(engines.on_duckdb, question)))
    there = rows_of(engines.postgres.to_pyarrow(build(engines.on_postgres, question)))
    assert there.keys() == here.keys()
    for part, (value, n) in here.items():
        close = value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)  # sums in another order
        assert there[part] == (close, n), part
    return here


@pytest.mark.parametrize("name", seldom(METRICS.names(), often=one_of_each()))
def test_a_metric_is_the_same_on_postgresql(engines: Engines, now: datetime, name: str) -> None:
    compared: dict[str, Any] = {"compare": "previous", "grain": "week"}
    found = both(engines, name, Filters.of(QUARTER), by=("channel",), **compared)
    assert {"total", "group", "bucket"} <= {part for part, *_ in found}
    both(engines, name, Filters.of(QUARTER, {"priority": ["high", "urgent"]}), by=("team",), **compared)
    both(
        engines,
        name,
        Filters.of(QUARTER, {"channel": ["email", "chat"]}, groups=CONDITIONS),
        by=("team", "product"),
    )
    both(engines, name, Filters.of(FORTNIGHT), grain="week", by=("tag", "channel"), compare="previous")
    metric = find(name)
    if metric.business:
        both(engines, name, Filters.of(FORTNIGHT, hours="business"), grain="day")
    for variant in metric.variants:
        there, here = (
            run(summed(metric, variant, tables)).to_pylist()
            for run, tables in (
                (engines.postgres.to_pyarrow, engines.on_postgres),
                (engines.reader.run, engines.on_duckdb),
            )
        )
        assert there[0]["n"] == here[0]["n"] and there[0]["value"] == pytest.approx(here[0]["value"]), (
            variant.name
        )


def summed(metric: Metric, variant: Variant, tables: TableOf) -> ir.Table:
    """How many rows a variant has a value for, and their sum (of moments: of their days of the year)."""
    table = tables(metric.table)
    if metric.extend:
        table = metric.extend(table, Scope(tables, LONG_AGO, NOON))
    table = table.filter(metric.counts(table), variant.measure(table).notnull())
    value: Any = variant.measure(table)
    value = value.day_of_year() if value.type().is_timestamp() else value
    return table.aggregate(n=table.count(), value=value.sum().cast("float64"))
