"""A language model labels a chosen sample of moods for the classifier to learn from: cost first, then the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.errors import AppError
from ui import data_conversations, data_moods, errors, state, tables, trail

if TYPE_CHECKING:
    from analytics.moods import MoodCard
    from rag.mood_labelling import Estimate, Labelling

USUAL, MOST = 300, 2_000
_TITLE = "Labels by the language model"
_STEP, _SAID = "mood_labels_step", "mood_labels_said"


def card_of_labels(card: MoodCard) -> None:
    """Whose labels the card rests on, how often model and people agree, and against whom quality is measured."""
    told = []
    if card.labelled:
        told.append(
            f"**{numbers.count(card.labelled)} labels by {tables.escaped(card.labelled_by)}, "
            f"{numbers.count(card.total)} by people** to learn from."
        )
    if card.both:
        share = numbers.percent(card.agreed / card.both, card.both)
        told.append(
            f"Model and people agree in {share} of the {_many(card.both)} that both labelled (n {card.both})."
        )
    if card.labels_learned and card.whole and card.whole.n:
        told.append(
            f"Measured against {tables.escaped(card.measured)}: people have corrected too few, and nobody knows how right a "
            "model's labels are."
            if card.measured
            else "Measured against people's corrections alone."
        )
    if told:
        st.markdown(" ".join(told))


def offer() -> None:
    """The size of the sample, what it costs, and a button that sends it; nothing is sent before that one."""
    if not trail.allows("correct"):
        return
    with errors.boundary(_TITLE):
        if told := state.value(_SAID):
            st.info(tables.told(told))
            state.forget(_SAID)
        if data_conversations.has_model():
            _steps()
        if kept := data_moods.labels_kept():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(
                    f"A language model labelled {_many(kept)}. Refreshes learn from these labels; no number counts them."
                )
                st.button(
                    "Take all labels back",
                    key="unlabel_moods",
                    type="tertiary",
                    icon=":material/undo:",
                    on_click=_unlabel,
                )


def _steps() -> None:
    step = state.value(_STEP)
    if isinstance(step, int):
        state.forget(_STEP)
        with st.spinner("The language model labels the sample"):
            done = data_moods.label_sample(step)
        (st.success if done.n else st.warning)(said(done))
    elif step == "cost":
        _confirm()
        return
    st.button(
        "Let the language model label a sample", key="label_moods", type="tertiary", icon=":material/edit_note:",
        on_click=lambda: state.put(_STEP, "cost"), help="Says first what that costs. Nothing is sent yet.",
    )  # fmt: skip


def _confirm() -> None:
    n = int(st.number_input("Conversations", 1, MOST, USUAL, step=50, key="label_moods_n"))
    takes = data_moods.labelling_takes(n)
    st.markdown(cost(takes))
    with st.container(horizontal=True):
        st.button("Label them", key="label_moods_do", type="primary", disabled=not takes.conversations,
                  on_click=lambda: state.put(_STEP, n))  # fmt: skip
        st.button("Cancel", key="label_moods_no", type="tertiary", on_click=lambda: state.forget(_STEP))


def cost(takes: Estimate) -> str:
    """What labelling would take, as sentences."""
    from rag.model_calls import cost as cost_of

    bill = cost_of(takes.input_tokens, takes.output_tokens, takes.dollars)
    beside = (
        f" {numbers.count(takes.of_people)} of them people have corrected: there it is seen how often both agree."
        if takes.of_people
        else ""
    )
    aside = (
        f" {numbers.count(takes.set_aside)} more read like instructions to a model and are not sent."
        if takes.set_aside
        else ""
    )
    calls = f"{numbers.count(takes.calls)} call{'' if takes.calls == 1 else 's'}"
    return (
        f"**{tables.escaped(takes.model)}** would label {_many(takes.conversations)}, as many of each mood as there are, in "
        f"{calls}: {bill}. It sees what customers wrote, masked.{beside}{aside}"
    )


def said(done: Labelling) -> str:
    """What came of it: labels, those dropped and why, and what went wrong."""
    moods = ", ".join(f"{numbers.count(n)} {mood}" for mood, n in sorted(done.labels.items()))
    told = [f"{_many(done.n)} labelled: {moods}. The next refresh learns from them."] if done.n else []
    if done.dropped:
        why = ", ".join(f"{numbers.count(n)} {tables.escaped(what)}" for what, n in done.dropped.items())
        told.append(f"Dropped: {why}.")
    if done.because:
        told.append(f"The others were not labelled: {tables.escaped(done.because)}.")
    return " ".join(told) or "There is no conversation left to label."


def _unlabel() -> None:
    """Take the labels back and remember what to say of it. Only from a callback."""
    try:
        n = data_moods.unlabel()
        state.put(_SAID, f"Labels of {_many(n)} taken back. It holds from the next refresh on.")
    except AppError as error:
        state.put(_SAID, errors.plain(error))


def _many(n: int) -> str:
    return f"{numbers.count(n)} conversation{'' if n == 1 else 's'}"
