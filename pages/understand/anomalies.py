"""What was unusual, what it goes with, and what is known of these days?"""

import streamlit as st

from ui import anomalies, cards, effects, filters
from ui.errors import boundary

view = filters.view()
with boundary("Anomalies"):
    st.markdown(f"#### {anomalies.headline(view.filters)}")
with cards.section(
    "Over time",
    "Notes and events of these days are drawn in; Notes in the header adds one. Click a day to open it.",
):
    anomalies.course(view.filters)
with cards.section(
    "What was unusual", "The most unlikely first. A slice goes with a change; it need not be why."
):
    anomalies.listed(view.filters)
with cards.section(
    "Did it work?",
    "What came from the day of a change or another event on, beside the forecast made from the days before it.",
):
    effects.card(view.filters)
with cards.section("What is not told, and what people said"):
    anomalies.quiet(view.filters)
