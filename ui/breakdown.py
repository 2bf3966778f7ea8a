"""Where it stands: new conversations, speed and mood of every part of one dimension, beside the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.filters import Filters
from ui import data, tables

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

DIMENSIONS = ("Team", "Product", "Topic", "Channel", "Priority")
MOST_ATTRIBUTES = 4  # of customers, beside them: what fits in one row
COLUMNS = {
    "volume": "New",
    "first_reply_median": "First reply",
    "sentiment_negative_share": "Negative",
}
MOST = 12


def card(chosen: Filters, compare: str | None) -> None:
    """A table of the parts, the largest first; a dash where a part is too small to judge."""
    names = {name: name.lower() for name in DIMENSIONS}
    names |= {title: name for name, title in list(data.attributes().items())[:MOST_ATTRIBUTES]}
    by = st.segmented_control(
        "By", list(names), default="Team", required=True, key="parts", bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    title = by or "Team"
    results = [data.metric(name, chosen, compare=compare, by=(names[title],)) for name in COLUMNS]
    rows = table(results, title)
    tables.plain(rows[:MOST], alt=f"{len(rows)} parts by {by}", empty="No conversations in this period.")
    if len(rows) > MOST:
        st.caption(f"The {MOST} largest of {len(rows)}.")


def table(results: list[MetricResult], title: str) -> list[dict[str, Any]]:
    """One row a part in the order of the first metric; every cell with its change."""
    by_name = [{row.group[0]: row for row in result.groups} for result in results]
    return [
        {title: row.group[0]}
        | {
            label: cell(result, known.get(row.group[0]))
            for label, result, known in zip(COLUMNS.values(), results, by_name, strict=True)
        }
        for row in results[0].groups
    ]


def cell(result: MetricResult, row: Row | None) -> str:
    """The value and, where both periods carry it, the change: "52 m 36 s (▼ 63 %)"."""
    if row is None or row.value is None or row.small:
        return numbers.MISSING
    text = numbers.value(row.value, result.unit, row.n)
    before = row.previous
    if before is None or before.value is None or before.small:
        return text
    if result.unit == "share":
        moved, unit = round(100 * (row.value - before.value)), "pp"
    elif before.value:
        moved, unit = round(100 * (row.value / before.value - 1)), "%"
    else:
        return text
    return text if moved == 0 else f"{text} ({'▲' if moved > 0 else '▼'} {abs(moved)} {unit})"
