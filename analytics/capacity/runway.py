"""Runway: the path of the backlog, from the days ahead and what can be solved a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from analytics.capacity import paths
from analytics.daily import WHOLE, Daily, daily, days_of, known_of
from core.errors import InputError
from core.filters import Filters
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from analytics.anomalies.context import Told
    from analytics.capacity.paths import Paths
    from analytics.forecasting.outcome import ForecastSet
    from analytics.forecasting.rows import Floats
    from store.reader import Reader

MEASURED_WEEKS, LEAST_DAYS, MOST_MORE, HOLDS = 8, 28, 200, 0.8


@dataclass(frozen=True, slots=True)
class RunwayDay:
    """What is open at the end of a day ahead: the middle path, and the 80 % of paths around it."""

    day: date
    open: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Runway:
    """A backlog's path. `capacity` is what leaves and stays away, a week; `agents` those who solved on a usual day.

    `passes`, `passes_first` and `passes_last` are the days by which half, a tenth and nine tenths of the paths have
    reached the threshold (None: not within the days ahead). `more` is how many more agents keep four paths of five
    below it; 0: none are needed; None: it cannot be said. `days` is empty where the history is too short.
    """

    open_now: float
    threshold: float
    arrivals_week: float
    capacity_week: float
    agents: float | None
    share: float
    passes: date | None
    passes_first: date | None
    passes_last: date | None
    more: int | None
    days: tuple[RunwayDay, ...]
    sentences: tuple[str, ...]


def runway_of(
    reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer, threshold: float | None = None,
    horizon: int = 28, capacity_week: float | None = None, more_agents: float = 0.0, agents: float | None = None,
    events: Sequence[Told] = (),
) -> Runway:  # fmt: skip
    """From today's backlog on. `capacity_week` and `agents` replace what is measured; the threshold is by default half
    more than what is open; `events` are what people noted. Raises QuestionError, and InputError for numbers that
    cannot be."""
    _check(threshold, horizon, capacity_week, more_agents, agents)
    how = {"settings": settings, "viewer": viewer}
    volume = daily(reader, "volume", filters, **how)  # type: ignore[arg-type]
    level = daily(reader, "backlog", filters, **how)  # type: ignore[arg-type]
    came, left = volume.values[WHOLE], level.values[WHOLE].dropna()
    known = int(came.notna().sum())
    start = float(left.iloc[-1]) if len(left) else 0.0
    limit = threshold if threshold is not None else max(10.0, ceil(1.5 * start))
    if known < LEAST_DAYS or not len(left):
        said = f"Need {LEAST_DAYS} days of new conversations and a backlog, have {min(known, len(left))}."
        return Runway(start, limit, 0.0, 0.0, None, 0.0, None, None, None, None, (), (said,))
    end = days_of(volume.values)[-1]
    found = _coming(reader, volume, horizon, settings=settings, viewer=viewer, events=events)
    coming = paths.arrivals(found.point[WHOLE].to_numpy(float), found.came[:, 0], found.said[:, 0])
    week, off = _solving(came, left, capacity_week)
    people = agents if agents is not None else _people(reader, filters, settings, viewer)
    one = float(week.sum()) / people if people else None  # what one solves a week
    able = week * (1 + more_agents / people) if people else week
    solving = np.array([able[(end.weekday() + 1 + day) % 7] for day in range(horizon)])
    path = paths.backlog(start, coming, solving, off)
    more = _more(path, coming, start, solving, off, limit, people)
    told = _told(path, end, start, limit, float(coming.mean()) * 7, float(able.sum()), people, one, more)
    # The last sentence is of what was measured.
    return told if capacity_week is None else replace(told, sentences=told.sentences[:-1])


def coming_of(
    reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer, horizon: int = 28, events: Sequence[Told] = ()
) -> ForecastSet:  # fmt: skip
    """What a runway expects to come: the forecast of the volume, without asking Prophet. Raises QuestionError."""
    volume = daily(reader, "volume", filters, settings=settings, viewer=viewer)
    return _coming(reader, volume, horizon, settings=settings, viewer=viewer, events=events)


def _coming(
    reader: Reader, volume: Daily, horizon: int, *, settings: Settings, viewer: Viewer, events: Sequence[Told]
) -> ForecastSet:
    from analytics.forecasting.panel import forecast_panel

    calendar, beside = known_of(reader, volume, horizon, settings=settings, viewer=viewer, events=events)
    return forecast_panel(volume.values[[WHOLE]], horizon, freq="daily", calendar=calendar, beside=beside)


def _check(
    threshold: float | None, horizon: int, capacity: float | None, more: float, agents: float | None
) -> None:
    if not 1 <= horizon <= 180:
        raise InputError(f"no runway of {horizon} days.", hint="The days ahead are 1 to 180.")
    given = [one for one in (threshold, capacity, more, agents) if one is not None]
    if any(not np.isfinite(one) or one < 0 for one in given) or agents == 0:
        raise InputError(
            "a threshold, capacity or number of agents is below 0.", hint="Give numbers above 0."
        )


def _solving(came: object, left: object, capacity_week: float | None) -> tuple[Floats, Floats]:
    """By weekday what leaves and stays away, from how the backlog moved; and shares by which single weeks were off."""
    import pandas as pd

    assert isinstance(came, pd.Series) and isinstance(left, pd.Series)  # noqa: S101 - columns of the tables above
    gone = (came - left.diff().reindex(came.index)).iloc[-7 * MEASURED_WEEKS :]
    weekday = pd.DatetimeIndex(gone.index).day_of_week
    week = np.array([float(gone[weekday == day].mean()) for day in range(7)])
    week = np.maximum(np.nan_to_num(week), 0.0)
    days = gone.to_numpy(float)
    usual = week[weekday.to_numpy()]
    off = (days - usual)[np.isfinite(days) & (usual > 0)] / usual[np.isfinite(days) & (usual > 0)]
    if capacity_week is not None:
        week = week * (capacity_week / week.sum()) if week.sum() > 0 else np.full(7, capacity_week / 7)
    return week, np.clip(off, -1.0, 3.0)


def _people(reader: Reader, filters: Filters, settings: Settings, viewer: Viewer) -> float | None:
    """The median number of agents who solved something on a day of the measured weeks; None where none is known."""
    read = daily(reader, "solved", replace(filters, period=None), settings=settings, viewer=viewer, by="agent",
                 days=7 * MEASURED_WEEKS)  # fmt: skip
    parts = read.values.drop(columns=[name for name in (WHOLE, "(none)") if name in read.values])
    active = (parts > 0).sum(axis=1)
    active = active[active > 0]
    return float(active.median()) if len(active) else None


def _more(
    path: Paths,
    coming: Floats,
    start: float,
    solving: Floats,
    off: Floats,
    limit: float,
    people: float | None,
) -> int | None:
    """How many more agents keep four of five paths below the threshold: found by halves, as more never hurt."""
    if path.reaching(limit) <= 1 - HOLDS:
        return 0
    if not people or start >= limit:
        return None

    def holds(more: int) -> bool:
        return paths.backlog(start, coming, solving * (1 + more / people), off).reaching(limit) <= 1 - HOLDS

    low, high = 0, 1
    while not holds(high):
        low, high = high, 2 * high
        if high > MOST_MORE:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _told(
    path: Paths, end: date, start: float, limit: float, arrivals: float, capacity: float, people: float | None,
    one: float | None, more: int | None,
) -> Runway:  # fmt: skip
    middle, low, high = (path.at(share) for share in (0.5, 0.1, 0.9))
    days = tuple(
        RunwayDay(
            end + timedelta(days=place + 1), float(middle[place]), float(low[place]), float(high[place])
        )
        for place in range(len(middle))
    )

    def on(share: float) -> date | None:
        place = path.crossing(limit, share)
        return None if place is None else days[place].day

    found = Runway(
        start,
        limit,
        arrivals,
        capacity,
        people,
        path.reaching(limit),
        on(0.5),
        on(0.1),
        on(0.9),
        more,
        days,
        (),
    )
    return replace(found, sentences=_sentences(found, one))


def _sentences(one: Runway, each: float | None) -> tuple[str, ...]:
    last = one.days[-1]
    said = [
        f"{one.open_now:,.0f} are open. About {one.arrivals_week:,.0f} come a week and {one.capacity_week:,.0f} are "
        f"solved: {last.open:,.0f} on {last.day:%-d %b} (80 %: {last.low:,.0f} to {last.high:,.0f})."
    ]
    if one.open_now >= one.threshold:
        said.append(f"It is at {one.threshold:,.0f} or more already.")
    elif one.passes and one.passes_first:
        until = f"{one.passes_last:%-d %b}" if one.passes_last else f"after {last.day:%-d %b}"
        said.append(
            f"It passes {one.threshold:,.0f} on {one.passes:%-d %b} (80 %: {one.passes_first:%-d %b} to {until})."
        )
    else:
        said.append(f"It reaches {one.threshold:,.0f} by then in {one.share * 100:.0f} of 100 paths.")
    if one.more and each:
        people = "One more agent holds" if one.more == 1 else f"{one.more} more agents hold"
        said.append(f"{people} it in four of five paths, at {each:,.0f} solved by each a week.")
    said.append(
        "What is solved was measured over eight weeks; where the backlog was near none, people could have done more."
    )
    return tuple(said)
