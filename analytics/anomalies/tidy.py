"""Whatever is handed in as a series, made one that can be scored; or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from core.numbers import so_many

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["any", "count", "duration", "ratio"]
Numbers = NDArray[np.float64]

DAY_S = 86_400.0
FEWEST = 14  # values before the first that can be unusual
TELLING = 0.1  # the heat whose score is one half
_TOLD_BY = 15  # the first points, which tell how far apart all are


@dataclass(frozen=True, slots=True)
class Tidy:
    """Values in the order of time, NaN where one is missing or cannot be. `step_s` is None without a clock.

    `order` holds the place of each value in what was handed in; `notes` say what was left out.
    """

    values: Numbers
    order: NDArray[np.int64]
    step_s: float | None
    notes: tuple[str, ...]

    @property
    def day(self) -> int | None:
        """Points a day, at least 1; None without a clock."""
        return None if self.step_s is None else max(1, round(DAY_S / self.step_s))

    @property
    def is_daily(self) -> bool:
        """Whether it has a point a day, or fewer."""
        return self.day == 1

    @property
    def cycle(self) -> int | None:
        """Points after which the same comes again: a day, of daily data a week; None of slower ones and without a clock."""
        if self.step_s is None or self.step_s >= 1.5 * DAY_S:
            return None
        return 7 if self.is_daily else self.day


def tidy(series: pd.Series | Sequence[float] | Numbers, kind: Kind = "any") -> Tidy:
    """The series sorted by time with what cannot be taken out: infinities, and below 0 of counts and durations.

    Of points with one time the first is kept.
    """
    import pandas as pd

    raw = pd.to_numeric(pd.Series(series), errors="coerce")
    values = raw.to_numpy(dtype=float, na_value=np.nan).copy()
    notes = []
    bad = np.isinf(values)
    if bad.any():
        notes.append(f"Left out: {so_many(bad.sum(), 'infinite value')}.")
    if kind in ("count", "duration"):
        below = values < 0
        if below.any():
            notes.append(f"Left out: {so_many(below.sum(), 'value')} below 0, which a {kind} cannot be.")
        bad |= below
    values[bad] = np.nan
    index = _times(raw.index) if isinstance(series, pd.Series) else None
    if index is None:
        return Tidy(values, np.arange(len(values)), None, tuple(notes))
    return _timed(values, index, notes)


def _times(index: pd.Index) -> pd.DatetimeIndex | None:
    """The index as times: also of periods, days and texts. None where it holds numbers, or its first labels no times."""
    import pandas as pd

    if isinstance(index, pd.DatetimeIndex):
        return index
    if isinstance(index, pd.PeriodIndex):
        return index.to_timestamp()
    if index.nlevels > 1 or index.dtype.kind not in "OSUT":
        return None
    texts = pd.Series(index.astype(str))
    texts = texts.where(
        ~texts.str.fullmatch(r"(?!\d{8}$)[-+]?\d+([.]\d*)?")
    )  # a number, and no day of this month
    # One axis for all, whatever their offsets. Later labels must not change what was said before.
    found = pd.DatetimeIndex(pd.to_datetime(texts, errors="coerce", format="mixed", utc=True))
    return found if found[:_TOLD_BY].notna().any() else None


def _timed(values: Numbers, index: pd.DatetimeIndex, notes: list[str]) -> Tidy:
    # Seconds on the UTC axis of an aware index: a day of 23 or 25 hours is no gap there.
    at = index.as_unit("us").asi8 / 1e6
    nowhere = index.isna()
    at = np.where(nowhere, np.inf, at)
    order = np.argsort(at, kind="stable")
    values, at = np.where(nowhere, np.nan, values)[order], at[order]
    twice = np.r_[False, np.diff(at) == 0] if len(at) else np.zeros(0, dtype=bool)
    if twice.any():
        notes.append(f"{twice.sum()} points have the time of another; the first of each counts.")
        values = np.where(twice, np.nan, values)
    return Tidy(values, order, _step(at[np.isfinite(at)]), tuple(notes))


def _step(at: Numbers) -> float | None:
    """The commonest distance of the first points, in seconds: later ones must not change what was said before."""
    gaps = np.diff(at[:_TOLD_BY])
    gaps = gaps[gaps > 0]
    return float(np.median(gaps)) if len(gaps) else None


def why_not(found: Tidy) -> str | None:
    """Why nothing can be said of the series; None where something can."""
    known = found.values[~np.isnan(found.values)]
    if not len(known):
        return "There are no values to judge."
    if len(known) < FEWEST:
        return f"Nothing is called unusual before {FEWEST} values are known; there are {len(known)}."
    if (known == known[0]).all():
        return "The value never changes: there is nothing to call unusual."
    return None
