"""How a conversation went, what its customer wants and what it names: each with a link to the message that says so."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.errors import AppError
from ui import data_conversations, errors
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.dossier import Dossier
    from analytics.experience import Part

ANCHOR = "message-"
TITLES = {"resolution": "Resolution", "sentiment": "Mood at the end", "service": "Service"}
MOST = 8  # of a kind


def draw(opened: Dossier) -> None:
    """The parts of the experience score first, then the score; below them intent and what is named."""
    with st.container(border=True, gap="xsmall"):
        st.markdown("**How it went**")
        with errors.boundary("How it went"):
            went = data_conversations.experience(opened)
            for part in went.parts:
                st.markdown(_part(part))
            score = f"Experience score **{went.score:.1f}** of 5" if went.score is not None else went.pending
            st.caption(score)
    with st.container(border=True, gap="xsmall"):
        st.markdown("**What it is about**")
        with errors.boundary("What it is about"):
            _about(opened)


def linked(opened: Dossier) -> frozenset[int]:
    """The messages that something here leads to; none where it cannot be read, which its card says."""
    try:
        went, told = data_conversations.experience(opened), data_conversations.told(opened)
    except AppError:
        return frozenset()
    numbers_of = [part.message for part in went.parts] + [one.message for one in told.mentions]
    return frozenset(n for n in (*numbers_of, told.wanted.message if told.wanted else None) if n)


def _about(opened: Dossier) -> None:
    told = data_conversations.told(opened)
    if told.wanted:
        wanted = told.wanted
        st.markdown(
            f"Wants: **{wanted.title}**  \n:small[:gray[“{escaped(wanted.words)}”, {link(wanted.message)}]]"
        )
    else:
        st.markdown(f"Wants: **{numbers.MISSING}**")
    for _, group in groupby(told.mentions, key=lambda one: one.kind):
        same = list(group)
        named = ", ".join(
            f"**{escaped(one.value)}** :small[:gray[{link(one.message)}{f', {one.times} times' if one.times > 1 else ''}]]"
            for one in same[:MOST]
        )
        more = f" and {len(same) - MOST} more" if len(same) > MOST else ""
        st.markdown(f"{same[0].title}: {named}{more}")
    if not told.mentions:
        st.caption("No order, version, code, date or address is named.")


def _part(part: Part) -> str:
    value = numbers.MISSING if part.value is None else f"{part.value:.1f}".removesuffix(".0")
    says = f", {link(part.message)}" if part.message else ""
    scale = f"{part.low} to {part.high}"
    return f"{TITLES[part.name]}: **{value}** :small[:gray[({scale})]]  \n:small[:gray[{escaped(part.why)}{says}]]"


def link(message: int) -> str:
    """The way to a message of the thread; 0 is the subject, which is on top of it."""
    if not message:
        return "the subject"
    return f"[message {message}](#{ANCHOR}{message})"
