"""The same expressions on another engine, one statement per card, and opening a number."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from analytics import audit, catalogue, periods, query, segments
from analytics.catalogue import METRICS
from analytics.question import Question
from analytics.result import MetricResult
from analytics.segments import Request
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader

Ask = Callable[..., MetricResult]
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
WHERE = {"tag": ["vip"], "custom:plan": ["pro", "(none)"], "team": ["Billing"]}


def question(name: str, by: tuple[str, ...]) -> Question:
    frame = periods.frame(OCTOBER, datetime(2026, 11, 16), "previous")
    return Question(catalogue.find(name), Filters.of(None, WHERE), frame, "week", by, lacking=("x",))


@pytest.mark.slow  # each of them runs on a real PostgreSQL in test_portability
@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_compiles_for_postgresql(big: Reader, name: str) -> None:
    import ibis

    tables = partial(big.table, viewer=EVERYTHING)
    card = query.build(tables, question(name, ("channel", "custom:plan")))
    parts = segments.build(tables, Request(question(name, ()), (("product",), ("product", "channel")), 5.0))
    for expression in (card, parts):
        sql = str(ibis.to_sql(expression, dialect="postgres"))
        assert "conversation_facts" in sql and "QUANTILE_CONT" not in sql


ALONE = [
    m.name
    for m in METRICS.all()
    if not m.of_moments and m.kind != "rate" and not m.extend and not m.ripe_days
]


# The others read other tables besides their own, or wait; see test_levels, test_rates and test_compute.
@pytest.mark.parametrize("name", ALONE)
def test_the_expression_of_a_metric_stands_alone(big: Reader, ask: Ask, name: str) -> None:
    metric = METRICS.get(name)
    rows = big.table(metric.table, EVERYTHING)
    chosen = rows.filter(metric.population(rows))
    divisors = metric.divides_by(chosen).nunique() if metric.kind == "ratio" else None
    value = metric.aggregate(metric.value_of(chosen), chosen.count(), divisors)
    row = big.run(chosen.aggregate(value=value, n=chosen.count())).to_pylist()[0]
    whole = ask(big, name, Period(date(2026, 8, 1), date(2026, 11, 15)))
    assert row == {"value": pytest.approx(whole.total.value), "n": whole.total.n}


@pytest.mark.parametrize("grain", [None, "hour", "week"])
@pytest.mark.parametrize("by", [(), ("team",), ("tag",), ("weekday", "agent")])
def test_what_divides_by_hours_is_dated_by_them(big: Reader, grain: Any, by: tuple[str, ...]) -> None:
    """Also where the period is not over, and what it is compared with ends within an hour."""
    metric = METRICS.get("replies_per_agent_hour")
    frame = periods.frame(OCTOBER, datetime(2026, 10, 20, 13, 20), "previous")
    asked = Question(metric, Filters(), frame, grain, by)
    row_by_row = replace(asked, metric=replace(metric, per_hour=False))
    found, expected = (query.run(big, one, EVERYTHING)[0] for one in (asked, row_by_row))
    assert len(found) > 2 and sorted(map(repr, found)) == sorted(map(repr, expected))


def test_an_hour_in_an_empty_and_in_a_missing_team_is_one_hour(big: Reader) -> None:
    import ibis

    def without_team(name: str) -> Any:
        table = big.table(name, EVERYTHING)
        empty = (table.conversation_id.hash() % 2 == 0).ifelse("", ibis.null("string"))
        return table.mutate(team=empty) if name == "replies" else table

    frame = periods.frame(OCTOBER, datetime(2026, 11, 16), "previous")
    asked = Question(METRICS.get("replies_per_agent_hour"), Filters(), frame, "week", ("team",))
    rows = big.run(query.build(without_team, asked)).to_pylist()
    whole = [
        (row["phase"], row["bucket"], row["value"], row["n"])
        for row in rows
        if row["part"] in ("total", "bucket")
    ]
    group = [
        (row["phase"], row["bucket"], row["value"], row["n"])
        for row in rows
        if row["part"].startswith("group")
    ]
    assert len(group) == 2
    assert sorted(map(repr, group)) == sorted(
        repr(one) for one in whole if one[0] is not None and one[1] is None
    )


def test_a_mean_of_fractions_is_the_same_in_any_order(big: Reader, ask: Ask) -> None:
    metric = replace(METRICS.get("resolution_mean"), measure=lambda facts: facts.full_resolution_s / 7)
    result = ask(big, metric, OCTOBER, grain="day", by=("team",))
    rows = big.query(
        """SELECT full_resolution_s AS s FROM {conversation_facts} WHERE is_counted AND full_resolution_s IS NOT NULL
           AND last_solved_local >= TIMESTAMP '2026-10-01' AND last_solved_local < TIMESTAMP '2026-11-01'""",
        viewer=EVERYTHING,
    )["s"].to_pylist()
    digits = Decimal("1e-12")
    exact = sum((Decimal(s / 7).quantize(digits) for s in rows), Decimal()) / len(rows)
    assert result.total.n == len(rows) > 100
    # Within what the last division leaves: floats added up one by one are off by more.
    assert result.total.value == pytest.approx(float(exact), rel=3e-16, abs=0)


def test_the_sql_of_a_result_gives_its_numbers(big: Reader, ask: Ask) -> None:
    result = ask(big, "first_reply_median", OCTOBER, grain="week", by=("team",), compare="previous")
    again = big.query(result.sql.replace("{", "{{"), viewer=EVERYTHING).to_pylist()
    total = [row for row in again if row["part"] == "total" and row["phase"] == 0]
    assert [(row["value"], row["n"]) for row in total] == [(result.total.value, result.total.n)]


@pytest.mark.parametrize("name", METRICS.names())
def test_the_conversations_behind_a_number(big: Reader, ask: Ask, settings: Settings, name: str) -> None:
    behind: Any = partial(audit.behind, big, name, Filters.of(OCTOBER), settings=settings, viewer=EVERYTHING)
    result = ask(big, name, OCTOBER)
    found = behind(limit=10_000)
    assert len(found) == result.total.n > 0
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
    assert behind(limit=3, offset=2) == found[2:5]
    if result.unit == "share":
        assert result.total.value is not None
        assert len(behind(limit=10_000, only_hits=True)) == round(result.total.value * result.total.n)
    sample = audit.audited(big, result, settings=settings, viewer=EVERYTHING).audit
    assert sample is not None and sample.population
    assert [replace(one, moved=(), events=()) for one in sample.conversations] == found[:10]
