"""Runway and staffing, as the page Volume shows them: folded, worked out when they are opened, with what can be typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.filters import Filters, Period
from ui import charts, choose, data, data_capacity, errors, filters, sheet, state, tables

if TYPE_CHECKING:
    from analytics.capacity.runway import Runway
    from analytics.capacity.staffing import Needs, Staffing

RUNWAY, STAFFING = "Runway: where the backlog goes", "Staffing: how many people are needed"
HORIZONS = {"28": "28 days", "56": "56 days", "84": "84 days"}
MEASURED = "as measured"
MOST_CHANNELS = 12
MOST = 1e6  # what can be typed
NOTHING = "Nothing is open and nothing came in under these filters."
NO_MORE = "How many agents solve is not known here, so more agents change nothing."


@contextmanager
def _folded(title: str, icon: str, key: str) -> Iterator[bool]:
    """Whether a part is open; an address can open it, such as `?runway=true`."""
    folded = st.expander(title, icon=icon, key=key, on_change="rerun", bind="query-params")
    short = title.partition(":")[0]
    with folded, sheet.section(short), errors.boundary(short):
        yield bool(folded.open)


def runway() -> None:
    """The backlog ahead, the day it passes a threshold, and how many more agents hold it."""
    with _folded(RUNWAY, ":material/flight_takeoff:", "runway") as is_open:
        if is_open:
            st.caption("From the last full day on, whatever period is chosen; the other filters hold.")
            _runway(filters.current())


def _ever_came(chosen: Filters) -> bool:
    return bool(data.metric("volume", replace(chosen, period=Period(*data.span()))).total.value)


def _runway(chosen: Filters) -> None:
    horizon = int(choose.one("Days ahead", HORIZONS, key="runway_ahead"))
    first, second, third = st.columns(3)
    with first:
        a_day = typed("Solved a day", "solved_a_day", "What the team can solve on an average day.")
    with second:
        more = typed(
            "More agents", "more_agents", "As if so many more solved, each as much as those now.", usual="0"
        )
    with third:
        limit = typed(
            "Threshold", "open_most", "Open conversations not to be passed.", usual="half more than now"
        )
    week = None if a_day is None else 7 * a_day
    found = data_capacity.runway(chosen, horizon, limit, week, more or 0.0)
    if not found.days and not found.open_now and not _ever_came(chosen):
        st.info(NOTHING, icon=":material/info:")
        return
    if not found.days:
        st.info(tables.escaped(" ".join(found.sentences)), icon=":material/hourglass_empty:")
        return
    if not found.open_now and not found.arrivals_week:
        st.info(NOTHING, icon=":material/info:")
        return
    first_said, *rest = found.sentences
    _say(f"**{tables.escaped(first_said)}**")
    if more and not found.agents:
        _say(NO_MORE)
    begins = found.days[0].day
    past = Period(begins - timedelta(days=2 * horizon), begins - timedelta(days=1))
    result = data.metric("backlog", replace(chosen, period=past), grain="day")
    charts.draw(charts.runway(result, found), key="runway_days")
    _say(tables.escaped(" ".join(rest)))
    st.caption(tables.escaped(_solving(found, a_day, more)))


def _solving(found: Runway, a_day: float | None, more: float | None) -> str:
    """What can be solved a day in the paths, and whether that was typed or measured."""
    how = "typed" if a_day is not None else "measured over the last eight weeks"
    by = f" by {found.agents:,.0f} agents on a usual day" if found.agents else ""
    beside = f", {more:g} more agents in it" if more and found.agents else ""
    return f"Up to {found.capacity_week / 7:,.1f} solved a day ({how}){by}{beside}."


def staffing() -> None:
    """People by hour for channels where somebody waits, by weekday for the others."""
    with _folded(STAFFING, ":material/groups:", "staffing") as is_open:
        if is_open:
            st.caption(
                "From the mean of the last eight weeks, whatever period is chosen; other filters hold."
            )
            _staffing(filters.current())


def channels(chosen: Filters) -> tuple[list[str], list[str]]:
    """The channels that are chosen, or else those there are; and which of them the conditions let through."""
    every = chosen.values("channel") or [name for name, _ in data.values("channel", MOST_CHANNELS)]
    return list(every), [name for name in every if chosen.admits("channel", name)]


def _staffing(chosen: Filters) -> None:
    from analytics.capacity.staffing import LIVE, WEEKS, of_channel

    every, named = channels(chosen)
    if every and not named:
        st.info("The conditions let no channel through.", icon=":material/info:")
        return
    if not named:
        st.info("No conversation has a channel yet: connect a source.", icon=":material/info:")
        return
    if missing := data_capacity.missing_days():
        days = "day" if missing == 1 else "days"
        said = (
            f"Need {missing} more {days}: the mean is of {WEEKS} full weeks, have {7 * WEEKS - missing} days."
        )
        st.info(said, icon=":material/hourglass_empty:")
        return
    titles = {name: name for name in sorted(named, key=lambda one: one not in LIVE)}
    channel = choose.one("Channel", titles, key="staffing_channel")
    found = data_capacity.staffing(chosen, channel, _needs(channel))
    if not found.slots:
        st.info(tables.escaped(" ".join(found.sentences)), icon=":material/data_alert:")
        return
    first, *rest = found.sentences
    _say(f"**{tables.escaped(first)}**")
    own = of_channel(chosen, channel, found.period)
    by = ("weekday", "hour") if channel in LIVE else ("weekday",)
    charts.draw(charts.roster(found, [data.metric("volume", own, by=by)]), key="staffing_slots")
    _say(tables.escaped(" ".join(rest)))
    quiet = " An hour without a mark had no conversation." if channel in LIVE else ""
    st.caption(tables.escaped(_handling(found, own) + quiet))


def _needs(channel: str) -> Needs:
    """What is asked for, typed or as usual."""
    from analytics.capacity.staffing import LIVE, Needs

    usual = Needs()
    with st.container(horizontal=True, gap="small"):
        minutes = minutes_typed("handling_min")
        away = _percent("Not at the desk, %", "away_percent", usual.shrinkage, "Breaks, meetings, leave.")
        found = replace(usual, handling_s=60 * minutes if minutes else None, shrinkage=away)
        if channel not in LIVE:
            busy = _percent("Busy, %", "busy_percent", usual.occupancy, "Of the time at the desk.", most=100)
            return replace(found, occupancy=busy)
        target = _percent("Answered in time, %", "answered_percent", usual.target, "The target.")
        within = typed("In time: seconds", "within_s", "From arrival to the first answer.", usual="60")
        together = usual.together
        if channel == "chat":
            together = int(
                st.number_input("Chats at once", 1, 10, 1, 1, key="chats_at_once", bind="query-params")
            )
    within_s = usual.within_s if within is None else within
    return replace(found, target=target, within_s=within_s, together=together)


def asked_for(channel: str) -> Needs:
    """What is typed in the card, also before it is drawn: what else tells people for a channel asks for the same."""
    from analytics.capacity.staffing import LIVE, MOST_HANDLING_S, Needs

    usual, minutes = Needs(), _told("handling_min", 0.0, MOST_HANDLING_S / 60)
    found = replace(
        usual, handling_s=60 * minutes if minutes else None,
        shrinkage=_told("away_percent", 1, 99, 100 * usual.shrinkage) / 100,
    )  # fmt: skip
    if channel not in LIVE:
        return replace(found, occupancy=_told("busy_percent", 1, 100, 100 * usual.occupancy) / 100)
    together = _told("chats_at_once", 1, 10, usual.together) if channel == "chat" else usual.together
    return replace(
        found, target=_told("answered_percent", 1, 99, 100 * usual.target) / 100,
        within_s=_told("within_s", 0.0, MOST, usual.within_s), together=int(together),
    )  # fmt: skip


def _told(key: str, least: float, most: float, usual: float = 0.0) -> float:
    """What a field holds, or else what the address says of it."""
    told = state.value(key, state.link(key))
    try:
        number = usual if told is None else float(told)
    except ValueError:
        return usual
    return number if least <= number <= most else usual


def minutes_typed(key: str) -> float | None:
    """Minutes of work for one conversation; None where nothing is typed."""
    from analytics.capacity.staffing import MOST_HANDLING_S

    return typed("Minutes for each", key, "Of work, for one conversation.", most=MOST_HANDLING_S / 60)


def _handling(found: Staffing, own: Filters) -> str:
    """Where the handling time is from, and the n of it."""
    if not found.is_measured:
        return f"Handling time typed: {numbers.duration(found.handling_s)}."
    n = data.metric("handling_mean", own).total.n
    return (
        f"Handling time measured: {numbers.duration(found.handling_s)}, the mean of n = {numbers.count(n)}."
    )


def typed(label: str, key: str, help_: str, *, usual: str = MEASURED, most: float = MOST) -> float | None:
    """A number of at least 0 that the address keeps; None where nothing is typed."""
    found = st.number_input(
        label, 0.0, most, None, 1.0, "%g", key=key, help=help_, placeholder=usual, bind="query-params"
    )
    return None if found is None else float(found)


def _percent(label: str, key: str, usual: float, help_: str, *, most: int = 99) -> float:
    """A share typed as whole percents."""
    told = st.number_input(label, 1, most, round(100 * usual), 1, key=key, help=help_, bind="query-params")
    return int(told or round(100 * usual)) / 100


def _say(text: str) -> None:
    sheet.say(text)
    st.markdown(text)
