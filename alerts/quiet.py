"""Quiet hours: a span of the wall clock in a zone in which nobody is told anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import InputError


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end`, over midnight where `end` is the earlier one."""

    start: time
    end: time
    zone: str

    @classmethod
    def of(cls, text: str, zone: str) -> QuietHours | None:
        """From words such as "22:00-07:00"; None for none. Raises InputError."""
        if not text.strip():
            return None
        first, _, last = text.partition("-")
        try:
            found = cls(time.fromisoformat(first.strip()), time.fromisoformat(last.strip()), zone)
            ZoneInfo(zone)
        except (ValueError, OSError, LookupError):
            raise InputError(
                f"{text[:40]!r} in {zone[:60]!r} are no quiet hours.",
                hint="Write 22:00-07:00 and Europe/Berlin.",
            ) from None
        if found.start == found.end or found.start.tzinfo or found.end.tzinfo:
            raise InputError(
                "quiet hours need a beginning and another end.", hint="Write them as 22:00-07:00."
            )
        return found

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def ends_after(self, moment: datetime) -> datetime:
        """The first instant (UTC) from `moment` on at which somebody may be told: `moment` itself outside them.

        Whether they hold is read off the wall clock. An end that the clock passes twice is the next one to come; one
        that it jumps over comes as much after the jump as it lay within it.
        """
        local = moment.astimezone(ZoneInfo(self.zone))
        now = local.time().replace(tzinfo=None)
        if not self._holds(now):
            return moment
        day = local.date() + timedelta(days=1 if self.end <= now else 0)
        end = datetime.combine(day, self.end, ZoneInfo(self.zone))
        return max(moment, next((at for at in (end, end.replace(fold=1)) if at > moment), moment)).astimezone(
            UTC
        )

    def _holds(self, now: time) -> bool:
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end
