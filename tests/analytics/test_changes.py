"""What changed, and one day explained."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics.catalogue import METRICS
from analytics.changes import explain_day, what_changed
from core.errors import NotEnoughData, QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader
from tests.analytics.kinds import one_of_each
from tests.shared import seldom

Make = Callable[..., Reader]
OCTOBER = Filters.of(Period(date(2026, 10, 1), date(2026, 10, 31)))
BAD_DAY = date(2026, 10, 31)


@pytest.mark.parametrize("name", seldom(METRICS.names(), often=one_of_each()))
def test_contributions_add_up_over_every_dimension(
    big: Reader, settings: Settings, now: datetime, name: str
) -> None:
    report = what_changed(big, name, OCTOBER, settings=settings, viewer=EVERYTHING)
    assert len(report.splits) == 5
    for split in report.splits:
        assert sum(s.contribution for s in split.segments) == pytest.approx(
            report.change, rel=1e-9, abs=1e-12
        )
    if METRICS.get(name).quantile is None:
        assert report.now.value is not None and report.before.value is not None
        assert report.change == pytest.approx(report.now.value - report.before.value)
    sizes = [abs(segment.surprise) for segment in report.movers]
    assert sizes == sorted(sizes, reverse=True) and 0 < len(sizes) <= 8


def test_a_median_is_explained_by_the_share_of_slower_ones(
    big: Reader, settings: Settings, now: datetime
) -> None:
    report = what_changed(big, "first_reply_median", OCTOBER, settings=settings, viewer=EVERYTHING)
    assert report.threshold == report.before.value and "slower" in report.explained
    slower = big.query(
        """SELECT avg((first_reply_s > ?)::INTEGER) AS share FROM {conversation_facts} WHERE is_counted
           AND first_reply_local >= DATE '2026-10-01' AND first_reply_local < DATE '2026-11-01'""",
        [report.threshold],
        viewer=EVERYTHING,
    ).to_pylist()[0]["share"]
    earlier = sum(s.before * s.n_before for s in report.splits[0].segments if s.before is not None)
    earlier /= sum(s.n_before for s in report.splits[0].segments)
    assert report.change == pytest.approx(slower - earlier)


def test_the_segment_that_moved_comes_first(warehouse: Make, settings: Settings) -> None:
    def rows(month: int, product: str, count: int) -> list[dict[str, Any]]:
        return [
            {"created_local": datetime(2026, month, 1 + i % 28, 12), "product": product} for i in range(count)
        ]

    facts = rows(9, "A", 60) + rows(9, "B", 40) + rows(10, "A", 60) + rows(10, "B", 90)
    facts.append({"created_local": datetime(2026, 11, 15), "product": "A"})
    period = Filters.of(Period(date(2026, 10, 1), date(2026, 10, 30)))
    report = what_changed(warehouse(facts), "volume", period, settings=settings, viewer=EVERYTHING)
    assert (report.splits[0].dimension, report.movers[0].value) == ("product", "B")
    assert (report.movers[0].n_before, report.movers[0].n_now) == (40, 90)
    assert report.movers[0].contribution == report.change == 50


def test_tags_and_empty_periods_are_refused(big: Reader, settings: Settings, now: datetime) -> None:
    with pytest.raises(QuestionError, match="several"):
        what_changed(big, "volume", OCTOBER, settings=settings, viewer=EVERYTHING, by=("tag",))
    long_ago = Filters.of(Period(date(2020, 1, 1), date(2020, 1, 9)))
    with pytest.raises(NotEnoughData, match="nothing to compare"):
        what_changed(big, "volume", long_ago, settings=settings, viewer=EVERYTHING)


def bad_day(extra: int = 30) -> list[dict[str, Any]]:
    """Six conversations a day, one of them negative; on the day 30 angry chats about one product."""
    facts = []
    for back in range(60):
        at = datetime(2026, 10, 31, 9) - timedelta(days=back)
        for number in range(6):
            mood = "negative" if number == back % 6 else "neutral"
            product, channel = ("Tracker", "Backup")[number % 2], ("chat", "email", "web")[number % 3]
            facts.append({"created_local": at, "product": product, "channel": channel, "sentiment": mood})
    angry = {"product": "Tracker", "channel": "chat", "sentiment": "negative", "topic": "late parcel"}
    facts += [{"created_local": datetime(2026, 10, 31, 11), **angry}] * extra
    return [*facts, {"created_local": datetime(2026, 11, 15), "product": "Backup", "channel": "web"}]


def test_a_bad_day_names_the_product_and_the_channel(warehouse: Make, settings: Settings) -> None:
    report = explain_day(warehouse(bad_day()), BAD_DAY, settings=settings, viewer=EVERYTHING)
    assert report.unusual and report.headline is not None
    assert (report.headline.dimension, report.headline.value) == ("product / channel", "Tracker / chat")
    assert (report.now.n, report.usual.n, report.n_usual) == (36, 28 * 6, 6)
    assert report.now.value == pytest.approx(31 / 36) and report.usual.value == pytest.approx(1 / 6)
    cell = report.headline
    assert cell.n == 31 and cell.n_usual == 1 and cell.rate is not None and cell.rate_usual is not None
    assert cell.ratio == pytest.approx(cell.rate / cell.rate_usual)
    for split in report.splits:
        assert sum(s.contribution for s in split.segments) == pytest.approx(report.change)


def test_more_conversations_than_usual(warehouse: Make, settings: Settings) -> None:
    report = explain_day(warehouse(bad_day()), BAD_DAY, "volume", settings=settings, viewer=EVERYTHING)
    assert report.unusual and (report.change, report.n_usual) == (30, 6)
    assert report.headline is not None and report.headline.value == "Tracker / chat"
    assert report.headline.excess == 30 and report.headline.ratio == 31


def test_an_ordinary_day_has_no_headline(warehouse: Make, settings: Settings) -> None:
    report = explain_day(warehouse(bad_day(extra=0)), BAD_DAY, settings=settings, viewer=EVERYTHING)
    assert not report.unusual and report.headline is None


def test_a_slow_day_is_explained_by_slower_replies(big: Reader, settings: Settings, now: datetime) -> None:
    report = explain_day(big, date(2026, 10, 14), "first_reply_median", settings=settings, viewer=EVERYTHING)
    assert report.threshold == report.usual.value and "slower" in report.explained
    for split in report.splits:
        assert sum(s.contribution for s in split.segments) == pytest.approx(report.change)


def test_days_without_data_and_levels_are_refused(big: Reader, settings: Settings, now: datetime) -> None:
    with pytest.raises(NotEnoughData, match="on 2020-01-01"):
        explain_day(big, date(2020, 1, 1), settings=settings, viewer=EVERYTHING)
    with pytest.raises(QuestionError, match="not something of one day"):
        explain_day(big, BAD_DAY, "backlog", settings=settings, viewer=EVERYTHING)
    with pytest.raises(NotEnoughData):
        explain_day(big, BAD_DAY, settings=settings, viewer=Viewer("guest", teams=()))


def test_the_planted_day_of_the_sample(sample_home: Any, now: datetime) -> None:
    import json

    from core.effective import effective_settings
    from core.settings import load_settings
    from store.reader import open_reader

    settings = effective_settings(sample_home, load_settings(sample_home))
    planted = json.loads((sample_home.sample / "truth.json").read_text())["bad_day"]
    report = explain_day(
        open_reader(sample_home), date.fromisoformat(planted["date"]), settings=settings, viewer=EVERYTHING
    )
    assert report.headline is not None
    assert report.headline.value == f"{planted['product']} / {planted['channel']}"
    assert report.now.n <= planted["conversations_on_day"] and report.unusual
