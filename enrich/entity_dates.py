"""Dates in a text, as people of seven languages write them, and only those that the calendar has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

# Month by the first letters that tell it apart, in English, German, French, Spanish, Italian, Portuguese and Dutch.
_MONTHS = {
    1: "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    2: "february feb februar février févr fevrier febrero febbraio fevereiro fev februari",
    3: "march mar märz maerz mars marzo março marco maart mrt",
    4: "april apr avril avr abril abr aprile",
    5: "may mai mayo maggio mag maio mei",
    6: "june jun juni juin junio giugno giu junho",
    7: "july jul juli juillet juil julio luglio lug julho",
    8: "august aug août aout agosto ago augustus",
    9: "september sept sep septembre septiembre settembre set setembro",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out",
    11: "november nov novembre noviembre novembro",
    12: "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro",
}
_MONTH_OF = {name: month for month, names in _MONTHS.items() for name in names.split()}
_NAMES = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_ISO = re.compile(r"(?<![\w.-])(20\d\d|19\d\d)-(\d\d)-(\d\d)(?!\d)")
_NUMBERS = re.compile(r"(?<![\w./-])(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d|\d\d)(?![\w/-]|\.\d)")
_DAY_FIRST = re.compile(
    rf"(?<![\w.])(\d{{1,2}})(?:st|nd|rd|th|er|º|°)?[. ]{{1,2}}(?:(?:of|de|du|di|do) )?({_NAMES})\b\.?"
    r"(?:,? (?:de |del )?((?:19|20)\d\d))?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b({_NAMES})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.%])(?:,? ((?:19|20)\d\d))?", re.IGNORECASE
)
_SAID = re.compile(
    r"\b(?:on|since|from|until|by|dated|am|seit|vom|bis|zum|le|du|depuis|el|desde|dal|dia|op|sinds) $",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?<![\w./-])(\d{1,2})/(\d{1,2})(?![\w/.-]*\d)")
_TWELVE, _LEAP = 12, 2000


def dates(text: str) -> Iterator[tuple[int, int, str]]:
    """(first, last, value) of each date. The value is ISO 8601 where the text leaves no doubt, else as it is written."""
    for found in _ISO.finditer(text):
        if value := _iso(int(found[1]), int(found[2]), int(found[3])):
            yield *found.span(), value
    for found in _NUMBERS.finditer(text):
        if value := _of_numbers(found):
            yield *found.span(), value
    for found in _DAY_FIRST.finditer(text):
        if value := _of_name(found[0], found[2], int(found[1]), found[3]):
            yield *found.span(), value
    for found in _MONTH_FIRST.finditer(text):
        if value := _of_name(found[0], found[1], int(found[2]), found[3]):
            yield *found.span(), value
    for found in _SHORT.finditer(text):
        one, other = int(found[1]), int(found[2])
        is_day = _iso(_LEAP, other, one) or _iso(_LEAP, one, other)
        if is_day and _SAID.search(text[max(0, found.start() - 12) : found.start()]):
            yield *found.span(), found[0]


def _of_numbers(found: re.Match[str]) -> str | None:
    """3.11.2026 is a day of November; of 3/11/2026 nobody can say which number is the month."""
    one, other, written = int(found[1]), int(found[3]), found[4]
    year = int(written) if len(written) == 4 else 2000 + int(written)
    by_day, by_month = _iso(year, other, one), _iso(year, one, other)
    if len(written) == 2 and found[2] == "." and not by_day:
        return None  # a version
    if found[2] == "." or (by_day and one > _TWELVE) or by_day == by_month:
        return by_day
    return by_month if not by_day else found[0]


def _of_name(written: str, name: str, day: int, year: str | None) -> str | None:
    month = _MONTH_OF[name.lower()]
    if year:
        return _iso(int(year), month, day)
    return written.strip(" .,") if _iso(_LEAP, month, day) else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
