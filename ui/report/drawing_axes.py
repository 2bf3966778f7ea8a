"""Axes of a drawn chart: where a value stands, how far the axis reaches, and what is written beside it.

Ranges and steps are chosen as plotly.js chooses them, so that a picture has the marks that the screen has. Instants
are milliseconds of wall-clock time since 1970; names of a category axis are their places in its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil, floor, isfinite, isnan, log10, nan
from typing import Any

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - axes are wall-clock time in the reporting zone
MINUTE, HOUR, DAY, WEEK = 60_000.0, 3_600_000.0, 86_400_000.0, 604_800_000.0
MONTH, YEAR = 30.4375 * DAY, 365.25 * DAY
MONDAY = 4 * DAY  # the first one after 1970 began: weeks of the product start with it
ROOM = 0.05  # of the axis, before the first mark and after the last
MOST_ROOM = 0.6  # of the axis, for words beside its marks
BETWEEN_PX = {"x": 80.0, "y": 40.0}
LINE_PX = 15.6  # of a name on a category axis
TENS, DOZENS, SIXTIES, DAYS = (2, 5, 10), (1, 2, 3, 6, 12), (1, 2, 5, 10, 15, 30), (1, 2, 3, 7, 14)

Tick = tuple[float, str]


def listed(values: Any) -> list[Any]:
    """The values of a trace, whether plotly holds them as a tuple, an array or not at all."""
    return [] if values is None else list(values)


@dataclass
class Axis:
    """One axis of plotly. `settle` fixes its ends for a length in pixels; until then marks tell how far it reaches."""

    name: str
    spec: Mapping[str, Any]
    values: Iterable[Any] = ()
    begins_at_zero: bool = False
    ends: tuple[float, float] = (0.0, 1.0)
    length_px: float = 1.0
    _reaches: list[tuple[float, float, float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = [value for value in self.values if not _is_missing(value)]
        self.kind: str = self.spec.get("type") or _kind(found)
        ordered = listed(self.spec.get("categoryarray")) + found if self.kind == "category" else []
        self.places = {value: at for at, value in enumerate(dict.fromkeys(ordered))}
        whole = [_instant(value) for value in found] if self.kind == "date" else []
        self.least = _least(whole)

    @property
    def is_across(self) -> bool:
        """Whether it lies, as x does."""
        return self.name.startswith("x")

    def place(self, value: Any) -> float:
        """Where a value stands; not a number where it is missing."""
        if _is_missing(value):
            return nan
        if self.kind == "category":
            return float(self.places[value]) if value in self.places else float(value)
        return _instant(value) if self.kind == "date" else float(value)

    def reach(self, place: float, before_px: float = 0, after_px: float = 0, *, padded: bool = False) -> None:
        """Something is drawn there, so many pixels to both sides of it; `padded` where it also asks for air."""
        if isfinite(place):
            self._reaches.append((place, before_px, after_px, padded))

    def settle(self, length_px: float) -> None:
        """Fix both ends for a length."""
        self.length_px = max(length_px, 1.0)
        given = listed(self.spec.get("range"))
        low, high = (self.place(end) for end in given) if len(given) == 2 else self._extent()
        self.ends = (high, low) if self.spec.get("autorange") == "reversed" else (low, high)

    def _extent(self) -> tuple[float, float]:
        places = [place for place, *_ in self._reaches] or [0.0]
        if self.kind == "category":
            return round(min(places)) - 0.5, round(max(places)) + 0.5
        from_zero = self.begins_at_zero or self.spec.get("rangemode") == "tozero"
        is_open = (not from_zero or min(places) < 0, not from_zero or max(places) > 0)
        lowest, highest = min(places), max(places)
        if from_zero:
            lowest, highest = min(lowest, 0.0), max(highest, 0.0)
        if lowest == highest:
            half = DAY if self.kind == "date" else 1.0
            return lowest - half * is_open[0], highest + half * (is_open[1] or not is_open[0])
        return self._with_room(lowest, highest, is_open)

    def _with_room(self, lowest: float, highest: float, is_open: tuple[bool, bool]) -> tuple[float, float]:
        """Ends so far out that what stands beside the marks fits; the room depends on the ends, so in rounds."""
        air, most = ROOM * self.length_px, MOST_ROOM / 2 * self.length_px
        low, high = lowest, highest
        for _ in range(6):
            pixel = (high - low) / self.length_px
            for place, before, after, padded in self._reaches:
                own = air if padded else 0.0
                if is_open[0]:
                    low = min(low, place - min(before + own, most) * pixel)
                if is_open[1]:
                    high = max(high, place + min(after + own, most) * pixel)
        return low, high

    def pixel(self, place: float) -> float:
        """How far along the axis a place lies, from its left or lower end."""
        first, last = self.ends
        return (place - first) / (last - first) * self.length_px

    def holds(self, place: float) -> bool:
        """Whether a place lies between the ends."""
        slack = abs(self.ends[1] - self.ends[0]) * 1e-9
        return min(self.ends) - slack <= place <= max(self.ends) + slack

    def ticks(self, at_most: int | None = None) -> list[Tick]:
        """Places with their words; `at_most` where fewer are wanted than would be chosen."""
        if self.spec.get("visible") is False:
            return []
        if self.spec.get("tickvals") is not None:
            places = [self.place(value) for value in listed(self.spec["tickvals"])]
            words = listed(self.spec.get("ticktext")) or listed(self.spec["tickvals"])
            return [(at, str(text)) for at, text in zip(places, words, strict=True) if self.holds(at)]
        if self.kind == "category":
            return self._names()
        rough = abs(self.ends[1] - self.ends[0]) / (at_most or self._count())
        return self._days(rough) if self.kind == "date" else self._numbers(rough)

    def _count(self) -> int:
        wanted = self.spec.get("nticks") or 0
        if wanted and not self.is_across:
            return int(min(wanted, max(2, self.length_px / LINE_PX)))
        fits = min(9, max(4, floor(self.length_px / BETWEEN_PX["x" if self.is_across else "y"]))) + 1
        return int(wanted or fits)

    def _names(self) -> list[Tick]:
        every = max(1, ceil(abs(self.ends[1] - self.ends[0]) / max(1.0, self.length_px / LINE_PX)))
        return [(at, str(name)) for name, at in self.places.items() if self.holds(at) and at % every == 0]

    def _numbers(self, rough: float) -> list[Tick]:
        given = self.spec.get("dtick")
        step = float(given) if given else _rounded(rough, 10.0 ** floor(log10(rough)), TENS)
        decimals = max(0, -floor(log10(step) + 1e-9))
        first, last = ceil(min(self.ends) / step - 1e-9), floor(max(self.ends) / step + 1e-9)
        return [(at * step, number(at * step, decimals)) for at in range(first, last + 1)]

    def _days(self, rough: float) -> list[Tick]:
        if 2 * rough > MONTH or self.least >= MONTH:
            return _of_months(rough, min(self.ends), max(self.ends))
        if 2 * rough > DAY or self.least >= DAY:
            step = max(_rounded(rough, DAY, DAYS), self.least)
        elif 2 * rough > HOUR:
            step = _rounded(rough, HOUR, DOZENS)
        else:
            step = _rounded(rough, MINUTE, SIXTIES)
        start = MONDAY if step % WEEK == 0 else 0.0
        first = ceil((min(self.ends) - start) / step)
        last = floor((max(self.ends) - start) / step)
        places = [start + at * step for at in range(first, last + 1)]
        return _dated(places, "%b %-d", "%Y") if step >= DAY else _dated(places, "%H:%M", "%b %-d, %Y")


def number(value: float, decimals: int) -> str:
    """A number beside an axis: thousands set apart, a true minus, never an exponent."""
    told = f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    return told.rstrip("0").rstrip(".") if decimals else told


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))


def _kind(values: Sequence[Any]) -> str:
    """What plotly would take the values for; digits in quotes are names here."""
    first = next(iter(values), 0)
    if isinstance(first, date) or type(first).__name__ == "datetime64" or _is_written_day(first):
        return "date"
    return "category" if isinstance(first, str) else "linear"


def _is_written_day(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= 10 and value[4] == value[7] == "-" and value[:4].isdigit()


def _instant(value: Any) -> float:
    """Milliseconds of a day or an instant."""
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, date):
        value = datetime.fromisoformat(str(value)[:26])
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return float((value.replace(tzinfo=None) - EPOCH) / timedelta(milliseconds=1))


def _least(instants: Sequence[float]) -> float:
    """The shortest step that makes sense: a month, a week or a day where all marks stand at the start of one."""
    if not instants:
        return 0.0
    if any(at % DAY for at in instants):
        return 0.0
    if len(set(instants)) > 1 and all((EPOCH + timedelta(milliseconds=at)).day == 1 for at in instants):
        return MONTH
    return WEEK if len(set(instants)) > 1 and all((at - MONDAY) % WEEK == 0 for at in instants) else DAY


def _rounded(rough: float, base: float, steps: Sequence[int]) -> float:
    return base * next((step for step in steps if step >= rough / base), steps[-1])


def _of_months(rough: float, low: float, high: float) -> list[Tick]:
    """The first of every so many months, or of every so many years."""
    years = rough / YEAR
    step = 12 * _rounded(years, 10.0 ** floor(log10(years)), TENS) if 2 * rough > YEAR else 0
    every = int(max(12, step)) if step else int(_rounded(rough / MONTH, 1.0, DOZENS))
    start, found = EPOCH + timedelta(milliseconds=low), list[Tick]()
    month = (start.year * 12 + start.month - 1) // every * every
    while True:
        day = datetime(month // 12, month % 12 + 1, 1)  # noqa: DTZ001
        at = (day - EPOCH) / timedelta(milliseconds=1)
        if at > high:
            return found
        if at >= low:
            found.append((at, f"{day:%Y}" if every >= 12 else f"{day:%b %Y}"))
        month += every


def _dated(places: Sequence[float], head: str, tail: str) -> list[Tick]:
    """Two lines: the second where it differs from that of the mark before."""
    found, before = list[Tick](), ""
    for at in places:
        moment = EPOCH + timedelta(milliseconds=at)
        below = moment.strftime(tail)
        found.append((at, moment.strftime(head) + (f"<br>{below}" if below != before else "")))
        before = below
    return found
