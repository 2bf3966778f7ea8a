"""Conversations that pass filters: the same rows as plain SQL gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from analytics.chosen import chosen
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader, open_reader

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
IN_OCTOBER = "created_local >= DATE '2026-10-01' AND created_local < DATE '2026-11-01'"


@pytest.fixture
def sample(sample_home: Home) -> Reader:
    return open_reader(sample_home)


def ids(sample: Reader, filters: Filters, viewer: Viewer = EVERYTHING, **more: Any) -> list[str]:
    table = chosen(sample, filters, viewer, "conversation_id", columns=("conversation_id",), **more)
    return sorted(table.column(0).to_pylist())


def plainly(sample: Reader, where: str) -> list[str]:
    sql = f"SELECT conversation_id FROM {{conversation_facts}} WHERE {where}"
    return sorted(sample.query(sql, viewer=EVERYTHING).column(0).to_pylist())


@pytest.mark.parametrize(
    ("filters", "more", "where"),
    [
        (Filters(), {}, "true"),
        (Filters.of(OCTOBER), {}, IN_OCTOBER),
        (Filters.of(OCTOBER), {"counted": ()}, f"{IN_OCTOBER} AND is_counted"),
        (Filters.of(None, {"channel": ["chat", "email"]}), {}, "channel IN ('chat', 'email')"),
        (Filters.of(OCTOBER, {"team": ["Billing"]}), {"counted": (), "mood": "negative"},
         f"{IN_OCTOBER} AND is_counted AND team = 'Billing' AND sentiment = 'negative'"),
        (Filters.of(OCTOBER), {"counted": ("outbound", "spam")},
         f"{IN_OCTOBER} AND (is_counted OR excluded_because IN ('outbound', 'spam'))"),
        (Filters.of(OCTOBER, include=["spam"]), {"counted": ("outbound",)},
         f"{IN_OCTOBER} AND (is_counted OR excluded_because IN ('outbound', 'spam'))"),
        (Filters.of(None, {"team": ["'; DROP TABLE x; --"]}), {}, "false"),
    ],
)  # fmt: skip
def test_rows_are_those_of_plain_sql(
    sample: Reader, filters: Filters, more: dict[str, Any], where: str
) -> None:
    assert ids(sample, filters, **more) == plainly(sample, where)


def test_a_viewer_sees_their_own_only_and_an_unknown_dimension_is_refused(sample: Reader) -> None:
    bea = Viewer("bea", teams=("Billing",), role="viewer")
    own = ids(sample, Filters.of(OCTOBER), bea)
    assert own == plainly(sample, f"{IN_OCTOBER} AND team = 'Billing'") and own
    with pytest.raises(QuestionError, match="no dimension"):
        ids(sample, Filters.of(None, {"colour": ["red"]}))


def test_what_is_read_and_in_which_order_is_the_callers(sample: Reader) -> None:
    rows = chosen(
        sample, Filters.of(OCTOBER), EVERYTHING, "channel, count(*) AS n", columns=("channel",),
        then="GROUP BY channel ORDER BY n DESC, channel LIMIT 1",
    ).to_pylist()  # fmt: skip
    table = f"{{conversation_facts}} WHERE {IN_OCTOBER}"
    sql = f"SELECT channel, count(*) AS n FROM {table} GROUP BY ALL ORDER BY n DESC, channel LIMIT 1"
    assert rows == sample.query(sql, viewer=EVERYTHING).to_pylist()
