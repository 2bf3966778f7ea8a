"""While old history is still being loaded, no comparison reaches into it."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.changes import explain_day, what_changed
from analytics.result import MetricResult
from core.errors import NotEnoughData
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader

Ask = Callable[..., MetricResult]
WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))


def made(warehouse: Callable[..., Reader], horizon: datetime | None) -> Reader:
    facts = [
        {"created_local": datetime(2026, 11, 15, 10) - timedelta(days=n), "source_id": source}
        for n in range(60)
        for source in ("desk", "chat")
    ]
    state = [{"source_id": "desk", "stream": "tickets", "cursor": "{}", "horizon": horizon}]
    return warehouse(facts, sync_state=state)


@pytest.mark.parametrize(("day", "compared"), [(2, True), (3, False), (9, False)])
def test_a_comparison_needs_its_whole_period(
    warehouse: Any, ask: Ask, now: datetime, day: int, compared: bool
) -> None:
    reader = made(warehouse, datetime(2026, 11, day, tzinfo=UTC))
    result = ask(reader, "volume", WEEK, compare="previous")
    assert (result.previous is not None, result.change is not None) == (compared, compared)
    assert any("no comparison yet" in note for note in result.notes) is not compared
    assert result.total.value == 14


def test_a_period_that_begins_before_it_says_so(warehouse: Any, ask: Ask, now: datetime) -> None:
    reader = made(warehouse, datetime(2026, 11, 12, tzinfo=UTC))
    assert "desk is loaded back to 12 Nov 2026" in " ".join(ask(reader, "volume", WEEK).notes)
    assert not ask(reader, "volume", WEEK, where={"source": ["chat"]}, compare="previous").notes


def test_whole_history_says_nothing(warehouse: Any, ask: Ask, now: datetime) -> None:
    result = ask(made(warehouse, None), "volume", WEEK, compare="previous")
    assert (result.notes, result.change and result.change.absolute) == ((), 0)


def test_what_changed_and_a_single_day_refuse_too(warehouse: Any, settings: Settings, now: datetime) -> None:
    reader = made(warehouse, datetime(2026, 11, 5, tzinfo=UTC))
    with pytest.raises(NotEnoughData):
        what_changed(reader, "volume", Filters.of(WEEK), settings=settings, viewer=EVERYTHING)
    with pytest.raises(NotEnoughData, match="loaded back to 5 Nov 2026"):
        explain_day(reader, date(2026, 11, 15), "volume", settings=settings, viewer=EVERYTHING)
