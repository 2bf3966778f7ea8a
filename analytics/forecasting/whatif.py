"""What if: edits on a forecast's own numbers, no new model. What comes out is a scenario, and says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from analytics.forecasting.outcome import SCENARIO, ForecastSet, Learnt
from core import numbers
from core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analytics.forecasting.rows import Floats

    Mask = NDArray[np.bool_]

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
MOST = 100.0  # times as much: beyond that a number is a typing error
PAST = "Past tests are of the forecast it starts from."
ALONE = "Series do not add up here: a change of one changes no other."
OF_HOLIDAYS = "A holiday acts as {days} off of the history did."
OF_NONE = "No holiday is known to learn from: one acts as the quietest weekday."


@dataclass(frozen=True)
class Edits:
    """What is changed of a forecast. Raises InputError for what cannot be.

    level: times as many. deflected: the share (0 to 1) that is answered before it becomes a conversation. parts: by
    name of a series, times as many of it; the whole moves by the difference. shares: by name, its new share of the
    whole (0 to 1); the other series give or take in proportion. closed, opened, holidays: days ahead. closed_weekdays,
    opened_weekdays: 1 is Monday. drivers: by name of a driver that the forecast uses, its value on every period ahead.
    """

    level: float = 1.0
    deflected: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()
    closed_weekdays: frozenset[int] = frozenset()
    opened_weekdays: frozenset[int] = frozenset()
    drivers: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no factor, share or weekday, and what contradicts itself."""
        for name, factor in (("the level", self.level), *self.parts.items()):
            if not 0 <= factor <= MOST:
                raise InputError(
                    f"No change of {name} to {factor:g} times.",
                    hint=f"From -100 % to {MOST - 1:.0f} times more.",
                )
        for name, share in (("deflected", self.deflected), *self.shares.items()):
            if not 0 <= share <= 1:
                raise InputError(f"No share of {share:g} ({name}).", hint="A share is 0 to 100 %.")
        if sum(self.shares.values()) > 1 + 1e-9:
            raise InputError("The shares are more than the whole.", hint="Together they are 100 % or less.")
        if set(self.parts) & set(self.shares):
            raise InputError("A part has a change and a share.", hint="Give it one of the two.")
        if not all(np.isfinite(value) for value in self.drivers.values()):
            raise InputError("A driver's value is no number.", hint="Give one such as 1200.")
        self._check_days()

    def _check_days(self) -> None:
        if not self.closed_weekdays | self.opened_weekdays <= set(range(1, 8)):
            raise InputError("No such weekday.", hint="1 (Monday) to 7 (Sunday).")
        if self.closed & (self.opened | self.holidays) or self.opened & self.holidays:
            raise InputError("A day is changed in two ways.", hint="It is closed, opened or a holiday.")
        if self.closed_weekdays & self.opened_weekdays:
            raise InputError("A weekday is closed and opened.", hint="Give it one of the two.")

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return self != Edits()

    def sentence(self) -> str:
        """What is changed, in words."""
        return f"{SCENARIO}: {'; '.join(self._words()) or 'nothing is changed'}."

    def _words(self) -> list[str]:
        said = [] if self.level == 1 else [f"level {_change(self.level)}"]
        said += [f"{name} {_change(factor)}" for name, factor in sorted(self.parts.items())]
        said += [f"{name} {numbers.percent(share)} of all" for name, share in sorted(self.shares.items())]
        if self.deflected:
            said.append(f"{numbers.percent(self.deflected)} deflected")
        for how, weekdays, days in (
            ("closed", self.closed_weekdays, self.closed),
            ("opened", self.opened_weekdays, self.opened),
            ("a holiday", frozenset(), self.holidays),
        ):
            named = [WEEKDAYS[one - 1] for one in sorted(weekdays)]
            named += [f"{day:%-d %b %Y}" for day in sorted(days)]
            said += [f"{how} on {', '.join(named)}"] if named else []
        return said + [f"{name} at {value:g}" for name, value in sorted(self.drivers.items())]


