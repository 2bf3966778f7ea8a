"""One answer from top to bottom: sentence and trust first, then numbers, chart, conversations, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from ui.ask import actions, chips, evidence, numbers
from ui.tables import escaped, told

if TYPE_CHECKING:
    from rag.answer import Answer

CONFIDENCE = {
    "high": ("High confidence", ":material/verified:", "green"),
    "medium": ("Medium confidence", ":material/check:", "blue"),
    "low": ("Low confidence", ":material/help:", "orange"),
    "not in the data": ("Not in the data", ":material/block:", "gray"),
}


def show(answer: Answer, *, key: str, last: bool, ask: Callable[[str], None], change: chips.Do) -> None:
    """The answer. Chips can be changed, and follow-ups asked, of the last one only."""
    if last:
        chips.editable(answer.plan, key, change)
    else:
        chips.badges(answer.plan)
    _claims(answer, 0, 1)
    _confidence(answer)
    numbers.cards(answer.metrics)
    numbers.chart(answer, key)
    _claims(answer, 1, None)
    evidence.cards(answer, key)
    numbers.drawer(answer, key)
    _notes(answer)
    actions.draw(answer, key)
    if last:
        _next(answer, key, ask)


def _claims(answer: Answer, first: int, until: int | None) -> None:
    """Some of the sentences; the very first stands out."""
    if not answer.claims and first == 0:
        st.markdown("**The data does not answer this.**")
        for near in answer.nearest:
            st.markdown(f"- {escaped(near)}")
    for position, claim in enumerate(answer.claims[first:until], start=first):
        cited = "".join(f" :blue-badge[{n}]" for n in claim.citations)
        text = escaped(claim.text)
        st.markdown((f"**{text}**" if position == 0 else text) + cited)


def _confidence(answer: Answer) -> None:
    word, icon, color = CONFIDENCE[answer.confidence.level]
    reasons = "; ".join(answer.confidence.reasons)
    st.markdown(f":{color}-badge[{icon} {word}] :small[{escaped(reasons)}]")


def _notes(answer: Answer) -> None:
    if answer.banner:
        st.caption(f":material/info: {told(answer.banner)}")
    elif answer.words_by:
        reused = " for an earlier answer" if answer.usage.reused else ""
        st.caption(
            f":material/edit: Worded by {escaped(answer.words_by)}{reused}; numbers and quotes are not its own."
        )
    for note in answer.notes:
        st.caption(f":material/info: {escaped(note)}")
    if answer.dropped_claims:
        st.caption(
            f":material/remove_moderator: {answer.dropped_claims} sentences did not pass the check and were left out."
        )
    seconds = answer.timings.get("total") or sum(answer.timings.values())
    st.caption(f"Answered in {seconds:.1f} s from generation {answer.generation}.")


def _next(answer: Answer, key: str, ask: Callable[[str], None]) -> None:
    if answer.next_questions:
        st.caption("Ask next")
        with st.container(horizontal=True, gap="xsmall"):
            for position, question in enumerate(answer.next_questions):
                st.button(escaped(question), key=f"{key}_next{position}", on_click=ask, args=(question,))
