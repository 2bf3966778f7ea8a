"""Incidents: opened by what is too unlikely, kept open until it is over, told once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from analytics.anomalies.judging import Judged, weekday_norm
from analytics.anomalies.reading import Panel, Where, as_slice
from analytics.anomalies.tidy import Numbers

OPENS = 3.0  # heat (-log10 p) of two periods in a row; of a mean over several days
OPENS_AT_ONCE = 6.0  # of one
OPENS_A_SPAN = 5.0  # of a mean over several days, whose neighbours share most of it
CLOSES = 2.0  # below it for two periods it is over
SHIFT_DAYS = 7  # an incident of so many asks whether that is the new normal
FALSE_SHARE = 0.10  # Benjamini and Hochberg 1995: of a day's discoveries at most so many are false
BUDGET = 5  # alerts a day; the rest is a digest
QUIET = 2  # days without anything, after which it is over
Status = Literal["alert", "digest", "suppressed", "again"]


@dataclass(frozen=True, slots=True)
class Incident:
    """A slice of a metric that left what its past leads one to expect, from its first to its last day.

    Numbers are of the peak, the day farthest off, in the metric's unit; `p` is of the most unlikely day; `span` is over
    how many days they are; `hours` are the first and last that most of it came in, where a few brought it. Of a burst
    (`is_burst`) the numbers are those of these hours alone. `scope` is the slice that the page's filters keep, which
    `where` goes on from; None where they are no slice.
    """

    metric: str
    title: str
    unit: str
    where: Where
    start: date
    end: date
    opened: date
    peak: date
    span: int
    actual: float
    expected: float
    low: float
    high: float
    n: int
    p: float
    weekday_norm: float | None
    is_shift: bool
    is_open: bool
    hours: tuple[int, int] | None = None
    context: tuple[str, ...] = ()
    status: Status = "alert"
    reason: str = ""
    scope: Where | None = ()
    is_burst: bool = False

    @property
    def whole(self) -> Where | None:
        """The slice that it is of with what the filters say; None where they are no slice."""
        return None if self.scope is None else tuple(sorted({*self.scope, *self.where}))

    @property
    def key(self) -> str:
        """The same for the same incident at every refresh; it ends with the day on which it opened, of a burst with its hours.

        Late rows may move these hours: what was said of a burst is found by `Verdict.seen`, too.
        """
        slice_ = ",".join(f"{name}={value}" for name, value in self.whole or self.where)
        hours = "T{:02d}-{:02d}".format(*self.hours) if self.is_burst and self.hours else ""
        return f"{self.metric}|{'(filtered)' if self.scope is None else ''}{slice_}|{self.opened}{hours}"

    @property
    def is_above(self) -> bool:
        """Above what was expected, or below."""
        return self.actual > self.expected


def find(panel: Panel, judged: Judged, steps: Mapping[Where, Numbers] | None = None) -> list[Incident]:
    """The incidents of a panel, the earliest first.

    `steps` raise or lower the thresholds of slices, a factor for each day of the panel (1 is as it is).
    """
    heat = -np.log10(np.maximum(judged.p, 1e-300))
    heat = np.where(judged.big, heat, 0.0)
    discovered = _discoveries(judged.p)
    found: list[Incident] = []
    for place, series in enumerate(panel.series):
        by = (steps or {}).get(series.where, np.ones(1))
        found += _of_series(panel, judged, place, heat[:, place] / by, discovered[:, place])
    return sorted(found, key=lambda one: (one.opened, one.p))


def _discoveries(p: Numbers) -> Numbers:
    """Which series of each day pass Benjamini and Hochberg's step-up over all series of that day."""
    order = np.argsort(p, axis=1)
    ranked = np.take_along_axis(p, order, axis=1)
    limits = FALSE_SHARE * (np.arange(p.shape[1]) + 1) / p.shape[1]
    passed = ranked <= limits
    last = np.where(passed.any(axis=1), p.shape[1] - np.argmax(passed[:, ::-1], axis=1), 0)
    within = np.arange(p.shape[1])[None, :] < last[:, None]
    found = np.zeros(p.shape, dtype=bool)
    np.put_along_axis(found, order, within, axis=1)
    return found


def _of_series(
    panel: Panel, judged: Judged, place: int, heat: Numbers, discovered: Numbers
) -> Iterator[Incident]:
    side = np.sign(np.nan_to_num(judged.actual[:, place] - judged.expected[:, place]))
    at = 0
    while at < len(heat):
        if not (discovered[at] and _opens(heat, judged.span[:, place], side, at)):
            at += 1
            continue
        last, calm = at, 0
        while last + calm + 1 < len(heat) and calm < QUIET:
            following = last + calm + 1
            if heat[following] >= CLOSES and side[following] == side[at]:
                last, calm = following, 0
            else:
                calm += 1
        yield _incident(panel, judged, place, (at, last), is_open=calm < QUIET)
        at = last + calm + 1


def _opens(heat: Numbers, span: Numbers, side: Numbers, at: int) -> bool:
    if span[at] > 1:
        return bool(heat[at] >= OPENS_A_SPAN)
    if heat[at] >= OPENS_AT_ONCE:
        return True
    twice = at > 0 and heat[at - 1] >= OPENS and side[at - 1] == side[at] and span[at - 1] == 1
    return bool(heat[at] >= OPENS and twice)


def _incident(panel: Panel, judged: Judged, place: int, reach: tuple[int, int], *, is_open: bool) -> Incident:
    first, last = reach
    inside = slice(first, last + 1)
    far = np.abs(np.nan_to_num(judged.actual[inside, place] - judged.expected[inside, place]))
    # Of counts the day that is farthest off: a first bad day makes the second one less unlikely.
    peak = first + int(far.argmax() if panel.kind == "count" else judged.p[inside, place].argmin())
    span = int(judged.span[peak, place])
    start = max(0, first - int(judged.span[first, place]) + 1)
    series, metric = panel.series[place], panel.metric
    return Incident(
        metric=metric.name, title=metric.title, unit=metric.unit, where=series.where,
        start=panel.days[start], end=panel.days[last], opened=panel.days[first], peak=panel.days[peak], span=span,
        actual=float(judged.actual[peak, place]), expected=float(judged.expected[peak, place]),
        low=float(judged.low[peak, place]), high=float(judged.high[peak, place]),
        n=int(judged.n[peak, place]), p=float(judged.p[inside, place].min()),
        weekday_norm=weekday_norm(series, peak, panel.kind, judged.actual[:, place]), is_open=is_open,
        is_shift=_lasts(judged, place, reach, span), scope=as_slice(panel.filters, panel.kind),
    )  # fmt: skip


def _lasts(judged: Judged, place: int, reach: tuple[int, int], span: int) -> bool:
    """Whether it is so long that it may be the new normal: a month at once, or a week that opened by itself.

    Days on which a longer span still holds one bad day are not further bad days.
    """
    first, last = reach
    if span > SHIFT_DAYS:
        return True
    own = int((judged.span[first : last + 1, place] <= span).sum())
    return own >= (SHIFT_DAYS if span == 1 else 2 * SHIFT_DAYS)