def whatif(found: ForecastSet, edits: Edits) -> ForecastSet:
    """A forecast after edits: point and bands are multiplied alike. Without edits the very same numbers.

    A driver acts before days and levels, a closed day after them. An opened day is as it would be without the
    calendar's effect, else as the mean of the open days next to it. Where the first series is the sum of the others
    they stay so: what moves one of them moves it. Raises InputError for parts, days or drivers that the forecast does
    not have, and where nothing is counted.
    """
    import pandas as pd

    if not edits:
        return found
    if found.kind != "count":
        raise InputError(
            "A what-if is of things that are counted.", hint="Ask it of volume, solved or replies."
        )
    asked, notes = _Asked(found, edits), [edits.sentence()]
    if edits.holidays and found.learnt:
        seen = found.learnt.holidays
        notes.append(OF_HOLIDAYS.format(days=numbers.so_many(seen, "day")) if seen else OF_NONE)
    point = asked.edited(found.point)
    ratio = asked.of_parts(point)

    def shaped(table: pd.DataFrame) -> pd.DataFrame:
        values = np.maximum(ratio(asked.edited(table)), 0.0)
        return pd.DataFrame(values, index=table.index, columns=table.columns)

    return replace(
        found,
        point=shaped(found.point),
        lower={level: shaped(table) for level, table in found.lower.items()},
        upper={level: shaped(table) for level, table in found.upper.items()},
        scenario=(*notes, *asked.said, PAST),
    )


class _Asked:
    """Edits laid out on the periods and series of a forecast (periods by series, as its tables)."""

    def __init__(self, found: ForecastSet, edits: Edits) -> None:
        self.found, self.edits = found, edits
        self.names = [str(name) for name in found.point.columns]
        self.days, self.said = _days(found), list[str]()
        if edits.parts or edits.shares:
            _known("part", [*edits.parts, *edits.shares], self.names[1:] if found.sums else self.names)
        if edits.shares and not found.sums:
            raise InputError(
                "A share needs parts that add up to the whole.", hint="Write a change such as +50%."
            )
        if edits.parts and not found.sums and len(self.names) > 1:
            self.said.append(ALONE)
        self.shut = self._shut()
        opened = self._on("opened", edits.opened, edits.opened_weekdays)
        self.factor = self._of_days() * edits.level * (1 - edits.deflected)
        self.back = self._put_back(opened)
        self.factor[self.shut] = 0.0

    def _shut(self) -> Mask:
        """Closed days, and closed weekdays but for days that are opened by name."""
        named = self._on("opened", self.edits.opened, frozenset())
        return self._on("closed", self.edits.closed, self.edits.closed_weekdays) & ~named

    def edited(self, table: pd.DataFrame) -> Floats:
        """A table of the forecast after all edits but those of parts."""
        values = np.array(table, dtype=float)
        for place, series, near in self.back:
            values[place, series] = np.mean([values[one, series] for one in near])
        return values * self.factor

    def of_parts(self, point: Floats) -> Callable[[Floats], Floats]:
        """What changes of parts and shares do to any table, by what they do to the middle of the forecast."""
        if not self.edits.parts and not self.edits.shares:
            return lambda values: values
        new = point.copy()
        for name, factor in self.edits.parts.items():
            new[:, self.names.index(name)] *= factor
        if not self.found.sums:
            return lambda values: values * _ratio(new, point)
        new[:, 0] = point[:, 0] + np.nansum(new[:, 1:] - point[:, 1:], axis=1)  # NaN: a part without values
        if self.edits.shares:
            new[:, 1:] = self._shared(new)
        whole, ratio = _ratio(new[:, :1], point[:, :1]), _ratio(new, point)
        share = new / np.where(new[:, :1] > 0, new[:, :1], 1.0)
        # A part that had none, or no forecast, has the whole's band in its share.
        born = ~(point > 0) & (new > 0)
        return lambda values: np.where(born, values[:, :1] * whole * share, values * ratio)

    def _shared(self, new: Floats) -> Floats:
        """The parts (periods by parts) with their new shares, the others in proportion, where there are others."""
        parts, whole = np.nan_to_num(new[:, 1:]), new[:, :1]
        named = np.isin(self.names[1:], list(self.edits.shares))
        wanted = np.array([self.edits.shares.get(name, 0.0) for name in self.names[1:]])
        rest = np.where(named, 0.0, parts)
        others = rest.sum(1, keepdims=True)
        given = wanted * whole + rest * (1 - wanted.sum()) * whole / np.where(others > 0, others, 1.0)
        moves = (others > 0) | (abs(wanted.sum() - 1) < 1e-9)
        return np.asarray(np.where(moves, given, parts), dtype=float)

    def _on(self, how: str, days: frozenset[date], weekdays: frozenset[int]) -> Mask:
        """Which periods lie on these days. Raises InputError for a day that is not ahead."""
        if not days and not weekdays:
            return np.zeros(len(self.found.point), dtype=bool)
        fits = ("daily", "hourly") if how == "closed" else ("daily",)
        if self.found.freq not in fits or not self.days:
            raise InputError(f"No day can be {how} in this forecast.", hint="Forecast by day.")
        if missing := sorted(days - set(self.days)):
            raise InputError(
                f"{missing[0]} is not ahead.",
                hint=f"The forecast is of {self.days[0]} to {self.days[-1]}.",
            )
        return np.array([day in days or day.isoweekday() in weekdays for day in self.days], dtype=bool)

    def _of_days(self) -> Floats:
        """What holidays and drivers multiply by, periods by series."""
        found, learnt = self.found, self.found.learnt
        factor = np.ones(found.point.shape)
        days = self._on("a holiday", self.edits.holidays, frozenset())
        if days.any() and learnt is not None:
            if (days & learnt.own).any():
                self.said.append("A day of the calendar stays as it is.")
            special = np.where(learnt.special > 0, learnt.special, 1.0)
            effect = learnt.holiday[None, :] / special
            factor = np.where((days & ~learnt.own)[:, None], effect, factor)
        factor = np.repeat(factor[:, :1], factor.shape[1], axis=1) if found.sums else factor
        acting = {one.name: one for one in learnt.drivers} if learnt else {}
        _known("driver", self.edits.drivers, list(acting))
        for name, value in self.edits.drivers.items():
            factor[:, : None if found.sums else 1] *= acting[name].factor(value)[:, None]
        return factor

    def _put_back(self, opened: Mask) -> list[tuple[int, int, tuple[int, ...]]]:
        """Opened days: the effect of the calendar is taken back, and for 0 stands the mean of the open days around."""
        found, learnt = self.found, self.found.learnt or _nothing(self.found)
        point, changed = np.array(found.point, dtype=float), []
        for place in np.flatnonzero(opened):
            for series in range(point.shape[1]):
                leads = 0 if found.sums else series
                if point[place, leads] > 0:
                    self.factor[place, series] /= learnt.special[place, leads] if learnt.own[place] else 1.0
                elif near := _near(point[:, leads], int(place)):
                    changed.append((int(place), series, near))
        if len(opened) and opened.any() and not changed and not (opened & learnt.own).any():
            self.said.append("What is opened was open.")
        return changed


