"""A language model words the names of topics, where one is configured: what that costs first, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.errors import AppError
from ui import data_conversations, data_topics, errors, state, tables, trail

if TYPE_CHECKING:
    from rag.topic_wording import Estimate, Worded
    from store.workspace import TopicChoice

_STEP, _SAID = "topic_wording_step", "topic_wording_said"


def offer() -> None:
    """A button that says what naming would take, then one that does it; nothing is sent before the second."""
    if not (data_conversations.has_model() and trail.allows("correct")):
        return
    with errors.boundary("Names by the language model"):
        if state.value(_STEP) == "send":
            state.forget(_STEP)
            with st.spinner("The language model is asked for names"):
                made = data_topics.word()
            (st.success if made.labels else st.warning)(done(made))
        if told := state.value(_SAID):
            st.info(tables.told(told))
            state.forget(_SAID)
        if state.value(_STEP) == "cost":
            _confirm()
            return
        st.button(
            "Let the language model word the names", key="word_topics", type="tertiary", icon=":material/edit_note:",
            on_click=lambda: state.put(_STEP, "cost"), help="Says first what that costs. Nothing is sent yet.",
        )  # fmt: skip


def _confirm() -> None:
    takes = data_topics.wording_takes()
    st.markdown(cost(takes))
    with st.container(horizontal=True):
        st.button("Ask for names", key="word_topics_do", type="primary", disabled=not takes.topics,
                  on_click=lambda: state.put(_STEP, "send"))  # fmt: skip
        st.button("Cancel", key="word_topics_no", type="tertiary", on_click=lambda: state.forget(_STEP))


def cost(takes: Estimate) -> str:
    """What naming would take, as a sentence."""
    from rag.model_calls import cost as cost_of

    bill = cost_of(takes.input_tokens, takes.output_tokens, takes.dollars)
    kept = f" {numbers.count(takes.by_people)} that people named stay as they are." if takes.by_people else ""
    return (
        f"**{tables.escaped(takes.model)}** would name {_many(takes.topics, 'topic')} in {_many(takes.calls, 'call')}: "
        f"{bill}. It sees masked beginnings of a few conversations of each, and cannot move any.{kept}"
    )


def done(made: Worded) -> str:
    """What came of it: names, those dropped and why, and what went wrong."""
    told = (
        [f"{_many(len(made.labels), 'name')} kept. It holds from the next refresh on."] if made.labels else []
    )
    if made.dropped:
        why = ", ".join(f"{numbers.count(n)} {tables.escaped(what)}" for what, n in made.dropped.items())
        told.append(f"Dropped: {why}.")
    if made.unnamed:
        told.append(f"{_many(made.unnamed, 'topic')} got no name.")
    if made.because:
        told.append(f"The others keep the names they have: {tables.escaped(made.because)}.")
    return " ".join(told) or "No name came back: topics keep the names they have."


def given(choices: list[TopicChoice]) -> None:
    """How many names are a model's, and one click that takes them all back."""
    if not choices:
        return
    models = ", ".join(sorted({one.model or "a language model" for one in choices}))
    with st.container(horizontal=True, vertical_alignment="center", key="worded_topics"):
        st.markdown(f"**{_many(len(choices), 'name')}** by {tables.escaped(models)}, checked")
        if trail.allows("correct"):
            st.button(
                "Take all back",
                key="unword_topics",
                type="tertiary",
                icon=":material/undo:",
                on_click=_unword,
            )


def _unword() -> None:
    """Take the names back and remember what to say of it. Only from a callback."""
    try:
        n = data_topics.unword()
        state.put(_SAID, f"{_many(n, 'name')} taken back. It holds from the next refresh on.")
    except AppError as error:
        state.put(_SAID, errors.plain(error))


def _many(n: int, what: str) -> str:
    return f"{numbers.count(n)} {what}{'' if n == 1 else 's'}"
