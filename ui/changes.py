"""What changed: the movement of one number, split into parts that add up to it, as steps and as sentences."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.filters import Filters
from ui import charts, data, filters, sheet, state, tables
from ui.drill import Drill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.changes import ChangeReport, Segment, Split

# The address carries these words.
METRICS = {
    "Volume": "volume",
    "Mood": "sentiment_negative_share",
    "First reply": "first_reply_median",
    "Resolution": "resolution_median",
    "CSAT": "csat_share",
}
MOST_STEPS = 7
MOST_SENTENCES = 4


def card(chosen: Filters, compare: str | None, *, key: str) -> None:
    """Choose the number, see its steps and the strongest movers."""
    st.segmented_control(
        "Number", list(METRICS), default="Volume", required=True, key="moved", bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    _explained(METRICS[state.value("moved") or "Volume"], chosen, compare, key)


def one(name: str, *, key: str) -> None:
    """What moved one number, under the filters of the bar."""
    view = filters.view()
    _explained(name, view.filters, view.compare, key)


def _explained(name: str, chosen: Filters, compare: str | None, key: str) -> None:
    if compare is None:
        st.info("Choose a period to compare with in the bar above.", icon=":material/info:")
        return
    report = data.changes(name, chosen, compare)
    st.markdown(headline(report))
    sheet.say(headline(report))
    names = {split.dimension: split for split in report.splits if len(split.segments) > 1}
    if not names or not report.change:
        st.caption("No part moved on its own.")
        return
    by = st.segmented_control(
        "Split by", list(names), default=next(iter(names)), required=True, key=f"{key}_by",
        format_func=str.capitalize, label_visibility="collapsed",
    )  # fmt: skip
    shown = steps(report, names[by or next(iter(names))])
    charts.draw(replace(shown, results=(data.metric(name, chosen, compare=compare),)), key=key)
    for segment in report.movers[:MOST_SENTENCES]:
        st.markdown(f"- {sentence(report, segment)}")
        sheet.say(sentence(report, segment))


AXES = {
    "count": "conversations",
    "rate": "conversations per 1,000",
    "share": "percentage points",
    "points": "points",
}


def headline(report: ChangeReport) -> str:
    """Both numbers and what lies between them."""
    now = numbers.value(report.now.value, report.unit, report.now.n)
    before = numbers.value(report.before.value, report.unit, report.before.n)
    n, earlier = min(report.now.n, report.before.n), report.previous_period
    moved = numbers.change(report.now.value, report.before.value, report.unit, n)
    return f"**{report.title}: {before} → {now}**, {minus(moved)} against {earlier.start:%-d %b} to {earlier.end:%-d %b %Y}."


def sentence(report: ChangeReport, segment: Segment) -> str:
    """One mover in words, with its own numbers in both periods."""
    before = numbers.value(segment.before, _unit(report), round(segment.n_before))
    now = numbers.value(segment.now, _unit(report), round(segment.n_now))
    part = f"**{tables.escaped(segment.value)}** ({tables.escaped(segment.dimension)})"
    return f"{part} {amount(report, segment.contribution)}: {before} → {now}"


def amount(report: ChangeReport, contribution: float) -> str:
    """A contribution in the unit of what is explained; of a median, percentage points (see `_unit`)."""
    if _unit(report) == "share":
        return minus(numbers.points(contribution, 1 + numbers.FINE_ABOVE))
    return minus(f"{contribution:+,.{0 if report.unit == 'count' else 2}f}")


def minus(text: str) -> str:
    """A real minus sign."""
    return text.replace("-", "\N{MINUS SIGN}")


def _unit(report: ChangeReport) -> str:
    # A median is explained by the share of conversations that were slower than before.
    return "share" if report.unit == "seconds" else report.unit


def steps(report: ChangeReport, split: Split) -> charts.Chart:
    """The parts of the change from the largest to the smallest, ending in the whole."""
    ordered = sorted(split.segments, key=lambda segment: -abs(segment.contribution))
    shown = [
        (segment.value, segment.contribution) for segment in ordered[:MOST_STEPS] if segment.contribution
    ]
    drills = [Drill(((split.dimension, (one.value,)),), None, report.metric) for one in ordered]
    marks: list[int | None] = [*range(len(shown)), len(drills)]
    if rest := ordered[MOST_STEPS:]:
        shown.append((f"{len(rest)} others", sum(segment.contribution for segment in rest)))
        marks.insert(-1, None)
    parts = ", ".join(f"{name} {amount(report, moved)}" for name, moved in shown)
    words = f"{report.title}, change by {split.dimension}: {parts}; together {amount(report, report.change)}."
    return charts.Chart(
        _figure(report, shown, marks), words, [_row(report, s) for s in ordered], max(230, 80 + 30 * len(shown)),
        (*drills, Drill(of=report.metric)), row_drills=tuple(drills),
        exact=[{f"Part in the change ({_unit(report)})": s.contribution} for s in ordered],
    )  # fmt: skip


def _figure(report: ChangeReport, shown: list[tuple[str, float]], marks: list[int | None]) -> go.Figure:
    """Bars that begin where the one before ended: plotly's own waterfall answers to no click."""
    import plotly.graph_objects as go

    scale = 100 if _unit(report) == "share" else 1
    moves = [scale * moved for _, moved in shown]
    figure = go.Figure(
        go.Bar(
            orientation="h", y=[name for name, _ in shown] + ["Whole change"],
            x=[*moves, scale * report.change], base=[*[0.0, *accumulate(moves)][:-1], 0.0],
            text=[amount(report, moved) for _, moved in shown] + [amount(report, report.change)],
            customdata=marks, textposition="outside", cliponaxis=False, hovertemplate="%{y}: %{text}<extra></extra>",
            marker={"color": [*(charts.MORE if one > 0 else charts.LESS for one in moves), charts.OTHER], "line_width": 0},
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", title=None, type="category")
    figure.update_xaxes(title=AXES.get(_unit(report), ""), nticks=6, range=_room(moves))
    joins = [_step(place, end) for place, end in enumerate(accumulate(moves))]
    figure.update_layout(showlegend=False, hovermode="closest", shapes=joins)
    return figure


def _step(place: int, end: float) -> dict[str, Any]:
    """The line from the end of a step to the next one."""
    line = {"color": charts.OTHER, "width": 1}
    return {
        "type": "line",
        "x0": end,
        "x1": end,
        "y0": place,
        "y1": place + 1,
        "line": line,
        "layer": "below",
    }


def _room(moves: list[float]) -> tuple[float, float]:
    """The ends of the steps, with room for the words beside them."""
    ends = [0.0, *accumulate(moves)]
    low, high = min(ends), max(ends)
    more = 0.18 * ((high - low) or 1)
    return low - more, high + more


def _row(report: ChangeReport, segment: Segment) -> dict[str, Any]:
    return {
        segment.dimension.capitalize(): segment.value,
        "Part in the change": amount(report, segment.contribution),
        "n before": segment.n_before,
        "n now": segment.n_now,
    }
