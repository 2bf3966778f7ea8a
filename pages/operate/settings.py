"""What is set, what does it mean, and how is each number defined?"""

import streamlit as st

from ui import access_view, cards, goals_editor, models_view, schedule_view, settings_view
from ui.ask import quality

with cards.section("Where settings are written"):
    settings_view.place()
TABS = [
    "Hours and targets", "Schedule", "People and roles", "Options", "Numbers", "What sources can tell", "Models",
]  # fmt: skip
goals, schedule, people, options, numbers, sources, models = st.tabs(TABS, default=settings_view.wanted(TABS))
with goals, cards.section("Hours and targets", "What is in force now."):
    settings_view.hours_and_targets()
    goals_editor.panel()
with schedule, cards.section("Schedule", "When each source is read, was read, and is read next."):
    schedule_view.panel()
with people, cards.section("People and roles", "Who may see and do what, as the settings say."):
    access_view.panel()
with options, cards.section("Options", "Each with its value and its default."):
    settings_view.options()
with numbers, cards.section("Numbers", "Every metric with its definition. Choose one to open it."):
    settings_view.catalogue()
with (
    sources,
    cards.section("What sources can tell", "By metric: exact, derived from dates, or not available."),
):
    settings_view.capabilities()
with models:
    with cards.section("Sentiment", "The model card: who scores moods, how well, and since when."):
        models_view.sentiment()
    with cards.section("Other models", "What finds topics, searches, and words answers."):
        models_view.others()
    with cards.section("Questions", "How well they were answered, week by week."):
        quality.weekly()
