"""Are we keeping up, and what grows old?"""

import streamlit as st

from ui import cards, charts, data, filters, panels, summary
from ui.cards import Card

view = filters.view()
summary.card("backlog", "solved", "backlog_age_median", "open_per_agent")
cards.row(
    [
        Card("backlog", "Backlog"),
        Card("net_flow", "Net flow", chart="bar"),
        Card("backlog_age_median", "Age, median", "backlog_age_p90", "p90"),
        Card("open_per_agent", "Open per agent"),
        Card("on_hold_median", "On hold, median", "on_hold_p90", "p90"),
    ]
)
with cards.section("Created, solved and what is left open", filters.told()):
    created, solved, backlog = (
        data.metric(name, view.filters, compare=view.compare, grain=view.grain)
        for name in ("volume", "solved", "backlog")
    )
    charts.draw(charts.flow(created, solved, backlog), key="flow_course")
left, right = st.columns(2)
with (
    left,
    cards.section(
        "Net flow",
        "Created minus solves. What is solved again after a reopen counts again, so the backlog can grow below zero.",
    ),
):
    net = data.metric("net_flow", view.filters, grain=view.grain)
    charts.draw(
        charts.balance(net, "Net flow", above="More came in", below="More were solved"), key="flow_net"
    )
with right:
    panels.lie(
        "How old the open ones are",
        "backlog_age_median",
        key="flow_ages",
        caption="At the end of the period. Above each bar: the share that is no older.",
    )
left, right = st.columns(2)
with left:
    panels.split("What is open", "backlog", key="flow_parts", by=("team", "priority", "agent", "channel", "topic"),
                 caption="At the end of the period. Click a bar to open it.")  # fmt: skip
with right:
    panels.course("Age of the backlog", "backlog_age_median", "backlog_age_p90", key="flow_age_course")
left, right = st.columns(2)
with left:
    panels.split("Who waits: customers for us", "requester_wait_median", key="flow_wait", by=panels.FEW_CUTS,
                 none="Hardly anybody waits for us: every median is 0.")  # fmt: skip
with right:
    panels.split("Who waits: we for customers", "agent_wait_median", key="flow_agent_wait", by=panels.FEW_CUTS,
                 none="We hardly wait for anybody: every median is 0.")  # fmt: skip
