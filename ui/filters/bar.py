"""The filter bar: every choice lives in the address, so that a link shows what its sender saw."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from core import numbers
from core.conditions import CUSTOM
from core.errors import QuestionError
from core.filters import NOT_COUNTED, Filters
from ui import data, state
from ui.filters import any_of, chips, choices, within
from ui.filters.choices import CLICKS, COMPARES, FIXED, GRAINS, HOURS, MAIN, PERIODS, USUAL_PERIOD
from ui.filters.kept import address
from ui.tables import escaped

CONDITIONS_ON = "Explore"  # elsewhere they are kept and can be changed, and are not begun


def bar(page: str) -> None:
    """Draw the bar and remember what it says."""
    within.drop()
    if state.once(chips.PAGE, page):
        chips.come_to()
    first, last = data.span()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filter_bar"):
        _period()
        if state.value("period") == "custom":
            _custom_range(first, last)
        _how()
        _dimensions()
        if page == CONDITIONS_ON or any_of.is_used():
            any_of.editor()
    state.put(chips.KEPT, chips.chosen())
    try:
        choices.read(first, last)
    except QuestionError as error:
        any_of.refuse(error)
    chips.draw()


def away() -> None:
    """A page without the bar: its address carries the bar's choices, and the next one with it writes them anew."""
    state.put(chips.PAGE, "")
    within.carry()


def leave(chosen: Filters) -> dict[str, str | list[str]]:
    """Forget what the bar said; gives the address under which it says these filters; only from a callback."""
    state.put(chips.KEPT, {})
    state.forget(*choices.parameters())
    return address(chosen)


def is_here() -> bool:
    """Whether the page that is shown has the bar."""
    return bool(page())


def page() -> str:
    """The title of the page that is shown, nothing where it has no bar."""
    return str(state.value(chips.PAGE) or "")


def _period() -> None:
    """The days in words. A bound widget would write these words into the address, where a key belongs."""
    if state.way_back() is not None or state.value("period") is None:
        said = state.link("period")
        state.put("period", said if said in PERIODS else USUAL_PERIOD)
    st.segmented_control(
        "Period", PERIODS, default=USUAL_PERIOD, required=True, key="period", format_func=PERIODS.__getitem__,
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    chosen = state.value("period")
    state.set_link("period", None if chosen == USUAL_PERIOD else chosen)


def _custom_range(first: date, last: date) -> None:
    default = (max(first, last - timedelta(days=29)), last)
    st.date_input(
        "From and to", value=default, min_value=min(first, default[0]), max_value=data.today(), key="dates",
        bind="query-params", format="YYYY-MM-DD", label_visibility="collapsed", width=230,
    )  # fmt: skip


def _how() -> None:
    """How numbers are cut and compared, and what a click does; the label says what is chosen."""
    compare, grain = state.value("compare") or "previous", state.value("grain") or "auto"
    parts = [f"vs {COMPARES[compare].lower()}" if compare in ("previous", "year") else "not compared"]
    parts += [f"by {grain}"] if grain != "auto" else []
    parts += ["business hours"] if state.value("hours") == "business" else []
    parts += ["clicks filter"] if choices.click_filters() else []
    with st.popover(" · ".join(parts), icon=":material/compare_arrows:", key="filters_how"):
        st.selectbox("Compare with", COMPARES, key="compare", bind="query-params")
        st.selectbox("Chart step", GRAINS, key="grain", bind="query-params")
        st.segmented_control(
            "Durations in", HOURS, default="calendar", required=True, key="hours", bind="query-params",
            help="Business hours are those of the calendar of each conversation.",
        )  # fmt: skip
        st.segmented_control(
            "A click on a chart", CLICKS, default="open", required=True, key="click", bind="query-params",
        )  # fmt: skip


def _dimensions() -> None:
    active = sum(bool(state.value(name)) for name in (*choices.offered(), "include"))
    with st.popover(
        f"Filters · {active}" if active else "Filters", icon=":material/tune:", key="filters_more"
    ):
        _lists({name: title for name, title in choices.offered().items() if name in MAIN})
        st.markdown("**More**")
        _lists(choices.listed())
        _further()
        st.multiselect(
            "Count also", NOT_COUNTED, key="include", bind="query-params", placeholder="Nothing more",
            help="Kinds of conversations that are in no number by default.",
        )  # fmt: skip


def _further() -> None:
    """The way to attributes and fields that have no list of their own here."""
    if titles := {**choices.further(), **_asked_for()}:
        st.multiselect(
            "Further fields", list(titles), key=choices.FURTHER, format_func=lambda name: titles.get(name, name),
            placeholder=f"{len(titles)} more", help="Each gets its list above. The address takes any field.",
        )  # fmt: skip
    for name in choices.strange():
        st.warning(
            f"No source sends the field **{escaped(name.removeprefix(CUSTOM))}**: the address filters by it in vain.",
            icon=":material/filter_alt_off:",
        )


def _asked_for() -> dict[str, str]:
    offered = choices.offered()
    return {name: offered[name] for name in state.value(choices.FURTHER) or () if name in offered}


def _lists(titles: dict[str, str]) -> None:
    with st.grid(2, min_column_width=200, gap="small"):
        for name, title in titles.items():
            options = [value for value, _ in data.values(name)]
            named = [
                value for value in (*state.links(name), *(state.value(name) or ())) if value not in options
            ]
            # One lone value is no choice. What a link names is one, also where no conversation has it any more:
            # Streamlit would drop the filter without a word.
            if len(options) > 1 or named or state.value(name) or state.link(name):
                with st.container():
                    st.multiselect(
                        title, [*options, *dict.fromkeys(named)], key=name, bind="query-params", placeholder="All",
                        accept_new_options=len(options) >= data.MOST_VALUES,
                        help=f"The {numbers.count(data.MOST_VALUES)} most frequent; write any other."
                        if len(options) >= data.MOST_VALUES else None,
                    )  # fmt: skip


__all__ = ["FIXED", "away", "bar"]
