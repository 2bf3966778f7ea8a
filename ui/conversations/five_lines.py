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


def draw(opened: Dossier) -> None:
    """The card on the conversation's page; its links jump to the message."""
    with st.container(border=True, gap="xsmall"):
        st.markdown("**In five lines**")
        with errors.boundary("In five lines"):
            made = data_conversations.summary(opened)
            for line in made.lines:
                where = ", ".join(link(one.message) for one in line.cited)
                st.markdown(f"{said(line)} :small[:gray[{where}]]")
            aside(made)


def said(line: SummaryLine) -> str:
    """A line as markdown, without where it leads."""
    from rag.summary import TITLES

    words = f"“{escaped(line.text)}”" if line.is_quote else escaped(line.text)
    return f"**{TITLES[line.kind]}:** {words}"


def aside(made: Summary) -> None:
    """How many messages are not quoted, and who wrote the lines."""
    if made.set_aside:
        st.caption(
            f":material/remove_moderator: {made.set_aside} messages read like instructions to a model and are not quoted."
        )


def linked(opened: Dossier) -> frozenset[int]:
    """The messages that the lines lead to; none where they cannot be made, which their card says."""
    try:
        made = data_conversations.summary(opened)
    except AppError:
        return frozenset()
    return frozenset(one.message for line in made.lines for one in line.cited if one.message)
