"""How a question was understood, as chips; those of the latest answer can be changed, and the question asked anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import data_ask, errors
from ui.tables import escaped

if TYPE_CHECKING:
    from rag.answer import QueryPlan
    from rag.chips import Change, Chip

ICONS = {
    "intent": ":material/psychology:", "metric": ":material/functions:", "limit": ":material/content_cut:",
    "period": ":material/calendar_month:",
    "baseline": ":material/compare_arrows:", "filter": ":material/filter_alt:", "group_by": ":material/splitscreen:",
    "grain": ":material/timeline:", "search": ":material/search:",
}  # fmt: skip
SEVERAL = ("metric", "filter", "group_by")
TITLES = {
    "intent": "Kind of question", "metric": "Numbers", "period": "Period", "baseline": "Compared with",
    "group_by": "Split by", "grain": "Step", "search": "Words sought",
}  # fmt: skip
Do = Callable[["Mapping[str, Change]"], None]


def badges(plan: QueryPlan) -> None:
    """The chips to read only; below them what was assumed."""
    with st.container(horizontal=True, gap="xsmall"):
        for chip in data_ask.chips(plan):
            is_scope = chip.kind in ("limit", "period", "filter")
            st.badge(chip.label, icon=ICONS[chip.kind], color="blue" if is_scope else "gray")
    _assumed(plan)


def editable(plan: QueryPlan, key: str, change: Do) -> None:
    """The chips as buttons: each opens what it can be changed to. Words that a chip cannot say are typed instead."""
    with st.container(horizontal=True, gap="xsmall", key=f"{key}_chips"):
        found = data_ask.chips(plan)
        for chip in found:
            name = f"{key}_{chip.key.replace(':', '_')}"
            with st.popover(escaped(chip.label), icon=ICONS[chip.kind], key=name, help="Change it"):
                _field(chip, name, change)
        with st.popover("Narrow", icon=":material/add:", key=f"{key}_add", help="Add a filter or a period"):
            _added(plan, f"{key}_add", change)
    _assumed(plan)


def _assumed(plan: QueryPlan) -> None:
    for sentence in (*plan.assumptions, *plan.ambiguity):
        st.caption(f":material/edit_note: {escaped(errors.sentence(sentence))}")


def _field(chip: Chip, key: str, change: Do) -> None:
    """What a chip says, to be changed, and two buttons."""
    value: Change = None
    widget = f"{key}_value"
    titles = data_ask.titles(chip)
    label = TITLES.get(chip.kind, chip.label.partition(":")[0])
    if chip.kind in SEVERAL and chip.choices:
        known = [*dict.fromkeys([*chip.value, *chip.choices])]
        value = st.multiselect(
            label, known, list(chip.value), format_func=lambda one: titles.get(one, one), key=widget
        )
    elif chip.choices:
        at = chip.choices.index(chip.value[0]) if chip.value[0] in chip.choices else 0
        value = st.selectbox(
            label, chip.choices, at, format_func=lambda one: titles.get(one, one), key=widget
        )
    elif chip.kind in ("period", "baseline"):
        days: Any = tuple(date.fromisoformat(day) for day in chip.value[0].split("/"))
        value = _span(st.date_input(label, days, key=widget))
    elif chip.kind == "search":
        value = st.text_input(label, chip.value[0], key=widget)
    with st.container(horizontal=True, gap="small"):
        if value is not None:
            st.button(
                "Ask so",
                key=f"{key}_do",
                type="primary",
                disabled=not value,
                on_click=change,
                args=({chip.key: value},),
            )
        if chip.removable:
            st.button("Take away", key=f"{key}_away", on_click=change, args=({chip.key: None},))


def _added(plan: QueryPlan, key: str, change: Do) -> None:
    """A filter that the plan does not have yet, and a period where it has none."""
    offered = {name: title for name, title in data_ask.dimensions().items() if name not in plan.filters}
    name = st.selectbox(
        "By",
        list(offered),
        index=None,
        format_func=offered.__getitem__,
        placeholder="channel, team, …",
        key=f"{key}_by",
    )
    if name:
        values = st.multiselect("Only", data_ask.values_of(name), key=f"{key}_{name}")
        st.button(
            "Ask so",
            key=f"{key}_do",
            type="primary",
            disabled=not values,
            on_click=change,
            args=({f"filter:{name}": values},),
        )
    if plan.period is None:
        span = _span(st.date_input("Period", [], key=f"{key}_period"))
        st.button(
            "Ask for these days",
            key=f"{key}_days",
            disabled=not span,
            on_click=change,
            args=({"period": span},),
        )


def _span(days: Any) -> str | None:
    """First and last day as a plan says them; None while only one is chosen."""
    chosen = list(days) if isinstance(days, tuple | list) else [days]
    if len(chosen) == 2:
        return f"{chosen[0]}/{chosen[1]}"
    return f"{chosen[0]}/{chosen[0]}" if len(chosen) == 1 else None
