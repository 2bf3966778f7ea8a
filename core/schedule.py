"""When things happen by themselves: the timer's settings, and how spans and times are written."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import Field, model_validator

from core.cron import check_cron
from core.section import Section
from core.zones import Zone


class Schedule(Section):
    """The timer that `jobs schedule` runs, and who is told when nothing succeeds any more."""

    every: str | None = Field(
        "15m", description="How often sources are read that say nothing themselves: m, h or d."
    )
    cron: str | None = Field(None, description="Or when, as minute hour day month weekday; beats `every`.")
    zone: Zone | None = Field(None, description="IANA zone of cron times; the reporting zone when empty.")
    jitter: str | None = Field(
        None, description='Readings begin up to so long after they are due, such as "2m": not all at once.'
    )
    with_dashboard: bool = Field(False, description="Whether `make run` starts the timer too.")
    alarm_after: str | None = Field(
        None, description='No refresh succeeded for so long, such as "26h": somebody is told, once.'
    )
    alarm_channels: tuple[str, ...] = Field((), description="Channels that are told so, and when one does.")

    @model_validator(mode="after")
    def _readable(self) -> Schedule:
        check_timer(self.every if not self.cron else None, self.cron)
        for span in (self.jitter, self.alarm_after):
            if span is not None:
                seconds_of(span)
        if (self.alarm_after is None) != (not self.alarm_channels):
            raise ValueError("set alarm_after and alarm_channels, or neither")
        return self

    def check_channels(self, names: Iterable[str]) -> None:
        """Raises ValueError for a channel that is not there."""
        if wrong := sorted(set(self.alarm_channels) - set(names)):
            raise ValueError(
                f"schedule: there is no channel {', '.join(wrong)}; add [[channels]] of that name"
            )


def seconds_of(text: str) -> int:
    """A duration such as 90s, 15m, 6h or 1d in seconds. Raises ValueError."""
    found = re.fullmatch(r"\s*(\d+)\s*([smhd])\s*", text)
    if not found or not int(found[1]):
        raise ValueError(f'{text!r} is not a duration such as "15m", "6h" or "1d"')
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


def check_timer(every: str | None, cron: str | None) -> None:
    """Raises ValueError when both are set, or one cannot be read."""
    if every is not None and cron is not None:
        raise ValueError("set either every or cron")
    if every is not None:
        seconds_of(every)
    if cron is not None:
        check_cron(cron)
