"""Where it stands: new conversations, speed and mood of every part of one dimension, beside the period before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.sla_states import STATES as STATES
from core import numbers
from core.filters import Filters
from core.service_levels import CLOCKS as CLOCKS
from ui import charts, choose, data, drill, several, tables

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
WORDS = {
    "first_reply": "First reply", "next_reply": "Next reply", "resolution": "Resolution", "met": "Met", "breached": "Breached",
    "running": "Still running", "cancelled": "Cancelled",
}  # fmt: skip
# What stands beside a team's missed targets: enough to see why.
OF_SLA = {
    "sla_compliance": "Targets met",
    "sla_breaches": "Breached",
    "first_reply_median": "First reply, median",
    "first_reply_p90": "First reply, p90",
    "resolution_median": "Resolution, median",
    "backlog": "Open",
    "open_per_agent": "Open per agent",
}


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
    words = f"{len(rows)} parts by {by}"
    tables.plain(rows[:MOST], alt=words, empty="No conversations in this period.")
    if len(rows) > MOST:
        st.caption(f"The {MOST} largest of {len(rows)}.")
    if rows:
        full = exact(results, COLUMNS)
        charts.below_table(rows, words, key="parts_rows", results=results, exact=full)


def sla(chosen: Filters, compare: str | None) -> None:
    """Every team with its targets and what may explain them; the one that meets fewest first."""
    by = choose.dimension(("team", "agent", "priority", "channel"), key="sla_by")
    found = several.asked(OF_SLA, lambda name: data.metric(name, chosen, compare=compare, by=(by,)))
    if "sla_compliance" not in found.results:
        raise found.failed[0]
    judged = [row for row in found.results["sla_compliance"].groups if row.value is not None]
    if not judged:
        st.caption("No target was due in this period. Targets are set under `[[sla]]` in the settings.")
        return
    worst = sorted(judged, key=lambda row: (row.small, row.value or 0))
    columns = {name: OF_SLA[name] for name in found.results}
    rows = table([*found.results.values()], by.capitalize(), columns, worst)
    behind = found.results.get("sla_breaches", found.results["sla_compliance"])
    drills = [drill.of_row(behind, row) for row in worst]
    st.markdown(_worst(worst))
    tables.plain(
        rows, alt=f"SLA by {by}, the fewest met first", key="sla_rows", selection_mode="single-row",
        on_select=drill.chosen("sla_rows", drills),
    )  # fmt: skip
    shown = [*found.results.values()]
    charts.below_table(
        rows, f"SLA by {by}", key="sla_rows", results=shown, exact=exact(shown, columns, worst)
    )
    several.say(found.failed)


def _worst(worst: list[Row]) -> str:
    """One sentence: who meets fewest targets, and how sure that is."""
    first = worst[0]
    if first.small or first.value is None:
        return "Too few targets to judge anybody."
    span = numbers.interval(first.low, first.high, first.n)
    share = numbers.percent(first.value, first.n)
    return f"**{tables.escaped(first.group[0])}** meets fewest: {share} of {first.n:,} targets ({span})."


def table(
    results: list[MetricResult],
    title: str,
    columns: Mapping[str, str] = COLUMNS,
    order: Sequence[Row] | None = None,
) -> list[dict[str, Any]]:
    """One row a part in the order of the first metric (or of `order`); every cell with its change."""
    by_name = [{row.group[0]: row for row in result.groups} for result in results]
    return [
        {title: row.group[0]}
        | {
            label: cell(result, known.get(row.group[0]))
            for label, result, known in zip(columns.values(), results, by_name, strict=True)
        }
        for row in (results[0].groups if order is None else order)
    ]


def exact(
    results: Sequence[MetricResult], columns: Mapping[str, str], order: Sequence[Row] | None = None
) -> list[dict[str, Any]]:
    """The numbers of `table` in full: of every cell its value, what it rests on, and the value before."""
    by_name = [{row.group[0]: row for row in result.groups} for result in results]
    found = []
    for row in results[0].groups if order is None else order:
        cells: dict[str, Any] = {}
        for label, result, known in zip(columns.values(), results, by_name, strict=True):
            one = known.get(row.group[0])
            before = one.previous if one else None
            cells |= {
                f"{label} ({result.unit})": one.value if one else None,
                f"{label}, n": one.n if one else None,
                f"{label}, before ({result.unit})": before.value if before else None,
            }
        found.append(cells)
    return found


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
