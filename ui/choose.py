"""One of a few things, chosen by a button: the page shows titles, the address carries names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ui import filters, state
from ui.tables import told


def one(label: str, titles: Mapping[str, str], *, key: str, is_long: bool = False) -> str:
    """The chosen name, the first where nothing was chosen. The address has it under `key`, and not the first.

    A list that `is_long` is folded.

    A bound widget would write the title into the address. So the address decides, and a click writes into it.
    """
    usual = next(iter(titles))
    said = state.link(key) or usual
    chosen = said if said in titles else usual
    state.set_link(key, None if chosen == usual else chosen)
    state.put(key, chosen)
    if is_long:
        st.selectbox(
            label, list(titles), key=key, format_func=titles.__getitem__, on_change=_write, args=(key, usual)
        )
    else:
        st.segmented_control(
            label, list(titles), default=usual, required=True, key=key, format_func=lambda name: told(titles[name]),
            label_visibility="collapsed", on_change=_write, args=(key, usual),
        )  # fmt: skip
    return chosen


def dimension(names: Sequence[str], *, key: str) -> str:
    """The dimension by which a card is split."""
    titles = filters.offered()
    return one("By", {name: titles[name] for name in names}, key=key)


def several(label: str, titles: Mapping[str, str], *, key: str, nothing: str) -> list[str]:
    """The chosen names, in the order offered; the address has each under `key`. `nothing` is shown where none is."""
    said = state.links(key)
    chosen = [name for name in titles if name in said]
    state.set_links(key, chosen)
    state.put(key, chosen)
    st.multiselect(
        label, list(titles), key=key, format_func=titles.__getitem__, placeholder=nothing, select_all=False,
        on_change=_write_all, args=(key,),
    )  # fmt: skip
    return chosen


def _write_all(key: str) -> None:
    state.set_links(key, list(state.value(key) or ()))


def _write(key: str, usual: str) -> None:
    chosen = state.value(key)
    state.set_link(key, None if chosen == usual else chosen)
