"""Over all values of a dimension, what can be added up adds up to the total."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from analytics.catalogue import METRICS
from analytics.compute import compute
from core.filters import Filters, Period
from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import Reader
from tests.analytics.kinds import one_of_each
from tests.shared import seldom

YEAR = Filters.of(Period(date(2026, 1, 1), date(2026, 11, 15)))
DIMENSIONS = ("source", "team", "agent")
ADDED = [metric.name for metric in METRICS.all() if metric.kind in ("count", "sum")]
# One of each family: median, mean and percentile rest on the same rows.
OF_ROWS = [m.name for m in METRICS.all() if m.kind in ("quantile", "share") and not m.name.endswith("_p90")]


@pytest.mark.parametrize("name", ADDED)
def test_values_add_up(golden_home: Home, golden_reader: Reader, now: datetime, name: str) -> None:
    settings = load_settings(golden_home)
    for dimension in DIMENSIONS:
        found = compute(golden_reader, name, YEAR, settings=settings, viewer=EVERYTHING, by=(dimension,))
        assert sum(row.value or 0 for row in found.groups) == found.total.value, dimension


@pytest.mark.parametrize("name", seldom(OF_ROWS, often=one_of_each()))
def test_what_they_rest_on_adds_up(
    golden_home: Home, golden_reader: Reader, now: datetime, name: str
) -> None:
    settings = load_settings(golden_home)
    for dimension in DIMENSIONS:
        found = compute(golden_reader, name, YEAR, settings=settings, viewer=EVERYTHING, by=(dimension,))
        assert sum(row.n for row in found.groups) == found.total.n, dimension


@pytest.mark.parametrize("name", ADDED)
def test_days_add_up(golden_home: Home, golden_reader: Reader, now: datetime, name: str) -> None:
    settings = load_settings(golden_home)
    found = compute(golden_reader, name, YEAR, settings=settings, viewer=EVERYTHING, grain="day")
    assert sum(row.value or 0 for row in found.rows) == found.total.value


def test_something_is_added_up(golden_home: Home, golden_reader: Reader, now: datetime) -> None:
    assert len(ADDED) >= 2
    assert len(OF_ROWS) >= 6
    settings = load_settings(golden_home)
    found = compute(golden_reader, "volume", YEAR, settings=settings, viewer=EVERYTHING, by=("source",))
    assert len(found.groups) >= 6
    assert found.total.value is not None
    assert found.total.value > 100
