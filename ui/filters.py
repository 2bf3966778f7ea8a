"""The filter bar: every choice lives in the address, so that a link shows what its sender saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import streamlit as st

from core.errors import AppError
from core.filters import Filters, Grain, Period
from ui import data, state

Compare = Literal["previous", "year"]
QUICK: dict[str, int] = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
PERIODS = {
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "1y": "1 year",
    "all": "All",
    "custom": "Custom",
}
COMPARES = {"previous": "Previous period", "year": "Last year", "none": "No comparison"}
GRAIN_WORDS = {"auto": "Auto", **{grain: grain.capitalize() for grain in get_args(Grain)[:5]}}
# Dimensions offered in the bar, in the order a manager thinks of them; the address knows them by name.
OFFERED = (
    "source", "channel", "team", "product", "priority", "topic", "sentiment", "status", "agent", "language", "tag",
)  # fmt: skip
MOST_ATTRIBUTES = 12  # more than these make a wall of lists; the address takes any
_VIEW = "filters_view"
_PAGE = "filters_page"
_KEPT = "filters_kept"
FIXED = ("period", "dates", "compare", "grain")


@dataclass(frozen=True, slots=True)
class View:
    """What the bar says: the filters, what to compare with, and the width of a bucket."""

    filters: Filters
    compare: Compare | None
    grain: Grain


def offered() -> dict[str, str]:
    """Dimensions that can be filtered by, with their titles: the usual ones, then attributes of customers."""
    return {**{name: name.capitalize() for name in OFFERED}, **data.attributes()}


def _keys() -> tuple[str, ...]:
    return (*FIXED, *offered())


def current() -> Filters:
    """The filters of this rerun."""
    return view().filters


def view() -> View:
    """Filters, comparison and grain of this rerun. The bar has run before any page."""
    chosen: View = state.value(_VIEW)
    return chosen


def bar(page: str) -> None:
    """Draw the bar and remember what it says."""
    _keep_address(page)
    first, last = data.span()
    with st.container(horizontal=True, vertical_alignment="bottom", key="filter_bar"):
        st.segmented_control(
            "Period", PERIODS, default="30d", required=True, key="period", bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        if state.value("period") == "custom":
            _custom_range(first, last)
        _more()
    state.put(_KEPT, {key: state.value(key) for key in _keys() if state.value(key) is not None})
    state.put(_VIEW, View(_filters(first, last), _compare(), _grain(first, last)))
    _chips()


def _keep_address(page: str) -> None:
    """After a page switch the address is bare: assigning a value again writes its parameter again.

    A page without the bar forgets the widgets; what they said is kept beside them.
    """
    kept = state.value(_KEPT) or {}
    if state.value(_PAGE) != page:
        state.put(_PAGE, page)
        for key in _keys():
            if state.value(key) is not None:
                state.put(key, state.value(key))
            elif key in kept and state.link(key) is None:
                state.put(key, kept[key])


def _custom_range(first: date, last: date) -> None:
    default = (max(first, last - timedelta(days=29)), last)
    st.date_input(
        "From and to", value=default, min_value=min(first, default[0]), max_value=data.today(), key="dates",
        bind="query-params", format="YYYY-MM-DD", label_visibility="collapsed", width=230,
    )  # fmt: skip


def _more() -> None:
    active = sum(bool(state.value(name)) for name in offered())
    label = f"Filters · {active}" if active else "Filters"
    with st.popover(label, icon=":material/tune:", key="filters_more"):
        left, right = st.columns(2)
        left.selectbox(
            "Compare with",
            COMPARES,
            key="compare",
            bind="query-params",
        )
        right.selectbox(
            "Chart step",
            GRAIN_WORDS,
            key="grain",
            bind="query-params",
        )
        for position, (name, title) in enumerate(_listed().items()):
            options = [value for value, _ in data.values(name)]
            # One lone value is no choice, unless the address already asks for it.
            if len(options) > 1 or state.value(name):
                (left, right)[position % 2].multiselect(
                    title, options, key=name, bind="query-params", placeholder="All"
                )


def _listed() -> dict[str, str]:
    """The usual dimensions, and as many attributes as fit, those in use always."""
    titles = offered()
    extra = [name for name in titles if name not in OFFERED]
    dropped = {name for name in extra[MOST_ATTRIBUTES:] if not (state.value(name) or state.link(name))}
    return {name: title for name, title in titles.items() if name not in dropped}


def _filters(first: date, last: date) -> Filters:
    where = {name: list(state.value(name) or ()) for name in offered()}
    return Filters.of(_period(first, last), where)


def _period(first: date, last: date) -> Period:
    chosen = state.value("period") or "30d"
    if chosen == "all":
        return Period(min(first, last), last)
    if chosen == "custom":
        dates: tuple[date, ...] = state.value("dates") or ()
        if len(dates) == 2:
            return Period(dates[0], dates[1])
    return Period(last - timedelta(days=QUICK.get(chosen, 30) - 1), last)


def _compare() -> Compare | None:
    chosen: Compare | Literal["none"] = state.value("compare") or "previous"
    return None if chosen == "none" else chosen


def _grain(first: date, last: date) -> Grain:
    chosen: Grain | Literal["auto"] = state.value("grain") or "auto"
    return data.auto_grain(_period(first, last)) if chosen == "auto" else chosen


def away() -> None:
    """A page without the bar: the next one with it writes the address anew."""
    state.put(_PAGE, "")


def _chips() -> None:
    """What is filtered, in words; a click takes one value away."""
    chosen = current().where
    if not chosen:
        return
    titles = offered()
    with st.container(horizontal=True, gap="xsmall", key="filter_chips"):
        for name, values in chosen:
            for value in values:
                st.button(
                    f"{titles[name]}: {value}", icon=":material/close:", icon_position="right",
                    key=f"chip_{name}_{value}", help=f"Remove {titles[name].lower()} {value}", on_click=_remove, args=(name, value),
                )  # fmt: skip
        st.button(
            "Reset", icon=":material/filter_alt_off:", type="tertiary", key="filters_reset", on_click=reset
        )


def _remove(name: str, value: str) -> None:
    state.put(name, [kept for kept in state.value(name) or () if kept != value])


def reset() -> None:
    """Back to the defaults, and to a bare address."""
    for name in offered():
        state.put(name, [])
    state.put("compare", "previous")
    state.put("grain", "auto")
    state.put("period", "30d")


def narrow(dimension: str, value: str) -> None:
    """Set one dimension; only from a callback, because its widget is already drawn."""
    if dimension in offered():
        state.put(dimension, [value])


def words() -> str:
    """The filters in words, for a caption: what the numbers below are about."""
    chosen = view()
    period = chosen.filters.period
    titles = offered()
    parts = [f"{titles[name].lower()} {' or '.join(values)}" for name, values in chosen.filters.where]
    span = f"{period.start:%-d %b %Y} to {period.end:%-d %b %Y}" if period else "all time"
    return " · ".join([span, *parts])


__all__ = ["AppError", "View", "bar", "current", "narrow", "reset", "view", "words"]
