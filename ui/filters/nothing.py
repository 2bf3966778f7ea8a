"""An empty result says which filter empties it, and offers to take that one away."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core import numbers
from core.errors import QuestionError
from core.filters import Filters
from ui import data
from ui.filters import any_of, chips, choices
from ui.tables import escaped


def explain() -> None:
    """Where no conversation passes the filters: how many would without each of them, and the fix as a button."""
    chosen = choices.current()
    try:
        if _count(chosen):
            return
    except QuestionError:
        return  # a filter that conversations do not have, only targets say: every card tells whether it has it
    with st.container(border=True, key="nothing_here"):
        st.markdown(f"**No conversation was created here:** {choices.told()}.")
        titles, offers = choices.offered(), 0
        with st.container(horizontal=True, gap="small"):
            for name, _ in chosen.where:
                found = _count(chosen.without(name))
                if found:
                    offers += 1
                    label = f"Without {escaped(titles.get(name, name).lower())}: {numbers.count(found)}"
                    st.button(label, key=f"without_{name}", on_click=chips.clear, args=(name,))
            if chosen.groups and (found := _count(replace(chosen, groups=()))):
                offers += 1
                st.button(
                    f"Without and / or: {numbers.count(found)}",
                    key="without_any",
                    on_click=any_of.put,
                    args=((),),
                )
            first, last = data.span()
            found = _count(chosen.over(choices.period_of("all", first, last)))
            if found:
                offers += 1
                st.button(f"All days: {numbers.count(found)}", key="without_period", on_click=chips.widen)
            if not offers:
                st.button("Reset all filters", key="without_all", on_click=chips.reset)


def _count(chosen: Filters) -> int:
    return data.metric("volume", replace(chosen, hours="calendar")).total.n
