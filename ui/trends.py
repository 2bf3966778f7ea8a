"""Trends as pages show them: what changed for good and what did not, the whole first, then its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.filters import Filters, Period
from ui import cards, charts, choose, data_trends, filters, sheet, tables
from ui.drill import Drill, chosen

if TYPE_CHECKING:
    from analytics.trends import Trend, Trends

TITLE = "Trends"
CAPTION = "The last 26 weeks without the weekdays’ pattern. Choose a row to open its conversations."
CUTS = ("channel", "topic", "product", "team", "priority")


def card(metric: str, *, key: str, by: Sequence[str] = CUTS) -> None:
    """The trend of a metric in all and by a dimension that the reader chooses."""
    with cards.section(TITLE, CAPTION):
        chosen_by = choose.dimension(by, key=f"{key}_by")
        current = filters.current()
        found = data_trends.trends(metric, current, chosen_by)
        _draw(found, current, key)


def _draw(found: Trends, current: Filters, key: str) -> None:
    from analytics.trends.of_metric import FALSE

    whole, *parts = found.trends
    said = f"**{tables.escaped(whole.sentence)}**"
    sheet.say(said)
    st.markdown(said)
    shown = [whole, *(part for part in parts if part.n)]
    tables.plain(
        [_row(one, found) for one in shown], alt=f"Trends of {found.title}", key=key, selection_mode="single-row",
        on_select=chosen(key, [_drill(one, found) for one in shown]),
        column_config={"What is said": st.column_config.TextColumn(width="large")},
    )  # fmt: skip
    charts.below_table(
        [_row(one, found) for one in shown], f"Trends of {found.title}", key=key,
        exact=[_exact(one, found.unit) for one in shown],
        about={
            "Filters": filters.words(current), "Period": f"{found.period}, both days included",
            "Definition": "Level and slope without the weekdays' pattern, with 95 % intervals.",
        },
    )  # fmt: skip
    changed = sum(bool(part.direction not in ("none", "unknown")) for part in parts)
    tested = found.tested - (whole.chance is not None)
    if tested:
        st.caption(
            f"{changed} of {tested} parts changed; of such findings about {FALSE * 100:.0f} in 100 are chance."
        )


def _row(one: Trend, found: Trends) -> dict[str, Any]:
    from analytics.trends.words import DIRECTIONS, amount

    return {
        "Part": "All" if one.part == "total" else one.part,
        "Trend": DIRECTIONS[one.direction],
        "Now": amount(one.level, found.unit),
        "What is said": one.sentence,
        "n": one.n,
    }


def _exact(one: Trend, unit: str) -> dict[str, Any]:
    return {
        f"Level ({unit})": one.level, "Level, low": one.level_low, "Level, high": one.level_high,
        f"Per week ({unit})": one.per_week, "Per week, low": one.per_week_low, "Per week, high": one.per_week_high,
    }  # fmt: skip


def _drill(one: Trend, found: Trends) -> Drill:
    """The conversations since the last change, or of the whole time."""
    where = () if one.part == "total" or found.by is None else ((found.by, (one.part,)),)
    start = one.changes[-1].day if one.changes else found.period.start
    return Drill(where, Period(start, found.period.end), found.name)
