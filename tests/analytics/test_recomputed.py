"""Every metric of the catalogue once more, from the sample's CSV files with plain Python (see `told`, `measures`)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
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
from tests.analytics.kinds import one_of_each
from tests.analytics.measures import MEASURES, Hit
from tests.analytics.told import LONDON, Told, local, seconds, tell
from tests.shared import seldom

WHOLE = Period(date(2025, 9, 1), date(2026, 11, 15))
MIDNIGHT = datetime.combine(WHOLE.until, time.min)
DIMENSIONS = ("channel", "product", "team", "agent", "priority")
# What the sample has nothing for, with the reason.
NOT_IN_THE_SAMPLE = {
    "contact_rate": "the sample brings no daily numbers to divide by",
    "nps": "the sample has no such survey",
    "ces": "the sample has no such survey",
    "happiness": "the sample rates from 1 to 5",
    "sla_next_reply": "the sample promises first replies and resolutions only",
}
LEVELS = {
    "backlog",
    "unanswered",
    "open_per_agent",
    "backlog_age_median",
    "backlog_age_p90",
    "backlog_age_mean",
}
NAMES = [
    name
    for name in METRICS.names()
    if (find(name).family or name) in MEASURES and name not in NOT_IN_THE_SAMPLE
]


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


def group_of(told: Told, hit: Hit, dimension: str) -> str:
    return ((hit.held or {}).get(dimension, told.groups[dimension])) or "(none)"


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
    assert len(NAMES) > 50


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


@pytest.mark.parametrize("name", seldom(NAMES, often=one_of_each()))
def test_its_groups_are_as_of_the_moment_that_is_declared(
    sample_home: Home, now: datetime, name: str
) -> None:
    inside = rows_inside(sample_home, name, asked(sample_home, name).as_of)
    for dimension in DIMENSIONS:
        groups: dict[str, list[Hit]] = defaultdict(list)
        for told, hit in inside:
            groups[group_of(told, hit, dimension)].append(hit)
        rows = asked(sample_home, name, by=(dimension,)).groups
        assert {row.group[0]: (row.n, row.value) for row in rows} == {
            group: (len(found), close(number(name, found))) for group, found in groups.items()
        }, dimension


def stretches_of(name: str, told: Told) -> list[tuple[datetime, datetime | None]]:
    """When a conversation was in a level: open; or open until its first reply."""
    replied = told.first_reply[0] if name == "unanswered" and told.first_reply else None
    found = told.open_stretches()
    if replied is None:
        return found
    return [
        (start, min(end, replied) if end else replied)
        for start, end in found
        if local(start) < local(replied)
    ]


@pytest.mark.parametrize("name", ["backlog", "unanswered"])
def test_what_is_open_is_what_the_files_say(sample_home: Home, now: datetime, name: str) -> None:
    daily = asked(sample_home, name, grain="day")
    stretches = [(told, *s) for told in tell(sample_home) if told.counted for s in stretches_of(name, told)]
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
        rows = asked(sample_home, name, by=(dimension,)).groups
        expected = Counter(held.get(dimension, told.groups[dimension]) or "(none)" for told, held in still)
        assert {row.group[0]: row.n for row in rows} == dict(expected), dimension


def test_load_and_age_are_what_the_files_say(sample_home: Home, now: datetime) -> None:
    names = ("open_per_agent", "backlog_age_median", "backlog_age_p90", "backlog_age_mean")
    asked_for = {name: asked(sample_home, name, grain="week") for name in names}
    counted = [told for told in tell(sample_home) if told.counted]
    for position, row in enumerate(asked_for["open_per_agent"].rows):
        assert isinstance(row.bucket, date)
        monday = datetime.combine(row.bucket + timedelta(days=7), time.min)
        moment = min(monday, MIDNIGHT, asked_for["open_per_agent"].as_of)
        still = [
            told for told in counted for start, end in told.open_stretches()
            if local(start) < moment and (end is None or local(end) >= moment)
        ]  # fmt: skip
        just_before = (moment - timedelta(microseconds=1)).replace(tzinfo=LONDON).astimezone(UTC)
        agents = [agent for told in still if (agent := told.held(just_before)["agent"])]
        assert (row.n, row.value) == (len(agents), close(len(agents) / len(set(agents)) if agents else None))
        ages = [Hit(moment, float(seconds(moment - told.created))) for told in still]
        for name in names[1:]:
            found = asked_for[name].rows[position]
            assert (found.n, found.value) == (len(ages), close(number(name, ages))), (name, row.bucket)
    assert any(row.n > 5 for row in asked_for["backlog_age_median"].rows)
