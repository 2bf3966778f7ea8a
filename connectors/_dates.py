"""Which date formats a column uses, and whether day and month can be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Order = Literal["day", "month", "either", "both"]

_ISO = re.compile(
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?\s*(Z|z|UTC|[+-]\d{2}(:?\d{2})?)?$"
)
_NUMERIC = re.compile(r"^(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(.*)$")
_EPOCH_S = re.compile(r"^\d{9,10}(\.\d+)?$")
_EPOCH_MS = re.compile(r"^\d{12,13}$")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %I:%M%p", ", %H:%M", ", %H:%M:%S",
          ", %I:%M %p", ", %I:%M:%S %p", "T%H:%M:%S", " %H:%M:%S %z", " %H:%M %z", " %H:%M:%S.%f")  # fmt: skip
_WORDED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d-%b-%Y", "%d-%b-%y",
           "%d/%b/%Y", "%d/%b/%y", "%a, %d %b %Y", "%a %d %b %Y", "%A, %d %B %Y", "%A, %B %d, %Y",
           "%d %b %y")  # fmt: skip
_WHOLE = ("%Y%m%d", "%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S", "%a %b %d %H:%M:%S %Y", "%Y.%m.%d",
          "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%H:%M %d %b %Y", "%Y-%m-%d %I:%M:%S %p",
          "%Y-%m-%d %I:%M %p", "%Y-%m-%d at %H:%M")  # fmt: skip
# What every pattern above looks like. Trying them all on ids and words would take most of a refresh.
_DATE_LIKE = re.compile(
    r"^(?=.{6,40}$)(?=.*\d)(\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\D?|\d{8}(T?\d{6}Z?)?$"
    r"|.*\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b)",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"^[0\-/:. TZ]*$|^(null|none|nan|n/a|-+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DateFormats:
    """The formats of one column: `share` of its values fit; `order` says what decides day and month."""

    formats: tuple[str, ...]
    share: float
    order: Order | None = None
    decided_by: str | None = None
    example: str | None = None
    carries_zone: bool = False

    @property
    def said(self) -> str:
        """The formats in words."""
        names = {"iso": "ISO 8601", "epoch_s": "seconds since 1970", "epoch_ms": "milliseconds since 1970"}
        return ", ".join(names.get(f, f) for f in self.formats)


def order_of(values: Iterable[str]) -> tuple[Order | None, str | None]:
    """Whether numeric dates put the day or the month first, and the value that decides.

    None when there is no such date; "either" when every value reads both ways and differs.
    """
    seen: dict[str, str] = {}
    for value in values:
        if match := _NUMERIC.match(value.strip()):
            first, second = int(match[1]), int(match[3])
            if first > 12 >= second:
                seen.setdefault("day", value.strip())
            elif second > 12 >= first:
                seen.setdefault("month", value.strip())
            elif first != second:
                seen.setdefault("day" if match[2] == "." else "either", value.strip())
            if "day" in seen and "month" in seen:
                return "both", seen["month"]
    for order in ("day", "month", "either"):
        if order in seen:
            return order, seen[order]
    return None, None


def find_formats(
    values: Sequence[str], *, day_first: bool | None = None, least: float = 0.8
) -> DateFormats | None:
    """The formats that read at least that share of a column's values, or None."""
    texts = [v.strip() for v in values if not _NOTHING.match(v.strip())][:500]
    if not texts:
        return None
    if (share := _share(_ISO, texts)) >= least:
        carried = sum(1 for t in texts if re.search(r"(Z|z|UTC|[+-]\d{2}(:?\d{2})?)$", t[10:]))
        return DateFormats(("iso",), share, example=texts[0], carries_zone=carried == len(texts))
    for name, pattern in (("epoch_s", _EPOCH_S), ("epoch_ms", _EPOCH_MS)):
        if (share := _share(pattern, texts)) >= 0.95:
            return DateFormats((name,), share, example=texts[0], carries_zone=True)
    return _by_patterns(texts, day_first, least)


def _share(pattern: re.Pattern[str], texts: Sequence[str]) -> float:
    return sum(1 for t in texts if pattern.match(t)) / len(texts)


def _by_patterns(texts: Sequence[str], day_first: bool | None, least: float) -> DateFormats | None:
    if _share(_DATE_LIKE, texts) < least:
        return None
    order, example = order_of(texts)
    first_day = day_first if day_first is not None else order != "month"
    chosen: list[str] = []
    left, misses = list(dict.fromkeys(texts)), 0
    while left and len(chosen) < 3 and misses <= len(texts) * (1 - least):
        form = _best_format(left, first_day)
        if form is None:
            left, misses = left[1:], misses + 1
            continue
        chosen.append(form)
        left = [t for t in left if not _fits(t, form)]
    share = sum(1 for t in texts if any(_fits(t, f) for f in chosen)) / len(texts)
    if share < least:
        return None
    zone = all("%z" in f for f in chosen)
    return DateFormats(
        tuple(chosen), share, order, example if order != "either" else None, example or texts[0], zone
    )


def _best_format(texts: Sequence[str], day_first: bool) -> str | None:
    """The format of the first text that also reads the most of the others."""
    fitting = [f for f in _candidates(texts[0], day_first) if _fits(texts[0], f)]
    return max(fitting, key=lambda f: sum(_fits(t, f) for t in texts), default=None)


def _candidates(text: str, day_first: bool) -> list[str]:
    if match := _NUMERIC.match(text):
        year = "%Y" if len(match[4]) == 4 else "%y"
        parts = ["%d", "%m"] if day_first else ["%m", "%d"]
        date = match[2].join([*parts, year])
        return [date + time for time in _TIMES]
    return [*_WHOLE, *(date + time for date in _WORDED for time in _TIMES)]


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only asks whether the text fits
    except ValueError:
        return False
    return True
