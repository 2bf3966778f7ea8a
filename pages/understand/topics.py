"""What do they write about, what is new, and what hurts?"""

import streamlit as st

from ui import cards, drivers, filters, topic_curation, topics
from ui.cards import Card
from ui.errors import boundary

view = filters.view()
with boundary("Topics"):
    st.markdown(f"#### {topics.headline(view.filters, view.compare)}")
cards.row(
    [
        Card("volume", "Conversations", chart="bar"),
        Card("sentiment_negative_share", "Negative"),
        Card("first_reply_median", "First reply, median"),
        Card("reopen_rate", "Reopened"),
        Card("csat_share", "Satisfaction (CSAT)"),
    ]
)
with cards.section("Topics by size", "Area: conversations created. Click one to open them."):
    topics.sizes(view.filters, view.compare)
left, right = st.columns(2)
with (
    left,
    cards.section(
        "New groups that fit no topic", "Of the last four weeks of the data, whatever the bar says."
    ),
):
    topics.emerging()
with right, cards.section("Rising topics", "A larger share of the conversations than in the year before."):
    topics.rising(view.filters)
with cards.section("Topics compared", filters.told()):
    topics.compared(view.filters, view.compare)
with cards.section("Topics over time", "Dotted: the topic if it moved as all conversations do."):
    topics.courses()
drivers.section()
with cards.section(
    "Change topics", "What you choose holds from the next refresh on, and through every later fit."
):
    topic_curation.panel()
