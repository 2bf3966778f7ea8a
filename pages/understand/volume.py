"""How much comes in, when, about what, and how much is coming?"""

import streamlit as st

from ui import capacity, cards, changes, filters, forecast, panels, summary, trends
from ui.cards import Card

summary.card("volume", "replies", "contact_rate")
cards.row(
    [
        Card("volume", "New", chart="bar"),
        Card("contact_rate", "Contacts per 1,000"),
        Card("replies", "Replies by agents", chart="bar"),
        Card("outbound", "Outbound", chart="bar"),
        Card("bot_involvement_rate", "With a bot"),
    ]
)
panels.course("New conversations", "volume", key="volume_course", bars=True)
with cards.section(
    "What is coming", "Learnt from all days up to the end of the period, at most three years."
):
    forecast.volume(filters.current())
capacity.runway()
capacity.staffing()
trends.card("volume", key="volume_trends")
left, right = st.columns(2)
with left:
    panels.week("When they come in", "volume", key="volume_week")
with right:
    panels.split(
        "Where they come from",
        "volume",
        key="volume_parts",
        by=("channel", "topic", "product", "team", "priority", "type"),
    )
left, right = st.columns(2)
with left:
    panels.course("By channel", "volume", key="volume_channels", by="channel", bars=True)
with right, cards.section("What changed", "Which part moved the number; the steps add up exactly."):
    changes.one("volume", key="volume_changes")
