"""From the sample to one's own data: what is done, what is next, each with the page that does it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core import effective
from ui import data, data_ask, navigation, resources, trail


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, why, and where; `is_done` is looked up, never ticked by hand."""

    title: str
    why: str
    page: str
    label: str
    is_done: bool


def steps() -> list[Step]:
    """The steps of this workspace as they are now."""
    settings = resources.settings()
    own = [source for source in settings.sources if not effective.is_sample(resources.home(), source)]
    read = {row["source_id"] for row in data.source_rows()}
    return [
        Step("Look around in the sample", "Every page works on it; nothing in it is real.", navigation.OVERVIEW, "Overview", True),
        Step("Connect a source, or load a file", "The sample steps aside as soon as there is data of your own.",
             navigation.DATA_JOBS, "Data & jobs", bool(own)),
        Step("Read it", "The first refresh shows recent weeks after two minutes and goes on into the past.",
             navigation.DATA_JOBS, "Data & jobs", any(source.name in read for source in own)),
        Step("Set business hours and targets", "Then durations count working time, and SLA says met or missed.",
             navigation.SETTINGS, "Settings", bool(own) and bool(settings.calendars and settings.sla)),
        Step("Ask a question", "In plain words; the answer brings its numbers and conversations.", navigation.ASK, "Ask",
             bool(own) and bool(data_ask.recent_questions(1))),
    ]  # fmt: skip


def is_sample() -> bool:
    """Whether everything that is shown is the generated sample."""
    return all(effective.is_sample(resources.home(), source) for source in resources.settings().sources)


def card() -> None:
    """The checklist, as long as the workspace is the sample's; folded, because numbers come first."""
    if not (is_sample() and trail.allows("manage")):
        return
    found = steps()
    done = sum(step.is_done for step in found)
    title = f"This is the generated sample: {done} of {len(found)} steps to your own data"
    with st.expander(title, icon=":material/checklist:", key="first_steps"):
        for step in found:
            icon = ":material/check_circle:" if step.is_done else ":material/radio_button_unchecked:"
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{icon} **{step.title}.** {step.why}", width="stretch")
                st.page_link(step.page, label=step.label)
