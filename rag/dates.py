"""Finds periods in a question: absolute dates, months, relative words, ranges. No model, no locale."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from core.clock import WEEKDAYS
from core.filters import Grain, Period
from rag.number_words import COUNTS, counted

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan januar enero janvier", "february feb februar febrero", "march mar märz marzo mars",
         "april apr abril avril", "may mai mayo", "june jun juni junio juin", "july jul juli julio juillet",
         "august aug agosto", "september sep sept septiembre septembre", "october oct oktober okt octubre octobre",
         "november nov noviembre novembre", "december dec dezember dez diciembre"), 1)
    for name in names.split()
}  # fmt: skip
_DAYS = tuple(day.lower() for day in WEEKDAYS)
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_COUPLE = "couple of"
_COUNT = rf"{COUNTS}|{_COUPLE}"
_NUMBER = rf"(\d{{1,4}}|{_COUNT})"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What dates are relative to: today, and the first and last day of the data."""

    today: date
    first: date | None
    last: date | None

    @property
    def anchor(self) -> date:
        """The day that relative words count from: today, or the day after the data's last where that is earlier."""
        return min(self.today, self.last + timedelta(days=1)) if self.last else self.today

    @property
    def is_stale(self) -> bool:
        """Whether the data ends more than a week before today."""
        return self.last is not None and (self.today - self.last).days > 7


@dataclass(frozen=True, slots=True)
class Found:
    """A period, where it stood in the text, and what had to be assumed."""

    period: Period
    start: int
    end: int
    text: str
    assumption: str | None = None
    relative: bool = False
    grain: Grain | None = None


def find_periods(text: str, calendar_: Calendar) -> list[Found]:
    """Every period in the text, in order, none overlapping another; a range counts once."""
    points = _points(text.lower(), calendar_)
    return _ranges(text.lower(), points, calendar_) if points else []


def _points(text: str, calendar_: Calendar) -> list[Found]:
    found: list[Found] = []
    for pattern, make in _RULES:
        for match in pattern.finditer(text):
            if any(match.start() < f.end and f.start < match.end() for f in found):
                continue
            made = make(match, calendar_)
            if made is None:
                continue
            period, assumption, relative = made
            start = match.start("at") if "at" in match.groupdict() else match.start()
            found.append(
                Found(period, start, match.end(), text[start : match.end()].strip(), assumption, relative)
            )
    return sorted(found, key=lambda f: f.start)


_BETWEEN = re.compile(r"^\s*(?:to|until|till|through|and|-|–|bis)\s*(?:the\s+)?$")
_FROM = re.compile(r"(?:between|from|von)\s+(?:the\s+)?$")
_COMPARED = re.compile(r"\bcompar(?:e|ed|ing|ison)\b")
_SINCE = re.compile(r"(?:since|starting|after|seit)\s+(?:the\s+)?$")


def _ranges(text: str, points: list[Found], calendar_: Calendar) -> list[Found]:
    """Joins `A to B` and stretches `since A` to the end of the data."""
    result: list[Found] = []
    skip = False
    for here, after in zip(points, [*points[1:], None], strict=True):
        if skip:
            skip = False
            continue
        joint = text[here.end : after.start] if after else ""
        opened = _FROM.search(text[: here.start])
        # "Compare this week to last week" names two periods and no stretch.
        apart = (
            after
            and not opened
            and (_COMPARED.search(text[: here.start]) or here.period.start > after.period.start)
        )
        if after and not apart and _BETWEEN.match(joint) and (opened or joint.strip() != "and"):
            first, assumption = here.period, here.assumption or after.assumption
            if here.assumption and not after.assumption:
                first, assumption = _same_year(first, after.period), None
            whole = Period(min(first.start, after.period.start), max(first.end, after.period.end))
            result.append(Found(whole, here.start, after.end, text[here.start : after.end], assumption))
            skip = True
        elif _SINCE.search(text[: here.start]) and calendar_.last and here.period.start <= calendar_.last:
            whole = Period(here.period.start, max(calendar_.last, here.period.start))
            result.append(Found(whole, here.start, here.end, f"since {here.text}", here.assumption))
        else:
            result.append(here)
    return result


