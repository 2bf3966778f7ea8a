"""Runway: the path of the backlog, from the days ahead and what can be solved a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from analytics.capacity import paths
from analytics.capacity.paths import Swings
from analytics.daily import WHOLE, Daily, daily, days_of, known_of
from core.errors import InputError
from core.filters import NONE, Filters
from core.numbers import count
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics.anomalies.context import Told
    from analytics.capacity.paths import Paths
    from analytics.forecasting.outcome import ForecastSet
    from analytics.forecasting.rows import Floats
    from store.reader import Reader

MEASURED_WEEKS, LEAST_DAYS, MOST_MORE, HOLDS = 8, 28, 200, 0.8
ENDLESS = 1e9  # agents
EACH_NONE = "More agents do not hold it: each solves as much as those now, and they solve nothing."


@dataclass(frozen=True, slots=True)
class RunwayDay:
    """What is open at the end of a day ahead: the middle path, and the 80 % of paths around it."""

    day: date
    open: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Runway:
    """A backlog's path. `capacity_week` is what can leave and stay away, a week, `solved_week` what does in the paths,
    where no more is solved than there is; `agents` are those who solved on a usual day.

    `share` of the paths are at the threshold at some time. `passes`, `passes_first` and `passes_last` are the days by which
    half, a tenth and nine tenths of them have been there (None: not within the days ahead), which is earlier than the middle
    of the paths of each day. `more` is how many more agents keep four paths of five below it; 0: none are needed; None: it
    cannot be said, or no number does. `days` is empty where the history is too short.
    """

    open_now: float
    threshold: float
    arrivals_week: float
    capacity_week: float
    solved_week: float
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
        return Runway(start, limit, 0.0, 0.0, 0.0, None, 0.0, None, None, None, None, (), (said,))
    end = days_of(volume.values)[-1]
    found = coming_of(reader, volume, horizon, settings=settings, viewer=viewer, events=events)
    coming = paths.arrivals(found.point[WHOLE].to_numpy(float), found.came[:, 0], found.said[:, 0])
    week, swings = _solving(came, left, capacity_week)
    people = agents if agents is not None else _people(reader, filters, settings, viewer)
    weekdays = np.array([(end.weekday() + 1 + day) % 7 for day in range(horizon)])
    can = paths.able(week[weekdays], coming, swings)
    one = week / people if people else np.zeros(7)  # what one solves by weekday
    team = Team(coming, start, can + more_agents * one[weekdays], one[weekdays])
    path = team.path()
    each = float(one.sum())
    more, endless = _more(team, path, limit, people if each else None)
    capacity = float(week.sum() + more_agents * one.sum())
    told = _told(path, end, start, limit, float(coming.mean()) * 7, capacity, people, more)
    told = replace(told, sentences=_sentences(told, each, endless))
    # The last sentence is of what was measured.
    return told if capacity_week is None else replace(told, sentences=told.sentences[:-1])


def coming_of(
    reader: Reader, volume: Daily, horizon: int, *, settings: Settings, viewer: Viewer, events: Sequence[Told]
) -> ForecastSet:
    """What a runway expects to come: the forecast of a volume, without asking Prophet."""
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


def _solving(came: object, left: object, capacity_week: float | None) -> tuple[Floats, Swings]:
    """By weekday what leaves and stays away, from how the backlog moved; and how single days differed from that."""
    import pandas as pd

    assert isinstance(came, pd.Series) and isinstance(left, pd.Series)  # noqa: S101 - columns of the tables above
    gone = (came - left.diff().reindex(came.index)).iloc[-7 * MEASURED_WEEKS :].dropna()
    weekday = pd.DatetimeIndex(gone.index).day_of_week.to_numpy()
    solved, brought = gone.to_numpy(float), came.reindex(gone.index).to_numpy(float)
    week, usual = (_by_weekday(one, weekday) for one in (solved, brought))
    week = np.maximum(week, 0.0)
    works = week[weekday] > 0
    apart, more = (solved - week[weekday])[works], (brought - usual[weekday])[works]
    squared = float((more**2).sum())
    along = min(max(float((apart * more).sum()) / squared, 0.0), 1.0) if squared > 0 else 0.0
    own = (apart - along * more) / np.sqrt(week[weekday][works])
    if capacity_week is not None:
        measured = float(week.sum())
        times = capacity_week / measured if measured > 0 else 0.0
        week, along = (
            (week * times if measured > 0 else np.full(7, capacity_week / 7)),
            along * min(times, 1.0),
        )
    return week, Swings(own, along)


def _by_weekday(values: Floats, weekday: NDArray[np.int_]) -> Floats:
    """The mean of each weekday; 0 where there is none."""
    return np.array([values[weekday == day].mean() if (weekday == day).any() else 0.0 for day in range(7)])


def _people(reader: Reader, filters: Filters, settings: Settings, viewer: Viewer) -> float | None:
    """The median number of agents who solved something on a day of the measured weeks; None where none is known."""
    read = daily(reader, "solved", replace(filters, period=None), settings=settings, viewer=viewer, by="agent",
                 days=7 * MEASURED_WEEKS)  # fmt: skip
    parts = read.values.drop(columns=[name for name in (WHOLE, NONE) if name in read.values])
    active = (parts > 0).sum(axis=1)
    active = active[active > 0]
    return float(active.median()) if len(active) else None


@dataclass(frozen=True)
class Team:
    """What comes and `can` be solved by paths and days; one more agent adds `one` by days, which is 0 where nobody works."""

    coming: Floats
    start: float
    can: Floats
    one: Floats

    def path(self, more: float = 0.0) -> Paths:
        """The backlog with so many more agents."""
        return paths.backlog(self.start, self.coming, self.can + more * self.one)


def _more(team: Team, path: Paths, limit: float, people: float | None) -> tuple[int | None, float | None]:
    """How many more agents keep four of five paths below the threshold: found by halves, as more never hurt.

    Where no number does: the share of paths that are there with however many.
    """
    if path.reaching(limit) <= 1 - HOLDS:
        return 0, None
    if not people or team.start >= limit:
        return None, None

    def reached(more: float) -> float:
        return team.path(more).reaching(limit)

    endless = reached(ENDLESS)
    if endless > 1 - HOLDS:
        return None, endless
    low, high = 0, 1
    while reached(high) > 1 - HOLDS:
        low, high = high, 2 * high
        if high > MOST_MORE:
            return None, None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if reached(middle) > 1 - HOLDS else (low, middle)
    return high, None


def _told(
    path: Paths, end: date, start: float, limit: float, arrivals: float, capacity: float, people: float | None,
    more: int | None,
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

    solved = float(path.solved.mean()) * 7
    return Runway(
        start, limit, arrivals, capacity, solved, people, path.reaching(limit), on(0.5), on(0.1), on(0.9), more, days, (),
    )  # fmt: skip


def _sentences(one: Runway, each: float, endless: float | None) -> tuple[str, ...]:
    last = one.days[-1]
    could = (
        ""
        if one.capacity_week < 1.05 * one.solved_week + 0.5
        else f", of {count(round(one.capacity_week))} that could be"
    )
    return (
        f"{one.open_now:,.0f} are open. About {one.arrivals_week:,.0f} come a week and {one.solved_week:,.0f} are "
        f"solved{could}: {last.open:,.0f} on {last.day:%-d %b} (80 %: {last.low:,.0f} to {last.high:,.0f}).",
        *_passing(one),
        *_holding(one, each, endless),
        "What is solved was measured over eight weeks; where the backlog was near none, people could have done more.",
    )


def _passing(one: Runway) -> list[str]:
    """When it is at the threshold: the line that is drawn, and single paths, which swing around it."""
    limit, last = f"{one.threshold:,.0f}", one.days[-1].day
    if one.open_now >= one.threshold:
        return [f"It is at {limit} or more already."]
    middle = next((day.day for day in one.days if day.open >= one.threshold), None)
    some = f"{one.share * 100:.0f} of 100 paths reach it at some time"
    if middle is None:
        most = max(one.days, key=lambda day: day.open)
        said = f"The middle path stays below {limit}, at most {most.open:,.0f}; {some} until {last:%-d %b}"
    else:
        said = f"It passes {limit} on {middle:%-d %b} in the middle path; {some} until {last:%-d %b}"
    if one.passes and one.passes_first:
        late = f", nine tenths by {one.passes_last:%-d %b}" if one.passes_last else ""
        said += f", a tenth by {one.passes_first:%-d %b}, half by {one.passes:%-d %b}{late}"
    return [f"{said}."]


def _holding(one: Runway, each: float, endless: float | None) -> list[str]:
    """How many more agents hold it, or that none do."""
    if endless is not None:
        return [
            f"More agents alone do not hold it: however many there are, {endless * 100:.0f} of 100 paths reach it at "
            "some time, by what comes on days on which nobody works."
        ]
    if one.more is None and one.agents and not each and one.open_now < one.threshold:
        return [EACH_NONE]
    if not one.more or not each:
        return []
    people = "One more agent keeps" if one.more == 1 else f"{one.more} more agents keep"
    return [f"{people} four of five paths below it all the time, at {each:,.0f} solved by each a week."]