def _near(path: Floats, place: int) -> tuple[int, ...]:
    """The nearest period before and the nearest after on which anything is expected."""
    there = np.flatnonzero(path > 0)
    before, after = there[there < place][-1:], there[there > place][:1]
    return tuple(int(one) for one in (*before, *after))


def _nothing(found: ForecastSet) -> Learnt:
    periods, series = found.point.shape
    return Learnt(np.ones((periods, series)), np.zeros(periods, dtype=bool), np.ones(series), 0)


def _ratio(new: Floats, old: Floats) -> Floats:
    return np.asarray(np.where(old > 0, new / np.where(old > 0, old, 1.0), 1.0), dtype=float)


def _known(what: str, asked: Mapping[str, float] | Sequence[str], there: Sequence[str]) -> None:
    """Raises InputError for a name there is not."""
    if missing := [name for name in asked if name not in there]:
        known = ", ".join(there[:12]) or f"It has no {what}"
        raise InputError(f"The forecast has no {what} {missing[0]!r}.", hint=f"{known}.")


def _days(found: ForecastSet) -> list[date]:
    return [one.date() for one in found.point.index if hasattr(one, "date")]


def _change(factor: float) -> str:
    """+20 %, -12.5 %."""
    return f"{round(100 * (factor - 1), 1):+g} %"