def _same_year(period: Period, model: Period) -> Period:
    """A period whose year was assumed, in the year of the one it is joined with."""
    start = _day(model.start.year, period.start.month, period.start.day)
    return Period(start, start + (period.end - period.start)) if start and start <= model.end else period


Made = tuple[Period, str | None, bool] | None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _dated(month: int, day: int, year: str | None, cal: Calendar) -> Made:
    """A day; without a year the latest one that the data reaches."""
    if year:
        known = _day(_full_year(year), month, day)
        return (Period(known, known), None, False) if known else None
    last = cal.last or cal.today
    for candidate in (_day(y, month, day) for y in range(last.year, last.year - 9, -1)):
        if candidate and candidate <= last:
            return (
                Period(candidate, candidate),
                f"{_name(candidate)} is taken as {candidate}, the latest in the data.",
                False,
            )
    return None


def _name(day: date) -> str:
    return f"{calendar.month_abbr[day.month]} {day.day}"


def _whole_month(month: int, year: str | None, cal: Calendar) -> Made:
    last = cal.last or cal.today
    number = _full_year(year) if year else last.year if month <= last.month else last.year - 1
    period = month_of(date(number, month, 1))
    note = (
        None if year else f"{calendar.month_name[month]} is taken as {calendar.month_name[month]} {number}."
    )
    return period, note, False


