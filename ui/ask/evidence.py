"""The conversations behind an answer, each labelled with why it is here; it opens at the message that is quoted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui import data_conversations, errors, navigation
from ui.conversations import five_lines
from ui.tables import escaped

if TYPE_CHECKING:
    from rag.answer import Answer, Citation, Evidence

KINDS = {
    "representative": ("Typical", ":material/groups:", "blue", "Drawn in proportion to what the numbers point at"),
    "relevant": ("Close to the question", ":material/target:", "green", "Found by the words of the question"),
    "counter-example": ("Says otherwise", ":material/contrast:", "orange", "From the same place, in another mood"),
}  # fmt: skip


def cards(answer: Answer, key: str) -> None:
    """Cards in the order of their numbers."""
    if not answer.citations:
        return
    st.markdown(f"**Conversations behind it** ({len(answer.citations)})")
    with st.grid(2, min_column_width=300):
        for citation in answer.citations:
            with st.container(border=True, height="stretch", gap="xsmall"):
                _card(citation, f"{key}_{citation.n}")


def counted(items: Sequence[Evidence]) -> None:
    """How many conversations of each kind were read, while the answer is being written."""
    kinds = Counter(item.kind for item in items)
    told = ", ".join(f"{n} {KINDS[kind][0].lower()}" for kind, n in kinds.items())
    if told:
        st.caption(f":material/forum: Conversations read: {told}.")


def _card(citation: Citation, key: str) -> None:
    label, icon, color, why = KINDS[citation.kind]
    subject = escaped(citation.subject or citation.conversation_id)
    st.markdown(f":blue-badge[{citation.n}] :{color}-badge[{icon} {label}] **{subject}**", help=why)
    when = f"{citation.date:%-d %b %Y}" if citation.date else None
    st.caption(" · ".join(escaped(part) for part in (when, citation.channel, citation.product) if part))
    if citation.quote:
        st.text(f"“{citation.quote}”")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            "Open", key=f"{key}_open", icon=":material/open_in_new:", type="tertiary", help="At the quoted message",
            on_click=navigation.open_conversation,
            args=(citation.source_id, citation.conversation_id, citation.message_id or ""),
        )  # fmt: skip
        wants = st.toggle("In five lines", key=f"{key}_lines")
    if wants:
        with errors.boundary("In five lines"):
            _lines(citation)


def _lines(citation: Citation) -> None:
    opened = data_conversations.dossier(citation.source_id, citation.conversation_id)
    if opened is None:
        st.caption("The conversation is not there any more.")
        return
    made = data_conversations.summary(opened, asks=True)  # the toggle asks for it
    for line in made.lines:
        where = ", ".join(f"message {one.message}" if one.message else "the subject" for one in line.cited)
        st.markdown(f"{five_lines.said(line, made)} :small[:gray[{where}]]")
    five_lines.aside(made)
