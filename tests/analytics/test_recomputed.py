"""Every metric of the catalogue once more, from the sample's CSV files with plain Python (see `told`, `measures`)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from analytics.catalogue import METRICS, find
from analytics.compute import MetricResult, compute
from core.effective import effective_settings
from core.filters import Filters, Period
from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.analytics.measures import MEASURES, Hit
from tests.analytics.told import Told, local, tell

WHOLE = Period(date(2025, 9, 1), date(2026, 11, 15))
MIDNIGHT = datetime.combine(WHOLE.until, time.min)
DIMENSIONS = ("channel", "product", "team", "agent", "priority")
# What the sample has nothing for, with the reason.
NOT_IN_THE_SAMPLE = {
    "contact_rate": "the sample brings no daily numbers to divide by",
    "nps": "the sample has no such survey",
    "ces": "the sample has no such survey",
    "happiness": "the sample rates from 1 to 5",
}
LEVELS = {"backlog"}
NAMES = [name for name in METRICS.names() if (find(name).family or name) in MEASURES]


def number(name: str, hits: list[Hit]) -> float | None:
    """The metric of these rows."""
    metric, values = find(name), [hit.value for hit in hits]
    if metric.kind in ("count", "sum"):
        return float(sum(values))
    if not values:
        return None
    if metric.kind == "ratio":
        return len(values) / len({hit.divisor for hit in hits})
    if metric.quantile:
        ordered, place = sorted(values), metric.quantile * (len(values) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return sum(values) / len(values)


def asked(home: Home, name: str, **more: Any) -> MetricResult:
    settings = effective_settings(home, load_settings(home))
    return compute(open_reader(home), name, Filters.of(WHOLE), settings=settings, viewer=EVERYTHING, **more)


def close(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)


def rows_inside(home: Home, name: str, as_of: datetime) -> list[tuple[Told, Hit]]:
    metric, until = find(name), min(as_of, MIDNIGHT)
    return [
        (told, hit)
        for told in tell(home)
        if told.counted or told.why_not in metric.admits
        for hit in MEASURES[metric.family or name](told, as_of)
        if hit.at < until
    ]


def test_every_metric_is_recomputed_or_says_why_not() -> None:
    assert {*NAMES, *NOT_IN_THE_SAMPLE, *LEVELS} == set(METRICS.names())
    assert len(NAMES) > 40


def test_the_sample_holds_what_the_rules_are_about(sample_home: Home, now: datetime) -> None:
    told = tell(sample_home)
    assert len(told) == 600 and 0 < sum(not t.counted for t in told) < 100
    assert any(s.by_thanks for t in told for s in t.solves), "no reopening that only says thanks"
    assert any(t.reopens for t in told) and any(t.first_reply is None for t in told)
    assert any(not t.is_solved for t in told) and any(t.came_back for t in told)
    assert any(t.surveyed and not t.rating for t in told), "no survey that nobody answered"
    assert any(not r.counts for t in told for r in t.replies), "no chat session of several messages"
    moved = [t for t in told if t.solves and t.held(t.solves[-1].at)["team"] != t.held(t.began)["team"]]
    assert moved, "no team that changed between creation and solve"


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_is_what_the_files_say(sample_home: Home, now: datetime, name: str) -> None:
    daily = asked(sample_home, name, grain="day")
    inside = rows_inside(sample_home, name, daily.as_of)
    hits = [hit for _, hit in inside]
    assert hits and (daily.total.n, daily.total.value) == (len(hits), close(number(name, hits)))
    days: dict[date, list[Hit]] = defaultdict(list)
    for hit in hits:
        days[hit.at.date()].append(hit)
    shown = {row.bucket: (row.n, row.value) for row in daily.rows}
    assert set(days) <= set(shown)
    for day, (n, value) in shown.items():
        assert (n, value) == (len(days[day]), close(number(name, days[day]))), day  # type: ignore[index]


def test_the_backlog_is_what_the_files_say(sample_home: Home, now: datetime) -> None:
    daily = asked(sample_home, "backlog", grain="day")
    stretches = [(told, *s) for told in tell(sample_home) if told.counted for s in told.open_stretches()]
    opened = sorted(local(start) for _, start, _ in stretches)
    closed = sorted(local(end) for _, _, end in stretches if end)
    for row in daily.rows:
        assert isinstance(row.bucket, date)
        midnight = datetime.combine(row.bucket + timedelta(days=1), time.min)
        moment = min(midnight, daily.as_of) - timedelta(microseconds=1)
        assert row.n == bisect_right(opened, moment) - bisect_right(closed, moment), row.bucket
    until = min(daily.as_of, MIDNIGHT)
    still = [
        (told, told.states[-1][1]) for told, start, end in stretches
        if local(start) < until and (end is None or local(end) >= until)
    ]  # fmt: skip
    assert daily.total.n == len(still) > 0
    for dimension in DIMENSIONS:
        rows = asked(sample_home, "backlog", by=(dimension,)).groups
        expected = Counter(told.groups[dimension] or "(none)" for told, _ in still)
        assert {row.group[0]: row.n for row in rows} == dict(expected), dimension
