"""The days ahead, as the page Volume shows them: a sentence, the line in its bands, and what it was tested on."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.filters import Filters, Period
from ui import charts, choose, data, data_forecast, sheet, tables, what_if

if TYPE_CHECKING:
    from analytics.forecasting.of_metric import Forecast

HORIZONS = {"14": "14 days", "28": "28 days", "56": "56 days"}
SHOWN_PAST = 3  # days before for each day ahead
MEMBERS = {"quick": "Quick", "prophet": "With Prophet"}
NOTHING = "No conversation was created in the {days} days up to {end:%-d %b %Y}, and none is expected."


def volume(filters: Filters) -> None:
    """Conversations created by day, and how many are coming; a sentence where the history is too short for it."""
    horizon = int(choose.one("Days ahead", HORIZONS, key="ahead"))
    asked = choose.one("Members", MEMBERS, key="members")
    with st.spinner("Asking Prophet …") if asked == "prophet" else nullcontext():
        made = data_forecast.volume(filters, horizon, asked == "prophet")
    found = made.told
    whole, end = found.forecasts[0], data_forecast.last_day(filters)
    past = Period(max(found.history.start, end - timedelta(days=SHOWN_PAST * horizon - 1)), end)
    result = data.metric("volume", replace(filters, period=past), grain="day")
    if not result.total.value and not any(day.high_95 for day in whole.days):
        st.info(NOTHING.format(days=past.days, end=end), icon=":material/info:")
        return
    if too_short := _too_short(whole):
        st.info(too_short, icon=":material/hourglass_empty:")
        return
    _say(f"**{headline(whole)}**")
    if len(whole.days) < horizon:
        _say(f"{whole.wording.capitalize()}. Only {len(whole.days)} days are drawn.")
    scenario = what_if.scenario(filters, made)
    charts.draw(charts.foreseen(result, whole, scenario), key="forecast_volume")
    _say(tables.escaped(" ".join(whole.sentences)))
    with st.expander("What the forecast is made of"):
        rows = [{"Member": name, "Weight": numbers.percent(share)} for name, share in whole.weights]
        tables.plain(rows, alt="Members of the forecast by their weight, the heaviest first")


def headline(forecast: Forecast) -> str:
    """What the days ahead bring together, and on which of them the most."""
    values = {day.day: day.value for day in forecast.days if day.value is not None}
    peak = max(values, key=lambda day: values[day])
    return (
        f"About {sum(values.values()):,.0f} conversations in the next {len(forecast.days)} days, "
        f"the most on {peak:%A %-d %b}: {numbers.count(round(values[peak]))}."
    )


def _too_short(forecast: Forecast) -> str:
    """What a history of less than a week needs before anything is drawn."""
    from analytics.forecasting.outcome import LEAST_DAYS

    missing = LEAST_DAYS - forecast.known_days
    if missing <= 0:
        return ""
    return (
        f"A forecast can be made in {missing} more {'day' if missing == 1 else 'days'}: {forecast.wording}."
    )


def _say(text: str) -> None:
    sheet.say(text)
    st.markdown(text)
