"""How do customers feel, and why?"""

import streamlit as st

from ui import cards, changes, filters, moods, panels, ratings, summary, trends
from ui.cards import Card
from ui.errors import boundary

view = filters.view()
summary.card("csat_share", "csat_response_rate", "sentiment_negative_share", "experience_score")
cards.row(
    [
        Card("csat_share", "Satisfaction (CSAT)"),
        Card("csat_response_rate", "Surveys answered"),
        Card("experience_score", "Experience"),
        Card("net_sentiment", "Net sentiment"),
        Card("nps", "Net promoter score"),
    ]
)
panels.course(
    "Satisfaction over time", "csat_share", key="csat_course", caption="The grey band is the 95 % interval."
)
trends.card("csat_share", key="csat_trends")
left, right = st.columns(2)
with left, cards.section("Ratings by score", "Of every scale in use; bad ones are hatched."):
    ratings.scores(view.filters)
with (
    right,
    cards.section(
        "Satisfaction by team and channel", "With the 95 % interval; nothing is drawn under n = 5."
    ),
):
    panels.dots_by(
        "Satisfaction", "csat_share", key="csat_dots", by=("team", "channel", "topic", "product", "agent")
    )
with boundary("Whose moods these are"):
    moods.who()
left, right = st.columns(2)
with left:
    panels.course("Mood of the customers' words", *moods.SHARES, key="mood_course")
with right:
    panels.split("Where the mood is negative", "sentiment_negative_share", key="mood_parts", hits=True)
left, right = st.columns(2)
with left, cards.section("From the first message to the last", "How conversations that began so ended."):
    moods.start_to_end(view.filters)
with (
    right,
    cards.section(
        "The sentences that carry it", "The strongest sentence of each message, one a conversation."
    ),
):
    moods.carrying(view.filters)
left, right = st.columns(2)
with left, cards.section("What unhappy customers wrote", "The latest bad ratings with a comment."):
    ratings.comments(view.filters)
with right, cards.section("What changed", "Which part moved the number; the steps add up exactly."):
    changes.one("csat_share", key="csat_changes")
