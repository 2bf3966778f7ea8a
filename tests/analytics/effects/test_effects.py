"""Did it work? What was planted is found against the untouched, what was not is not; too little is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from analytics.effects import effect_of
from analytics.effects.measure import measure
from bench.effects import DAYS, EVENTS, WINDOW, found, frame
from core.filters import Filters
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader


def test_a_planted_effect_and_a_shock_of_all() -> None:
    made = frame(1, effect=0.5)
    told = measure(made, DAYS, WINDOW, "count")
    assert told.is_measurable and told.effect[1] < np.log(1.5) < told.effect[2]
    expected = told.forecast.point.to_numpy()
    by_hand = made.iloc[DAYS:].to_numpy().sum(0) / expected.sum(0)
    assert told.effect[0] == pytest.approx(np.log(by_hand[0] / by_hand[1]), abs=0.002)
    shocked = measure(frame(1, shock=0.4), DAYS, WINDOW, "count")
    assert not shocked.is_measurable and shocked.untouched and shocked.untouched[0] > 0.2


@pytest.mark.parametrize("kind", ["count", "ratio", "duration"])
def test_whatever_the_values_are_there_is_a_result(kind: str) -> None:
    made = frame(2)
    for value in (0.0, 5.0, np.nan, np.inf, -1.0):
        made["touched"] = value
        told = measure(made, DAYS, WINDOW, kind)
        assert not told.is_measurable


def effect(home: Home, at: date, **more: Any) -> Any:
    return effect_of(
        open_reader(home), "volume", Filters(), at, settings=Settings(), viewer=EVERYTHING, **more
    )  # fmt: skip


def test_on_the_sample_by_what_was_touched(sample_home: Home, now: Any) -> None:
    told = effect(sample_home, date(2026, 10, 20), touched={"channel": ["chat"]})
    assert told.verdict in ("higher", "lower", "none") and told.untouched is not None
    assert len(told.days) == 14 and told.days[0].day == date(2026, 10, 20)
    assert told.placebos >= 3 and len(told.sentences) >= 4


def test_too_little_before_or_after_is_said(sample_home: Home, now: Any) -> None:
    early = effect(sample_home, date(2025, 9, 25))
    late = effect(sample_home, date(2026, 11, 15))
    assert early.verdict == late.verdict == "unknown"
    assert "before the event, have" in early.sentences[0]
    assert late.sentences == ("Need 2 more days with a value after the event.",)


@pytest.mark.slow
def test_of_twenty_planted_most_are_found_and_of_twenty_absent_hardly_any() -> None:
    assert found(effect=0.3)[0] >= 0.65 * EVENTS
    assert found()[0] <= 3 and found(shock=0.25)[0] <= 3
