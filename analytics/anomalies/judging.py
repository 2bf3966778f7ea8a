"""How unlikely each day of each series is, given the days before it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.anomalies.counted import YOUNG, drawn, expected, tails
from analytics.anomalies.reading import Panel, Series, Where
from analytics.anomalies.tidy import FEWEST, Numbers
from analytics.intervals import Z95

SPANS = {"count": (1,), "ratio": (1, 7, 28), "duration": (1, 7, 28, 56)}  # days that are judged together
BASE_DAYS = 180  # before the span: what a mean is set against
MIN_N = {"count": 0, "ratio": 8, "duration": 8}
_BASE_N = 20
_STRATUM_N = 10
_LEAST_VARIANCE = {"ratio": 0.02, "duration": 0.5}
# Of counts in conversations, of ratios and scores in their unit, of durations as a part of the expected one.
MIN_EFFECT = {"count": 5.0, "ratio": 0.10, "duration": 0.5}
YOUNG_EFFECT = 0.5  # of what is expected, while a series knows fewer than 28 days
_NO_DATA = 10.0  # expected on a day that brought nothing at all: that is a gap and no zero


@dataclass(frozen=True, slots=True)
class Judged:
    """One array a number, days by series. `p` is the two-sided probability of a value so far from the expected.

    `actual`, `expected`, `low` and `high` are in the metric's unit, the band holds 95 of 100 usual days; `span` is
    over how many days up to this one the value is; `big` says whether the distance is worth a word at all, `known`
    is 1 where enough is known to judge the day, else 0.
    """

    p: Numbers
    actual: Numbers
    expected: Numbers
    low: Numbers
    high: Numbers
    n: Numbers
    span: Numbers
    big: Numbers
    known: Numbers


def judge(panel: Panel) -> Judged:
    """Every series of a panel."""
    least = MIN_EFFECT[panel.kind]
    return _anew(panel, lambda one: _counts(one, least) if one.kind == "count" else _spans(one, least))


def _anew(panel: Panel, judged: Callable[[Panel], Judged]) -> Judged:
    """Days from a new normal on are judged by days from it on alone; all others as if nobody had said anything."""
    before = judged(replace(panel, series=tuple(replace(one, begins=0) for one in panel.series)))
    if not any(one.begins for one in panel.series):
        return before
    hidden, after = _hidden(panel), judged(panel)
    layers = (np.where(hidden, getattr(before, name), getattr(after, name)) for name in Judged.__slots__)
    return Judged(*layers)


def _hidden(panel: Panel) -> NDArray[np.bool_]:
    """Days by series: whether a day lies before the series' new normal."""
    begins = np.array([one.begins for one in panel.series])
    return np.arange(len(panel.days))[:, None] < begins[None, :]


def _spans(panel: Panel, least: float) -> Judged:
    found = [_means(panel, span, least) for span in SPANS[panel.kind]]
    # Three spans are three looks.
    p = np.minimum(np.stack([one.p for one in found]) * len(found), 1.0)
    best = p.argmin(axis=0)

    def chosen(name: str) -> Numbers:
        layers = np.stack([getattr(one, name) for one in found])
        return np.asarray(np.take_along_axis(layers, best[None], axis=0)[0])

    told = Judged(p.min(axis=0), *(chosen(name) for name in Judged.__slots__[1:]))
    return replace(told, known=np.stack([one.known for one in found]).max(axis=0))


def _counts(panel: Panel, least: float) -> Judged:
    values = np.stack([one.n for one in panel.series], axis=1)
    values = _without_gaps(values)
    told = np.where(_hidden(panel), np.nan, values)
    usual = drawn(told, expected(told))
    p = tails(told, usual)
    spread = np.sqrt(usual.phi * np.fmax(usual.mean, 0.05))
    far = np.abs(np.nan_to_num(values - usual.mean))
    # The smaller of a fifth and three deviations, and never less than `least`.
    enough = np.fmax(least, np.fmin(0.2 * usual.mean, 3 * spread))
    enough = np.where(usual.days < YOUNG, np.fmax(enough, YOUNG_EFFECT * usual.mean), enough)
    low, high = np.fmax(0.0, usual.mean - Z95 * spread), usual.mean + Z95 * spread
    known = (~np.isnan(told) & (usual.days >= FEWEST)).astype(float)
    return Judged(
        p, values, usual.mean, low, high, np.nan_to_num(values), np.ones(values.shape), far >= enough, known
    )


def _without_gaps(values: Numbers) -> Numbers:
    """Days without anything at all, where much is usual, are missing; so is what lies before the first value.

    That is told by the first series, everything, as it came: what people said of it makes no gap.
    """
    return np.where(gaps_of(values[:, 0])[:, None], np.nan, values)


def gaps_of(total: Numbers) -> NDArray[np.bool_]:
    """Which days of everything are unknown: all before the first value, and those of nothing where much came so far."""
    begun = np.cumsum(total > 0) > 0
    usual = np.cumsum(total) / np.fmax(np.cumsum(begun), 1)
    return np.asarray(~begun | ((total == 0) & (usual >= _NO_DATA)))


