"""The Numenta Anomaly Benchmark's own score of a detector (Lavin and Ahmad 2015, arXiv:1510.03336), over a part of its files."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

FALSE = 0.11  # what a false row costs in the standard profile
_PROBATION, _LONGEST = 0.15, 750  # the part of a file, and its most rows, in which nothing counts
_DAY = np.timedelta64(24, "h")


@dataclass(frozen=True, slots=True)
class File:
    """One series, and of each row: the window it lies in (-1 for none) and what an alert there is worth."""

    name: str
    series: pd.Series
    windows: int
    inside: NDArray[np.int64]
    worth: Numbers


@dataclass(frozen=True, slots=True)
class Scored:
    """The best of all thresholds: 0 for a detector that says nothing, 100 for a perfect one."""

    score: float
    threshold: float
    found: int
    windows: int
    false_rows: int


def read(folder: Path) -> list[File]:
    """The files of `data.tar.gz` with the windows of `windows.json`."""
    windows = json.loads((folder / "windows.json").read_text())
    found = []
    with tarfile.open(folder / "data.tar.gz") as archive:
        for member in archive.getmembers():
            name = member.name.removeprefix("data/")
            stream = archive.extractfile(member) if name in windows else None
            if stream is None:
                continue
            table = pd.read_csv(stream, parse_dates=["timestamp"])
            series = pd.Series(table["value"].to_numpy(float), index=pd.DatetimeIndex(table["timestamp"]))
            found.append(of_windows(name, series, windows[name]))
    return found


def of_windows(name: str, series: pd.Series, windows: Sequence[Sequence[str]]) -> File:
    """A file with the worth of each of its rows.

    Of a row inside a window the scaled sigmoid of how early it is; after one that of how far, times the cost of a
    false row; before all of them that cost.
    """
    at = series.index.to_numpy()
    inside, worth = np.full(len(at), -1), np.full(len(at), -FALSE)
    for number, (first, last) in enumerate(windows):
        rows = np.nonzero((at >= np.datetime64(first)) & (at <= np.datetime64(last)))[0]
        left, right = rows[0], rows[-1]
        inside[rows] = number
        worth[rows] = sigmoid(-(right - rows + 1) / len(rows)) / sigmoid(-1.0)
        after = np.arange(right + 1, len(at))
        far = (after - right) / max(right - left, 1)
        worth[after] = np.where(far > 3, -1.0, sigmoid(far)) * FALSE
    return File(name, series, len(windows), inside, worth)


def sigmoid(position: Numbers | float) -> Numbers:
    """From 1 far before to -1 far after 0."""
    return np.asarray(2 / (1 + np.exp(5 * np.asarray(position))) - 1)


def score(files: Sequence[File], scores: Mapping[str, Numbers], *, once_a_day: bool) -> Scored:
    """The best over one threshold for all files; with `once_a_day` an alert silences the 24 hours after it."""
    every = np.concatenate([values[values > 0] for values in scores.values()])
    marks = np.r_[np.linspace(0.5, 0.98, 25), np.linspace(0.98, 1, 160)]
    windows = sum(file.windows for file in files)
    best = Scored(0.0, float("inf"), 0, windows, 0)
    for threshold in np.unique(np.quantile(every, marks)) if len(every) else ():
        told = [_told(file, scores[file.name], threshold, once_a_day) for file in files]
        whole = sum(one[0] for one in told)
        value = 100 * (whole + windows) / (2 * windows)
        if value > best.score:
            best = Scored(
                value, float(threshold), sum(one[1] for one in told), windows, sum(one[2] for one in told)
            )
    return best


def _told(file: File, scores: Numbers, threshold: float, once_a_day: bool) -> tuple[float, int, int]:
    """Worth, windows found and false rows of one file at one threshold."""
    rows = on_trial(np.nonzero(scores >= threshold)[0], len(scores))
    rows = _first_of_day(rows, file.series.index.to_numpy()) if once_a_day else rows
    windows: dict[int, float] = {}
    false = rows[file.inside[rows] < 0]
    for row in rows[file.inside[rows] >= 0]:
        number = int(file.inside[row])
        windows[number] = max(windows.get(number, -1.0), float(file.worth[row]))
    missed = file.windows - len(windows)
    return float(file.worth[false].sum()) + sum(windows.values()) - missed, len(windows), len(false)


def on_trial(rows: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Those of the rows of a file that count: not the first part, from which detectors learn."""
    return rows[rows >= min(int(_PROBATION * length), _LONGEST)]


def _first_of_day(rows: NDArray[np.int64], at: NDArray[np.datetime64]) -> NDArray[np.int64]:
    kept: list[int] = []
    for row in rows:
        if not kept or at[row] - at[kept[-1]] >= _DAY:
            kept.append(int(row))
    return np.array(kept, dtype=np.int64)


def rolling_quantile(series: pd.Series, window: int) -> Numbers:
    """The detector to beat: how far beyond the 0.5 and 99.5 % of the last points, in widths of the middle 80 %."""
    values = pd.Series(series.to_numpy(float))
    past = values.rolling(window, min_periods=50)
    low, high = past.quantile(0.005).shift(1), past.quantile(0.995).shift(1)
    width = (past.quantile(0.9) - past.quantile(0.1)).shift(1) + 1e-9 * float(values.abs().max()) + 1e-12
    return np.asarray((np.maximum(values - high, low - values) / width).fillna(0.0).clip(0, 1000).to_numpy())
