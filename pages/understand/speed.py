"""Do we answer in time, and who does not?"""

import streamlit as st

from ui import breakdown, cards, changes, charts, data, filters, panels, summary, trends
from ui.cards import Card

view = filters.view()
summary.card("first_reply_median", "resolution_median", "sla_compliance", "sla_breaches")
cards.row(
    [
        Card("first_reply_median", "First reply, median", "first_reply_p90", "p90"),
        Card("next_reply_median", "Next reply, median", "next_reply_p90", "p90"),
        Card("resolution_median", "Resolution, median", "resolution_p90", "p90"),
        Card("sla_compliance", "SLA targets met"),
        Card("sla_breaches", "SLA breaches", chart="bar"),
    ]
)
with cards.section("Which team misses its targets", "Choose a row to open what was breached."):
    breakdown.sla(view.filters, view.compare)
left, right = st.columns(2)
with left, cards.section("Targets by clock", "Every target of the period in one of four states."):
    states = data.metric("sla_targets", view.filters, by=("sla_metric", "sla_state"))
    charts.draw(
        charts.stacked(states, "SLA targets", order=breakdown.STATES, names=breakdown.WORDS), key="sla_states"
    )
with right, cards.section("SLA by priority", "With the 95 % interval; nothing is drawn under n = 5."):
    clocks = [data.metric(f"sla_{clock}", view.filters, by=("priority",)) for clock in breakdown.CLOCKS]
    charts.draw(charts.dots(clocks, "SLA compliance by priority"), key="sla_dots")
left, right = st.columns(2)
with left:
    panels.split(
        "Where targets are breached",
        "sla_breaches",
        key="sla_where",
        by=("team", "agent", "priority", "channel", "topic"),
    )
with right:
    panels.week("When targets are breached", "sla_breaches", key="sla_when")
panels.course(
    "First reply, median and 90th percentile", "first_reply_median", "first_reply_p90", key="speed_course"
)
trends.card("first_reply_median", key="speed_trends")
left, right = st.columns(2)
with left:
    panels.lie(
        "First replies by time",
        "first_reply_median",
        key="speed_spread",
        caption="Above each bar: the share answered by then.",
    )
with (
    right,
    cards.section("What changed", "Which part moved the share of targets met; the steps add up exactly."),
):
    changes.one("sla_compliance", key="sla_changes")
