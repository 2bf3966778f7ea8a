"""Metrics of the settings: the catalogue's under filters, and one count over another."""

# ruff: noqa: DTZ001 - local times are naive

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from analytics import catalogue
from analytics.audit import audited, behind
from analytics.changes import what_changed
from analytics.result import MetricResult
from core.errors import ConfigError, QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader

AUTUMN = Period(date(2026, 9, 7), date(2026, 11, 15))
OWN = (
    {"name": "vip_reply", "title": "First reply to VIPs", "metric": "first_reply_median", "where": {"tag": ("vip",)}},
    {"name": "refunds", "title": "Refunds", "metric": "volume", "where": {"topic": ("refund",)}, "better": "lower"},
    {"name": "open_billing", "title": "Open in Billing", "metric": "backlog", "where": {"team": ("Billing",)}},
    {"name": "refund_quota", "title": "Refunds per solved", "metric": "volume", "where": {"topic": ("refund",)},
     "over": "solved", "over_where": {"channel": ("email", "chat")}, "better": "lower"},
    {"name": "refund_contacts", "title": "Refund contacts", "metric": "contact_rate", "where": {"topic": ("refund",)}},
)  # fmt: skip
Ask = Callable[..., MetricResult]


@pytest.fixture
def settings() -> Settings:
    return Settings(metrics=OWN, targets=({"metric": "refund_quota", "value": 0.3},))


SAME = [
    ("vip_reply", "first_reply_median", {"tag": ["vip"]}),
    ("refunds", "volume", {"topic": ["refund"]}),
    ("open_billing", "backlog", {"team": ["Billing"]}),
    ("refund_contacts", "contact_rate", {"topic": ["refund"]}),
]


@pytest.mark.parametrize(("own", "base", "where"), SAME)
def test_it_is_the_metric_under_its_filters(big: Reader, ask: Ask, own: str, base: str, where: Any) -> None:
    options = {"grain": "week", "by": ("channel",), "compare": "previous"}
    mine = ask(big, own, AUTUMN, **options)
    theirs = ask(big, base, AUTUMN, where=where, **options)
    assert (mine.total, mine.previous, mine.rows, mine.groups) == (
        theirs.total, theirs.previous, theirs.rows, theirs.groups
    )  # fmt: skip
    assert mine.total.n > 5 and mine.title != theirs.title and mine.unit == theirs.unit


def test_its_filters_and_those_of_the_question_both_hold(big: Reader, ask: Ask) -> None:
    both = ask(big, "refunds", AUTUMN, where={"channel": ["email"]})
    assert both.total == ask(big, "volume", AUTUMN, where={"topic": ["refund"], "channel": ["email"]}).total
    other = ask(big, "refunds", AUTUMN, where={"topic": ["login"]})
    assert other.total.n == 0, "a refund is no login"
    wider = ask(big, "refunds", AUTUMN, where={"topic": ["login", "refund"]})
    assert wider.total == ask(big, "refunds", AUTUMN).total


def test_a_quotient_in_total_buckets_and_groups(big: Reader, ask: Ask) -> None:
    options: dict[str, Any] = {"grain": "month", "by": ("team",), "compare": "previous"}
    mine = ask(big, "refund_quota", AUTUMN, **options)
    above = ask(big, "volume", AUTUMN, where={"topic": ["refund"]}, **options)
    below = ask(big, "solved", AUTUMN, where={"channel": ["email", "chat"]}, **options)
    assert mine.unit == "number" and mine.total.value == above.total.value / below.total.value  # type: ignore[operator]
    assert mine.total.n == below.total.n > 20 and mine.name == "refund_quota"
    assert mine.previous and mine.previous.value == above.previous.value / below.previous.value  # type: ignore
    assert mine.change and mine.change.good == (mine.change.absolute < 0)
    tops = {(r.bucket, r.group): r for r in above.rows}
    for row, under in zip(mine.rows, below.rows, strict=True):
        top = tops.get((row.bucket, row.group))
        assert (row.bucket, row.group, row.n, row.partial) == (
            under.bucket,
            under.group,
            under.n,
            under.partial,
        )
        assert row.value == (((top.value if top else 0) or 0) / under.value if under.value else None)
    assert len(mine.rows) == 9 and len(mine.groups) == 3 and all(row.previous for row in mine.groups)
    assert below.title.lower() in mine.notes[-1] and ";\n\n" in mine.sql
    assert [(line.label, line.group) for line in mine.targets] == [], "the target is of the total"
    total = ask(big, "refund_quota", AUTUMN, grain="month")
    assert total.targets[0].judged == 1 and total.targets[0].points[1].reached == (total.rows[1].value <= 0.3)  # type: ignore[operator]


