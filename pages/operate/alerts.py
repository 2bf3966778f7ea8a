"""Who is told what, when? What is beyond its level now, the rules, what is sent by a timetable, and what was sent."""

import streamlit as st

from ui import alerts, alerts_form, cards, digests

with cards.section(
    "Open incidents", "What is beyond its level now. Told once, and once more when it is over."
):
    alerts.incidents()
with cards.section("Rules", "Each is judged on the last window that is over, with what its owner may see."):
    alerts.rules()
with cards.section(
    "Make or change a rule", "A preview says what it would have done, by the data as it is now."
):
    alerts_form.panel()
with cards.section(
    "Digests", "A saved view or the Monday brief by mail, each reader with what they may see."
):
    digests.digests()
channels, log = st.tabs(["Channels", "Delivery log"])
with channels, cards.section("Channels", "Where word goes: set in the settings, tried here."):
    alerts.channels()
with log, cards.section("Delivery log", "The newest first. What did not arrive is tried again for a day."):
    alerts.log()
