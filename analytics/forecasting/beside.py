"""Members from outside the panel for the one series that was opened: what they are asked, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analytics.forecasting.rows import Floats


@dataclass(frozen=True)
class Opened:
    """One series: its values (NaN is missing), the wall-clock times of its periods and of those ahead.

    `origins` are tests, each of so many known points, `tested` periods long. `multiplies`: a season is a factor.
    """

    values: Floats
    times: Any  # DatetimeIndex, as long as `values`
    ahead: Any
    freq: str
    origins: tuple[int, ...]
    tested: int
    multiplies: bool


@dataclass(frozen=True)
class Told:
    """Of each member what it forecast from every origin (origins by periods, NaN where it was not asked) and ahead.

    A name without paths has a sentence in `why` instead.
    """

    tests: Mapping[str, Floats] = field(default_factory=dict)
    ahead: Mapping[str, Floats] = field(default_factory=dict)
    why: tuple[str, ...] = ()

    def of(self, place: int | None, series: int, horizon: int) -> Floats:
        """Members by series by horizon, of an origin or of now: all but the first series are NaN."""
        found = np.full((len(self.ahead), series, horizon), np.nan)
        for at, name in enumerate(self.ahead):
            found[at, 0] = self.ahead[name] if place is None else self.tests[name][place]
        return found


Focus = Callable[[Opened], Told]
NOBODY = Told()
