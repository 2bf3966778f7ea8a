"""Are we fine, and what changed?"""

import streamlit as st

from ui import breakdown, brief, cards, changes, charts, data, filters, first_steps, live, summary
from ui.cards import Card
from ui.errors import boundary

view = filters.view()
chosen = view.filters
summary.card(*summary.OF_OVERVIEW)
brief.card(chosen)
with boundary("First steps"):
    first_steps.card()

cards.row(
    [
        Card("volume", "New", chart="bar"),
        Card("solved", "Solved", chart="bar"),
        Card("backlog", "Backlog"),
        Card("first_reply_median", "First reply, median", "first_reply_p90", "p90"),
        Card("resolution_median", "Resolution, median", "resolution_p90", "p90"),
        Card("sla_compliance", "SLA targets met"),
        Card("csat_share", "Satisfaction (CSAT)"),
        Card("reopen_rate", "Reopened"),
        Card("sentiment_negative_share", "Negative mood"),
        Card("experience_score", "Experience"),
    ]
)

live.strip()

with cards.section("Created, solved and what is left open", filters.told()):
    created, solved, backlog = (
        data.metric(name, chosen, compare=view.compare, grain=view.grain)
        for name in ("volume", "solved", "backlog")
    )
    charts.draw(charts.flow(created, solved, backlog), key="overview_flow")

left, right = st.columns(2)
with left, cards.section("New conversations by channel", "Click a bar to read its conversations."):
    by_channel = data.metric("volume", chosen, compare=view.compare, by=("channel",))
    charts.draw(charts.parts(by_channel, "New conversations by channel"), key="overview_channel")
with (
    left,
    cards.section(
        "Where it stands", "Every part beside the period before; ▲ more or longer, ▼ less or shorter."
    ),
):
    breakdown.card(chosen, view.compare)
with right, cards.section("What changed", "Which part moved the number; the steps add up exactly."):
    changes.card(chosen, view.compare, key="overview_changes")
