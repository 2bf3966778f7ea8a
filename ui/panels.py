"""Parts of pages that differ only in their metric: a course, a split, a distribution, each in its own boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.filters import GRAINS, Grain
from ui import cards, charts, choose, data, filters

MOST = 12
ENOUGH = 0.8  # of the buckets of a course
WIDEST: Grain = "month"
NOTHING = "Nothing in this period."
FEW_CUTS = ("team", "channel", "priority")
CUTS = ("team", "channel", "priority", "topic", "product", "agent")


def course(title: str, *names: str, key: str, by: str = "", bars: bool = False, caption: str = "") -> None:
    """Metrics over the period, in steps of the bar's grain; `by` splits the only one."""
    with cards.section(title, caption or filters.told()):
        view, split = filters.view(), (by,) if by else ()
        grain = _grain(names[0], split)
        results = [data.metric(name, view.filters, grain=grain, by=split) for name in names]
        if grain != view.grain:
            st.caption(f"By {grain}: too few in a {view.grain} to judge it.")
        charts.draw(charts.trend(results, title, bars=bars), key=key)


def _grain(name: str, by: tuple[str, ...]) -> Grain:
    """The step that was chosen; an automatic one grows until most buckets hold enough to be judged."""
    view = filters.view()
    if filters.has_own_grain():
        return view.grain
    for grain in GRAINS[GRAINS.index(view.grain) : GRAINS.index(WIDEST) + 1]:
        found = data.metric(name, view.filters, grain=grain, by=by)
        judged = [not row.small and row.value is not None for row in found.rows]
        if found.unit == "count" or sum(judged) >= ENOUGH * len(judged):
            return grain
    return view.grain


def split(
    title: str,
    name: str,
    *,
    key: str,
    by: Sequence[str] = CUTS,
    caption: str = "",
    hits: bool = False,
    none: str = NOTHING,
) -> None:
    """A metric by a dimension that the reader chooses; `none` is said where every part is zero, now and before."""
    with cards.section(title, caption):
        chosen = choose.dimension(by, key=f"{key}_by") if len(by) > 1 else by[0]
        view = filters.view()
        result = data.metric(name, view.filters, compare=view.compare, by=(chosen,))
        if not any(row.value or (row.previous and row.previous.value) for row in result.groups):
            st.caption(none if result.groups else NOTHING)
            return
        charts.draw(charts.parts(result, f"{title} by {filters.offered()[chosen]}", hits=hits), key=key)


def week(title: str, name: str, *, key: str, caption: str = "") -> None:
    """A metric by weekday and hour, in the reporting zone."""
    with cards.section(title, caption or "Click a square to open the conversations of that hour."):
        result = data.metric(name, filters.current(), by=("weekday", "hour"))
        if not result.groups:
            st.caption(NOTHING)
            return
        charts.draw(charts.heat(result, title), key=key)


def lie(title: str, name: str, *, key: str, caption: str = "") -> None:
    """How the values behind a metric lie; the target of the settings is marked."""
    with cards.section(title, caption):
        result = data.metric(name, filters.current(), detail=True)
        limit = next((line.points[-1].value for line in result.targets if line.points), None)
        charts.draw(charts.spread(result, title, limit=limit), key=key)


def dots_by(title: str, name: str, *, key: str, by: Sequence[str]) -> None:
    """A share by a dimension that the reader chooses, each with its interval, largest n first."""
    chosen = choose.dimension(by, key=f"{key}_by")
    result = data.metric(name, filters.current(), by=(chosen,))
    if not result.groups:
        st.caption(NOTHING)
        return
    charts.draw(
        charts.dots(
            [replace(result, groups=result.groups[:MOST])], f"{title} by {filters.offered()[chosen]}"
        ),
        key=key,
    )
    if len(result.groups) > MOST:
        st.caption(f"The {MOST} with the largest n of {len(result.groups)}.")