def month_of(day: date) -> Period:
    """The calendar month that holds a day."""
    return Period(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def _quarter(number: int, year: int) -> Period:
    start = date(year, 3 * number - 2, 1)
    return Period(start, month_of(date(year, 3 * number, 1)).end)


def _week_of(day: date) -> Period:
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def _relative(match: re.Match[str], cal: Calendar) -> Made:
    which, unit, day = match[1], match[2], cal.anchor
    before = which in ("last", "previous", "past", "prior")
    if unit == "week":
        period = _week_of(day - timedelta(days=7 if before else 0))
    elif unit == "month":
        period = month_of(month_of(day).start - timedelta(days=1) if before else day)
    elif unit == "quarter":
        number = (day.month - 1) // 3 + 1
        number, year = (number - 1, day.year) if before else (number, day.year)
        period = _quarter(number or 4, year if number else year - 1)
    elif unit == "year":
        year = day.year - 1 if before else day.year
        period = Period(date(year, 1, 1), date(year, 12, 31))
    else:
        saturday = _week_of(day - timedelta(days=7)).end - timedelta(days=1)
        period = Period(saturday, saturday + timedelta(days=1))
    return period, _stale(match[0], period, cal), True


def _count(words: str) -> int:
    return 2 if words == _COUPLE else counted(words)


def _last_n(match: re.Match[str], cal: Calendar) -> Made:
    n = _count(match[1])
    days = n * {"day": 1, "week": 7, "month": 30, "year": 365}[match[2]]
    if not 0 < days < 20_000:
        return None
    end = cal.anchor - timedelta(days=1)
    period = Period(end - timedelta(days=days - 1), end)
    return period, _stale(match[0], period, cal), True


def _single(match: re.Match[str], cal: Calendar) -> Made:
    back = {"today": 0, "now": 0, "yesterday": 1, "day before yesterday": 2}
    word = match[0].strip().removeprefix("the ")
    day = cal.anchor - timedelta(days=back[word]) if back[word] else min(cal.today, cal.anchor)
    if cal.last and cal.last < day and (word == "now" or cal.is_stale):
        day = cal.last
    return Period(day, day), _stale(match[0], Period(day, day), cal), True


def _weekday(match: re.Match[str], cal: Calendar) -> Made:
    wanted = _DAYS.index(match[1])
    back = (cal.anchor.weekday() - wanted) % 7 or 7
    day = cal.anchor - timedelta(days=back)
    return Period(day, day), f"{match[1].title()} is taken as {day}.", True


def _stale(words: str, period: Period, cal: Calendar) -> str | None:
    if cal.is_stale:
        return f"The data ends on {cal.last}, so “{words.strip()}” is counted from there: {period}."
    return f"“{words.strip()}” is {period}."


def _slashed(match: re.Match[str], cal: Calendar) -> Made:
    first, second, year = int(match[1]), int(match[2]), match[3]
    day, month = (first, second) if first > 12 else (second, first) if second > 12 else (first, second)
    made = _dated(month, day, year, cal)
    if made and first <= 12 and second <= 12 and first != second:
        return made[0], f"{match[0]} is read as day/month: {made[0]}.", False
    return made


def _part_of_month(match: re.Match[str], cal: Calendar) -> Made:
    """ "First week of October", "second half of October", "mid September", "early in May"."""
    made = _whole_month(_MONTHS[match["month"].rstrip(".")], match["year"], cal)
    if made is None:
        return None
    whole, last = made[0], made[0].end.day
    first_day, last_day = {
        "first week": (1, 7), "second week": (8, 14), "third week": (15, 21), "fourth week": (22, 28),
        "last week": (last - 6, last), "first half": (1, 15), "second half": (16, last), "early": (1, 10),
        "start": (1, 10), "beginning": (1, 10), "mid": (11, 20), "middle": (11, 20), "late": (21, last), "end": (21, last),
    }[" ".join(match["part"].lower().split())]  # fmt: skip
    if _SINCE.search(match.string[: match.start()]) and match["part"] in ("mid", "middle"):
        first_day = 15  # what begins in the middle begins at the middle
    period = Period(whole.start.replace(day=first_day), whole.start.replace(day=last_day))
    return period, f"“{match[0].strip()}” is taken as {period}.", False


def _week_with(match: re.Match[str], cal: Calendar) -> Made:
    found = _points(match["day"], cal)
    if len(found) != 1 or found[0].period.days != 1:
        return None
    period = _week_of(found[0].period.start)
    return period, f"“{match[0].strip()}” is {period}.", False


def _so_far(match: re.Match[str], cal: Calendar) -> Made:
    unit, day = match["a"] or match["b"], min(cal.today, cal.anchor)
    start = {
        "week": _week_of(day).start, "month": day.replace(day=1), "year": day.replace(month=1, day=1),
        "quarter": _quarter((day.month - 1) // 3 + 1, day.year).start,
    }[unit]  # fmt: skip
    return Period(start, day), f"“{match[0].strip()}” is {Period(start, day)}.", True


def _next(match: re.Match[str], cal: Calendar) -> Made:
    """What is to come, counted from the end of the data."""
    day, last = cal.anchor, cal.anchor - timedelta(days=1)
    if match[0].strip() == "tomorrow":
        period = Period(day + timedelta(days=1), day + timedelta(days=1))
    elif match["n"]:
        n = _count(match["n"])
        days = n * {"day": 1, "week": 7, "month": 30, "year": 365}[match["units"]]
        if not 0 < days < 20_000:
            return None
        period = Period(day, last + timedelta(days=days))
    elif match["unit"] == "week":
        # On a Monday whose data has not come the week that begins is the next one.
        monday = day + timedelta(days=-day.weekday() % 7)
        period = Period(monday, monday + timedelta(days=6))
    elif match["unit"] == "month":
        period = month_of(month_of(day).end + timedelta(days=1))
    elif match["unit"] == "quarter":
        number = (day.month - 1) // 3 + 1
        period = _quarter(number % 4 + 1, day.year + number // 4)
    else:
        period = Period(date(day.year + 1, 1, 1), date(day.year + 1, 12, 31))
    return period, f"“{match[0].strip()}” is {period}.", True


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_PART = (
    r"(?P<part>(?:first|second|third|fourth|last)\s+week|(?:first|second)\s+half|early|mid|late|start|beginning|middle|end)"
    rf"[\s-]+(?:of\s+|in\s+)?(?P<month>{_MONTH})(?!\s*\d{{1,2}}\b)(?:\s+(?P<year>(?:19|20)\d{{2}}))?"
)
# Months that are no other word: they need no preposition.
_PLAIN = "|".join(
    name for name in _MONTHS if len(name) > 3 and name not in ("march", "mars", "mayo", "sept", "marz")
)
_YEAR, _OF_YEAR = r"(?:,?\s+(?:of\s+)?((?:19|20)\d{2}))?", r"(?:,?\s+(?:of\s+)?(?:19|20)\d{2})?"
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Calendar], Made]], ...] = (
    (_rule(rf"\b{_PART}"), _part_of_month),
    (_rule(rf"\bweek\s+(?:of|from|starting)\s+(?:the\s+)?"
           rf"(?P<day>(?:(?:{_MONTH})\s*\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})){_OF_YEAR}|"
           r"\d{4}-\d{2}-\d{2})"), _week_with),
    (_rule(r"\b(?:so far this (?P<a>week|month|quarter|year)|this (?P<b>week|month|quarter|year) (?:so far|to date))\b"), _so_far),
    (_rule(rf"\btomorrow\b|\b(?:next|coming|following)\s+(?:(?P<n>\d{{1,3}}|{_COUNT})\s+(?P<units>day|week|month|year)s?|"
           r"(?P<unit>week(?!end)|month|quarter|year))\b"), _next),
    (_rule(r"\b((?:19|20)\d{2})-(\d{2})-(\d{2})\b"), lambda m, c: _dated(int(m[2]), int(m[3]), m[1], c)),
    (_rule(r"\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?((?:19|20)\d{2}|\d{2}))?(?!\d)"),
     lambda m, c: _dated(int(m[2]), int(m[1]), m[3], c) if int(m[2]) <= 12 else None),
    (_rule(r"\b(\d{1,2})/(\d{1,2})/((?:19|20)\d{2})\b"), _slashed),
    (_rule(rf"\b({_MONTH})\s*(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d){_YEAR}"),
     lambda m, c: _dated(_MONTHS[m[1].rstrip(".")], int(m[2]), m[3], c)),
    (_rule(rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?({_MONTH}){_YEAR}"),
     lambda m, c: _dated(_MONTHS[m[2].rstrip(".")], int(m[1]), m[3], c)),
    (_rule(rf"\b({_MONTH})\s+((?:19|20)\d{{2}})\b"), lambda m, c: _whole_month(_MONTHS[m[1].rstrip(".")], m[2], c)),
    (_rule(rf"\b(?:in|during|of|for|since|from|until|to|and|im|en|compare)\s+(?:early |late )?(?P<at>{_MONTH})(?!\w)"),
     lambda m, c: _whole_month(_MONTHS[m[1].rstrip(".")], None, c)),
    (_rule(r"\bq([1-4])(?:\s+((?:19|20)\d{2}))?\b"),
     lambda m, c: (_quarter(int(m[1]), int(m[2] or (c.last or c.today).year)),
                   None if m[2] else f"Q{m[1]} is taken as Q{m[1]} {(c.last or c.today).year}.", False)),
    (_rule(rf"\b(?:last|past|previous)\s+{_NUMBER}\s+(day|week|month|year)s?\b"), _last_n),
    (_rule(r"\b(last|previous|past|prior|this|current)\s+(week(?!end)|weekend|month|quarter|year)\b"), _relative),
    (_rule(r"\b(?:the )?day before yesterday\b|\byesterday\b|\btoday\b|\bnow\b"), _single),
    (_rule(rf"\b(?:on|last|since)\s+(?P<at>{'|'.join(_DAYS)})\b"), _weekday),
    (_rule(rf"\b(?P<at>{_PLAIN})\b(?!\s*\d)"), lambda m, c: _whole_month(_MONTHS[m[1]], None, c)),
    (_rule(r"\b(?:in|during|for|of)\s+((?:19|20)\d{2})\b"),
     lambda m, c: (Period(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31)), None, False)),
)  # fmt: skip
