"""The last closed week in short: its sentences, each with the page that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import streamlit as st

from core.filters import Filters
from ui import data_brief, errors, evidence, navigation, sheet
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.brief_words import Piece, Sentence

PAGES = {
    "conversations": navigation.CONVERSATIONS, "overview": navigation.OVERVIEW, "live": navigation.LIVE,
    "volume": navigation.VOLUME,
}  # fmt: skip
TONES = {True: ":green[:material/trending_up:]", False: ":orange[:material/priority_high:]"}
CALM = ":gray[:material/trending_flat:]"


def card(chosen: Filters) -> None:
    """Folded, and computed when it is opened; an address can open it: `?brief=true`."""
    folded = st.expander(
        "Last week in short", icon=":material/calendar_view_week:", key="brief", on_change="rerun", bind="query-params",
    )  # fmt: skip
    if folded.open:
        with folded, errors.boundary("Last week in short"):
            _sentences(chosen)


def _sentences(chosen: Filters) -> None:
    found = data_brief.last_week(chosen)
    st.markdown(f"**{found.title}**")
    if found.week is None:
        st.caption("A week is told when it is over, from Monday to Sunday.")
    for place, sentence in enumerate(found.sentences):
        _told(sentence, place)
    place = len(found.sentences)
    for section in found.sections:
        st.markdown(f"**{section.title}**")
        sheet.say(f"**{section.title}**")
        for sentence in section.sentences:
            _told(sentence, place)
            _behind(sentence, f"brief_{place}")
            place += 1
    if found.refused:
        st.warning("A sentence is left out because its numbers did not hold; the log says which.")


def _told(sentence: Sentence, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = shown(sentence)
        st.markdown(f"{_tone(sentence)} {told}", width="stretch")
        sheet.say(told)
        _proof(sentence, place)


def _behind(sentence: Sentence, key: str) -> None:
    """What customers wrote, and conversations that show it."""
    for place, quote in enumerate(sentence.quotes):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            told = f"“{escaped(quote.text)}”"
            st.markdown(f"> {told}", width="stretch")
            sheet.say(told)
            evidence.button("Open", quote.source, quote.conversation_id, key=f"{key}_quote_{place}")
    if sentence.examples:
        evidence.buttons(sentence.examples, key=key)


def shown(sentence: Sentence) -> str:
    """The sentence as markdown: words of the data are escaped, ours and the figures are not obeyed either."""
    return "".join(_written(piece) for piece in sentence.pieces)


def _written(piece: Piece) -> str:
    return escaped(piece if isinstance(piece, str) else piece.text)


def _tone(sentence: Sentence) -> str:
    return CALM if sentence.good is None else TONES[sentence.good]


def _proof(sentence: Sentence, place: int) -> None:
    """A link to the page that proves a sentence."""
    page = urlsplit(sentence.address)
    st.page_link(PAGES[page.path], label="Proof", icon=":material/arrow_forward:", query_params=parse_qs(page.query),
                 help=f"What sentence {place + 1} rests on")  # fmt: skip