def _means(panel: Panel, span: int, least: float) -> Judged:
    """The span against the days before it, channel by channel, put together by their precision.

    Welch's error of each stratum, widened by how much days differ among themselves; what is expected has the strata
    of the span, so that a change of the mix alone is none.
    """
    from scipy.special import stdtr  # of Student's distribution

    hidden = _hidden(panel)
    sums = [
        np.where(hidden, 0.0, np.stack([one.sums[of] for one in panel.series], axis=2)) for of in range(3)
    ]
    now = [_rolled(one, span) for one in sums]
    base = [_shifted(_rolled(one, BASE_DAYS), span) for one in sums]
    mean, variance = _moments(*now, kind=panel.kind)
    usual, usual_variance = _moments(*base, kind=panel.kind)
    spread = np.fmax(usual_variance, 0.25 * variance)
    error = (
        spread
        * _differing(sums, base[0], usual, spread, span)
        * (1 / np.fmax(now[0], 1) + 1 / np.fmax(base[0], 1))
    )
    told = (now[0] >= 1) & (base[0] >= _STRATUM_N)
    precision = np.where(told, 1 / error, 0.0)
    whole = np.fmax(precision.sum(axis=0), 1e-12)
    moved = (precision * (mean - usual)).sum(axis=0) / whole
    n, before = np.where(told, now[0], 0).sum(axis=0), np.where(told, base[0], 0).sum(axis=0)
    wanted = (np.where(told, now[0], 0) * usual).sum(axis=0) / np.fmax(n, 1)
    known = (n >= MIN_N[panel.kind]) & (before >= _BASE_N)
    known &= _days_seen(sums[0].sum(axis=0), span) >= FEWEST
    p = np.where(known, 2 * stdtr(np.fmax(n - 1, 1), -np.abs(moved) * np.sqrt(whole)), 1.0)
    band = Z95 / np.sqrt(whole)
    ends = [
        np.expm1(np.minimum(one, 30.0)) if panel.kind == "duration" else one
        for one in (wanted + moved, wanted, wanted - band, wanted + band)
    ]
    far = np.abs(np.expm1(moved)) if panel.kind == "duration" else np.abs(moved)
    low, length = np.fmax(ends[2], 0.0), np.full(n.shape, float(span))
    return Judged(p, ends[0], ends[1], low, ends[3], n, length, far >= least, known.astype(float))


def _moments(n: Numbers, total: Numbers, squares: Numbers, *, kind: str) -> tuple[Numbers, Numbers]:
    """Mean and variance; the variance of few, or of what never differed, is not taken for none."""
    mean = total / np.fmax(n, 1)
    variance = np.fmax(squares / np.fmax(n, 1) - mean**2, 0.0)
    least = _LEAST_VARIANCE[kind]
    return mean, np.fmax(variance * np.fmax(n, 1) / np.fmax(n - 1, 1), least)


def _differing(sums: list[Numbers], known: Numbers, usual: Numbers, spread: Numbers, span: int) -> Numbers:
    """By how much the means of days scatter more than their conversations do, at least 1."""
    n, total, _ = sums
    several = (n >= 2) & (known >= _STRATUM_N)  # before, there is nothing to miss
    missed = np.where(several, n * (total / np.fmax(n, 1) - usual) ** 2 / np.fmax(spread, 1e-9), 0.0)
    squares = _shifted(_rolled(np.fmin(missed, 16.0), BASE_DAYS), span)
    days = _shifted(_rolled(several.astype(float), BASE_DAYS), span)
    return np.fmax(1.0, (squares + 10) / (days + 10))


def _rolled(values: Numbers, span: int) -> Numbers:
    """Sums over the last `span` days, this one included; days are the last axis but one."""
    added = np.cumsum(values, axis=-2)
    rolled = added.copy()
    rolled[..., span:, :] -= added[..., :-span, :]
    return rolled


def _shifted(values: Numbers, by: int) -> Numbers:
    """What was so `by` days ago; 0 before the first."""
    moved = np.zeros_like(values)
    moved[..., by:, :] = values[..., :-by, :]
    return moved


def _days_seen(n: Numbers, span: int) -> Numbers:
    return _shifted(np.cumsum(n > 0, axis=-2).astype(float), span)


def daily(panel: Panel) -> Judged:
    """Every series day by day alone, also of means that are judged over several: what a line shows."""
    return _anew(panel, lambda one: _counts(one, 0.0) if one.kind == "count" else _means(one, 1, 0.0))


def chances(panel: Panel, span: int) -> dict[Where, float]:
    """How probable the last `span` days of each slice are by chance alone."""
    last = _means(panel, span, 0.0).p[-1]
    return {one.where: float(last[at]) for at, one in enumerate(panel.series)}


def weekday_norm(series: Series, at: int, kind: str, actual: Numbers) -> float | None:
    """The mean of the same weekday in the eight weeks before, in the metric's unit; none before a new normal.

    Days that are missing in `actual` are unknown and no zeros.
    """
    first = series.begins if at >= series.begins else 0
    before = [at - 7 * back for back in range(1, 9) if at - 7 * back >= first]
    if kind == "count":
        before = [one for one in before if not np.isnan(actual[one])]
    n = float(series.n[before].sum())
    if kind == "count":
        return n / len(before) if before else None
    if not n:
        return None
    mean = float(series.total[before].sum()) / n
    return float(np.expm1(mean)) if kind == "duration" else mean
