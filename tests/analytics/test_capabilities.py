"""Which source can tell what: exact, derived, not available, with the share of conversations that have it."""

from __future__ import annotations

from datetime import datetime

import pytest

from analytics.capabilities import Capability, capability_table
from analytics.catalogue import METRICS
from core.home import Home
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.analytics.conftest import Make

NOON = datetime(2026, 11, 2, 12)  # noqa: DTZ001 - a wall-clock time


def by_metric(rows: tuple[Capability, ...], source: str) -> dict[str, Capability]:
    return {row.metric: row for row in rows if row.source == source}


def test_every_metric_of_every_source_has_a_row(sample_home: Home, now: datetime) -> None:
    rows = capability_table(open_reader(sample_home), viewer=EVERYTHING)
    found = by_metric(rows, "sample")
    assert set(found) == {metric.family or metric.name for metric in METRICS.all()} and len(rows) == len(
        found
    )
    assert {row.state for row in rows} == {"exact", "derived", "not available"}
    for row in rows:
        assert row.why and (row.share is None) == (row.state == "not available"), row
        assert row.share is None or 0 <= row.share <= 1, row
    assert found["volume"].share == 1 and found["volume"].conversations == 573
    assert found["csat_share"] == Capability(
        "sample",
        "csat_share",
        "Customer satisfaction (CSAT)",
        "exact",
        "199 ratings",
        573,
        pytest.approx(199 / 573),
    )
    assert found["nps"].why == "the source has no NPS survey" and found["nps"].state == "not available"
    assert found["contact_rate"].why == "no source brings daily numbers"
    assert found["handling"].state == "derived" and found["first_reply"].title == "First reply time"


def test_each_source_is_judged_by_itself(warehouse: Make) -> None:
    given = [
        {"source_id": "desk", "first_reply_local": NOON, "first_reply_s": 60},
        {"source_id": "desk"},
        {"source_id": "dates", "last_solved_local": NOON, "full_resolution_s": 60},
        {
            "source_id": "dates",
            "excluded_because": "spam",
            "last_solved_local": NOON,
            "full_resolution_s": 60,
        },
        {"source_id": "posts"},
    ]
    told = [
        {"source_id": "desk", "capability": "roles", "available": True, "reason": "9 of 9 messages say who"},
        {"source_id": "desk", "capability": "agent_replies", "available": True, "reason": "4 by agents"},
        {
            "source_id": "desk",
            "capability": "status_history",
            "available": True,
            "reason": "derived: from dates",
        },
        {
            "source_id": "dates",
            "capability": "status_history",
            "available": False,
            "reason": "no changes told",
        },
        {"source_id": "posts", "capability": "status_history", "available": False, "reason": None},
    ]
    rows = capability_table(warehouse(given, capabilities=told), viewer=EVERYTHING)
    desk, dates, posts = (by_metric(rows, name) for name in ("desk", "dates", "posts"))
    assert (desk["first_reply"].state, desk["first_reply"].share) == ("exact", 0.5)
    assert desk["first_reply"].why == "9 of 9 messages say who; 4 by agents"
    assert (desk["reopen_rate"].state, desk["reopen_rate"].share) == ("derived", 0)
    assert (dates["resolution"].state, dates["resolution"].share) == ("derived", 1)
    assert dates["resolution"].conversations == 1, "spam is no conversation that could have it"
    assert (dates["reopen_rate"].state, dates["reopen_rate"].why) == ("not available", "no changes told")
    assert posts["resolution"].why == "the source has no status history"
    assert posts["first_reply"].why == "the source has no roles; the source has no agent replies"
