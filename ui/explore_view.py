"""What was explored, drawn: as a table, bars or lines, with what must be known to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from ui import (
    audit,
    cards,
    charts,
    data_explore,
    errors,
    explore,
    explore_table,
    export,
    filters,
    my_page,
    tables,
)
from ui.charts.base import MOST_SERIES, Chart
from ui.charts.explored import MOST_BARS
from ui.explore_grid import Grid, exact_rows, label_rows, lay_out

if TYPE_CHECKING:
    from analytics.exploration import Exploration
    from core.filters import Filters
    from ui.explore import Choice


def page() -> None:
    """The page: what to pick, and what comes of it."""
    choice = explore.pick()
    title = explore.describe(choice) or "Explore"
    with cards.section(title, filters.told()):
        show(choice, filters.view(), key="explore")
        if choice.metrics:
            my_page.pinner("explore", title, choice.kept(), key="explore_pin")


def show(choice: Choice, view: filters.View, *, key: str, within: Filters | None = None) -> None:
    """What was picked, within a view. `within` are filters that a click takes along, where the page has no bar."""
    if not choice.metrics:
        cards.empty("Choose at least one metric: it is what the table counts.")
        return
    choice = explore.with_step(choice, view)
    found = data_explore.table(choice.question(view))
    if not any(result.total.n for result in found.results):
        cards.empty("Nothing was counted under these filters. Choose a longer period, or take a filter away.")
        return
    if choice.show == "table":
        grid = lay_out(found, choice.values, within)
        st.caption("Click a number to open its conversations, or choose a row.")
        words = f"{explore.describe(choice)}, {found.results[0].period}"
        explore_table.draw(grid, words, key=f"{key}_grid")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            audit.menu(found.results, key=f"{key}_audit")
            export.menu(_file(grid, words), key=f"{key}_table")
    else:
        for name in choice.metrics:
            _chart(found, name, choice, key=f"{key}_{name}", within=within)
    _notes(found, choice)


def _file(grid: Grid, words: str) -> Chart:
    """The table for an export: a chart without a mark."""
    import plotly.graph_objects as go

    return Chart(go.Figure(), words, label_rows(grid), results=grid.found.results, exact=exact_rows(grid))


def _chart(found: Exploration, name: str, choice: Choice, *, key: str, within: Filters | None) -> None:
    result = found.result(name)
    if len(choice.metrics) > 1:
        st.markdown(f"**{result.title}**")
    if choice.values == "share" and not data_explore.adds_up(name):
        st.caption(f"{result.title} does not add up, so nothing is a share of it.")
        return
    with errors.boundary(result.title):
        if choice.show == "line":
            made = charts.lines(found, name, choice.values, within)
        else:
            made = charts.bars(found, name, choice.values, within, stacks=data_explore.adds_up(name))
        charts.draw(made, key=key)
    _left_out(found)


def _left_out(found: Exploration) -> None:
    """How many series and bars there are beside those drawn."""
    over_time = bool(found.buckets)
    series = max(1, len(found.columns)) * (max(1, len(found.rows)) if over_time else 1)
    parts = [f"{MOST_SERIES} of {series} series"] if series > MOST_SERIES else []
    if not over_time and len(found.rows) > MOST_BARS:
        parts.append(f"{MOST_BARS} of {len(found.rows)} rows")
    if parts:
        st.caption(f"Drawn: {' and '.join(parts)}. The table below holds all of them.")


def _notes(found: Exploration, choice: Choice) -> None:
    """What changes, shares and totals are of, and what is not shown."""
    notes = list(found.notes)
    if choice.values == "change":
        notes.append(_against(found))
    if choice.values == "share":
        of = f"the total of its {found.question.grain}" if found.question.grain else "the total"
        notes.append(f"A share is of {of}; of the whole period, of everything.")
    if found.hidden_rows:
        notes.append(_hidden(found))
    several = any(not data_explore.adds_up(name) for name in choice.metrics)
    if several and found.question.by:
        notes.append(
            "A total of medians, shares and rates is computed from all its conversations, and is no sum."
        )
    notes += [note for result in found.results for note in result.notes]
    for note in dict.fromkeys(notes):
        st.caption(tables.escaped(errors.sentence(note)))


def _against(found: Exploration) -> str:
    if found.question.compare is None:
        return "There is nothing to compare with: choose a comparison in the bar above."
    before = found.results[0].previous_period
    text = f"Change against {before}" if before else "There is no period before to compare with"
    if found.question.grain and found.question.compare == "previous":
        return f"{text}; in a {found.question.grain}, against the {found.question.grain} before where both are whole"
    return text


def _hidden(found: Exploration) -> str:
    n = numbers.count(found.hidden_rows)
    if found.others:
        return f"{n} more rows are added up as others."
    return f"{n} more rows are not shown; the totals hold them."
