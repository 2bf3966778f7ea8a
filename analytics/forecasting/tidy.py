"""A frame as it comes → a dense grid of periods, with a sentence for everything that could not be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.forecasting.rows import Floats
from core.errors import InputError
from core.numbers import so_many

if TYPE_CHECKING:
    import pandas as pd

FREQS = {
    "h": "hourly", "hour": "hourly", "hourly": "hourly", "d": "daily", "day": "daily", "daily": "daily",
    "w": "weekly", "week": "weekly", "weekly": "weekly",
    "m": "monthly", "ms": "monthly", "me": "monthly", "month": "monthly", "monthly": "monthly",
}  # fmt: skip
STEPS = {"hourly": 3_600_000_000_000, "daily": 86_400_000_000_000, "weekly": 7 * 86_400_000_000_000}
LONGEST_GRID = 200_000  # periods: beyond that a date is a typing error
LAST_YEAR = 2261  # with all its months in what a time can be, which ends in April 2262


@dataclass(frozen=True)
class Grid:
    """`values` (series by periods, NaN missing) up to the last period with a value, and the periods to forecast."""

    values: Floats
    days: Any  # DatetimeIndex of the periods, wall clock; None where the index holds no times
    ahead: Any  # the index of the forecast
    ahead_days: Any
    steps: Any  # which step each row of the forecast is: more than one row may be the same hour of a clock
    notes: dict[str, list[str]]  # by column; "" is for all


def named(freq: str) -> str:
    """hourly, daily, weekly or monthly. Raises InputError."""
    found = FREQS.get(str(freq).lower().split("-")[0])
    if found is None:
        raise InputError(f"No forecast by {freq!r}.", hint="hourly, daily, weekly or monthly.")
    return found


def within_reach(index: pd.Index, horizon: int, freq: str) -> None:
    """Raises InputError for a horizon that ends after the last date there can be; of rows without times, for a far one."""
    import pandas as pd

    most, said = LONGEST_GRID, "no longer grid is laid out"
    if isinstance(index, pd.DatetimeIndex) and index.notna().any():
        last = index.max().tz_localize(None)
        most, said = (LAST_YEAR - last.year) * 12 + 12 - last.month, f"dates end in {LAST_YEAR}"
        if freq != "monthly":
            end = pd.Timestamp(year=LAST_YEAR, month=12, day=31)
            most = int((end.as_unit("ns").value - last.as_unit("ns").value) // STEPS[freq])
    if horizon > most:
        raise InputError(
            f"No forecast of {horizon:,} periods: {said}.",
            hint=f"A horizon is at most {max(most, 0):,} here.",
        )


def grid(frame: pd.DataFrame, horizon: int, freq: str, kind: str) -> Grid:
    """Sort, drop, mark and lay out. Counts and durations below 0 and infinities are missing, and said so.

    Raises InputError for a horizon beyond what a date can be.
    """
    notes: dict[str, list[str]] = {"": []}
    raw = _cleaned(_numbers(frame), [str(name) for name in frame.columns], kind, notes)
    index = _times(frame.index)
    known = np.asarray(index.notna())
    if not known.all():
        notes[""].append(f"{int((~known).sum())} rows without a time were left out.")
    index, raw = index[known], raw[known]
    if not len(index):
        within_reach(index, horizon, freq)
        return _empty(frame, horizon, notes)
    places = _places(index, freq)
    together = _together(places)
    if not together.all():
        notes[""].append(f"{int((~together).sum())} rows of far other times were left out.")
        index, raw, places = index[together], raw[together], places[together]
    places -= places.min()
    if places.max() >= LONGEST_GRID:
        notes[""].append(f"The times span more than {LONGEST_GRID:,} periods: the newest of them were used.")
        near = places > places.max() - LONGEST_GRID
        index, raw, places = index[near], raw[near], places[near] - places[near].min()
    within_reach(index, horizon, freq)
    values = _laid_out(raw, places, notes)
    ahead, steps, days, ahead_days = _ahead(index, places, horizon, freq)
    return Grid(values, days, ahead, ahead_days, steps, notes)


def _times(index: pd.Index) -> pd.Index:
    """An index of numbers as it is, any other as times: NaT where a time is none, or none that can be counted on."""
    import pandas as pd

    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    elif not isinstance(index, pd.DatetimeIndex) and not pd.api.types.is_numeric_dtype(index.dtype):
        try:
            index = pd.DatetimeIndex(pd.to_datetime(index.astype(str), errors="coerce", format="mixed"))
        except ValueError:  # offsets from UTC that differ: the clock on the wall is what goes on
            index = pd.DatetimeIndex([_wall(text) for text in index.astype(str)])
    if isinstance(index, pd.DatetimeIndex) and index.unit != "ns":
        first, last = (pd.Timestamp(end, tz=index.tz) for end in ("1700-01-01", "2200-01-01"))
        index = pd.DatetimeIndex(index.where((index > first) & (index < last))).as_unit("ns")
    return index


def _wall(text: str) -> Any:
    import pandas as pd

    try:
        return pd.Timestamp(text).tz_localize(None)
    except ValueError:
        return pd.NaT


def _together(places: Any) -> Any:
    """Which rows lie in the largest group: a gap of half the longest grid is a year that was mistyped."""
    order = np.argsort(places, kind="stable")
    group = np.cumsum(np.diff(places[order], prepend=places[order[0]]) > LONGEST_GRID // 2)
    return np.isin(np.arange(len(places)), order[group == np.bincount(group).argmax()])


def _numbers(frame: pd.DataFrame) -> Floats:
    """Periods by series; NaN where a cell is no number."""
    import pandas as pd

    if not frame.shape[1]:
        return np.zeros((len(frame), 0))
    if all(isinstance(one, np.dtype) and one.kind in "fiub" for one in frame.dtypes):
        return np.ascontiguousarray(frame.to_numpy(dtype=float))
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    return np.column_stack([np.asarray(pd.to_numeric(one, errors="coerce"), dtype=float) for one in columns])


def _cleaned(raw: Floats, names: list[str], kind: str, notes: dict[str, list[str]]) -> Floats:
    wild = np.isinf(raw) | (np.abs(raw) > 1e100)
    below = (raw < 0) & ~wild & (kind != "ratio")
    nothing = (raw == 0) & (kind == "duration")
    for place, name in enumerate(names):
        found = (
            (wild, "infinite value counts", "infinite values count"),
            (below, "value below 0 counts", "values below 0 count"),
            (nothing, "duration of 0 counts", "durations of 0 count"),
        )
        for missing, one, several in found:
            if n := missing[:, place].sum():
                notes.setdefault(name, []).append(f"{so_many(n, one, several)} as missing.")
    return np.asarray(np.where(wild | below | nothing, np.nan, raw), dtype=float)


def _places(index: Any, freq: str) -> Any:
    import pandas as pd

    if not isinstance(index, pd.DatetimeIndex):
        return np.rint(np.asarray(index, dtype=float)).astype(np.int64)
    wall = index.tz_localize(None).as_unit("ns")
    if freq == "monthly":
        return np.asarray(wall.year * 12 + wall.month - 1, dtype=np.int64)
    if freq == "weekly":  # weeks end where the newest one does
        return np.asarray(np.floor((wall.asi8 - wall.asi8.max()) / STEPS[freq] + 0.5), dtype=np.int64)
    return np.asarray(wall.asi8 // STEPS[freq], dtype=np.int64)


def _laid_out(raw: Floats, places: Any, notes: dict[str, list[str]]) -> Floats:
    """Each period once: the mean of rows that tell the same one, which is what a repeated hour of a clock needs."""
    length = int(places.max()) + 1
    totals, counts = np.zeros((length, raw.shape[1])), np.zeros((length, raw.shape[1]))
    np.add.at(totals, places, np.where(np.isfinite(raw), raw, 0.0))
    np.add.at(counts, places, np.isfinite(raw))
    twice = len(places) - len(np.unique(places))
    if twice:
        notes[""].append(f"{twice} rows told a period again: the mean of both was taken.")
    return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan).T


def _ahead(index: Any, places: Any, horizon: int, freq: str) -> tuple[Any, Any, Any, Any]:
    import pandas as pd

    count = int(places.max()) + 1
    plain = np.arange(1, horizon + 1)
    if not isinstance(index, pd.DatetimeIndex):
        last = np.rint(np.asarray(index, dtype=float)).astype(np.int64).max()
        return pd.Index(last + plain), plain, None, None
    last = index.max()
    if freq == "hourly" and index.tz is not None:
        ahead = pd.date_range(last.floor("h") if last.tz is None else last, periods=horizon + 1, freq="h")[1:]
        wall, end = ahead.tz_localize(None), last.tz_localize(None)
        steps = np.maximum(1, np.asarray((wall - end) // pd.Timedelta(hours=1), dtype=int))
    else:
        offset = {
            "hourly": pd.DateOffset(hours=1),
            "daily": pd.DateOffset(days=1),
            "weekly": pd.DateOffset(weeks=1),
        }
        one = offset.get(freq, _month(index))
        wall = pd.DatetimeIndex([last.tz_localize(None) + one * step for step in plain])
        ahead, steps = wall, plain
        if index.tz is not None:
            ahead = wall.tz_localize(index.tz, ambiguous=True, nonexistent="shift_forward")
    end = last.tz_localize(None)
    unit = {"hourly": "h", "daily": "D", "weekly": "7D", "monthly": "MS"}[freq]
    start = end.to_period("M").to_timestamp() if freq == "monthly" else end
    return ahead, steps, pd.date_range(end=start, periods=count, freq=unit), wall


def _month(index: Any) -> Any:
    import pandas as pd

    return pd.offsets.MonthEnd() if bool(index.is_month_end.all()) else pd.DateOffset(months=1)


def _empty(frame: pd.DataFrame, horizon: int, notes: dict[str, list[str]]) -> Grid:
    import pandas as pd

    notes[""].append("No row has a time: there is nothing to forecast from.")
    plain = np.arange(1, horizon + 1)
    return Grid(np.full((frame.shape[1], 1), np.nan), None, pd.Index(plain), None, plain, notes)
