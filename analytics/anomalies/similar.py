"""Earlier weeks that went like the one of an incident: the nearest windows, and what was known of them.

A window is the seven days up to the peak, each day as how many standard deviations it was off what was expected of it
then. The distance of two windows is the root mean square of the differences (as of a matrix profile, Yeh et al. 2016,
but normalised by what was usual of each day, not by the window, so that a small bump is not like a large one).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics.anomalies.context import Told
from analytics.anomalies.incidents import Incident
from analytics.anomalies.judging import Judged
from analytics.anomalies.reading import Panel
from analytics.anomalies.tidy import Numbers
from analytics.intervals import Z95
from core.numbers import SMALL_N

WINDOW = 7  # days
MOST = 3
LEAST_DAYS = 4  # of a window that must be known
FARTHEST = 0.75  # of how far the incident's window is from a week without anything: beyond, it is not like it
LEAST_OFF = 0.25  # of the peak's deviation, which the last day of a window must have
LARGEST = 10.0  # deviations: what is beyond is alike


@dataclass(frozen=True, slots=True)
class Similar:
    """The last day of an earlier window: its number and the expected one in the metric's unit, and what it rests on.

    `distance` is in standard deviations of a day; `noted` what people or the calendar said of the day.
    """

    day: date
    actual: float
    expected: float
    n: int
    distance: float
    noted: tuple[str, ...] = ()


def is_compared(incident: Incident) -> bool:
    """Whether an incident is one of days: a week says nothing of one that was judged over more than a week, or by hours."""
    return incident.span <= WINDOW and not incident.is_burst


def similar(
    panel: Panel,
    judged: Judged,
    incident: Incident,
    *,
    events: Sequence[Told] = (),
    holidays: Mapping[date, str] | None = None,
) -> tuple[Similar, ...]:
    """Up to three earlier windows of the same slice, the nearest first; of days before the incident's alone.

    `judged` is the panel day by day. Empty where nothing before was like it, or too little is known.
    """
    place = next((at for at, one in enumerate(panel.series) if one.where == incident.where), None)
    if place is None or incident.peak not in panel.days or not is_compared(incident):
        return ()
    peak = panel.days.index(incident.peak)
    off = _deviations(judged, place)
    own = off[max(0, peak - WINDOW + 1) : peak + 1]
    if len(own) < WINDOW or not np.isfinite(own[-1]) or own[-1] == 0:
        return ()
    away = _distance(own, np.zeros(WINDOW))
    found: list[tuple[float, int]] = []
    least = 1 if incident.unit == "count" else SMALL_N  # what is named must rest on enough
    last = panel.days.index(incident.start) if incident.start in panel.days else peak
    for end in range(WINDOW - 1, min(last, peak - WINDOW + 1)):
        if judged.n[end, place] < least:
            continue
        distance = _distance(own, off[end - WINDOW + 1 : end + 1])
        # Its last day is the one that is named, so that must have been off the same way.
        if distance <= FARTHEST * away and off[end] / own[-1] >= LEAST_OFF:
            found.append((distance, end))
    return tuple(
        _told(panel, judged, place, at, distance, events, holidays or {}) for distance, at in _apart(found)
    )


def _deviations(judged: Judged, place: int) -> Numbers:
    """By day, how many standard deviations it was off the expected; NaN where that is not known."""
    spread = (judged.high[:, place] - judged.expected[:, place]) / Z95
    known = np.isfinite(spread) & (spread > 0) & (judged.n[:, place] + judged.expected[:, place] > 0)
    off = (judged.actual[:, place] - judged.expected[:, place]) / np.where(known, spread, 1.0)
    return np.where(known, np.clip(off, -LARGEST, LARGEST), np.nan)


def _distance(one: Numbers, other: Numbers) -> float:
    """Infinite where too few days are known of both."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < LEAST_DAYS:
        return float("inf")
    return float(np.sqrt(np.mean((one[known] - other[known]) ** 2)))


def _apart(found: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """The nearest that share no day."""
    kept: list[tuple[float, int]] = []
    for distance, at in sorted(found):
        if len(kept) < MOST and all(abs(at - other) >= WINDOW for _, other in kept):
            kept.append((distance, at))
    return kept


def _told(
    panel: Panel, judged: Judged, place: int, at: int, distance: float, events: Sequence[Told],
    holidays: Mapping[date, str],
) -> Similar:  # fmt: skip
    day = panel.days[at]
    noted = [f"{one.text} ({one.tag})" for one in events if one.start <= day <= one.end]
    if day in holidays:
        noted.append(holidays[day])
    return Similar(
        day, float(judged.actual[at, place]), float(judged.expected[at, place]), int(judged.n[at, place]),
        distance, tuple(noted),
    )  # fmt: skip
