"""What a rule is limited to: values of dimensions as in the filter bar, and conditions for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui import data, filters, resources
from ui.tables import escaped

WITHOUT_A_LIST = ("any", "hours", "include", "weekday", "hour")


def fields(key: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that the fields say, as a kept bar says them; what has no field stays as it was."""
    titles = filters.offered() if resources.generation() is not None else {}
    shown = [name for name in titles if name in filters.MAIN or before.get(name)]
    shown = [name for name in shown if name not in WITHOUT_A_LIST]
    count = sum(bool(value) for value in before.values())
    with st.popover(f"Only · {count}" if count else "Only", icon=":material/tune:", key=f"{key}_only"):
        with st.grid(2, min_column_width=200, gap="small"):
            lists = {name: _values(f"{key}_{name}", name, titles[name], before) for name in shown}
        conditions = st.text_input(
            "And these conditions", str(before.get("any", "")), placeholder="team:Billing;priority!:low", key=f"{key}_any",
            help="As the filter bar takes them: ; is and, | is or, !: is not, a comma stands between values.",
        )  # fmt: skip
    said = {**before, **lists, "any": conditions}
    told = [f"{titles[name]}: {' or '.join(map(str, said[name]))}" for name in shown if said[name]]
    told += [conditions] if conditions else []
    st.caption(escaped(f"Only where {'; '.join(told)}." if told else "Every conversation."))
    if others := sorted(name for name, value in before.items() if value and name not in (*shown, "any")):
        st.caption(f"And only with the {escaped(', '.join(others))} that it was made with.")
    return {name: value for name, value in said.items() if value}


def _values(key: str, name: str, title: str, before: Mapping[str, Any]) -> list[str]:
    chosen = [str(value) for value in before.get(name) or ()]
    options = [value for value, _ in data.values(name)]
    with st.container():
        return st.multiselect(
            title, [*options, *(value for value in chosen if value not in options)], chosen, key=key, placeholder="All",
            accept_new_options=len(options) >= data.MOST_VALUES,
        )  # fmt: skip
