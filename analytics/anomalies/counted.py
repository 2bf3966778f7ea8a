"""Counts of days against what their weekdays lead one to expect, as probabilities of a negative binomial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.anomalies.tidy import FEWEST, TELLING, Numbers, Tidy

FEW = 20.0  # expected a day: below it the tail is worked out, and quantiles are too coarse
_HALF_LIFE = 42.0  # days after which a day counts half for the level
_DRAWN = 6.0  # so many conversations of a plain week are added to a weekday's own
_TELLING_P = 1e-4  # the probability that heats as much as a telling evidence does
YOUNG = 28  # days with a value: of fewer a series tells little of its own scatter
_SETTLED = 84  # from so many on it tells all
_WEEK = 7  # and so many days of what is shared are added to a series' own
_FEW_DAYS = 3  # from so many on, what lies far beyond the others is cut
_MOST_SCATTER = 6.25  # of one day, in its own scatters: a shift is no scatter
_MOST_DAYS = 2000  # points without a clock: more are no days
_CLIP = 4.0  # scatters beyond the expected; what lies further does not teach the level


@dataclass(frozen=True, slots=True)
class Expected:
    """Of each point (days by series), from those before it alone.

    `mean` is the expected count, `phi` by how much counts scatter more than Poisson's, `days` how many it rests on.
    """

    mean: Numbers
    phi: Numbers
    days: Numbers


class _Past:
    """What the points so far say of a panel of series: a level that forgets, a shape of the cycle, the scatter."""

    def __init__(self, series: int, cycle: int) -> None:
        self.level, self.weight, self.days = np.zeros(series), np.zeros(series), np.zeros(series)
        self.scatter, self.scattered = np.zeros(series), np.zeros(series)
        self.shape, self.shaped = np.zeros((cycle, series)), np.zeros((cycle, series))

    def told(self, place: int) -> tuple[Numbers, Numbers, Numbers]:
        """Level, shape and scatter for the next point."""
        level = np.divide(
            self.level, self.weight, out=np.full(len(self.level), np.nan), where=self.weight > 0
        )
        shape = (self.shape[place] + _DRAWN) / (self.shaped[place] + _DRAWN)
        return level, shape, np.maximum(1.0, (self.scatter + 10) / (self.scattered + 10))

    def learn(self, actual: Numbers, place: int) -> None:
        """Take in a point; what lies far beyond the expected teaches only what was still usual."""
        level, shape, phi = self.told(place)
        usual, known = level * shape, ~np.isnan(actual)
        ripe = known & (self.days >= FEWEST)
        far = np.where(ripe, _CLIP, 2 * _CLIP) * np.sqrt(phi * np.fmax(usual, 1.0))
        cut = np.where(known & (self.days >= _FEW_DAYS), np.fmin(actual, usual + far), actual)
        keep = 0.5 ** (1 / _HALF_LIFE)
        missed = np.fmin((actual - usual) ** 2 / np.fmax(usual, 0.25), _MOST_SCATTER * phi)
        self.scatter = np.where(ripe, keep * self.scatter + missed, self.scatter)
        self.scattered = np.where(ripe, keep * self.scattered + 1, self.scattered)
        self.level = np.where(known, keep * self.level + cut / np.fmax(shape, 0.05), self.level)
        self.weight = np.where(known, keep * self.weight + 1, self.weight)
        self.days = self.days + known
        grown, forget = known & (level > 0), keep ** len(self.shape)
        self.shape[place] = np.where(grown, forget * self.shape[place] + cut, self.shape[place])
        self.shaped[place] = np.where(grown, forget * self.shaped[place] + level, self.shaped[place])


def expected(values: Numbers, cycle: int = 7) -> Expected:
    """What each count should be: a level with a half-life of six weeks times the weekday's own, from earlier points.

    `values` are days by series, NaN where a day is missing or closed.
    """
    days, series = values.shape
    past = _Past(series, cycle)
    mean, phi, known = np.full((days, series), np.nan), np.ones((days, series)), np.zeros((days, series))
    for at in range(days):
        level, shape, phi[at] = past.told(at % cycle)
        mean[at], known[at] = level * shape, past.days
        past.learn(values[at], at % cycle)
    return Expected(mean, phi, known)


def drawn(values: Numbers, usual: Expected) -> Expected:
    """The same with the scatter of young series taken from what they did so far, drawn to that of all series.

    A series learns its scatter from its 15th day on, so until its 28th it knows little of it. Of a negative binomial the
    scatter beyond Poisson's grows with the mean: what is shared is the inverse of its size, what is kept the series' own.
    """
    mean = np.fmax(np.nan_to_num(usual.mean), 0.25)
    both, apart = np.zeros(values.shape), np.zeros(values.shape)
    both[_WEEK:], apart[_WEEK:] = values[_WEEK:] + values[:-_WEEK], values[_WEEK:] - values[:-_WEEK]
    told = (both > 0) & (usual.days < YOUNG)
    # Two counts of one mean differ by their scatter times their sum, in the square: no level has to be known for that.
    beyond = np.where(told, apart**2 / np.where(told, both, 1.0) - 1, 0.0)
    own, days, size = (
        _summed_before(one) for one in (beyond, told.astype(float), np.where(told, both / 2, 0.0))
    )
    shared = np.fmax(own.sum(axis=1, keepdims=True) / np.fmax(size.sum(axis=1, keepdims=True), 1.0), 0.0)
    early = 1 + (own + _WEEK * shared * mean) / (days + _WEEK)
    early = early * (1 + _WEEK / np.fmax(usual.days, _WEEK))  # weekdays are told by so few weeks
    left = np.clip((_SETTLED - usual.days) / (_SETTLED - YOUNG), 0.0, 1.0)
    return Expected(usual.mean, np.fmax(usual.phi, 1 + (early - 1) * left), usual.days)


def _summed_before(values: Numbers) -> Numbers:
    """Sums of the rows before each."""
    return np.asarray(np.cumsum(values, axis=0) - values)


def tails(values: Numbers, usual: Expected) -> Numbers:
    """The two-sided probability of a count this far from the expected one; 1 where nothing can be said."""
    # What scipy.stats does too, which takes more than a second to import.
    from scipy.special import betainc, betaincc

    mean = np.maximum(np.nan_to_num(usual.mean, nan=1.0), 0.05)
    # What is expected is itself estimated from so many days.
    phi = np.maximum(usual.phi * (1 + 1 / np.maximum(np.minimum(usual.days, 40), 1)), 1.001)
    size = mean / (phi - 1)
    actual = np.nan_to_num(np.round(values), nan=0.0)
    above = np.where(actual > 0, betaincc(size, np.fmax(actual, 1.0), 1 / phi), 1.0)
    below = betainc(size, actual + 1, 1 / phi)
    found = np.minimum(2 * np.minimum(above, below), 1.0)
    return np.where(np.isnan(values) | (usual.days < FEWEST), 1.0, found)


def band(mean: float, phi: float) -> tuple[float, float]:
    """The counts between which 95 of 100 lie, of a negative binomial with so much more scatter than Poisson's."""
    from scipy.special import betainc

    phi = max(phi, 1.001)
    most = int(mean + 12 * np.sqrt(phi * max(mean, 1.0))) + 10
    upto = betainc(max(mean, 1e-9) / (phi - 1), np.arange(most + 1) + 1.0, 1 / phi)
    return float(np.argmax(upto >= 0.025)), float(np.argmax(upto >= 0.975))


def tail_heat(found: Tidy, warmth: Numbers) -> Numbers:
    """The heat of daily and slower counts: of small ones by their tail, of large ones by their evidences.

    Without a clock the first points are taken for days; so many that they can be none are left as they are.
    """
    slow = found.step_s is not None and found.cycle is None
    column = found.values[: len(warmth) if found.step_s is not None else _MOST_DAYS, None]
    usual = expected(column, 1 if slow else 7)
    probable = np.maximum(tails(column, usual), 1e-300)[:, 0]
    by_tail = np.maximum(np.log(probable) / np.log(_TELLING_P), 0.0) ** 2 * TELLING
    told = np.maximum(warmth, 0.0)
    told[: len(column)] = np.where(np.nan_to_num(usual.mean[:, 0]) < FEW, by_tail, told[: len(column)])
    return told
