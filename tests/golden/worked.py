"""Numbers over sets of stories, worked out by hand: `metrics.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from core.filters import Filters, Period
from tests.golden.story import seconds

FILE = Path(__file__).parent / "metrics.toml"


@dataclass(frozen=True)
class Worked:
    """A metric over a period of one source: the value, its n, and the values of groups or buckets."""

    title: str
    metric: str
    source: str
    how: str
    start: date
    end: date
    hours: Any = "calendar"
    value: Any = None
    n: int | None = None
    by: str | None = None
    grain: Any = None
    groups: dict[str, Any] = field(default_factory=dict)
    series: dict[str, Any] = field(default_factory=dict)

    @property
    def filters(self) -> Filters:
        """Its period and source."""
        return Filters.of(Period(self.start, self.end), {"source": [self.source]}, hours=self.hours)


def number(value: Any) -> float | None:
    """A worked value as a number: durations in seconds."""
    return seconds(value) if isinstance(value, str) else None if value is None else float(value)


def load_worked() -> list[Worked]:
    """All of them, in the order of the file."""
    made = []
    for table in tomllib.loads(FILE.read_text(encoding="utf-8"))["number"]:
        start, end = table.pop("from"), table.pop("to")
        made.append(Worked(start=start, end=end, **table))
    return made
