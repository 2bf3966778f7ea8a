"""The trend of any metric of the catalogue and of its segments: level, slope, and the days on which it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from analytics.daily import WHOLE, Daily, daily, days_of
from analytics.trends import words
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from analytics.trends.shape import Shape
    from analytics.trends.tidy import Ready
    from store.reader import Reader

USUAL_DAYS = 182
MOST_PARTS = 50
FALSE = 0.05  # of the segments that are told to have changed (Benjamini & Hochberg 1995)


@dataclass(frozen=True, slots=True)
class Change:
    """A step: its day, the days it may as well have been (95 %), and the level before and after, in the unit."""

    day: date
    first: date
    last: date
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Trend:
    """One series: the whole ("total") or a segment. Numbers are in the metric's unit, without the weekdays' pattern.

    `level` is where it stands at the end, `per_week` its slope (of a changed one beside its steps), both with 95 %
    intervals; None where there is too little. `direction` is rising, falling, up, down, mixed, none or unknown.
    `chance` is how often a series without change shows as much.
    """

    part: str
    n: int
    known_days: int
    level: float | None
    level_low: float | None
    level_high: float | None
    per_week: float | None
    per_week_low: float | None
    per_week_high: float | None
    direction: str
    changes: tuple[Change, ...]
    chance: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Trends:
    """The trends of a metric over a period, the whole first, then segments by n; `tested` of these have enough days."""

    name: str
    title: str
    unit: str
    by: str | None
    period: Period
    trends: tuple[Trend, ...]
    tested: int
    notes: tuple[str, ...]


def trends_of(
    reader: Reader, name: str, filters: Filters, *, settings: Settings, viewer: Viewer, by: str | None = None
) -> Trends:
    """Trends over the period, or the last 26 weeks. Never raises for what the values are; QuestionError for names."""
    read = daily(reader, name, filters, settings=settings, viewer=viewer, by=by, days=USUAL_DAYS)
    parts = [str(part) for part in read.values.columns]
    weight = {part: float(read.n[part].sum()) for part in parts}
    others = sorted((part for part in parts if part != WHOLE), key=lambda part: (-weight[part], part))
    named = [WHOLE, *others[:MOST_PARTS]]
    told = trends_in(read, named)
    notes = read.notes
    if len(others) > MOST_PARTS:
        notes = (*notes, f"The {MOST_PARTS} segments with the most are tested, of {len(others)}.")
    tested = sum(one.chance is not None for one in told)
    metric = read.metric
    return Trends(metric.name, metric.title, metric.unit, by, read.period, told, tested, notes)


def trends_in(read: Daily, parts: Sequence[str]) -> tuple[Trend, ...]:
    """The same of a table that is read already. Segments are judged together, the whole by itself."""
    from analytics.trends.shape import shape_of
    from analytics.trends.tidy import LEAST_DAYS, ready

    made = {
        part: ready(read.values[part].to_numpy(float), read.n[part].to_numpy(float), read.kind)
        for part in parts
    }
    long = [part for part in parts if len(made[part].at) >= LEAST_DAYS]
    shapes = {part: shape_of(made[part]) for part in long}
    by_chance = _by_chance({part: shapes[part].chance for part in long if part != WHOLE})
    for part in by_chance & {part for part in long if shapes[part].has_line or shapes[part].steps}:
        shapes[part] = shape_of(made[part], is_flat=True)
    days = days_of(read.values)
    return tuple(
        _told(read, part, made[part], shapes[part], days) if part in shapes else _too_short(read, part, made[part])
        for part in parts
    )  # fmt: skip


def _by_chance(odds: dict[str, float]) -> set[str]:
    """Segments whose change is no more than so many segments would show without any."""
    ordered = sorted(odds.values())
    passed = [p for rank, p in enumerate(ordered, start=1) if p <= FALSE * rank / len(ordered)]
    limit = max(passed, default=-1.0)
    return {part for part, p in odds.items() if p > limit}


def _told(read: Daily, part: str, series: Ready, shape: Shape, days: Sequence[date]) -> Trend:
    level = series.back(shape.level)

    def per_week(slope: float) -> float:
        if series.kind == "duration":
            return level * float(np.expm1(min(7 * slope, 50.0)))
        return 7 * slope

    at = series.at.astype(int)
    changes = tuple(
        Change(
            days[at[step.place]], days[at[step.first]], days[at[step.last]],
            series.back(step.before), series.back(step.after),
        )
        for step in shape.steps
    )  # fmt: skip
    found = Trend(
        part, int(read.n[part].sum()), len(at), level, series.back(shape.level_low), series.back(shape.level_high),
        per_week(shape.slope), per_week(shape.slope_low), per_week(shape.slope_high),
        _direction(shape.slope if shape.has_line else 0.0, changes), changes, shape.chance, "",
    )  # fmt: skip
    return words.with_sentence(found, read.metric)


def _direction(slope: float, changes: Sequence[Change]) -> str:
    ways = {change.after > change.before for change in changes}
    if slope:
        ways.add(slope > 0)
    if not ways:
        return "none"
    if len(ways) > 1:
        return "mixed"
    way = ways.pop()
    if slope:
        return "rising" if way else "falling"
    return "up" if way else "down"


def _too_short(read: Daily, part: str, series: Ready) -> Trend:
    from analytics.trends.tidy import LEAST_DAYS

    known = len(series.at)
    said = f"Need {LEAST_DAYS} days with a value, have {known}."
    nothing = (None,) * 6
    return Trend(part, int(read.n[part].sum()), known, *nothing, "unknown", (), None, said)
