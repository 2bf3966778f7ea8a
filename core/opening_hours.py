"""Working hours in settings: weekly hours such as {"mon-fri" = "09:00-17:30"} and codes of public holidays.

A week is a tuple of (start, end) in minutes since Sunday 00:00 of the wall clock, as helpdesks keep it; an end
may lie beyond the week, which goes round.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator

from core.clock import WEEKDAYS

DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN
_NAMES = tuple(day.lower() for day in (WEEKDAYS[-1], *WEEKDAYS[:-1]))
DAYS = {name: number for number, day in enumerate(_NAMES) for name in (day, day[:3])}
Week = tuple[tuple[int, int], ...]
_SPAN = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)")


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...


_Tables = TypeVar("_Tables", bound=Iterable[_Named])


def week_of(hours: Mapping[str, str]) -> Week:
    """Day ranges to hours as minutes of the week; several hours of a day are parted by commas.

    An end at or before its start lies on the next day. Raises ValueError.
    """
    return tuple(
        (day * DAY_MIN + start, day * DAY_MIN + end)
        for days, text in hours.items()
        for day in _days(days)
        for start, end in _spans(text)
    )


def _days(text: str) -> list[int]:
    """Sunday is 0: `mon-fri`, `sat`, `fri-mon`, `mon, wed`."""
    found: list[int] = []
    for part in text.lower().split(","):
        first, *more = (piece.strip() for piece in part.split("-"))
        last = more[0] if more else first
        if len(more) > 1 or first not in DAYS or last not in DAYS:
            raise ValueError(f'{text!r} is not a range of days such as "mon-fri" or "sat"')
        start = DAYS[first]
        found += [(start + n) % 7 for n in range((DAYS[last] - start) % 7 + 1)]
    return found


def _spans(text: str) -> list[tuple[int, int]]:
    return [_span(part.strip()) for part in text.split(",")]


def _span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text)
    start, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    if not found or start >= DAY_MIN or end > DAY_MIN or start == end:
        raise ValueError(f'{text!r} is not a span of hours such as "09:00-17:30"')
    return start, end if end > start else end + DAY_MIN


@cache
def _has_holidays(code: str) -> bool:
    """Whether the package has a list for a country, or a country and its region."""
    import holidays
    from holidays.registry import EntityLoader

    country, _, region = code.partition("-")
    if country not in EntityLoader.get_country_codes(include_aliases=True):
        return False
    # The list with all regions loads every country of the world, which takes half a second.
    return not region or region in getattr(holidays, country).subdivisions


def _known_holidays(code: str | None) -> str | None:
    if code is not None and not _has_holidays(code):
        raise ValueError(
            f"there is no list of public holidays for {code!r}; write a country or a country and its region, "
            "such as FR or GB-ENG"
        )
    return code


def _readable(hours: dict[str, str]) -> dict[str, str]:
    week_of(hours)
    return hours


def _one_start_each(tables: _Tables) -> _Tables:
    starts = Counter((one.name, one.valid_from) for one in tables)
    twice = sorted({name for (name, _), times in starts.items() if times > 1})
    if twice:
        raise ValueError(
            f"two tables of the calendar {', '.join(twice)} begin on the same day; give one a later valid_from"
        )
    return tables


WeeklyHours = Annotated[dict[str, str], AfterValidator(_readable)]
HolidayCode = Annotated[str | None, AfterValidator(_known_holidays)]
OneStartEach = AfterValidator(_one_start_each)
