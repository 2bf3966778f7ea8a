"""Targets in settings: what they can be for, and in which statuses their clock may stand still."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Protocol, TypeVar, get_args

from pydantic import AfterValidator

from core.conditions import CUSTOM

FILTERS = ("brand", "channel", "language", "organization", "product", "tag", "team", "type")
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
Clock = Literal["first_reply", "next_reply", "resolution"]
CLOCKS: tuple[Clock, ...] = get_args(Clock)  # of targets, in the order in which they come
LONGEST_S = 50 * 366 * 86_400


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class _Timed(Protocol):
    @property
    def calendar(self) -> str | None: ...


class _Tree(Protocol):
    @property
    def calendars(self) -> Iterable[_Named]: ...
    @property
    def sla(self) -> Iterable[_Timed]: ...


_Settings = TypeVar("_Settings", bound=_Tree)


def _known_filters(where: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for name, values in where.items():
        if name not in FILTERS and not (name.startswith(CUSTOM) and len(name) > len(CUSTOM)):
            raise ValueError(
                f"{name!r} is nothing a target can be for; choose among {', '.join(FILTERS)} and "
                f"{CUSTOM}<field>"
            )
        if not values:
            raise ValueError(f"{name} names no value, so that the target would be for nothing")
    return where


def _known_statuses(statuses: tuple[str, ...] | None) -> tuple[str, ...] | None:
    wrong = sorted(set(statuses or ()) - set(STATUSES))
    if wrong:
        raise ValueError(f"{', '.join(wrong)} is no status; choose among {', '.join(STATUSES)}")
    return statuses


def with_known_calendars(settings: _Settings) -> _Settings:
    """Raises ValueError for a target in the hours of a calendar that is not there.

    Names with a slash, <source>/<schedule>, are schedules that the source brings.
    """
    names = {calendar.name for calendar in settings.calendars}
    wrong = sorted({one.calendar for one in settings.sla if one.calendar and "/" not in one.calendar} - names)
    if wrong:
        raise ValueError(
            f"sla: there is no calendar {', '.join(wrong)}; add [[calendars]] of that name, or leave "
            "calendar out to count all hours"
        )
    return settings


def within_reach(seconds: int) -> int:
    """The length of a target. Raises ValueError beyond fifty years."""
    if seconds > LONGEST_S:
        raise ValueError("a target is at most fifty years")
    return seconds


TargetFilter = Annotated[dict[str, tuple[str, ...]], AfterValidator(_known_filters)]
PauseStatuses = Annotated[tuple[str, ...] | None, AfterValidator(_known_statuses)]
