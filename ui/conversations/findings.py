"""What the machine found in a conversation, what people made of it, and their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import data_conversations, data_moods, errors, kept, trail
from ui.doing import safely
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.dossier import Dossier
    from store.workspace import Correction

ICONS = {
    "negative": ":material/sentiment_dissatisfied:",
    "neutral": ":material/sentiment_neutral:",
    "positive": ":material/sentiment_satisfied:",
}
WORDS = {"sentiment": "Mood", "topic": "Topic"}


def draw(opened: Dossier) -> None:
    """Mood and topic with their corrections, then labels."""
    row = opened.facts
    key = (row["source_id"], row["conversation_id"])
    with st.container(border=True):
        st.markdown("**Mood and topic**")
        _found(row)
        with errors.boundary("Corrections"):
            machine = data_conversations.found_by_machine(*key)
            for one in kept.corrections_of(*key):
                _correction(one, row, machine)
    with st.container(border=True):
        st.markdown("**Labels**")
        with errors.boundary("Labels"):
            words = kept.labels_of(*key)
            if not words:
                st.caption("None yet. Labels are your own words, beside the tags of the source.")
            with st.container(horizontal=True, gap="xsmall"):
                for word in words:
                    _label(word, key)


def _label(word: str, key: tuple[str, str]) -> None:
    """A label; for who may, with the way to take it off."""
    if not trail.allows("correct"):
        st.markdown(f":gray-badge[{escaped(word)}]")
        return
    st.button(
        escaped(word), icon=":material/close:", icon_position="right", key=f"unlabel_{word}",
        help="Take it off", on_click=safely(kept.unlabel), args=([key], word),
    )  # fmt: skip


def _found(row: dict[str, Any]) -> None:
    mood = f"{ICONS[row['sentiment']]} {row['sentiment']}" if row["sentiment"] else numbers.MISSING
    if row["sentiment_score"] is None:
        st.markdown(f"Mood: **{mood}**  \n:small[:gray[Not scored: {_why_not(row)}]]")
    else:
        course = " → ".join(numbers.score(row[name]) for name in ("sentiment_start", "sentiment_end"))
        st.markdown(
            f"Mood: **{mood}**  \n:small[:gray[{numbers.score(row['sentiment_score'])} of the customer's words, "
            f"from -1 to 1; first message → last: {course}. By {escaped(data_moods.label())}]]"
        )
    st.markdown(f"Topic: **{escaped(row['topic'] or numbers.MISSING)}**")


def _why_not(row: dict[str, Any]) -> str:
    """Why the machine has no mood for it; that is never the same as neutral."""
    return (
        f"nobody scores texts in {escaped(row['language'])} yet" if row["language"] else "no words to judge"
    )


def _correction(one: Correction, row: dict[str, Any], machine: dict[str, str | None]) -> None:
    """A correction with who made it, what the machine found, whether the numbers have it yet, and the way back.

    `machine` knows the fields that the numbers have corrected; of the others the facts are the machine's.
    """
    now = row["topic"] if one.field == "topic" else row["sentiment"]
    when = f"{one.at:%-d %b %Y}"
    if one.undone_at:
        st.caption(
            f"~~{one.field} {escaped(one.value)}~~ · {escaped(one.viewer)}, {when}; taken back by {escaped(one.undone_by or '')}"
        )
        return
    state = "in the numbers" if now == one.value else "in the numbers from the next refresh on"
    found = escaped(machine.get(one.field, now) or "nothing")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(
            f"{WORDS[one.field]} corrected to **{escaped(one.value)}** by {escaped(one.viewer)}, {when}; "
            f"found by the machine: **{found}** · {state}"
        )
        if trail.allows("correct"):
            st.button(
                "Undo", key=f"undo_{one.id}", type="tertiary", icon=":material/undo:", on_click=safely(kept.undo), args=(one.id,),
            )  # fmt: skip
