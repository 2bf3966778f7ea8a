"""Scores of any series: causal, between 0 and 1, silent at first, and never an exception."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from analytics.anomalies import score_stream
from analytics.anomalies.tidy import tidy, why_not

ANYTHING = st.lists(
    st.one_of(
        st.floats(allow_nan=True, allow_infinity=True, width=32), st.integers(-5, 50).map(float), st.just(0.0)
    ),
    max_size=60,
)


def daily(values: list[float] | np.ndarray, start: str = "2026-01-01", freq: str = "D") -> pd.Series:
    return pd.Series(values, index=pd.date_range(start, periods=len(values), freq=freq))


@given(ANYTHING, st.sampled_from(["any", "count", "duration", "ratio"]), st.booleans())
@limits(max_examples=60, deadline=None)
def test_every_input_gives_scores_between_0_and_1(values: list[float], kind: str, timed: bool) -> None:
    series = daily(values) if timed else values
    scores = np.asarray(score_stream(series, kind=kind, n=[3.0] * len(values)))  # type: ignore[call-overload]
    assert len(scores) == len(values)
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize("kind", ["any", "count", "duration"])
@pytest.mark.parametrize("freq", ["D", "h"])
def test_what_comes_later_changes_no_score(kind: str, freq: str) -> None:
    draw = np.random.default_rng(3)
    values = np.r_[draw.poisson(9, 150), draw.poisson(60, 50), [400.0], draw.poisson(2, 40)].astype(float)
    whole = score_stream(daily(values, freq=freq), kind=kind)  # type: ignore[call-overload]
    for cut in (20, 60, 151, 200, 202):
        part = score_stream(daily(values[:cut], freq=freq), kind=kind)  # type: ignore[call-overload]
        assert np.array_equal(part.to_numpy(), whole.to_numpy()[:cut])
    assert whole.max() > 0


@pytest.mark.parametrize("kind", ["any", "count", "duration", "ratio"])
@pytest.mark.parametrize("freq", ["5min", "W", "MS", "text", None])
def test_of_other_clocks_and_of_ratios_with_their_n_neither(kind: str, freq: str | None) -> None:
    draw = np.random.default_rng(6)
    values = np.r_[draw.poisson(9, 330), draw.poisson(60, 50), [1e9], [400.0], draw.poisson(2, 60)].astype(
        float
    )
    n = np.r_[draw.poisson(40, 200), draw.poisson(4, 100), draw.poisson(400, len(values) - 300)].astype(float)
    series = values if freq is None else daily(values, freq="D" if freq == "text" else freq)
    if isinstance(series, pd.Series) and freq == "text":
        series.index = series.index.astype(str)
    whole = np.asarray(score_stream(series, kind=kind, n=n))  # type: ignore[call-overload]
    for cut in (1, 15, 16, 40, 299, 331, 380, 382, 400):
        part = score_stream(series[:cut], kind=kind, n=n[:cut])  # type: ignore[call-overload]
        assert np.array_equal(np.asarray(part), whole[:cut])
    assert whole.max() > 0.5


def test_a_burst_stands_out_from_its_first_point_on() -> None:
    draw = np.random.default_rng(1)
    values = draw.poisson(30, 24 * 60).astype(float)
    values[1200:1206] += 90
    scores = score_stream(daily(values, freq="h"), kind="count")
    assert scores.iloc[1200] > 0.9 and (scores.iloc[1206:] < 0.9).all() and (scores.iloc[:1200] < 0.9).all()


def test_small_counts_are_judged_by_their_chance() -> None:
    """Ten conversations where two in three days have one are no chance; three are."""
    draw = np.random.default_rng(5)
    values = draw.poisson(0.65, 200).astype(float)
    values[120], values[160] = 10, 3
    scores = score_stream(daily(values), kind="count")
    assert scores.iloc[120] > 0.8 and scores.iloc[160] < 0.4


def test_the_first_fourteen_are_silent() -> None:
    values = [5.0] * 10 + [500.0] * 4 + [5.0] * 30
    assert (score_stream(daily(values), kind="count").iloc[:14] == 0).all()


def test_a_ratio_of_few_says_nothing() -> None:
    values = np.r_[np.full(60, 0.9) + np.random.default_rng(2).normal(0, 0.01, 60), 0.0]
    many, few = [40.0] * 61, [40.0] * 60 + [3.0]
    assert score_stream(daily(values), kind="ratio", n=many).iloc[-1] > 0.5
    assert score_stream(daily(values), kind="ratio", n=few).iloc[-1] == 0


def test_order_of_rows_and_size_of_values_do_not_matter() -> None:
    values = np.random.default_rng(4).normal(100, 5, 200)
    values[150] = 300
    plain = score_stream(daily(values, freq="h"))
    mixed = score_stream(daily(values, freq="h").sample(frac=1, random_state=1))
    assert np.allclose(mixed.sort_index(), plain)
    assert np.allclose(score_stream(daily(values * 10, freq="h")), plain, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "no values"), ([np.nan] * 30, "no values"), ([np.inf] * 30, "no values"), ([4.0], "before 14 values"),
        ([0.0] * 30, "never changes"), ([7.0] * 30, "never changes"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_says_why(values: list[float], words: str) -> None:
    assert words in str(why_not(tidy(daily(values))))
    assert (score_stream(daily(values)) == 0).all()


def test_what_is_left_out_is_said() -> None:
    index = pd.DatetimeIndex(["2026-01-02", "2026-01-01", "2026-01-01", "2026-01-03"])
    found = tidy(pd.Series([np.inf, 1.0, 2.0, -3.0], index=index), "count")
    assert list(found.values[:1]) == [1.0] and np.isnan(found.values[1:]).all()
    assert len(found.notes) == 3
    assert (
        "infinite" in found.notes[0] and "below 0" in found.notes[1] and "time of another" in found.notes[2]
    )


@pytest.mark.parametrize(("points", "freq"), [(800, "h"), (6000, "5min")])
@pytest.mark.parametrize("absurd", [2.0**31 - 1, 1e18, -1e18, 1e300])
def test_one_absurd_reading_dulls_nothing_that_comes_later(points: int, freq: str, absurd: float) -> None:
    """As with a large one of the usual size, of which nobody would say that it can not be."""
    a_day = 24 if freq == "h" else 288
    values = 100 + 10 * np.sin(np.arange(points) * 2 * np.pi / a_day)
    values += np.random.default_rng(0).normal(0, 3, points)
    at = points // 2 - 100
    values[at + 300 : at + 304] += 90
    told = []
    for odd in (1000.0, absurd):
        values[at] = odd
        told.append(score_stream(daily(values, freq=freq)).iloc[at + 300])
    assert told[1] == pytest.approx(told[0], abs=0.01) and told[0] > 0.9


@pytest.mark.parametrize("freq", ["D", "h", "5min", "W"])
def test_texts_and_periods_have_the_clock_of_times(freq: str) -> None:
    draw = np.random.default_rng(9)
    values = 50 + 20 * np.sin(np.arange(300) * 2 * np.pi / 7) + draw.normal(0, 2, 300)
    values[200] += 90
    times = daily(values, freq=freq)
    plain = score_stream(times)
    index = pd.DatetimeIndex(times.index)
    assert plain.iloc[200] > 0.5
    for other in (
        index.astype(str),
        index.to_period(freq),
        pd.Index(list(index.date)) if freq == "D" else index,
    ):
        series = pd.Series(values, index=other)
        found = score_stream(series)
        assert found.index.equals(series.index) and np.array_equal(found.to_numpy(), plain.to_numpy())
        mixed = series.sample(frac=1, random_state=3)
        assert np.array_equal(score_stream(mixed).reindex(series.index).to_numpy(), plain.to_numpy())


def test_texts_that_are_no_times_have_no_clock_and_keep_their_order() -> None:
    values = np.r_[np.random.default_rng(1).normal(9, 1, 60), 90.0]
    for labels in (
        [f"row {at}" for at in range(61)],
        [str(at) for at in range(61)],
        [at / 2 for at in range(61)],
        ["?"] * 61,
    ):
        series = pd.Series(values, index=labels)
        assert tidy(series).step_s is None and np.array_equal(score_stream(series), score_stream(values))
    some = pd.Series(
        values, index=["2026-01-01", "soon", *pd.date_range("2026-01-02", periods=59).astype(str)]
    )
    assert np.isnan(tidy(some).values[-1]) and tidy(some).step_s == 86_400


def test_a_week_is_no_day_of_a_week() -> None:
    """Seven weeks are no cycle: the first of them is as usual as the last."""
    values = np.tile([30.0, 31, 32, 30, 31, 3, 2], 20)
    values[-2:] = 30
    for kind in ("any", "count"):
        of_days, of_weeks = (score_stream(daily(values, freq=freq), kind=kind) for freq in ("D", "W"))  # type: ignore[call-overload]
        assert of_days.iloc[-2:].max() > 0.4 > 0.15 > of_weeks.iloc[-2:].max()
    cycles = [tidy(daily([1.0] * 30, freq=freq)).cycle for freq in ("5min", "h", "D", "W", "MS")]
    assert cycles == [288, 24, 7, None, None] and tidy([1.0] * 30).cycle is None


def test_without_a_clock_only_so_many_counts_as_days_can_be_are_judged_by_their_chance() -> None:
    values = np.random.default_rng(2).poisson(0.65, 4000).astype(float)
    values[1500] = 10
    counts, plain = score_stream(values, kind="count"), score_stream(values)
    assert counts[1500] > 0.7 and not np.array_equal(counts[:2000], plain[:2000])
    assert np.array_equal(counts[2300:], plain[2300:])  # a point looks back on 288 scores at most


def test_days_of_23_and_25_hours_are_no_gap() -> None:
    index = pd.date_range("2026-03-20", "2026-11-05", freq="h", tz="Europe/London")
    values = 50 + 10 * np.sin(np.arange(len(index)) * 2 * np.pi / 24)
    scores = score_stream(pd.Series(values, index=index))
    assert tidy(pd.Series(values, index=index)).day == 24 and scores.max() < 0.2
