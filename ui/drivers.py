"""What goes with reopens, bad ratings and slow answers: the clear ones as dots with intervals, each opening its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from ui import cards, charts, choose, data, data_drivers, filters, tables

if TYPE_CHECKING:
    from analytics.drivers import Driver, DriverReport

MOST = 12
CAPTION = (
    "How many times as often it happens with a value as without it: as counted, and with topic, channel, team and all "
    "other dimensions held constant. What goes together need not be cause and effect."
)
NOTHING = (
    "Nothing goes clearly with more or less of it in this period. A longer period shows smaller differences."
)


def section() -> None:
    """The outcome is the reader's choice, and in the address as `driver_of`."""
    with cards.section("What goes with it", CAPTION):
        outcome = choose.one("Outcome", data_drivers.outcomes(), key="driver_of")
        report = data_drivers.drivers(outcome, filters.current())
        st.markdown(_headline(report))
        clear = [one for one in report.drivers if one.is_clear]
        if clear:
            title = f"What goes with {report.title.lower()}"
            drawn = charts.ratios(clear[:MOST], title, of=report.metric)
            charts.draw(replace(drawn, results=(data.metric(report.metric, report.filters),)), key="drivers")
        _rest(report, clear)


def _headline(report: DriverReport) -> str:
    """What the first driver says; or that there is none, and why."""
    if report.rate is None:
        return f"Nothing can be said about {report.title.lower()}: nothing of it is in this period."
    of = f"{numbers.percent(report.rate, report.n)} of {numbers.count(report.n)} {report.counts}"
    slow = f" (more than {numbers.duration(report.threshold_s)})" if report.threshold_s is not None else ""
    first = next((one for one in report.drivers if one.is_clear), None)
    said = (
        f" **{tables.escaped(first.words)}**"
        if first
        else f" {NOTHING if report.tested else report.notes[-1]}"
    )
    return f"{report.title}{slow}: {of}.{said}"


def _rest(report: DriverReport, clear: list[Driver]) -> None:
    """What is not in the picture: further clear ones, and how many were looked at."""
    if len(clear) > MOST:
        with st.expander(f"{len(clear) - MOST} more that are clear"):
            chart = charts.ratios(clear[MOST:], "More", of=report.metric)
            charts.table(chart, key="drivers_more")
    if report.tested:
        st.caption(
            f"{report.description} {numbers.count(report.tested)} values and words were tested, {report.clear} are clear; of "
            f"those 5 % may be chance. Points: what it adds to the rate of all. Fewer than {report.minimum} are not judged."
        )
