"""The same expressions on another engine, one statement per card, and opening a number."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
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
    value, n = metric.expression(rows).name("value"), metric.n_expression(rows).name("n")
    row = {**big.run(value.as_table()).to_pylist()[0], **big.run(n.as_table()).to_pylist()[0]}
    whole = ask(big, name, Period(date(2026, 8, 1), date(2026, 11, 15)))
    assert row == {"value": pytest.approx(whole.total.value), "n": whole.total.n}


def test_a_card_is_built_once(big: Reader) -> None:
    first = query.expression(big, question("volume", ()), EVERYTHING)
    assert query.expression(big, question("volume", ()), EVERYTHING) is first


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
