"""What a mark opens is what it counts: hours too, and on a day that has one of them twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from analytics.audit import behind
from analytics.compute import compute
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui.drill import Drill, of_row

BERLIN = Settings.model_validate({"workspace": {"reporting_zone": "Europe/Berlin"}})
NOVEMBER = Period(date(2026, 11, 11), date(2026, 11, 13))


@pytest.fixture
def ask(sample_home: Any, now: datetime) -> Callable[..., Any]:
    def ask(name: str, period: Period, **how: Any) -> Any:
        reader = open_reader(sample_home)
        return compute(reader, name, Filters(period), settings=BERLIN, viewer=EVERYTHING, **how)

    return ask


def opened(home: Any, drill: Drill) -> int:
    filters = Filters.of(drill.period, dict(drill.where))
    reader = open_reader(home)
    return len(behind(reader, drill.of, filters, settings=BERLIN, viewer=EVERYTHING, limit=10_000))


@pytest.mark.parametrize("name", ["volume", "solved", "first_reply_median", "sla_targets", "net_sentiment"])
def test_every_hour_opens_what_it_counts(sample_home: Any, ask: Any, name: str) -> None:
    result = ask(name, NOVEMBER, grain="hour")
    counted = [row for row in result.rows if row.n]
    assert len(counted) > 3
    for row in counted:
        assert opened(sample_home, of_row(result, row)) == row.n


def test_hours_of_a_part_and_of_a_split_by_hour(sample_home: Any, ask: Any) -> None:
    result = ask("volume", NOVEMBER, grain="hour", by=("channel",))
    row = max(result.rows, key=lambda row: row.n)
    assert row.n and opened(sample_home, of_row(result, row)) == row.n
    again = ask("volume", NOVEMBER, grain="hour", by=("hour",))
    assert [name for name, _ in of_row(again, again.rows[0]).where] == ["hour"]


def test_the_end_of_summer_time_has_no_hour_that_is_opened_twice(sample_home: Any, ask: Any) -> None:
    result = ask("volume", Period(date(2026, 10, 24), date(2026, 10, 26)), grain="hour")
    counted = [row for row in result.rows if row.n]
    assert sum(opened(sample_home, of_row(result, row)) for row in counted) == result.total.n > 0


def test_what_is_open_at_a_moment_has_no_hour(ask: Any) -> None:
    result = ask("backlog", NOVEMBER, grain="hour")
    assert of_row(result, result.rows[0]) == Drill((), Period(NOVEMBER.start, NOVEMBER.start), "backlog")
