"""Posts in public: which ones count, in what order, and what is not known of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics import social
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from tests.analytics.conftest import Make

DAY = Period(date(2026, 11, 2), date(2026, 11, 2))
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ZONE = Settings.model_validate({"workspace": {"reporting_zone": "America/New_York"}})


def post(name: str, engagement: dict[str, int] | None, **more: Any) -> dict[str, Any]:
    return {
        "source_id": "x", "message_id": name, "conversation_id": "c1", "created_at": NOON, "author_id": "7",
        "author_role": "customer", "author_name": None, "body_text": f"text of {name}", "is_deleted": False,
        "engagement": json.dumps(engagement) if engagement is not None else None, **more,
    }  # fmt: skip


POSTS = [
    post("loud", {"like": 10, "retweet": 5, "quote": 1, "reply": 4, "impression": 900, "bookmark": 50}),
    post("seen", {"like": 2, "impression": 5000}),
    post("same", {"like": 2, "impression": 10}, author_role="agent"),
    post("bare", {}),
    post("odd", {"like": 1, "retweet": None}),  # type: ignore[dict-item]
    post("none", None),
    post("gone", {"like": 999}, is_deleted=True),
    post("late", {"like": 999}, created_at=NOON + timedelta(hours=17)),
    post("spam", {"like": 999}, conversation_id="spam"),
    post("web", {"like": 3}, conversation_id="web"),
]
LAST = (NOON + timedelta(hours=17)).replace(tzinfo=None)
FACTS = [
    {"source_id": "x", "conversation_id": "c1", "channel": "social", "last_activity_local": LAST},
    {"source_id": "x", "conversation_id": "spam", "channel": "social", "excluded_because": "spam"},
    {"source_id": "x", "conversation_id": "web", "channel": "web"},
]
OTHERS = {
    "people": [{"source_id": "x", "person_id": "7", "name": "Eve", "handle": "eve"}],
    "sources": [{"source_id": "x", "kind": "twitter"}, {"source_id": "y", "kind": "twitter"}, {"source_id": "z", "kind": "files"}],
    "message_enrichment": [{"source_id": "x", "message_id": "loud", "sentiment_score": -0.5}],
}  # fmt: skip


@pytest.fixture
def found(warehouse: Make) -> Any:
    def ask(filters: Filters, viewer: Viewer = EVERYTHING, **how: Any) -> Any:
        return social.posts(reader, filters, settings=ZONE, viewer=viewer, **how)

    reader = warehouse(FACTS, messages=POSTS, **OTHERS)
    return ask


def test_the_most_moving_first_those_seen_by_more_before_others(found: Any) -> None:
    assert [one.message_id for one in found(Filters(DAY))] == ["loud", "web", "seen", "same", "odd"]


def test_a_post_says_what_it_moved(found: Any) -> None:
    loud = found(Filters(DAY))[0]
    assert (loud.engagement, loud.likes, loud.reposts, loud.quotes, loud.replies) == (20, 10, 5, 1, 4)
    assert (loud.impressions, loud.author, loud.sentiment_score) == (900, "@eve", -0.5)
    assert loud.at == datetime(2026, 11, 2, 7), "wall-clock time of the reporting zone"  # noqa: DTZ001


def test_days_are_those_of_the_reporting_zone(found: Any) -> None:
    """05:00 UTC on the third is midnight in New York: the first moment of that day."""
    next_day = Period(date(2026, 11, 3), date(2026, 11, 3))
    assert [one.message_id for one in found(Filters(next_day))] == ["late"]


def test_what_is_not_known_is_not_zero(found: Any) -> None:
    odd = found(Filters(DAY))[-1]
    assert (odd.engagement, odd.reposts, odd.impressions, odd.sentiment_score) == (1, 0, None, None)


def test_filters_and_kinds_that_are_left_out(found: Any) -> None:
    assert [one.message_id for one in found(Filters.of(DAY, {"channel": ["web"]}))] == ["web"]
    assert found(Filters.of(DAY, include=["spam"]))[0].message_id == "spam"
    assert len(found(Filters(DAY), limit=2)) == 2
    assert found(Filters(DAY), viewer=Viewer("y", sources=("y",))) == ()


def test_a_source_without_conversations_is_none_to_show(warehouse: Make) -> None:
    reader = warehouse(FACTS, messages=POSTS, **OTHERS)
    assert social.sources(reader, EVERYTHING) == ("x",)
    assert social.sources(reader, Viewer("z", sources=("z",))) == ()
