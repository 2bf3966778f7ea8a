"""The impact of a theme against numbers worked out by hand and leave-one-out in plain Python."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from statistics import mean
from typing import Any

import pytest

from analytics.themes import MINIMUM, ThemeReport, theme_impact
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader

Make = Callable[..., Reader]
NOVEMBER = Filters.of(Period(date(2026, 11, 1), date(2026, 11, 10)))


def impact(
    reader: Reader, name: str, dimension: str, filters: Filters = NOVEMBER, **more: Any
) -> ThemeReport:
    return theme_impact(reader, name, filters, dimension, settings=Settings(), viewer=EVERYTHING, **more)


def rated(score: float, topic: str, count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"csat_score": score, "csat_local": datetime(2026, 11, 3), "topic": topic, **more}] * count


def test_by_hand(warehouse: Make) -> None:
    facts = rated(1.0, "login", 60) + rated(0.0, "refund", 40) + rated(0.0, "rare", MINIMUM - 1)
    report = impact(warehouse([dict(row) for row in facts]), "csat_share", "topic")
    assert report.n == 119 and report.value == pytest.approx(60 / 119)
    found = {one.value_of: (one.n, one.value, one.impact, one.good) for one in report.themes}
    assert found == {
        "login": (60, 1.0, pytest.approx(60 / 119 - 0), True),
        "refund": (40, 0.0, pytest.approx(60 / 119 - 60 / 79), False),
    }
    assert [one.value_of for one in report.themes] == ["login", "refund"]  # the largest impact first
    assert (report.left_out, report.left_out_n, report.minimum) == (1, 19, 20)


def test_overlapping_tags_are_left_out_one_by_one(big: Reader, now: datetime) -> None:
    october = Filters.of(Period(date(2026, 10, 1), date(2026, 10, 31)))
    report = impact(big, "first_reply_mean", "tag", october, minimum=5)
    sql = """SELECT first_reply_s AS s, coalesce(tags, []) AS tags FROM {conversation_facts} WHERE is_counted
      AND first_reply_local >= DATE '2026-10-01' AND first_reply_local < DATE '2026-11-01'"""
    rows = big.query(sql, viewer=EVERYTHING).to_pylist()
    whole = mean(row["s"] for row in rows)
    assert {one.value_of for one in report.themes} == {"vip", "bug", "(none)"}
    for one in report.themes:
        tags = [one.value_of] if one.value_of != "(none)" else []
        rest = [row["s"] for row in rows if (tags[0] not in row["tags"] if tags else row["tags"])]
        assert one.impact == pytest.approx(whole - mean(rest)) and one.n == len(rows) - len(rest)


def test_a_theme_of_everything_has_no_rest(warehouse: Make) -> None:
    report = impact(warehouse([dict(row) for row in rated(1.0, "login", 20)]), "csat_share", "topic")
    assert [(one.impact, one.without, one.good) for one in report.themes] == [(None, None, None)]


@pytest.mark.parametrize("name", ["volume", "first_reply_median", "backlog", "contact_rate"])
def test_what_is_no_mean_is_refused(warehouse: Make, name: str) -> None:
    with pytest.raises(QuestionError, match="no mean of values"):
        impact(warehouse([{}]), name, "topic")


def test_nothing_has_no_themes(warehouse: Make) -> None:
    report = impact(warehouse([{}]), "csat_share", "topic")
    assert (report.value, report.n, report.themes) == (None, 0, ())
