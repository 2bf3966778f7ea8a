"""Opening hours as arithmetic: instants to open seconds and back, for whole arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from jobs.sample.draw import Ints
from jobs.sample.world import ZONE

DAY_S = 86_400


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def local_hours(start: date, days: int, zone: ZoneInfo) -> Ints:
    """The instant at which every hour of every local day begins, shape (days, 24)."""
    first = [start + timedelta(days=n) for n in range(days)]
    return np.array(
        [[epoch(datetime(d.year, d.month, d.day, h, tzinfo=zone)) for h in range(24)] for d in first]
    )


@dataclass(frozen=True)
class Opening:
    """Open intervals, one a day, as instants; closed days have length zero."""

    opens: Ints
    closes: Ints
    before: Ints  # open seconds before each interval

    @classmethod
    def of(cls, start: date, days: int, hours: Callable[[date], tuple[float, float] | None]) -> Opening:
        """Build from a rule that gives opening and closing hour of a local day, as wall-clock hours."""
        opens, closes = [], []
        zone = ZoneInfo(ZONE)
        for number in range(days):
            day = start + timedelta(days=number)
            noon = epoch(datetime(day.year, day.month, day.day, 12, tzinfo=zone))
            open_hour, close_hour = hours(day) or (12.0, 12.0)
            opens.append(noon + int((open_hour - 12) * 3600))
            closes.append(noon + int((close_hour - 12) * 3600))
        lengths = np.array(closes) - np.array(opens)
        return cls(np.array(opens), np.array(closes), np.concatenate([[0], np.cumsum(lengths)[:-1]]))

    def until(self, instants: Ints) -> Ints:
        """Open seconds from the beginning to each instant."""
        row = np.clip(np.searchsorted(self.opens, instants, side="right") - 1, 0, None)
        inside = np.clip(instants - self.opens[row], 0, self.closes[row] - self.opens[row])
        return np.asarray(self.before[row] + inside, dtype=np.int64)

    def after(self, instants: Ints, seconds: Ints) -> Ints:
        """The instants at which so many open seconds have passed."""
        spent = self.until(instants) + np.maximum(seconds, 1)
        target = np.searchsorted(self.before + (self.closes - self.opens), spent, side="left")
        target = np.minimum(target, len(self.opens) - 1)
        return np.asarray(self.opens[target] + (spent - self.before[target]), dtype=np.int64)
