"""The list: how many there are, one page of them, and the way to the pages beside it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.filters import Filters
from ui import data_conversations as found
from ui import data_moods, filters, resources, sheet, state, tables
from ui.conversations import actions, asked, columns, controls
from ui.data_conversations import Behind, Listed

if TYPE_CHECKING:
    from analytics.conversation_list import ListPage, Totals
    from analytics.list_question import Place

PAGE_SIZE = 50
ROW_HEIGHT = 35
TALLEST = 25  # rows on screen; the others scroll


def draw(chosen: Filters) -> None:
    """The list that the address asks for; a click on a cell opens a conversation, a tick chooses it."""
    listed, metrics = asked.listed(chosen), found.metrics()
    controls.draw(listed, metrics)
    of = metrics.get(listed.question.of)
    if listed.question.of and of is None:
        st.warning(
            f"There is no metric called **{tables.escaped(listed.question.of)}** whose conversations can be listed.",
            icon=":material/search_off:",
        )
        st.button("List what was created in the period", on_click=asked.reset, key="list_without_metric")
        return
    totals = found.totals(listed)
    controls.quick(listed.question.quick, totals.quick)
    if not totals.rows:
        return _nothing(listed, of)
    place = asked.page_of(listed)
    names = columns.chosen()
    page = found.page(
        listed, size=PAGE_SIZE, after=place.after, before=place.before, columns=columns.extra_facts(names)
    )
    start = place.start if page.has_previous else 0
    told = _head(listed, of, totals, start, len(page.rows))
    st.caption(f"{told} · {data_moods.note()}" if columns.tells_moods(names) else told)
    above = st.container()  # what to do with rows is said where it is seen, and known once they are drawn
    ticked = _table(page, listed, of, names)
    with above:
        actions.draw(page, ticked, listed, of, names)
    _pager(page, listed, start)


def _head(listed: Listed, of: Behind | None, totals: Totals, start: int, n: int) -> str:
    """How many, of what, which of them are on screen, in which order and zone."""
    rows = f"**{numbers.count(totals.rows, exact=True)}**"
    if of is None:
        what = f"{rows} conversations created in the period"
    else:
        held = f" in **{numbers.count(totals.conversations, exact=True)}** conversations"
        is_level = of.kind in ("level", "level_quantile")
        when = "open at the end of the period" if is_level else f"counted on {of.counted_on}"
        what = f"{rows} {of.rows}{held if of.rows != 'conversations' else ''} behind **{tables.escaped(of.title)}**, {when}"
    on_screen = f"{start + 1:,} to {start + n:,}, {listed.question.order.title.lower()}"
    parts = [
        what,
        on_screen,
        f"times in {resources.settings().workspace.reporting_zone}",
        *_how_found(listed),
    ]
    return " · ".join(parts)


def _how_found(listed: Listed) -> list[str]:
    search = found.found(listed)
    parts = [f"under the label **{tables.escaped(listed.label)}**"] if listed.label else []
    parts += ["of one evidence set"] if listed.evidence is not None else []
    return [*parts, *(["every message was read"] if search and not search.by_index else [])]


def _nothing(listed: Listed, of: Behind | None) -> None:
    """No row: what may be the cause, each with the button that takes it away."""
    actions.said(key="nothing_said")
    what = (
        f"No conversation is behind **{tables.escaped(of.title)}** here" if of else "No conversation matches"
    )
    st.info(f"{what}. Take one of these away, or widen the period above.", icon=":material/search_off:")
    with st.container(horizontal=True, gap="small"):
        if listed.text:
            st.button("Without the words", key="without_words", on_click=asked.put, args=("q",))
        if listed.label:
            st.button("Without the label", key="without_label", on_click=asked.put, args=(asked.LABEL,))
        if listed.evidence is not None:
            st.button("Without the set", key="without_set", on_click=asked.put, args=(asked.EVIDENCE,))
        if listed.question.quick:
            st.button("Without the quick filters", key="without_quick", on_click=asked.put, args=("quick",))
        if of:
            st.button("All created in the period", key="without_of", on_click=asked.reset)
        if filters.current().where:
            st.button("Without the filters", key="without_filters", on_click=filters.reset)


def _table(page: ListPage, listed: Listed, of: Behind | None, names: tuple[str, ...]) -> list[int]:
    """One page as a table; gives the rows that are ticked."""
    hours = listed.question.filters.hours
    known = columns.offered()
    rows = [columns.cells(row, names, of, hours, known) for row in page.rows]
    kinds = columns.kinds(names, of)
    filled = {
        title: kind for title, kind in kinds.items() if any(row[title] not in (None, "") for row in rows)
    }
    # A key of its own for what is shown: a row ticked on another page is not ticked here.
    key = f"conversation_rows_{zlib.crc32(repr(page.places).encode())}"
    alt = f"{len(rows)} rows, {listed.question.order.title.lower()}"
    sheet.table(columns.worded(rows, filled), alt)
    chosen: Any = st.dataframe(
        columns.styled(rows, filled), hide_index=True, key=key, on_select=lambda: _clicked(key, page.places, listed),
        selection_mode=["multi-row", "single-cell"], column_config=columns.config(filled), placeholder=numbers.MISSING,
        alt=f"{alt}; a click on a cell opens the conversation",
        height=38 + ROW_HEIGHT * min(len(rows), TALLEST),
    )  # fmt: skip
    return [row for row in chosen["selection"]["rows"] if row < len(rows)]


def _clicked(key: str, places: tuple[Place, ...], listed: Listed) -> None:
    """Open the conversation of the cell that was clicked."""
    for row, _ in (state.value(key) or {}).get("selection", {}).get("cells", []):
        if row < len(places):
            open_place(places[row], listed)


def open_place(place: Place, listed: Listed) -> None:
    """Open a conversation of the list, so that the ones beside it can follow; only from a callback."""
    asked.visit((place.source_id, place.conversation_id), place, listed)


def _pager(page: ListPage, listed: Listed, start: int) -> None:
    if not (page.has_previous or page.has_next):
        return
    with st.container(horizontal=True, gap="small", key="list_pager"):
        st.button(
            "First page", icon=":material/first_page:", key="list_first", type="tertiary", on_click=_turn,
            disabled=not page.has_previous,
        )  # fmt: skip
        st.button(
            "Previous", icon=":material/chevron_left:", key="list_previous", disabled=not page.has_previous,
            on_click=_turn, args=(asked.BEFORE, asked.encoded(page.places[0], listed, max(0, start - PAGE_SIZE))),
        )  # fmt: skip
        st.button(
            "Next", icon=":material/chevron_right:", icon_position="right", key="list_next", disabled=not page.has_next,
            on_click=_turn, args=(asked.AFTER, asked.encoded(page.places[-1], listed, start + len(page.rows))),
        )  # fmt: skip


def _turn(side: str = "", cursor: str = "") -> None:
    for name in (asked.AFTER, asked.BEFORE):
        state.set_link(name, cursor if name == side else None)
