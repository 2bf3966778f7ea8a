"""Emerging groups and groups of topics, as the viewer may see them, and as numbers can be split by them."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.compute import compute
from analytics.conversation_list import page, totals
from analytics.dimensions import dimension_values
from analytics.emerging import emerging_groups
from analytics.example import Example
from analytics.list_question import ListQuestion
from analytics.moods import mood_report
from analytics.topic_list import topic_list
from core.filters import Filters, Period
from core.settings import Counting, Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Make = Callable[..., Reader]
UNTIL = datetime(2026, 11, 15, 12)
BILLING = Viewer(name="bea", teams=("Billing",), role="viewer")


@pytest.fixture
def reader(warehouse: Make) -> Reader:
    """Six gift cards in the window, one before it, one of them spam; 20 others; two topics in a group each."""
    ages = (1, 3, 6, 9, 16, 27, 100, 2)
    facts: list[dict[str, Any]] = [
        {
            "conversation_id": f"g{n}", "created_local": UNTIL - timedelta(days=age), "topic": "Payments", "topic_id": 1,
            "team": "Billing" if n < 2 else "Front Line", "excluded_because": "spam" if n == 7 else None,
        }
        for n, age in enumerate(ages)
    ]  # fmt: skip
    facts += [
        {
            "conversation_id": f"o{n}",
            "created_local": UNTIL - timedelta(days=n),
            "topic": "Parcels",
            "topic_id": 2,
        }
        for n in range(20)
    ]
    window = {
        "window_start": (UNTIL - timedelta(days=28)).replace(tzinfo=UTC),
        "window_end": UNTIL.replace(tzinfo=UTC),
    }
    return warehouse(
        facts,
        emerging_groups=[
            {"group_no": 0, "label": "Gift card", "keywords": ["gift"], "p": 0.001, "one_in": 1, "earlier_one_in": 2, **window}
        ],
        emerging_conversations=[
            {"group_no": 0, "rank": n, "source_id": "desk", "conversation_id": f"g{n}"} for n in range(8)
        ],
        topics=[
            {"topic_version": 2, "topic_id": 1, "label": "Payments", "group_label": "Money", "is_current": True},
            {"topic_version": 2, "topic_id": 2, "label": "Parcels", "group_label": "Delivery", "is_current": True},
            {"topic_version": 1, "topic_id": 2, "label": "Parcels", "group_label": "As it was", "is_current": False},
        ],
        conversation_topics=[
            {"source_id": "desk", "conversation_id": f"g{n}", "topic_version": 2, "topic_id": 1, "fit": 0.4} for n in range(8)
        ],
    )  # fmt: skip


def test_a_group_is_counted_by_week_with_what_was_before(reader: Reader) -> None:
    (group,) = emerging_groups(reader, EVERYTHING)
    assert (group.label, group.terms, group.n, group.before) == ("Gift card", ("gift",), 6, 1)
    assert group.weeks == (1, 1, 1, 3) and group.first_at.date() == date(2026, 10, 19)
    assert group.share == pytest.approx(6 / 26)
    assert (group.topic, group.topic_fit) == ("Payments", pytest.approx(0.4))
    assert group.examples == tuple(Example("desk", f"g{n}", f"subject {n}") for n in range(3))
    assert (group.one_in, group.earlier_one_in) == (1, 2)


def test_what_the_settings_count_besides_is_in_topics_and_languages(reader: Reader) -> None:
    settings = Settings(counting=Counting(include=("spam",)))
    everything = Filters(Period(date(2026, 1, 1), date(2026, 11, 15)))
    found = compute(reader, "volume", everything, settings=settings, viewer=EVERYTHING, by=("topic",))
    topics = topic_list(reader, EVERYTHING, include=("spam",))
    assert {one.label: one.n for one in topics.topics} == {row.group[0]: row.n for row in found.groups}
    assert topics.n == found.total.n == mood_report(reader, EVERYTHING, include=("spam",)).n == 28


def test_a_limited_viewer_is_told_of_their_conversations_only(reader: Reader) -> None:
    (group,) = emerging_groups(reader, BILLING)
    assert (group.n, group.before, group.share) == (2, 0, 1.0)
    assert {one.conversation_id for one in group.examples} == {"g0", "g1"}
    assert emerging_groups(reader, Viewer(name="x", teams=("Returns",), role="viewer")) == ()


def of_volume(
    reader: Reader, by: str, where: dict[str, tuple[str, ...]] | None = None, **more: Any
) -> dict[str, int]:
    filters = Filters.of(Period(date(2026, 10, 1), date(2026, 11, 15)), where or {})
    found = compute(reader, "volume", filters, settings=Settings(), viewer=EVERYTHING, by=(by,), **more)
    return {row.group[0]: row.n for row in found.groups}


def test_numbers_are_split_and_filtered_by_both(reader: Reader) -> None:
    assert of_volume(reader, "topic_group") == {"Delivery": 20, "Money": 6}
    assert of_volume(reader, "emerging") == {"(none)": 20, "Gift card": 6}
    assert of_volume(reader, "topic", {"emerging": ("Gift card",)}) == {"Payments": 6}
    assert of_volume(reader, "emerging", {"topic_group": ("Money",)}) == {"Gift card": 6}
    assert dimension_values(reader, "topic_group", viewer=EVERYTHING) == [("Delivery", 20), ("Money", 7)]


def test_they_hold_for_metrics_of_other_tables_too(reader: Reader) -> None:
    filters = Filters.of(Period(date(2026, 10, 1), date(2026, 11, 15)), {"topic_group": ("Money",)})
    for name in ("backlog", "replies", "sla_compliance", "csat_share"):
        found = compute(reader, name, filters, settings=Settings(), viewer=EVERYTHING, by=("emerging",))
        assert found.total.n == 0 or found.groups


def test_the_conversations_behind_a_group_are_listed(reader: Reader) -> None:
    filters = Filters.of(Period(date(2026, 10, 1), date(2026, 11, 15)), {"emerging": ("Gift card",)})
    found = totals(reader, ListQuestion(filters), settings=Settings(), viewer=EVERYTHING)
    assert (found.rows, found.conversations) == (6, 6)
    listed = page(reader, ListQuestion(filters), settings=Settings(), viewer=EVERYTHING, size=10)
    assert {row["conversation_id"] for row in listed.rows} == {f"g{n}" for n in range(6)}
