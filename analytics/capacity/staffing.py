"""Staffing: people by weekday and hour for chat and calls, and by weekday for mail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.capacity import erlang
from analytics.compute import compute, default_period
from analytics.periods import first_day
from core.clock import WEEKDAYS
from core.errors import InputError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

WEEKS = 8
LIVE = ("chat", "voice")  # somebody waits at the other end
MOST_HANDLING_S = 30 * 86_400.0
MAIL_HOURS = 8.0  # in which a day's mail is worked on


@dataclass(frozen=True, slots=True)
class Needs:
    """What is asked for: a share `target` answered within `within_s`; `together` chats at once; `shrinkage` of paid time is
    not at the desk; `occupancy` of the time at the desk is work. `handling_s` None: as measured. `times`: as if so many
    times as many came."""

    handling_s: float | None = None
    target: float = 0.8
    within_s: float = 60.0
    shrinkage: float = 0.3
    occupancy: float = 0.85
    together: int = 1
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekday (1 is Monday) and hour, of mail the whole day (None): conversations, people at their desks, on the roster."""

    weekday: int
    hour: int | None
    arrivals: float
    at_desk: float
    heads: int
    answered: float | None


@dataclass(frozen=True, slots=True)
class Staffing:
    """People for one channel, from the mean of each weekday in `period`: the last eight weeks, or the days there are.

    `slots` is empty where something is missing.
    """

    channel: str
    method: str
    handling_s: float | None
    is_measured: bool
    period: Period
    slots: tuple[Slot, ...]
    sentences: tuple[str, ...]


def staffing_of(
    reader: Reader, filters: Filters, channel: str, needs: Needs, *, settings: Settings, viewer: Viewer
) -> Staffing:
    """How many people a channel needs. Raises QuestionError, and InputError for numbers that cannot be."""
    _check(needs)
    period = _weeks(reader, settings)
    asked = of_channel(filters, channel, period)
    how = {"settings": settings, "viewer": viewer}
    handled = compute(reader, "handling_mean", asked, **how).total.value  # type: ignore[arg-type]
    seconds = needs.handling_s or handled
    is_live = channel in LIVE
    method = "Erlang C" if is_live else "workload"
    by = ("weekday", "hour") if is_live else ("weekday",)
    volume = compute(reader, "volume", asked, by=by, **how)  # type: ignore[arg-type]
    found = Staffing(channel, method, seconds, not needs.handling_s, period, (), ())
    if not volume.total.n:
        return replace(found, sentences=(f"Nothing came by {channel} in the {_span(period)}.",))
    if not seconds:
        said = f"No handling time of {channel} is known: type one, or give averages in the settings."
        return replace(found, sentences=(said,))
    slots = [_slot(row.group, row.n, seconds, needs, period, is_live=is_live) for row in volume.groups]
    slots.sort(key=lambda one: (one.weekday, one.hour or 0))
    return replace(found, slots=tuple(slots), sentences=_sentences(found, slots, needs))


def of_channel(filters: Filters, channel: str, period: Period) -> Filters:
    """What a channel's staffing counts: all that the filters say holds, the clock and the kinds counted too."""
    return filters.over(period).narrowed("channel", channel)


def handling_of(reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer) -> float | None:
    """Seconds of work on one conversation, the mean of the last eight weeks; None where none is known. Raises QuestionError."""
    asked = replace(filters, period=_weeks(reader, settings))
    return compute(reader, "handling_mean", asked, settings=settings, viewer=viewer).total.value


def _weeks(reader: Reader, settings: Settings) -> Period:
    """The last eight weeks, or the days there are."""
    end = default_period(reader, settings).end
    first = min(first_day(reader, settings) or end, end)
    return Period(max(first, end - timedelta(days=7 * WEEKS - 1)), end)


def _check(needs: Needs) -> None:
    shares = (needs.target, needs.shrinkage, needs.occupancy)
    if not all(0 <= share < 1 for share in shares[:2]) or not 0 < needs.occupancy <= 1:
        raise InputError("a target, shrinkage or occupancy is no share.", hint="Give 0.8 for 80 %; below 1.")
    if not 0 <= needs.times < float("inf"):
        raise InputError("no such number of times as many.", hint="Give 0 or more; 1 is as many as came.")
    handling = needs.handling_s
    if not 0 <= needs.within_s < float("inf") or (
        handling is not None and not 0 < handling <= MOST_HANDLING_S
    ):
        raise InputError(
            "a time is no number of seconds above 0, or a handling time is longer than 30 days.",
            hint="Give seconds, such as 480.",
        )
    if needs.together < 1:
        raise InputError("fewer than one chat at once.", hint="Give 1 or more.")


def _span(period: Period) -> str:
    """The period's length: weeks where it is whole ones."""
    weeks, rest = divmod(period.days, 7)
    return f"last {period.days} days" if rest or weeks < 2 else f"last {weeks} weeks"


def _slot(
    group: tuple[str, ...], n: int, seconds: float, needs: Needs, period: Period, *, is_live: bool
) -> Slot:
    weekday = WEEKDAYS.index(group[0]) + 1 if group[0] in WEEKDAYS else int(group[0])
    whole, rest = divmod(period.days, 7)  # the weekdays of what is left over come once more
    arrivals = needs.times * n / (whole + ((weekday - 1 - period.start.weekday()) % 7 < rest))
    if not is_live:
        agents = erlang.workload_agents(
            arrivals, handling_s=seconds, hours=MAIL_HOURS, occupancy=needs.occupancy
        )
        return Slot(weekday, None, arrivals, agents, erlang.heads(agents, needs.shrinkage), None)
    agents = erlang.agents_for(
        arrivals, handling_s=seconds, target=needs.target, within_s=needs.within_s, together=needs.together
    )
    places = seconds / needs.together
    share = erlang.answered_within(
        arrivals * places / 3600, agents, handling_s=places, within_s=needs.within_s
    )
    return Slot(weekday, int(group[1][:2]), arrivals, agents, erlang.heads(agents, needs.shrinkage), share)


def _sentences(found: Staffing, slots: list[Slot], needs: Needs) -> tuple[str, ...]:
    from core import numbers

    most = max(slots, key=lambda one: (one.heads, one.arrivals))
    at = f"{WEEKDAYS[most.weekday - 1]}" + (f" at {most.hour:02d}:00" if most.hour is not None else "")
    how = "measured" if found.is_measured else "typed"
    said = f"At most {most.heads} people on the roster, on {at} ({most.arrivals:.1f} conversations)."
    share = numbers.percent(needs.shrinkage)
    if found.method == "Erlang C":
        goal = f"{numbers.percent(needs.target)} answered within {numbers.duration(needs.within_s)}"
        rest = f"Erlang C for {goal}, {numbers.duration(found.handling_s)} each ({how}), {share} not at the desk."
        return (
            said,
            rest,
            "Erlang C takes arrivals for even within the hour, and nobody gives up: it errs on the safe side.",
        )
    work = f"Workload in {MAIL_HOURS:.0f} hours a day, {numbers.duration(found.handling_s)} each ({how})"
    return (said, f"{work}, {numbers.percent(needs.occupancy)} busy, {share} not at the desk.")
