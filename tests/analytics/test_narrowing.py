"""Narrowed filters count what has both: proven by SQL, and by the conversations behind."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from alerts.judge import Reading
from alerts.rules import read
from alerts.words import link
from analytics import dimensions
from analytics.anomalies.causes import slice_of
from analytics.audit import behind
from analytics.compute import compute
from analytics.effects.of_event import TOUCHED, UNTOUCHED, _parts
from analytics.result import MetricResult
from core.conditions import SEVERAL
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 10))
TAGS = (["vip", "bug"], ["vip"], ["bug"], ["vip", "bug", "new"], ["new"], [], None)
VIP = Filters.of(NOVEMBER, {"tag": ["vip"]})
HAS_BOTH = "list_contains(tags, 'vip') AND list_contains(tags, 'bug')"
Make = Callable[..., Reader]


@pytest.fixture
def reader(warehouse: Make) -> Reader:
    return warehouse(
        [{"tags": tags, "channel": channel, "created_local": datetime(2026, 11, 4, 9)}
         for tags in TAGS for channel in ("web", "chat", "email")]
    )  # fmt: skip


def count(reader: Reader, where: str) -> int:
    sql = f"SELECT count(*) AS n FROM {{conversation_facts}} WHERE is_counted AND {where}"
    return int(reader.query(sql, viewer=EVERYTHING)["n"][0].as_py())


def volume(reader: Reader, filters: Filters, **more: Any) -> MetricResult:
    return compute(reader, "volume", filters, settings=Settings(), viewer=EVERYTHING, **more)


def is_counted(reader: Reader, filters: Filters, where: str) -> None:
    """The number, and the list of its conversations, are what the SQL counts."""
    listed = behind(reader, "volume", filters, settings=Settings(), viewer=EVERYTHING, limit=100)
    assert volume(reader, filters).total.n == len(listed) == count(reader, where)


def test_a_slice_beside_a_filter_of_the_same_dimension_has_both(reader: Reader) -> None:
    is_counted(reader, slice_of(VIP, (("tag", "bug"), ("channel", "web"))), f"{HAS_BOTH} AND channel = 'web'")
    is_counted(reader, VIP.narrowed("tag", "(none)"), "false")
    is_counted(reader, VIP.narrowed("tag", "(none)", "vip"), "list_contains(tags, 'vip')")
    channels = Filters.of(NOVEMBER, {"channel": ["web", "chat"]})
    is_counted(reader, slice_of(channels, (("channel", "web"),)), "channel = 'web'")
    is_counted(reader, slice_of(channels, (("channel", "email"),)), "false")


def test_each_group_of_a_split_is_what_it_narrows_to(reader: Reader) -> None:
    groups = volume(reader, VIP, by=("tag",)).groups
    assert {row.group[0]: row.n for row in groups} == {"vip": 9, "bug": 6, "new": 3}
    assert all(volume(reader, VIP.narrowed("tag", *row.group)).total.n == row.n for row in groups)


def test_what_an_event_touched_lies_within_the_filters(reader: Reader) -> None:
    parts = _parts(VIP, (("tag", ("bug",)),))
    is_counted(reader, parts[TOUCHED], HAS_BOTH)
    is_counted(reader, parts[UNTOUCHED], "list_contains(tags, 'vip') AND NOT list_contains(tags, 'bug')")


def test_a_target_of_a_tag_is_not_for_those_that_have_another_one_too(reader: Reader) -> None:
    target = {"metric": "volume", "value": 5, "where": {"tag": ["bug"]}}
    settings = Settings.model_validate({"targets": [target]})
    for filters, found in ((VIP, []), (Filters(NOVEMBER), [("bug",)])):
        result = compute(reader, "volume", filters, settings=settings, viewer=EVERYTHING, by=("tag",))
        assert [line.group for line in result.targets] == found


def test_the_link_of_an_alert_of_a_part_opens_that_part() -> None:
    said = {"metric": "volume", "level": 1, "by": "tag", "filters": {"tag": ["vip"]}}
    settings = Settings.model_validate({"notifications": {"base_url": "https://desk.example"}})
    reading = Reading("bug", "2026-11-04T00:00:00", 5.0, 5)
    assert "?tag=vip&any=tag%3Abug&" in (link(read("threshold", said), reading, settings) or "")


def test_which_dimensions_have_several_values() -> None:
    known = {**dimensions.DIMENSIONS, **dimensions.FURTHER}
    assert {name for name, one in known.items() if one.many} == SEVERAL
