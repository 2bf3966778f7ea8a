"""Holidays, events and days that are closed: masked before forecasting, put back afterwards.

The effect of a day is the median ratio of what came to what the same phase brought before, drawn to the effect of all
holidays by k / (k + 2). A holiday that was never seen behaves like the quietest weekday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from analytics.forecasting import rows
from analytics.forecasting.rows import Floats
from core.errors import InputError


@dataclass(frozen=True)
class Calendar:
    """`holidays` by date; `recurring` events by date, which are learnt from; `one_off` days, which are only masked."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    recurring: Mapping[date, str] = field(default_factory=dict)
    one_off: frozenset[date] = frozenset()


def of(calendar: Any) -> Calendar | None:
    """A Calendar; also from what the `holidays` library gives, another mapping of days to names, or days alone.

    Days are dates, times or ISO texts. Raises InputError for anything else.
    """
    if calendar is None or isinstance(calendar, Calendar):
        return calendar
    if isinstance(calendar, Mapping) and all(type(day) is date for day in calendar):
        return Calendar(holidays=calendar)  # as it is: that of the library grows when it is asked for a year
    if not isinstance(calendar, str) and hasattr(calendar, "items"):
        return Calendar(holidays={_day(day): str(name) for day, name in calendar.items()})
    if not isinstance(calendar, str) and isinstance(calendar, Iterable):
        return Calendar(holidays={_day(day): "holiday" for day in calendar})
    raise InputError(
        f"No calendar: {calendar!r}.",
        hint="A Calendar, days to names as the `holidays` library gives, or days.",
    )


def _day(told: Any) -> date:
    """A date from a date, a time or an ISO text. Raises InputError."""
    try:
        found = told if isinstance(told, date) else datetime.fromisoformat(str(told))
    except ValueError:
        raise InputError(
            f"No day of a calendar: {told!r}.", hint="A date, or a text such as 2026-12-25."
        ) from None
    return found.date() if isinstance(found, datetime) else found


@dataclass(frozen=True)
class Effects:
    """`mask`: periods not to learn from; `factors`: series by horizon to multiply a forecast by.

    `own`: which periods ahead are such days themselves, not beside one. `holiday`: by series, what a holiday ahead is
    multiplied by that was never seen, learnt from `seen` holidays.
    """

    mask: Any
    factors: Floats
    named: tuple[str, ...]
    own: Any
    holiday: Floats
    seen: int = 0


def effects(values: Floats, days: Any, ahead: Any, calendar: Calendar | None, season: int) -> Effects:
    """What days of the calendar do to each series (daily data). Without a calendar: nothing."""
    length, horizon = values.shape[1], 0 if ahead is None else len(ahead)
    quiet = _quietest(values, season) if length else np.ones(len(values))
    nothing = Effects(
        np.zeros(length, dtype=bool),
        np.ones((len(values), horizon)),
        (),
        np.zeros(horizon, dtype=bool),
        quiet,
    )
    if calendar is None or days is None or not length:
        return nothing
    past, future = (
        [_name(day.date(), calendar) for day in days],
        [_name(day.date(), calendar) for day in ahead],
    )
    mask = np.array(
        [bool(name) or day.date() in calendar.one_off for name, day in zip(past, days, strict=True)]
    )
    expected = before(np.where(mask[None, :], np.nan, values), season)
    ratio = np.where(expected > 0, values / np.where(expected > 0, expected, 1.0), np.nan)
    quiet = _quietest(np.where(mask[None, :], np.nan, values), season)
    factors = np.ones((len(values), horizon))
    holiday = _of_kind("holiday", past, ratio, quiet)
    for name in {one for one in future if one}:
        seen = np.array([one == name for one in past])
        count = np.isfinite(ratio[:, seen]).sum(1) if seen.any() else np.zeros(len(values))
        first = quiet if _kind(name) == "holiday" else np.ones(len(values))
        prior = _of_kind(_kind(name), past, ratio, first)
        own = rows.or_else(rows.median(ratio[:, seen]), prior) if seen.any() else prior
        effect = (count * own + 2 * prior) / (count + 2)
        factors[:, [one == name for one in future]] = np.clip(effect, 0.0, 5.0)[:, None]
    told = {one.split("|")[1].removesuffix("−1").removesuffix("+1") for one in future if one}
    own = np.array([bool(one) and "beside" not in _kind(one) for one in future], dtype=bool)
    holidays = sum(_kind(one) == "holiday" for one in past)
    return Effects(mask, factors, tuple(sorted(told)), own, np.clip(holiday, 0.0, 5.0), holidays)


def _of_kind(kind: str, past: list[str], ratio: Floats, first: Floats) -> Floats:
    """By series the mean effect of the days of a kind, drawn to a first guess by n / (n + 2)."""
    alike = np.array([_kind(one) == kind for one in past])
    if not alike.any():
        return first
    many = np.isfinite(ratio[:, alike]).sum(1)
    found = (many * rows.or_else(rows.mean(ratio[:, alike]), 0.0) + 2 * first) / (many + 2)
    return np.asarray(found, dtype=float)


def _name(day: date, calendar: Calendar) -> str:
    """Which special day this is: kind|name, with −1 and +1 for the days around it."""
    for shift, mark in ((0, ""), (1, "−1"), (-1, "+1")):
        for kind, named in (("holiday", calendar.holidays), ("event", calendar.recurring)):
            found = named.get(day + timedelta(days=shift))
            if found:
                return f"{kind if not mark else f'{kind} beside'}|{found}{mark}"
    return ""


def _kind(name: str) -> str:
    return name.split("|")[0]


def before(values: Floats, season: int, most: int = 8) -> Floats:
    """For every point the median of the same phase in the cycles before it: nothing of it or after it."""
    length = values.shape[1]
    stack = np.full((most, *values.shape), np.nan)
    for back in range(1, most + 1):
        if back * season < length:
            stack[back - 1, :, back * season :] = values[:, : length - back * season]
    return rows.median(stack, 0)


def _quietest(values: Floats, season: int) -> Floats:
    means = rows.mean(rows.cycles(values, season, 8), 1)
    least = np.min(rows.or_else(means, np.inf), axis=1)
    whole = rows.mean(means)
    ratio = np.where((whole > 0) & np.isfinite(least), least / np.where(whole > 0, whole, 1.0), 1.0)
    return np.asarray(np.clip(ratio, 0.0, 1.0), dtype=float)


def shocks(values: Floats, season: int, *, logs: bool = False) -> Any:
    """Single points far from the same phase of up to eight cycles before; the second in a row is a shift, and stays.

    A tenth of what is usual is nothing to be far from; of `logs` that is 0.1.
    """
    length, most = values.shape[1], 8
    stack = np.full((most, *values.shape), np.nan)
    for back in range(1, most + 1):
        if back * season < length:
            stack[back - 1, :, back * season :] = values[:, : length - back * season]
    usual = rows.median(stack, 0)
    spread = 1.4826 * rows.median(np.abs(stack - usual[None]), 0)
    enough = np.isfinite(stack).sum(0) >= 5
    spread = np.maximum(spread, 0.1 if logs else 0.1 * np.abs(usual))
    far = enough & (np.abs(values - usual) > 6.0 * spread) & (usual > 0)
    first = far.copy()
    first[:, 1:] &= ~far[:, :-1]
    return first
