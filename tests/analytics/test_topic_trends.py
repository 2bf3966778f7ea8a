"""Numbers of topics against the metrics and plain Python; intervals that hold as often as they say."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
import pytest

from analytics.intervals import wilson
from analytics.median_bounds import FEWEST, GRID, between
from analytics.topic_trends import MEASURES, TrendReport, topic_trends
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Make = Callable[..., Reader]
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 10))


def trends(reader: Reader, viewer: Viewer = EVERYTHING, **more: Any) -> TrendReport:
    return topic_trends(reader, Filters.of(NOVEMBER), settings=Settings(), viewer=viewer, **more)


def made(count: int, topic: str, day: date, **more: Any) -> list[dict[str, Any]]:
    at = datetime(day.year, day.month, day.day, 9)
    return [{"topic": topic, "created_local": at, **more} for _ in range(count)]


def replied(seconds: list[int], topic: str, day: date, **more: Any) -> list[dict[str, Any]]:
    at = datetime(day.year, day.month, day.day, 9)
    return [
        {
            "topic": topic,
            "created_local": at,
            "first_reply_local": at + timedelta(seconds=s),
            "first_reply_s": s,
            **more,
        }
        for s in seconds
    ]


def test_by_hand(warehouse: Make) -> None:
    now, before = date(2026, 11, 3), date(2026, 10, 25)
    facts = replied([60 * n for n in range(1, 41)], "login", now, sentiment="negative", sentiment_score=-0.5)
    facts += replied(
        [600 * n for n in range(1, 41)], "login", before, sentiment="neutral", sentiment_score=0.0
    )
    facts += made(10, "refund", now) + made(40, "refund", before)
    facts += made(1, "later", date(2026, 11, 12))  # so that the period is over
    report = trends(warehouse(facts))
    assert [one.topic for one in report.topics] == ["login", "refund"] and report.dimension == "topic"
    login, refund = report.topics
    assert (login.volume.value, login.volume.before) == (40, 40) and not login.volume.is_marked
    assert (login.volume.low, login.volume.high) == (
        pytest.approx(28.58, abs=0.01),
        pytest.approx(54.47, abs=0.01),
    )
    assert (login.share.value, login.share.before) == (0.8, 0.5)
    assert (login.share.low, login.share.high) == wilson(40, 50) and login.share.is_marked
    assert (refund.volume.value, refund.volume.before) == (10, 40) and refund.volume.is_marked
    assert (login.negative.value, login.negative.before) == (1.0, 0.0) and login.negative.is_marked
    assert login.first_reply_s.value == median(60 * n for n in range(1, 41))
    assert login.first_reply_s.before == 10 * login.first_reply_s.value and login.first_reply_s.is_marked
    low, high = login.first_reply_s.low, login.first_reply_s.high
    assert low is not None and high is not None and 60 * 12 < low < 60 * 16 and 60 * 25 < high < 60 * 29
    assert refund.first_reply_s.value is None and refund.csat.value is None and refund.csat.p is None


def test_without_a_comparison_nothing_is_compared(warehouse: Make) -> None:
    report = trends(warehouse(made(30, "login", date(2026, 11, 3))), compare=None)
    assert report.previous_period is None and report.tested == 0
    assert all(getattr(report.topics[0], name).before is None for name in MEASURES)


def test_where_nothing_changed_hardly_anything_is_marked(warehouse: Make) -> None:
    chance, facts = random.Random(5), list[dict[str, Any]]()
    for n in range(1600):
        day = date(2026, 10, 22) + timedelta(days=chance.randrange(20))
        facts += replied(
            [chance.randrange(60, 9_000)],
            f"topic {n % 8}",
            day,
            sentiment=chance.choice(("negative", "neutral")),
        )
    report = trends(warehouse(facts))
    marked = [(one.topic, name) for one in report.topics for name in MEASURES if getattr(one, name).is_marked]
    assert report.tested >= 24 and len(marked) <= 1


def test_a_limited_viewer_sees_their_rows(warehouse: Make) -> None:
    day = date(2026, 11, 3)
    reader = warehouse(made(30, "login", day, team="A") + made(9, "refund", day, team="B"))
    (one,) = trends(reader, Viewer(name="b", teams=("B",), role="viewer")).topics
    assert (one.topic, one.volume.n, one.share.value) == ("refund", 9, 1.0)


@pytest.mark.parametrize("n", [12, 25, 60, 400])
def test_the_interval_of_a_median_holds_it_about_as_often_as_it_says(n: int) -> None:
    """Of lognormal values, with the true median 1: of 2,000 intervals 95 % hold it."""
    chance, held = np.random.default_rng(n), 0
    for _ in range(2_000):
        values = np.quantile(chance.lognormal(size=n), GRID)
        low, high = between(values.tolist(), n) or (0.0, 0.0)
        held += low <= 1 <= high
    assert 0.92 <= held / 2_000 <= 0.98


def test_few_values_have_no_interval() -> None:
    assert between([1.0] * len(GRID), FEWEST - 1) is None


def test_groups_of_topics_and_channels_are_told_alike(warehouse: Make) -> None:
    report = trends(warehouse(made(20, "login", date(2026, 11, 3), channel="chat")), by="channel")
    assert (report.dimension, report.topics[0].topic, report.topics[0].volume.n) == ("channel", "chat", 20)
