"""A score for every point of any regular series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, overload

import numpy as np

from analytics.anomalies.counted import tail_heat
from analytics.anomalies.evidence import heat
from analytics.anomalies.tidy import FEWEST, TELLING, Kind, Numbers, Tidy, tidy

if TYPE_CHECKING:
    import pandas as pd

_AGAIN = 0.5  # a point that adds nothing to a day that was scored higher keeps so much of its heat
_QUIET_POINTS = 3  # of daily and slower data, and at least without a clock
_QUIET_PART = 40  # without a clock, one in so many of the points seen


@overload
def score_stream(
    series: pd.Series, *, kind: Kind = "any", n: pd.Series | Sequence[float] | Numbers | None = None
) -> pd.Series: ...
@overload
def score_stream(
    series: Sequence[float] | Numbers,
    *,
    kind: Kind = "any",
    n: pd.Series | Sequence[float] | Numbers | None = None,
) -> Numbers: ...
def score_stream(
    series: pd.Series | Sequence[float] | Numbers,
    *,
    kind: Kind = "any",
    n: pd.Series | Sequence[float] | Numbers | None = None,
) -> pd.Series | Numbers:
    """How unusual each point is, from 0 to 1, told from that point and those before it alone.

    A Series gives a Series of the same index, anything else an array. `n` says what each ratio or duration rests on.
    The first point of an incident has its whole score; one that adds nothing to the day before it keeps half its heat, so
    that one threshold gives one alert an incident. Missing points, and the first 14, score 0. Never raises on values.
    """
    import pandas as pd

    found = tidy(series, kind)
    if kind == "duration":
        found = replace(found, values=np.log1p(found.values))
    warmth = heat(found)
    if kind == "count" and (found.is_daily or found.day is None):
        warmth = tail_heat(found, warmth)
    elif kind == "ratio" and n is not None:
        warmth = warmth * _rests_on(n, found)
    warmth = np.where(np.cumsum(~np.isnan(found.values)) <= FEWEST, 0.0, warmth)
    warmth = _once(warmth, found)
    scores = warmth / (warmth + TELLING)
    given = np.zeros(len(scores))
    given[found.order] = scores
    return pd.Series(given, index=series.index, name="score") if isinstance(series, pd.Series) else given


def _once(warmth: Numbers, found: Tidy) -> Numbers:
    """Halves what does not rise above the highest of the last day."""
    import pandas as pd

    if found.day is None:
        seen = np.arange(len(warmth))
        quiet = np.clip(seen // _QUIET_PART, _QUIET_POINTS, 288)
        before = np.array([warmth[max(0, at - quiet[at]) : at].max(initial=0.0) for at in seen])
    else:
        quiet_points = max(_QUIET_POINTS, found.day)
        before = pd.Series(warmth).rolling(quiet_points, min_periods=1).max().shift(1).fillna(0.0).to_numpy()
    return np.where(warmth > before, warmth, _AGAIN * warmth)


def _rests_on(n: pd.Series | Sequence[float] | Numbers, found: Tidy) -> Numbers:
    """0 for a ratio of nothing, near 1 for one of many: its chance goes with the root of n."""
    import pandas as pd

    counts = pd.to_numeric(pd.Series(n), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    told = np.zeros(len(found.values))
    told[: min(len(told), len(counts))] = np.nan_to_num(counts[: len(told)], posinf=0.0, neginf=0.0).clip(0)
    told = told[found.order]
    usual = pd.Series(told).expanding().median().to_numpy()
    weight = np.sqrt(told / np.maximum(usual, 1.0)).clip(0, 1)
    return np.where(told < MIN_N, 0.0, weight)


MIN_N = 5  # conversations that a ratio rests on: of fewer nothing is said
