"""A conversation in five lines: each says how it is known and leads to the message that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError
from ui import data_conversations, errors
from ui.conversations.told import link
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.dossier import Dossier
    from rag.summary import Summary, SummaryLine

EXTRACTED = "extracted"


def draw(opened: Dossier) -> None:
    """The card on the conversation's page; its links jump to the message."""
    with st.container(border=True, gap="xsmall"):
        st.markdown("**In five lines**")
        with errors.boundary("In five lines"):
            place = st.container(gap="xsmall")
            made = data_conversations.summary(opened)
            if made.writer == EXTRACTED and data_conversations.has_model() and _is_wanted(opened):
                made = data_conversations.summary(opened, asks=True)
            with place:
                for line in made.lines:
                    where = ", ".join(link(one.message) for one in line.cited)
                    st.markdown(f"{said(line, made)} :small[:gray[{where}]]")
                aside(made)


def _is_wanted(opened: Dossier) -> bool:
    """Whether the reader wants the model's words: every call costs, so that opening a page makes none."""
    place = st.empty()
    pressed = place.button(
        "Word it with the language model", key=f"worded_{opened.facts['source_id']}_{opened.facts['conversation_id']}",
        type="tertiary", icon=":material/edit_note:", help="One call; kept for whoever sees the same messages",
    )  # fmt: skip
    if pressed:
        place.empty()
    return pressed


def said(line: SummaryLine, made: Summary) -> str:
    """A line as markdown, without where it leads; among a model's lines an extracted one says so."""
    from rag.summary import TITLES

    words = f"“{escaped(line.text)}”" if line.is_quote else escaped(line.text)
    extracted = " :gray-badge[extracted]" if made.writer != EXTRACTED and not line.by_model else ""
    return f"**{TITLES[line.kind]}:** {words}{extracted}"


def aside(made: Summary) -> None:
    """How many messages are not quoted, and who wrote the lines."""
    if made.set_aside:
        st.caption(
            f":material/remove_moderator: {made.set_aside} messages read like instructions to a model and are not quoted."
        )
    if made.writer != EXTRACTED:
        st.caption(
            f":material/fact_check: Worded by {escaped(made.writer)}, each line checked against its messages."
        )
    if made.because:
        st.caption(f":material/info: Extracted without the language model: {escaped(made.because)}.")


def linked(opened: Dossier) -> frozenset[int]:
    """The messages that the lines lead to; none where they cannot be made, which their card says."""
    try:
        made = data_conversations.summary(opened)
    except AppError:
        return frozenset()
    return frozenset(one.message for line in made.lines for one in line.cited if one.message)
