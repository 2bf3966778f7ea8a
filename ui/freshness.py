"""How old the numbers are, and what has to be said when they are older than people will think."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import clock
from ui import errors

STALE_AFTER = timedelta(hours=26)  # a daily refresh and two hours of grace


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source and how its last refresh went."""

    name: str
    kind: str
    status: str
    problem: str
    read_at: datetime | None

    @property
    def is_fresh(self) -> bool:
        """Whether its last refresh brought what the source has."""
        return self.status in ("ok", "partial", "skipped", "not read yet")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the numbers are. `data_until` is wall-clock time in the reporting zone."""

    generation: int
    published_at: datetime
    data_until: datetime | None
    sources: tuple[SourceState, ...]

    @property
    def checked_at(self) -> datetime:
        """When a refresh last read a source well: one that finds nothing new publishes nothing."""
        read = [s.read_at for s in self.sources if s.read_at and s.status in ("ok", "partial")]
        return max([self.published_at, *read])

    @property
    def is_stale(self) -> bool:
        """Whether the last good refresh is older than a daily one allows."""
        return clock.now() - self.checked_at > STALE_AFTER

    def unread(self) -> list[tuple[str, str]]:
        """Each source that the last refresh did not read, and what follows from that."""
        return [
            (source.name, "was not read by the last refresh"
             f"{': ' + errors.sentence(source.problem) if source.problem else '.'} "
             "Its numbers are those of the refresh before.")
            for source in self.sources if not source.is_fresh
        ]  # fmt: skip

    def age(self) -> str | None:
        """How long ago the last refresh was, where that is too long."""
        if not self.is_stale:
            return None
        return f"The last refresh was {(clock.now() - self.checked_at) / timedelta(days=1):.0f} days ago."

    def warnings(self) -> tuple[str, ...]:
        """All of it as sentences."""
        age = self.age()
        return (*(f"{name} {told}" for name, told in self.unread()), *([age] if age else []))
