"""The backlog against a count of the open conversations, moment by moment."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics.result import MetricResult
from core.filters import Period
from core.viewer import EVERYTHING
from store.reader import Reader

Ask = Callable[..., MetricResult]
Make = Callable[..., Reader]
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def open_at(reader: Reader, moment: datetime, condition: str = "true") -> int:
    rows = reader.query(
        f"""SELECT count(*) AS n FROM {{open_spans}} s JOIN {{conversation_facts}} f USING (source_id, conversation_id)
            WHERE f.is_counted AND opened_local < ? AND (closed_local IS NULL OR closed_local >= ?) AND {condition}""",
        [moment, moment],
        viewer=EVERYTHING,
    )
    return int(rows.to_pylist()[0]["n"])


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_each_bucket_is_what_was_open_at_its_end(big: Reader, ask: Ask, grain: str) -> None:
    rows = ask(big, "backlog", OCTOBER, grain=grain).rows
    ends = [row.bucket + timedelta(days=7 if grain == "week" else 1) for row in rows if row.bucket]
    if grain == "month":
        ends = [date(2026, 11, 1)]
    expected = [open_at(big, datetime.combine(min(e, OCTOBER.until), datetime.min.time())) for e in ends]
    assert [row.value for row in rows] == expected
    assert max(expected) > 20
    assert [row.n for row in ask(big, "backlog_age_median", OCTOBER, grain=grain).rows] == expected


def test_both_periods_and_groups(big: Reader, ask: Ask) -> None:
    result = ask(big, "backlog", OCTOBER, compare="previous", by=("product",), grain="week")
    now, before = datetime(2026, 11, 1), datetime(2026, 10, 1)
    assert result.previous is not None
    assert (result.total.value, result.previous.value) == (open_at(big, now), open_at(big, before))
    for row in result.groups:
        assert row.value == open_at(big, now, f"product = '{row.group[0]}'") and row.previous is not None
        assert row.previous.value == open_at(big, before, f"product = '{row.group[0]}'")
    last = [row for row in result.rows if row.bucket == date(2026, 10, 26)]
    assert sum(row.value or 0 for row in last) == result.total.value


def test_by_hand(warehouse: Make, ask: Ask, span: Callable[..., Any]) -> None:
    facts: list[dict[str, Any]] = [{}, {}, {"excluded_because": "spam"}]
    facts.append({"created_local": datetime(2026, 11, 12)})
    spans = [
        span("c0", datetime(2026, 11, 2, 10), datetime(2026, 11, 4, 9)),
        span("c0", datetime(2026, 11, 5, 10), None, 2),  # reopened
        span("c1", datetime(2026, 10, 1), datetime(2026, 11, 3, 0, 0)),  # closed as the second day ends
        span("c2", datetime(2026, 11, 2), None),
    ]
    reader = warehouse(facts, spans)
    result = ask(reader, "backlog", Period(date(2026, 11, 1), date(2026, 11, 6)), grain="day")
    assert [row.value for row in result.rows] == [1, 2, 1, 0, 1, 1]
    assert ask(reader, "backlog", Period(date(2026, 11, 1), date(2026, 11, 2))).total.value == 2
    assert [(item.reason, item.n) for item in result.excluded] == [("spam", 1)]


def test_a_level_stays_where_nothing_moves(warehouse: Make, ask: Ask, span: Callable[..., Any]) -> None:
    reader = warehouse([{"created_local": datetime(2026, 11, 12)}], [span("c0", datetime(2026, 11, 2), None)])
    result = ask(
        reader, "backlog", Period(date(2026, 11, 1), date(2026, 11, 10)), grain="day", by=("channel",)
    )
    assert [row.value for row in result.rows] == [0, *[1] * 9]


@pytest.mark.parametrize(
    ("grain", "hours"), [("day", [12, 30, 60, 84]), ("week", [12, 84]), ("month", [84]), (None, [])]
)
def test_ages_of_spans_that_begin_or_end_at_a_moment(
    warehouse: Make, ask: Ask, span: Callable[..., Any], grain: str | None, hours: list[int]
) -> None:
    spans = [
        span("c0", datetime(2026, 11, 1, 12), None),
        span("c1", datetime(2026, 11, 2), datetime(2026, 11, 3)),  # of the second day alone
        span("c2", datetime(2026, 11, 2, 10), datetime(2026, 11, 2, 23, 59, 59)),  # over before any day was
    ]
    reader = warehouse([{}, {}, {}, {"created_local": datetime(2026, 11, 12)}], spans)
    result = ask(reader, "backlog_age_median", Period(date(2026, 11, 1), date(2026, 11, 4)), grain=grain)
    assert [row.value for row in result.rows] == [hour * 3600 for hour in hours]
    assert (result.total.value, result.total.n) == (84 * 3600, 1)
