"""What is a bad rating: the same ones in the bars, the comments, the list, the drivers and the share."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from analytics import outcomes, ratings
from analytics.compute import compute
from analytics.conversation_list import page
from analytics.list_question import ListQuestion
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader

AT = datetime(2026, 11, 10, 9)
DAY = Filters(Period(date(2026, 11, 10), date(2026, 11, 10)))
FIVE = (0.0, 0.25, 0.5, 0.75, 1.0)  # 1 to 5 of five points
BAD = {"c0", "c1", "c2"}


@pytest.fixture
def reader(warehouse: Callable[..., Reader]) -> Reader:
    """A conversation for each of five points, all rated with a comment."""
    facts = [
        {
            "conversation_id": f"c{n}", "csat_score": score, "csat_kind": "5", "csat_local": AT,
            "csat_rated_at": AT.replace(tzinfo=UTC), "last_solved_local": datetime(2026, 11, 9),
        }
        for n, score in enumerate(FIVE)
    ]  # fmt: skip
    told = [
        {
            "source_id": "desk", "csat_id": f"s{n}", "conversation_id": f"c{n}", "score": score,
            "comment": f"{n + 1} points", "rated_at": AT.replace(tzinfo=UTC), "is_deleted": False,
        }
        for n, score in enumerate(FIVE)
    ]  # fmt: skip
    return warehouse(facts, csat=told)


def test_three_of_five_is_bad_wherever_a_rating_is_judged(reader: Reader) -> None:
    known = {"settings": Settings(), "viewer": EVERYTHING}
    bars = ratings.scores(reader, DAY, **known)
    assert [one.score for one in bars if one.is_bad] == [0.0, 0.25, 0.5]
    assert {one.conversation_id for one in ratings.bad_comments(reader, DAY, **known)} == BAD
    listed = page(reader, ListQuestion(Filters(), quick=("low_rating",)), size=9, **known)
    assert {row["conversation_id"] for row in listed.rows} == BAD
    share = compute(reader, outcomes.find("bad_rating").metric, DAY, **known)
    assert share.total.value == pytest.approx(2 / 5)
