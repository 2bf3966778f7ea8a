"""What if, beside the forecast of the page Volume: sliders in a popover, and a sentence of what they come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.filters import Filters
from ui import capacity, choose, data_capacity, errors, sheet, tables

if TYPE_CHECKING:
    from analytics.capacity.staffing import Needs, Staffing
    from analytics.forecasting.of_metric import Forecast, Made
    from analytics.forecasting.scenario import Scenario
    from analytics.forecasting.whatif import Edits

LABEL = "What if"
ONE_CHANNEL = "Choose one channel in the filters to see how many people the scenario needs."
NO_TIME = "How long a conversation takes is not known here: type the minutes to see hours of work."
TOO_FEW = "How many people it takes needs eight weeks of days."
PEOPLE = (
    "An estimate ({method}) from the last eight weeks, volume and deflection as above: at most {most} at once on the "
    "roster for {channel} in place of {usual}, {week} a week in place of {now}."
)


def scenario(filters: Filters, made: Made) -> Forecast | None:
    """The days ahead as the sliders say, with their sentence; None where they rest."""
    with st.popover(LABEL, icon=":material/tune:", type="tertiary", key="whatif"):
        edits = _edits(made.told.forecasts[0])
        minutes = capacity.minutes_typed("whatif_minutes")
    if not edits:
        return None
    with errors.boundary(LABEL):  # the forecast is drawn without it
        return _scenario(filters, made, edits, minutes)
    return None


def _scenario(filters: Filters, made: Made, edits: Edits, minutes: float | None) -> Forecast:
    from analytics.forecasting.scenario import scenario_of

    _, channels = capacity.channels(filters)
    needs = capacity.asked_for(channels[0]) if len(channels) == 1 else None
    typed_s = 60 * minutes if minutes else needs.handling_s if needs else None
    seconds = typed_s or data_capacity.handling_of(filters)
    found = scenario_of(made, edits, handling_s=seconds, how="typed" if typed_s else "measured")
    _tell(found)
    with errors.boundary(LABEL):
        if needs is None:
            st.caption(ONE_CHANNEL)
        else:
            now = replace(needs, handling_s=typed_s)
            then = replace(now, times=edits.level * (1 - edits.deflected))
            st.caption(tables.escaped(_people(filters, channels[0], now, then)))
    return found.scenario.forecasts[0]


def _edits(whole: Forecast) -> Edits:
    """The sliders and the days; the address keeps them."""
    from analytics.forecasting.whatif import Edits

    volume = st.slider("Volume, %", -50, 100, 0, 5, "%+d", key="whatif_volume", bind="query-params")
    deflected = st.slider(
        "Deflected, %", 0, 80, 0, 5, key="whatif_deflected", bind="query-params",
        help="Answered by a help page or a bot before it becomes a conversation.",
    )  # fmt: skip
    days = {str(day.day): f"{day.day:%a %-d %b}" for day in whole.days}
    closed = choose.several("Closed on", days, key="whatif_closed", nothing="No more days")
    return Edits(
        1 + volume / 100, deflected / 100, closed=frozenset(date.fromisoformat(day) for day in closed)
    )


def _tell(found: Scenario) -> None:
    *edited, comes_to = found.sentences
    _say(f"**{tables.escaped(edited[0])}** {tables.escaped(comes_to)}")
    if not found.handling_s:
        st.caption(NO_TIME)


def _people(filters: Filters, channel: str, now: Needs, then: Needs) -> str:
    """People on the roster of a channel as it is asked for then, beside those of now."""
    if data_capacity.missing_days():
        return TOO_FEW
    base, new = (data_capacity.staffing(filters, channel, needs) for needs in (now, then))
    if not base.slots or not new.slots:
        return " ".join(new.sentences[:1])
    each = "scheduled day" if new.slots[0].hour is None else "scheduled hour"
    week, usual = (numbers.so_many(sum(slot.heads for slot in one.slots), each) for one in (new, base))
    most = numbers.so_many(_most(new), "person", "people")
    return PEOPLE.format(
        method=new.method, channel=channel, most=most, usual=_most(base), week=week, now=usual
    )


def _most(found: Staffing) -> int:
    return max(slot.heads for slot in found.slots)


def _say(text: str) -> None:
    sheet.say(text)
    st.markdown(text)
