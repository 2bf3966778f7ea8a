"""What is filtered, in words one can take away; and changes of the filters by links and clicks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from core import conditions
from core.filters import Period
from ui import state
from ui.filters import any_of, choices, clicks
from ui.tables import escaped

PAGE, KEPT = "filters_page", "filters_kept"


def draw() -> None:
    """One chip a value, and the way back to everything."""
    chosen = choices.current()
    titles = choices.offered()
    days = chosen.period if state.value("period") == "custom" else None
    alternatives = conditions.decode(state.value(choices.ANY) or "")  # in the order written
    if not (chosen.where or chosen.include or days or alternatives):
        return
    with st.container(horizontal=True, gap="xsmall", key="filter_chips"):
        if days:
            _chip(f"Period: {_days(days)}", "chip_period", clicks.forget_period)
        for name, values in (*chosen.where, ("include", chosen.include)):
            title = escaped(titles.get(name, "Also counted"))
            for value in values:
                _chip(f"{title}: {escaped(value)}", f"chip_{name}_{value}", remove, name, value)
        for place, text in enumerate(any_of.words(alternatives)):
            _chip(escaped(f"or {text}" if place else text), f"chip_any_{place}", any_of.remove, place)
        st.button(
            "Reset", icon=":material/filter_alt_off:", type="tertiary", key="filters_reset", on_click=reset
        )


def _chip(label: str, key: str, on_click: object, *args: str | int) -> None:
    st.button(
        label, icon=":material/close:", icon_position="right", key=key, help="Take this away", on_click=on_click, args=args,  # type: ignore[arg-type]
    )  # fmt: skip


def _days(period: Period) -> str:
    first, last = f"{period.start:%-d %b}", f"{period.end:%-d %b}"
    return first if first == last else f"{first} to {last}"


def remove(name: str, value: str) -> None:
    """Take one value of a dimension away; only from a callback."""
    state.put(name, [kept for kept in state.value(name) or () if kept != value])


def clear(*names: str) -> None:
    """Take whole dimensions away; only from a callback."""
    for name in names:
        state.put(name, [])


def usual_period() -> None:
    """The days that are shown where nobody chose any; only from a callback."""
    state.put("period", choices.USUAL_PERIOD)


def widen() -> None:
    """All the days there are; only from a callback."""
    state.put("period", "all")


def reset() -> None:
    """Back to the defaults, and to a bare address."""
    clear(*choices.offered(), "include")
    clicks.forget_clicks()
    any_of.put(())
    for name, usual in (("compare", "previous"), ("grain", "auto"), ("hours", "calendar"), ("click", "open")):
        state.put(name, usual)
    usual_period()


def restore(said: Mapping[str, Sequence[str]]) -> None:
    """Choose exactly what an address says, whatever was chosen before on any page; only from a callback."""
    reset()
    state.put(KEPT, {})
    for name in (*choices.readable(), "include"):
        if said.get(name):
            state.put(name, list(said[name]))
    if said.get(choices.ANY):
        state.put(choices.ANY, said[choices.ANY][0])
    for name, known in choices.KNOWN.items():
        if said.get(name) and said[name][0] in known:
            state.put(name, said[name][0])
    days = _dates(said.get("dates", ()))
    if state.value("period") == "custom" and days is None:
        usual_period()
    elif days is not None:
        state.put("dates", days)


def _dates(said: Sequence[str]) -> tuple[date, date] | None:
    """First and last day as an address has them: two parameters, or one with a comma."""
    try:
        days = [date.fromisoformat(one) for text in said for one in text.split(",")]
    except ValueError:
        return None
    return (days[0], days[1]) if len(days) == 2 and days[0] <= days[1] else None


def chosen() -> dict[str, Any]:
    """What every widget of the bar says now, those that say nothing left out."""
    return {name: state.value(name) for name in choices.parameters() if state.value(name) is not None}


def come_to() -> None:
    """Set the widgets for a page that has just been come to, before they are drawn.

    On the way back, Streamlit gives every widget what the address says. Else an address that says something else
    counts; one that does not is given the filters again, because assigning a value to a widget writes its parameter.
    """
    if state.way_back() is not None:
        return
    if _contradicts(state.address()):
        restore(state.address())
    else:
        _put({**(state.value(KEPT) or {}), **chosen()})


def _contradicts(address: Mapping[str, Sequence[str]]) -> bool:
    """Whether an address says something else than the widgets: a link. After a click in the menu Streamlit
    hands over a part of what they say."""
    said = {**(state.value(KEPT) or {}), **chosen()}
    return any(
        address.get(name) and _texts(said.get(name)) != [*address[name]] for name in choices.parameters()
    )


def _texts(value: Any) -> list[str]:
    """A widget's value as parameters of an address."""
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one is not None]


def _put(values: Mapping[str, Any]) -> None:
    for name, new in values.items():
        state.put(name, new)
