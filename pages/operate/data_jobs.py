"""Is the data right and on time?"""

import streamlit as st

from ui import cards, customers, jobs_view, refresh, sources, upload

with cards.section("Refresh", "Reads every source, computes, indexes and publishes one generation."):
    refresh.panel(key="refresh")
    jobs_view.index()
with cards.section("Sources", "How each source is, and what it has brought."):
    sources.panel()
load, runs, known, rejects = st.tabs(["Load a file", "Refreshes", "Customers", "Rows set aside"])
with (
    load,
    cards.section("Load a file", "See how it was understood, correct it, look at twenty rows, then load."),
):
    upload.panel()
with runs, cards.section("Refreshes", "The newest first."):
    jobs_view.runs()
with rejects, cards.section("Rows set aside", "A refresh goes on without them; nothing is dropped silently."):
    jobs_view.rejects()
with known, cards.section("Customers", "Who is recognised, and what is known of them."):
    customers.panel()
