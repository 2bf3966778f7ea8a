"""How numbers are written for people: durations, shares, counts and changes. Exports keep full precision."""

from __future__ import annotations

from datetime import datetime
from math import floor

MISSING = "\N{EN DASH}"  # never 0: the number is not there
SMALL_N = 5  # below this a share says nothing; print n instead
EXACT_BELOW = 10_000
FINE_ABOVE = 1_000  # from here a share carries one decimal
_STEPS = ((86_400, "d", 3_600, "h", 1), (3_600, "h", 60, "m", 2), (60, "m", 1, "s", 2))


def moment(at: datetime) -> str:
    """A day and a time of the clock: "3 Nov 2026, 09:05". Whose clock it is stands beside it."""
    return f"{at:%-d %b %Y, %H:%M}"


def duration(seconds: float | None) -> str:
    """Two units at most, rounded down: "45 s", "5 m 12 s", "2 h 05 m", "3 d 4 h"."""
    if seconds is None:
        return MISSING
    whole = floor(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    for size, unit, part, small_unit, width in _STEPS:
        if whole >= size:
            rest = whole % size // part
            return f"{sign}{whole // size} {unit} {rest:0{width}d} {small_unit}"
    return f"{sign}{whole} s"


def percent(share: float | None, n: int | None = None) -> str:
    """A share: whole percents up to n = 1,000, one decimal above, and only "n = 4" under 5."""
    if n is not None and 0 < n < SMALL_N:
        return f"n = {n}"
    if share is None or n == 0:
        return MISSING
    return f"{share * 100:.{_decimals(n)}f} %"


def interval(low: float | None, high: float | None, n: int | None = None) -> str:
    """The interval of a share: "59.6-98.2 %"."""
    if low is None or high is None or (n is not None and n < SMALL_N):
        return ""
    return f"{low * 100:.1f}-{high * 100:.1f} %"


def count(n: float | None, *, exact: bool = False) -> str:
    """A count with thousands separators, compact from 10,000 ("12.4 k") unless `exact`."""
    if n is None:
        return MISSING
    if exact or abs(n) < EXACT_BELOW:
        return f"{n:,.0f}" if float(n).is_integer() else f"{n:,.1f}"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        # 999,950 would print as 1000.0 k.
        if abs(n) >= size * 0.99995:
            return f"{n / size:.1f} {letter}"
    return f"{n:,.0f}"


def so_many(n: float, one: str, several: str = "") -> str:
    """A count with its words: "1 day", "28 days", "1 value is known", "2 values are known"."""
    return f"{int(n):,} {one if n == 1 else several or f'{one}s'}"


def signed(number: float, decimals: int = 0) -> str:
    """A number with its sign: "+1,200", "-0.5"; what rounds to nothing has none."""
    text = f"{number:+,.{decimals}f}"
    return text if text.strip("+-0.") else text[1:]


def score(value: float | None) -> str:
    """A score with two decimals and its sign."""
    return MISSING if value is None else f"{value:+.2f}"


def rate(value: float | None) -> str:
    """So many per 1,000, a mean or a ratio: "0.42", "12.3", "180"."""
    if value is None:
        return MISSING
    return f"{value:,.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"


def balance(value: float | None) -> str:
    """Points between -100 and 100, as of an NPS, with their sign: "+5.5", "-12.0", "0.0"."""
    if value is None:
        return MISSING
    rounded = round(value, 1)
    return f"{rounded:+.1f}" if rounded else "0.0"


def value(number: float | None, unit: str, n: int | None = None) -> str:
    """A metric's number in its unit: count, seconds, share, rate, number, points or score."""
    if unit == "seconds":
        return duration(number)
    if unit == "share":
        return percent(number, n)
    if unit == "count":
        return count(number)
    write = {"rate": rate, "number": rate, "points": balance}.get(unit, score)
    return write(number)


def points(difference: float, n: int | None = None) -> str:
    """A difference between shares, in percentage points: "+3 pp"; what rounds to nothing has no sign."""
    return f"{signed(difference * 100, _decimals(n))} pp"


def change(now: float | None, before: float | None, unit: str, n: int | None = None) -> str:
    """From `before` to `now`: "+120 (+14 %)", "-12 m 05 s (-8 %)", "+3 pp"; a dash when one is missing.

    `n` is the smaller of the two numbers of conversations; under 5 a share's change is not printed.
    """
    if now is None or before is None:
        return MISSING
    difference = now - before
    if unit == "share":
        return MISSING if n is not None and n < SMALL_N else points(difference, n)
    if unit == "score":
        return score(difference)
    if unit == "points":
        return f"{balance(difference)} points"
    write = {"seconds": duration, "rate": rate, "number": rate}.get(unit, count)
    text = write(difference)
    sign = "+" if difference > 0 and not text.startswith("0 ") and text not in ("0", "0.00") else ""
    return f"{sign}{text}" + (f" ({difference / abs(before) * 100:+.0f} %)" if before else "")


def _decimals(n: int | None) -> int:
    return 1 if n is not None and n > FINE_ABOVE else 0
