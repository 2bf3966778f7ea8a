"""Rising topics against numbers worked out by hand, by plain counting, and where nothing rises."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from scipy.stats import binomtest

from analytics.rising import FALSE, Rising, RisingReport, judged, rising_topics
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Make = Callable[..., Reader]
START, PERIOD = date(2026, 1, 5), Period(date(2026, 10, 5), date(2026, 11, 1))
DAYS = (PERIOD.end - START).days + 1
TOPICS = tuple(f"topic {n}" for n in range(12))


def rising(reader: Reader, filters: Filters | None = None, viewer: Viewer = EVERYTHING) -> RisingReport:
    return rising_topics(reader, filters or Filters.of(PERIOD), settings=Settings(), viewer=viewer)


def rows(count: int, seed: int, topics: tuple[str, ...] = TOPICS, **more: Any) -> list[dict[str, Any]]:
    """So many conversations on random days, each topic as likely on each."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        day = START + timedelta(days=chance.randrange(DAYS))
        made.append(
            {
                "topic": chance.choice(topics),
                "created_local": datetime(day.year, day.month, day.day, 12),
                **more,
            }
        )
    return made


def on(day: date, topic: str, count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"topic": topic, "created_local": datetime(day.year, day.month, day.day, 12), **more}
        for _ in range(count)
    ]


def test_the_test_is_the_binomial_one_and_the_interval_that_of_clopper_and_pearson():
    one = judged("a", n=20, of=200, before=30, before_of=1000, spread=1.0, usual=50)
    chance = 180 / (180 + 970)
    assert one.p == pytest.approx(binomtest(20, 50, chance, alternative="greater").pvalue)
    ends = binomtest(20, 50).proportion_ci(method="exact")
    assert one.ratio == pytest.approx((20 / 200) / (30 / 1000))
    assert one.low == pytest.approx(ends.low / (1 - ends.low) * 5)
    assert one.high == pytest.approx(ends.high / (1 - ends.high) * 5)
    assert (one.share, one.before_share, one.is_rare) == (0.1, 0.03, False)


def test_what_was_never_there_has_no_ratio_and_what_clusters_is_less_sure():
    new = judged("a", n=8, of=200, before=0, before_of=1000, spread=1.0, usual=50)
    assert new.ratio is None and new.high is None and new.low > 1 and new.is_rare
    plain, clustered = (
        judged("a", n=20, of=200, before=30, before_of=1000, spread=s, usual=50) for s in (1.0, 3.0)
    )
    assert clustered.p > 5 * plain.p and clustered.low < plain.low < plain.ratio < plain.high < clustered.high


def test_a_planted_rise_is_found_and_counted_as_the_facts_count(warehouse: Make):
    made = rows(2000, 1)
    made += [row for day in range(28) for row in on(PERIOD.start + timedelta(days=day), "topic 3", 1)]
    report = rising(warehouse(made))
    (one,) = report.topics
    assert one.topic == "topic 3" and one.q <= FALSE and one.low > 1 and report.tested == 12
    assert report.before == Period(START, PERIOD.start - timedelta(days=1 + 56))
    inside = [row for row in made if row["created_local"].date() >= PERIOD.start]
    of_it = [row for row in inside if row["topic"] == "topic 3"]
    assert (one.n, one.of) == (len(of_it), len(inside))
    earlier = [row for row in made if row["created_local"].date() <= report.before.end]
    assert (one.before_n, one.before_of) == (sum(row["topic"] == "topic 3" for row in earlier), len(earlier))


def test_a_slow_rise_is_not_held_against_its_beginning(warehouse: Make):
    made = rows(2000, 6)
    for day in range(84):
        made += on(PERIOD.end - timedelta(days=day), "topic 3", 1)
    assert [one.topic for one in rising(warehouse(made)).topics] == ["topic 3"]


def test_more_of_everything_is_no_rise(warehouse: Make):
    made = rows(2000, 2)
    for at, topic in enumerate(TOPICS):
        made += on(PERIOD.start + timedelta(days=at), topic, 30)
    assert rising(warehouse(made)).topics == ()


def test_a_topic_that_comes_in_bursts_needs_more(warehouse: Make):
    """Thirty on one day every few weeks: as many on one day of the period are usual."""
    made = rows(2000, 3)
    for week in range(0, 39, 4):
        made += on(START + timedelta(weeks=week), "bursts", 30)
    made += on(PERIOD.start + timedelta(days=3), "bursts", 45)
    assert rising(warehouse(made)).topics == ()


def test_where_nothing_rises_nothing_is_claimed(warehouse: Make):
    claims = [bool(rising(warehouse(rows(1500, 100 + seed))).topics) for seed in range(4)]
    assert sum(claims) <= 1


def test_filters_and_viewers_see_their_rows_alone(warehouse: Make):
    made = rows(2000, 4, team="A") + rows(2000, 5, team="B")
    made += [
        row for day in range(28) for row in on(PERIOD.start + timedelta(days=day), "topic 3", 2, team="B")
    ]
    reader = warehouse(made)
    assert [one.topic for one in rising(reader).topics] == ["topic 3"]
    assert rising(reader, Filters.of(PERIOD, {"team": ("A",)})).topics == ()
    assert rising(reader, viewer=Viewer(name="a", teams=("A",), role="viewer")).topics == ()
    assert [one.of for one in rising(reader, Filters.of(PERIOD, {"team": ("B",)})).topics] == [
        sum(row["created_local"].date() >= PERIOD.start and row["team"] == "B" for row in made)
    ]


def test_too_little_before_says_so(warehouse: Make):
    report = rising(warehouse(on(PERIOD.start - timedelta(days=5), "a", 5) + on(PERIOD.start, "b", 9)))
    assert report.topics == () and report.before is None and "too few weeks" in report.note


def test_nothing_at_all(warehouse: Make):
    assert rising(warehouse([{"created_local": datetime(2026, 1, 5)}])).topics == ()


def test_false_claims_are_counted_over_all_tests():
    from analytics.rising import _claimed

    def one(name: str, p: float) -> Rising:
        return Rising(name, 9, 90, 0.1, 9, 900, 0.01, 10.0, 5.0, 20.0, p, p, 1.0, True)

    found = _claimed(
        [one("a", 0.0001), one("b", 0.004), one("c", 0.0045), *(one(str(n), 0.5) for n in range(7))]
    )
    assert [(f.topic, pytest.approx(f.q)) for f in found] == [("a", 0.001)]
    assert [f.topic for f in _claimed([one("a", 0.0001), one("b", 0.0045), one("c", 0.9)])] == ["a", "b"]
