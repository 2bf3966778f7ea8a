"""Targets: which holds when and for whom, and how many closed periods reached it."""

# ruff: noqa: DTZ001 - local times are naive

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics import targets
from analytics.result import MetricResult
from core.errors import ConfigError
from core.filters import Period
from core.settings import Settings

HOUR = 3600
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 15))


def replied(day: int, hours: float, team: str = "Billing") -> dict[str, Any]:
    """A conversation of a November day, answered so many hours after 08:00."""
    created = datetime(2026, 11, day, 8)
    return {
        "team": team, "created_team": team, "first_reply_team": team, "created_local": created,
        "first_reply_local": created + timedelta(hours=hours), "first_reply_s": int(hours * HOUR),
    }  # fmt: skip


def rated(day: int, *scores: float) -> list[dict[str, Any]]:
    at = datetime(2026, 11, day, 12)
    return [{"created_local": at, "csat_local": at, "csat_score": s, "csat_kind": "2"} for s in scores]


LAST = {"created_local": datetime(2026, 11, 15, 23)}  # the data reaches to the end of its last day


def with_targets(*tables: dict[str, Any]) -> Settings:
    return Settings(targets=tables)


@pytest.fixture
def asked(warehouse: Any, ask: Callable[..., MetricResult]) -> Callable[..., MetricResult]:
    def found(facts: Any, name: str, *tables: dict[str, Any], **more: Any) -> MetricResult:
        return ask(
            warehouse(facts), name, more.pop("period", NOVEMBER), settings=with_targets(*tables), **more
        )

    return found


def test_each_bucket_against_the_target_of_its_first_day(asked: Any) -> None:
    facts = [replied(2, 1), replied(3, 5), replied(4, 3), replied(5, 3)]
    result = asked(
        facts, "first_reply_median",
        {"metric": "first_reply_median", "value": "2h", "from": date(2026, 11, 5)},
        {"metric": "first_reply_median", "value": "4h"},
        {"metric": "volume", "value": 7},
        grain="day", period=Period(date(2026, 11, 2), date(2026, 11, 5)),
    )  # fmt: skip
    (line,) = result.targets
    assert [(p.bucket.day, p.value, p.reached) for p in line.points] == [
        (2, 4 * HOUR, True), (3, 4 * HOUR, False), (4, 4 * HOUR, True), (5, 2 * HOUR, False),
    ]  # fmt: skip
    assert (line.reached, line.judged, line.share, line.group) == (2, 4, 0.5, ())
    assert line.label == "Target 2 h 00 m"


def test_before_its_day_there_is_no_target(asked: Any) -> None:
    table = {"metric": "first_reply_median", "value": "2h", "from": date(2026, 11, 4)}
    result = asked([replied(2, 1), replied(4, 1), LAST], "first_reply_median", table, grain="day")
    assert [p.bucket.day for p in result.targets[0].points] == list(range(4, 16))
    assert (result.targets[0].reached, result.targets[0].judged) == (1, 1), (
        "days without a number are not judged"
    )
    late = {**table, "from": date(2027, 1, 1)}
    assert asked([replied(2, 1), LAST], "first_reply_median", late, grain="day").targets == ()


def test_open_and_cut_buckets_are_not_judged(asked: Any) -> None:
    facts = [replied(day, 1) for day in (1, 2, 9, 16)]
    table = {"metric": "first_reply_median", "value": "2h"}
    result = asked(
        facts, "first_reply_median", table, grain="week", period=Period(date(2026, 11, 1), date(2026, 11, 22))
    )
    assert [(p.bucket.day, p.reached) for p in result.targets[0].points] == [
        (26, None), (2, True), (9, True), (16, None)
    ]  # fmt: skip
    assert result.targets[0].share == 1


