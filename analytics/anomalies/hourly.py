"""Bursts within a day: hours with far more conversations than the day's level and the hour's usual share expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from analytics.anomalies.counted import Expected, band, expected, tails
from analytics.anomalies.judging import MIN_EFFECT, gaps_of
from analytics.anomalies.tidy import FEWEST, Numbers
from analytics.base import TableOf
from analytics.compute import ask
from analytics.question import Question
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

OPENS_P = 1e-8  # a day has 24 looks, and hours of one burst follow each other
_DRAWN = 20.0  # conversations of all days that are added to those of weekdays or weekends


@dataclass(frozen=True, slots=True)
class Burst:
    """The hours of one day, first to last, with what they brought and what was expected, in conversations.

    95 of 100 such hours bring `low` to `high`. `is_quiet`: only a threshold that people raised keeps it from being told.
    """

    day: date
    first: int
    last: int
    actual: float
    expected: float
    low: float
    high: float
    p: float
    is_quiet: bool = False


def bursts(
    reader: Reader, filters: Filters, period: Period, *, settings: Settings, viewer: Viewer,
    since: date | None = None, steps: Numbers | None = None,
) -> list[Burst]:  # fmt: skip
    """Bursts of created conversations in a period, judged by the days before each; `since` and `steps` as in `find`."""
    asked = ask(reader, "volume", filters.over(period), settings=settings, viewer=viewer)
    rows = reader.select(sql_of(build, reader, asked.question, viewer))
    hour = (rows["hour"].to_numpy().astype("datetime64[h]") - np.datetime64(period.start, "h")).astype(int)
    inside = (hour >= 0) & (hour < period.days * 24)
    counted = np.bincount(hour[inside], rows["n"].to_numpy()[inside], period.days * 24)
    table = counted.astype(float).reshape(period.days, 24)
    days = [period.start + timedelta(days=at) for at in range(period.days)]
    return find(table, days, _changes(days, settings), since=since, steps=steps)


def build(tables: TableOf, question: Question) -> ir.Table:
    """Columns: hour, n."""
    rows = chosen(tables, question, (), both=False)
    rows = rows.mutate(hour=rows["at"].truncate("h"))
    return rows.group_by("hour").aggregate(n=rows.count().cast("int64"))


def find(
    table: Numbers, days: Sequence[date], changed: Sequence[bool], *,
    since: date | None = None, steps: Numbers | None = None,
) -> list[Burst]:  # fmt: skip
    """Bursts of days by hours. `changed` days, on which the clock is moved, are not judged.

    Days before the first value, and days of a gap, are unknown and no zeros.

    `since` is the first day of a new normal, from which on only days from it on count; `steps` raise or lower the
    threshold, a factor for each day (1 is as it is).
    """
    table = np.where(gaps_of(table.sum(axis=1))[:, None], np.nan, table)
    mean, phi, p = _judged(table, days, changed)
    begins = sum(day < since for day in days) if since else 0
    if begins:
        mean[begins:], phi[begins:], p[begins:] = _judged(table[begins:], days[begins:], changed[begins:])
    heat = -np.log10(np.maximum(p.min(axis=1), 1e-300)) / -np.log10(OPENS_P)
    by = np.ones(len(days)) if steps is None else steps
    return [
        replace(_burst(day, table[at], mean[at], float(phi[at]), p[at]), is_quiet=bool(heat[at] < by[at]))
        for at, day in enumerate(days)
        if heat[at] >= min(by[at], 1.0)
    ]


def _judged(
    table: Numbers, days: Sequence[date], changed: Sequence[bool]
) -> tuple[Numbers, Numbers, Numbers]:
    """What each hour should be, by how much the hours of a day scatter more than Poisson's, and how probable each is."""
    weekend = np.array([day.weekday() >= 5 for day in days])
    level = expected(table.sum(axis=1)[:, None])
    mean = np.fmax(np.nan_to_num(level.mean), 0.0) * _shares(table, weekend)
    seen = np.repeat(level.days, 24, axis=1)
    told = (seen >= FEWEST) & ~np.isnan(table)
    misses = np.where(told, np.fmin((table - mean) ** 2 / np.fmax(mean, 0.25), 25.0), 0.0)
    phi = np.fmax(1.0, (_before(misses) + 10) / (_before(told.astype(float)) + 10)).mean(axis=1)
    values = np.where(np.array(changed)[:, None], np.nan, table)
    p = tails(values, Expected(mean, np.broadcast_to(phi[:, None], mean.shape), seen))
    return mean, phi, np.where((table > mean) & (table - mean >= MIN_EFFECT["count"]), p, 1.0)


def _burst(day: date, hours: Numbers, mean: Numbers, phi: float, p: Numbers) -> Burst:
    peak = int(p.argmin())
    first = last = peak
    while first > 0 and p[first - 1] < 1e-3:
        first -= 1
    while last < 23 and p[last + 1] < 1e-3:
        last += 1
    inside = slice(first, last + 1)
    usual = float(mean[inside].sum())
    return Burst(day, first, last, float(hours[inside].sum()), usual, *band(usual, phi), float(p[peak]))


def _before(values: Numbers) -> Numbers:
    """Sums of the days before."""
    added = np.cumsum(values, axis=0)
    return np.vstack([np.zeros((1, values.shape[1])), added[:-1]])


def _shares(table: Numbers, weekend: np.ndarray) -> Numbers:
    """Each hour's part of a day, from earlier days of the same kind, drawn to that of all."""
    known = np.nan_to_num(table)
    whole = _before(known) + 1.0
    whole /= whole.sum(axis=1, keepdims=True)
    found = np.empty_like(table)
    for kind in (True, False):
        same = _before(np.where((weekend == kind)[:, None], known, 0.0)) + _DRAWN * whole
        found[weekend == kind] = (same / same.sum(axis=1, keepdims=True))[weekend == kind]
    return found


def _changes(days: Sequence[date], settings: Settings) -> list[bool]:
    zone = settings.workspace.zone

    def offset(day: date) -> timedelta | None:
        return datetime.combine(day, time(), zone).utcoffset()

    return [offset(day) != offset(day + timedelta(days=1)) for day in days]