def test_nothing_to_divide_by_is_no_number(warehouse: Any, ask: Ask) -> None:
    at = datetime(2026, 11, 3, 9)
    reader = warehouse([{"created_local": at, "topic": "refund"}])
    result = ask(reader, "refund_quota", Period(date(2026, 11, 2), date(2026, 11, 3)), grain="day")
    assert result.total.value is None and result.total.n == 0
    assert [row.value for row in result.rows] == [None, None]


def test_what_lies_behind_it(big: Reader, settings: Settings) -> None:
    filters = Filters(AUTUMN)
    found = behind(big, "vip_reply", filters, settings=settings, viewer=EVERYTHING, limit=5)
    theirs = behind(
        big,
        "first_reply_median",
        Filters.of(AUTUMN, {"tag": ["vip"]}),
        settings=settings,
        viewer=EVERYTHING,
        limit=5,
    )
    assert found == theirs and len(found) == 5
    refunds = behind(
        big,
        "volume",
        Filters.of(AUTUMN, {"topic": ["refund"]}),
        settings=settings,
        viewer=EVERYTHING,
        limit=5,
    )
    assert behind(big, "refund_quota", filters, settings=settings, viewer=EVERYTHING, limit=5) == refunds


@pytest.mark.parametrize("name", ["vip_reply", "refund_quota"])
def test_it_can_be_audited(big: Reader, ask: Ask, settings: Settings, name: str) -> None:
    result = audited(big, ask(big, name, AUTUMN), settings=settings, viewer=EVERYTHING)
    assert result.audit and result.audit.conversations and result.description


def test_a_change_is_split_or_refused(big: Reader, settings: Settings) -> None:
    report = what_changed(big, "refunds", Filters(AUTUMN), settings=settings, viewer=EVERYTHING, by=("team",))
    assert report.title == "Refunds" and report.now.n > 5
    with pytest.raises(QuestionError, match="one number over another"):
        what_changed(big, "refund_quota", Filters(AUTUMN), settings=settings, viewer=EVERYTHING, by=("team",))


def test_the_catalogue_tells_them_only_with_the_settings(settings: Settings) -> None:
    assert "refunds" not in catalogue.names() and "refunds" in catalogue.names(settings)
    with pytest.raises(QuestionError, match="no metric called 'refunds'"):
        catalogue.find("refunds")
    made = catalogue.find("refunds", settings)
    assert made.better == "lower" and made.words == ("refunds",) and "Only topic refund." in made.description
    assert {metric.name for metric in catalogue.every(settings)} >= {"volume", "refund_quota"}
    catalogue.check(settings)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"metric": "speed"}, "there is no metric 'speed'"),
        ({"metric": "volume", "over": "speed"}, "there is no metric 'speed'"),
        ({"metric": "csat_share", "over": "volume"}, "only counts can be divided"),
        ({"metric": "volume", "over": "resolution_median"}, "only counts can be divided"),
        ({"metric": "volume", "over_where": {"team": ("x",)}}, "over_where has nothing to filter"),
        ({"metric": "volume", "where": {"no such": ("x",)}}, "no dimension called 'no such'"),
        ({"metric": "volume", "name": "solved"}, "there is a metric of that name already"),
    ],
)
def test_wrong_tables_are_explained(table: dict[str, Any], told: str) -> None:
    own = {"name": "mine", "title": "Mine", **table}
    with pytest.raises(ConfigError, match=r"\[\[metrics\]\]") as error:
        catalogue.check(Settings(metrics=(own,)))
    assert told in error.value.message and error.value.hint


def test_two_of_one_name_are_refused() -> None:
    own = {"name": "mine", "title": "Mine", "metric": "volume"}
    with pytest.raises(ConfigError, match="of that name already"):
        catalogue.check(Settings(metrics=(own, own)))