def test_shares_in_words_and_too_few(asked: Any) -> None:
    facts = [*rated(2, 1, 1, 1, 1, 0), *rated(3, 1, 1, 1, 0, 0), *rated(4, 0)]
    result = asked(facts, "csat_share", {"metric": "csat_share", "value": "80 %"}, grain="day")
    judged = {p.bucket.day: p.reached for p in result.targets[0].points if p.reached is not None}
    assert judged == {2: True, 3: False}, "one rating says nothing"
    assert result.targets[0].label == "Target 80 %"


def test_segments_are_matched_exactly(asked: Any) -> None:
    facts = [replied(2, 1), replied(2, 9, "Front Line"), replied(3, 1, "Front Line"), LAST]
    tables = (
        {"metric": "first_reply_median", "value": "2h"},
        {"metric": "first_reply_median", "value": "3h", "where": {"team": ("Billing",)}},
        {
            "metric": "first_reply_median",
            "value": "8h",
            "where": {"team": ("Front Line",), "channel": ("email",)},
        },
    )
    total = asked(facts, "first_reply_median", *tables)
    assert [(line.group, line.points[0].value) for line in total.targets] == [((), 2 * HOUR)]
    teams = asked(facts, "first_reply_median", *tables, by=("team",), grain="day")
    assert {line.group: line.points[0].value for line in teams.targets} == {("Billing",): 3 * HOUR}
    assert teams.targets[0].label == "Target of Billing 3 h 00 m"
    only = asked(facts, "first_reply_median", *tables, where={"team": ["Billing"]})
    assert [line.points[0].value for line in only.targets] == [3 * HOUR]
    both = asked(facts, "first_reply_median", *tables, where={"channel": ["email"]}, by=("team",))
    assert {line.group: (line.points[0].value, line.judged) for line in both.targets} == {
        ("Front Line",): (8 * HOUR, 1)
    }
    other = asked(facts, "first_reply_median", *tables, where={"channel": ["email"]})
    assert other.targets == ()


def test_the_whole_period_is_judged_when_it_is_over(asked: Any) -> None:
    facts = [*(replied(2, 3) for _ in range(6)), LAST]
    table = {"metric": "first_reply_median", "value": "4h"}
    closed = asked(facts, "first_reply_median", table)
    assert [(p.bucket, p.reached) for p in closed.targets[0].points] == [(None, True)]
    running = asked(facts, "first_reply_median", table, period=Period(date(2026, 11, 1), date(2026, 11, 30)))
    assert running.in_progress and running.targets[0].points[0].reached is None


def test_a_metric_without_a_better_way_has_a_line_and_no_verdict(asked: Any) -> None:
    result = asked([replied(2, 1)], "volume", {"metric": "volume", "value": 10}, grain="day")
    line = result.targets[0]
    assert line.points[0].value == 10 and line.judged == 0 and line.share is None
    assert {p.reached for p in line.points} == {None}


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"metric": "speed", "value": 1}, "no metric called 'speed'"),
        ({"metric": "csat_share", "value": 90}, "between 0 and 1"),
        ({"metric": "csat_share", "value": "often"}, "'often' is not a number"),
        ({"metric": "first_reply_median", "value": "90 %"}, "is not a duration"),
        ({"metric": "first_reply_median", "value": -1}, "cannot be negative"),
        ({"metric": "volume", "value": "4h"}, "'4h' is not a number"),
        (
            {"metric": "volume", "value": 1, "where": {"no such thing": ("x",)}},
            "no dimension called 'no such thing'",
        ),
    ],
)
def test_wrong_targets_are_explained(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=r"\[\[targets\]\]") as error:
        targets.check(with_targets(table))
    assert told in error.value.message and error.value.hint


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("first_reply_median", "90m", 5400), ("first_reply_median", 60, 60), ("csat_share", "92,5 %", 0.925),
        ("csat_share", "90%", 0.9), ("csat_share", 1, 1), ("volume", "12", 12), ("volume", 0, 0),
    ],
)  # fmt: skip
def test_values_are_read(metric: str, value: Any, expected: float) -> None:
    from analytics.catalogue import find

    (target,) = with_targets({"metric": metric, "value": value}).targets
    assert targets.value_of(target, find(metric).unit) == pytest.approx(expected)
