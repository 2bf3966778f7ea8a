"""Did it work? What was planted is found against the untouched, what was not is not; too little is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import catalogue
from analytics.daily import WHOLE, Daily
from analytics.effects import effect_of
from analytics.effects.measure import measure
from analytics.effects.of_event import TOUCHED, Off, effect_in
from analytics.effects.words import sentences, signed
from bench.effects import DAYS, EVENTS, WINDOW, found, frame
from core.errors import QuestionError
from core.filters import Filters, Period
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
    assert told.verdict in ("higher", "lower", "none", "unknown") and told.untouched is not None
    assert len(told.days) == 14 and told.days[0].day == date(2026, 10, 20)
    assert told.placebos >= 3 and len(told.sentences) >= 4


def test_too_little_before_or_after_is_said(sample_home: Home, now: Any) -> None:
    early = effect(sample_home, date(2025, 9, 25))
    late = effect(sample_home, date(2026, 11, 15))
    assert early.verdict == late.verdict == "unknown"
    assert "before the event, have" in early.sentences[0]
    assert late.sentences == ("Need 2 more days with a value after the event.",)


def made(factor: float, noise: float, kind: str = "duration", metric: str = "first_reply_median") -> Any:
    """120 days of about an hour (or of so many), the last 14 of them times a factor."""
    rng = np.random.default_rng(5)
    days = pd.date_range("2026-07-01", periods=134)
    values = 3600 * np.exp(noise * rng.standard_normal(134)) * np.where(np.arange(134) >= 120, factor, 1.0)
    frame = pd.DataFrame({WHOLE: values if kind == "duration" else values / 100}, index=days)
    first, last = days[0].date(), days[-1].date()
    read = Daily(catalogue.find(metric), None, kind, frame, frame * 0 + 9, Period(first, last), ())
    return effect_in({TOUCHED: read}, days[120].date(), 14)


def test_both_sentences_are_of_one_number() -> None:
    told = made(1.5, 0.15)
    assert told.verdict == "higher" and told.effect and told.alone == told.effect
    assert told.actual / told.expected - 1 == pytest.approx(told.effect.value, rel=1e-9)
    assert told.sentences[0].startswith(
        f"{told.title} went higher by {told.effect.value * 100:.0f} % (95 %: +"
    )
    assert (
        f"forecast from the days before ({told.effect.value * 100:+.0f} %), the geometric mean"
        in told.sentences[1]
    )


def test_what_could_not_be_seen_is_half_the_band_of_logarithms() -> None:
    told = made(1.0, 0.2)
    assert told.verdict == "none"
    times = ((1 + told.effect.high) / (1 + told.effect.low)) ** 0.5
    assert 1 < times < 2
    wanted = f"What is between about {(1 / times - 1) * 100:+.0f} % and {(times - 1) * 100:+.0f} % cannot be told from chance"
    assert wanted in told.sentences[0]


def test_a_band_in_which_anything_fits_is_no_answer() -> None:
    told = made(1.5, 6.0)
    assert told.verdict == "unknown" and told.effect and told.effect.low is not None
    assert told.sentences[0].startswith("Too little to tell: ") and "0 %)" not in told.sentences[0]
    assert "times would stand out from chance" in told.sentences[0]


@pytest.mark.parametrize(
    ("metric", "off", "wanted"),
    [("one_touch_rate", 0.04, "+4.0 pp"), ("one_touch_rate", -0.0001, "0.0 pp"), ("net_flow", -4.5, "-4.5"),
     ("net_flow", 250.0, "+250"), ("nps", 5.5, "+5.5 points"), ("net_sentiment", -0.12, None)],
)  # fmt: skip
def test_a_difference_is_told_in_the_unit(metric: str, off: float, wanted: str | None) -> None:
    told = replace(made(1.5, 0.1, "ratio", metric), alone=Off(off, None, None))
    unit = catalogue.find(metric).unit
    assert signed(off, told) == (wanted or {"score": "-0.12", "points": "-0.1 points"}[unit])
    assert f"({signed(off, told)})" in sentences(told)[1]
    assert unit == "share" or " pp" not in " ".join(sentences(told))


def test_a_stock_stands_and_does_not_come() -> None:
    assert made(1.5, 0.1, "count", "backlog").sentences[1].startswith("It stood at ")
    assert " a day in the 14 days from " in made(1.5, 0.1, "count", "volume").sentences[1]


def test_many_times_are_not_told_as_a_share() -> None:
    assert (
        "went higher to 1" in made(12.0, 0.05).sentences[0]
        and " times what was to come" in made(12.0, 0.05).sentences[0]
    )


def test_a_day_before_the_data_is_refused(sample_home: Home, now: Any) -> None:
    with pytest.raises(QuestionError, match="too far ahead"):
        effect(sample_home, date(9999, 12, 31))
    with pytest.raises(QuestionError, match="is before the data, which begins on"):
        effect(sample_home, date(2000, 1, 1))


@pytest.mark.slow
def test_of_twenty_planted_most_are_found_and_of_twenty_absent_hardly_any() -> None:
    assert found(effect=0.3)[0] >= 0.65 * EVENTS
    assert found()[0] <= 3 and found(shock=0.25)[0] <= 3
