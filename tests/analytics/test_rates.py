"""Conversations over daily numbers: which days count, what is left out, and every number a second way."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics import audit
from analytics.changes import explain_day, what_changed
from analytics.rates import denominators
from analytics.result import MetricResult
from core import numbers
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Ask = Callable[..., MetricResult]
Make = Callable[..., Reader]
WEEK = Period(date(2026, 11, 2), date(2026, 11, 8))


def size(day: int, value: float, name: str = "active_customers", **more: Any) -> dict[str, Any]:
    return {
        "source_id": "shop",
        "day": date(2026, 11, day),
        "name": name,
        "value": value,
        "is_deleted": False,
        **more,
    }


def facts_on(*days: int, **more: Any) -> list[dict[str, Any]]:
    return [{"created_local": datetime(2026, 11, day, 10), **more} for day in days]


def test_days_without_a_denominator_are_in_neither_number(warehouse: Make, ask: Ask) -> None:
    sizes = [size(2, 1000), size(3, 3000), size(4, 0), size(5, 500, is_deleted=True)]
    reader = warehouse(facts_on(2, 2, 3, 4, 5, 6), denominators=sizes)
    result = ask(reader, "contact_rate", WEEK, grain="day")
    assert (result.total.value, result.total.n, result.per) == (1000 * 3 / 4000, 3, "active_customers")
    assert [(row.value, row.n) for row in result.rows] == [(2.0, 2), (1000 / 3000, 1), *[(None, 0)] * 3]
    assert [(item.reason, item.n) for item in result.excluded] == [
        ("no denominator for the day, or the day is not over", 3)
    ]
    assert "Divided by active_customers, over the days that have it." in result.notes


def test_a_quiet_day_is_0_and_an_unknown_day_is_nothing(warehouse: Make, ask: Ask) -> None:
    reader = warehouse(facts_on(2, 9), denominators=[size(3, 100)])
    assert ask(reader, "contact_rate", WEEK).total.value == 0
    assert ask(reader, "contact_rate", Period(date(2026, 11, 9), date(2026, 11, 9))).total.value is None
    compared = ask(reader, "contact_rate", Period(date(2026, 11, 3), date(2026, 11, 3)), compare="previous")
    assert (compared.total.value, compared.previous and compared.previous.value, compared.change) == (
        0,
        None,
        None,
    )


def test_the_day_that_is_not_over_does_not_count(warehouse: Make, ask: Ask) -> None:
    reader = warehouse(
        facts_on(15, 16, created_local=datetime(2026, 11, 16, 8)), denominators=[size(15, 100), size(16, 100)]
    )
    result = ask(reader, "contact_rate", Period(date(2026, 11, 15), date(2026, 11, 16)))
    assert (result.total.value, result.total.n) == (0, 0)
    assert sum(item.n for item in result.excluded) == 2


def test_sources_with_the_same_number_are_added_up(warehouse: Make, ask: Ask) -> None:
    reader = warehouse(facts_on(2), denominators=[size(2, 100), size(2, 300, source_id="eu")])
    assert ask(reader, "contact_rate", WEEK).total.value == 2.5
    assert denominators(reader, EVERYTHING)[0].sources == ("eu", "shop")
    assert ask(reader, "contact_rate", WEEK, viewer=Viewer("x", sources=("desk", "shop"))).total.value == 10


def test_which_number_divides(warehouse: Make, ask: Ask) -> None:
    sizes = [size(2, 10, "orders"), size(3, 10, "orders"), size(2, 50, "visits")]
    reader = warehouse(facts_on(2), denominators=sizes)
    assert ask(reader, "contact_rate", WEEK).per == "orders"  # most days
    assert ask(reader, "contact_rate", WEEK, per="visits").total.value == 20
    with pytest.raises(QuestionError, match=r"called 'shops'.*Known: orders, visits"):
        ask(reader, "contact_rate", WEEK, per="shops")
    with pytest.raises(QuestionError, match="not divided"):
        ask(reader, "volume", WEEK, per="visits")
    with pytest.raises(QuestionError, match="no hours"):
        ask(reader, "contact_rate", WEEK, grain="hour")


def test_without_daily_numbers_there_is_no_rate(warehouse: Make, ask: Ask) -> None:
    result = ask(warehouse(facts_on(2)), "contact_rate", WEEK, by=("channel",), compare="previous")
    assert (result.total.value, result.total.n, result.groups) == (None, 0, ())
    assert any("No source brings daily numbers" in note for note in result.notes)


def test_what_moved_a_rate_adds_up(warehouse: Make, settings: Settings) -> None:
    facts = [*facts_on(2, channel="chat"), *facts_on(3, 3, 3, channel="email"), *facts_on(3, channel="chat")]
    reader = warehouse(facts, denominators=[size(2, 100), size(3, 200)])
    day = Period(date(2026, 11, 3), date(2026, 11, 3))
    report = what_changed(
        reader, "contact_rate", Filters(day), settings=settings, viewer=EVERYTHING, by=("channel",)
    )
    assert {s.value: (s.before, s.now, s.contribution) for s in report.splits[0].segments} == {
        "email": (0, 15, 15), "chat": (10, 5, -5),
    }  # fmt: skip
    assert (report.before.value, report.now.value, report.change) == (10, 20, 10)
    assert report.explained == "the number of conversations per 1,000"
    with pytest.raises(QuestionError, match="not something of one day"):
        explain_day(reader, day.start, "contact_rate", settings=settings, viewer=EVERYTHING)


def test_behind_a_rate_are_the_conversations_of_its_days(
    warehouse: Make, ask: Ask, settings: Settings
) -> None:
    reader = warehouse(facts_on(2, 3, 4), denominators=[size(2, 10), size(4, 10), size(3, 1, "orders")])
    result = ask(reader, "contact_rate", WEEK)
    opened = audit.audited(reader, result, settings=settings, viewer=EVERYTHING).audit
    assert opened and [one.conversation_id for one in opened.conversations] == ["c2", "c0"]
    result = ask(reader, "contact_rate", WEEK, per="orders")
    opened = audit.audited(reader, result, settings=settings, viewer=EVERYTHING).audit
    assert opened and [one.conversation_id for one in opened.conversations] == ["c1"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.416, "0.42"), (12.34, "12.3"), (1234.5, "1,234"), (None, "–")]
)
def test_how_a_rate_is_written(value: float | None, text: str) -> None:
    assert numbers.value(value, "rate", 9) == text


def test_a_change_of_a_rate_is_written_with_its_share() -> None:
    assert numbers.change(1.5, 1.2, "rate", 9) == "+0.30 (+25 %)"


def test_many_days_equal_plain_arithmetic(warehouse: Make, ask: Ask) -> None:
    dice = random.Random(4)
    start = date(2026, 10, 5)
    facts: list[dict[str, Any]] = [
        {"created_local": datetime(2026, 10, 5) + timedelta(hours=dice.randrange(42 * 24)),
         "channel": dice.choice(["email", "chat"]), "excluded_because": dice.choice([None, None, "spam"]),
         "tags": dice.choice([["a"], ["a", "b"], []])} for _ in range(300)
    ]  # fmt: skip
    sizes = {
        start + timedelta(days=n): float(dice.randrange(500, 900)) for n in range(42) if dice.random() < 0.8
    }
    rows = [
        {"source_id": "shop", "day": d, "name": "orders", "value": v, "is_deleted": False}
        for d, v in sizes.items()
    ]
    reader = warehouse(facts, denominators=rows)
    period = Period(date(2026, 10, 26), date(2026, 11, 15))
    result = ask(reader, "contact_rate", period, grain="week", by=("channel",), compare="previous")

    def rate(first: date, days: int, **wanted: str) -> float:
        inside = {first + timedelta(days=n) for n in range(days)} & sizes.keys()
        hits = [f for f in facts if not f["excluded_because"] and f["created_local"].date() in inside
                and all(f[k] == v for k, v in wanted.items())]  # fmt: skip
        return 1000 * len(hits) / sum(sizes[day] for day in inside)

    assert result.total.value == pytest.approx(rate(period.start, 21))
    assert result.previous and result.previous.value == pytest.approx(rate(start, 21))
    for row in result.rows:
        assert isinstance(row.bucket, date)
        assert row.value == pytest.approx(rate(row.bucket, 7, channel=row.group[0]))
    for row in result.groups:
        assert row.value == pytest.approx(rate(period.start, 21, channel=row.group[0]))
        assert row.previous and row.previous.value == pytest.approx(rate(start, 21, channel=row.group[0]))
    assert len(result.rows) == 6 and sum(row.value or 0 for row in result.groups) == pytest.approx(
        result.total.value
    )
    by_tag = ask(reader, "contact_rate", period, by=("tag",))
    assert by_tag.total.value == pytest.approx(rate(period.start, 21))
