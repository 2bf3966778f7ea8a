"""How a conversation went: bars of its status, agent and team over time, and the list of what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import tables
from ui.charts import OTHER, SERIES, TEXT, Chart

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.dossier import Dossier, Stretch

LANES = ("Status", "Agent", "Team")
STATUSES = ("new", "open", "pending", "hold")  # what is solved or closed is grey
SHAPES = ("", "/", "x", ".")
NOBODY = "nobody"
LEGIBLE = (
    0.02  # of the width, for each letter: narrower bars say what they are under the pointer, and in the table
)


def chart(opened: Dossier) -> Chart:
    """A bar for each stretch in which a status, an agent or a team stayed the same."""
    import plotly.graph_objects as go

    figure, end = go.Figure(), _end(opened)
    whole = (end - opened.stretches[0].since).total_seconds()
    for lane in LANES:
        runs = _runs(opened.stretches, partial(_held, lane=lane))
        values = list(dict.fromkeys(value for value, _, _ in runs if value != NOBODY))
        for value, since, until in runs:
            is_wide = ((until or end) - since).total_seconds() > LEGIBLE * len(value) * whole
            look = _look(lane, value, values.index(value) if value in values else 0)
            figure.add_trace(
                _bar(lane, value, since, until or end, look, is_open=until is None, is_wide=is_wide)
            )
    figure.update_layout(barmode="overlay", showlegend=False, hovermode="closest", bargap=0.35)
    figure.update_xaxes(type="date", title=None)
    figure.update_yaxes(categoryorder="array", categoryarray=list(reversed(LANES)), title=None)
    return Chart(figure, _words(opened, end), [_row(one, end) for one in opened.stretches], height=190)


def _end(opened: Dossier) -> datetime:
    """Where the last bar ends: the end of the data while it is unsolved, else a little after the last event."""
    last = opened.stretches[-1]
    if not opened.facts["is_solved"]:
        return max(opened.known, last.since)
    first = opened.stretches[0].since
    latest = max(last.since, opened.facts["last_activity_local"] or last.since)
    return latest + (latest - first) * 0.08


def _held(one: Stretch, *, lane: str) -> str:
    value = {"Status": one.status, "Agent": one.agent, "Team": one.team}[lane]
    return value or (NOBODY if lane != "Status" else "unknown")


def _runs(
    stretches: tuple[Stretch, ...], read: Callable[[Stretch], str]
) -> list[tuple[str, datetime, datetime | None]]:
    """Neighbouring stretches of one value as one."""
    found: list[tuple[str, datetime, datetime | None]] = []
    for one in stretches:
        value = read(one)
        if found and found[-1][0] == value and found[-1][2] == one.since:
            found[-1] = (value, found[-1][1], one.until)
        else:
            found.append((value, one.since, one.until))
    return found


def _look(lane: str, value: str, place: int) -> dict[str, Any]:
    """Colour and pattern: of a status its own, of agents and teams by the order in which they came."""
    is_quiet = value == NOBODY or (lane == "Status" and value not in STATUSES)
    if lane == "Status":
        place = STATUSES.index(value) if value in STATUSES else 0
        color = SERIES[place]
    else:
        color = SERIES[3 if lane == "Agent" else 2]
    return {
        "color": OTHER if is_quiet else color, "opacity": 0.55 if is_quiet else 1.0, "line_width": 1,
        "pattern": {"shape": "" if is_quiet else SHAPES[place % len(SHAPES)], "fillmode": "overlay", "solidity": 0.15},
    }  # fmt: skip


def _bar(
    lane: str, value: str, since: datetime, until: datetime, look: dict[str, Any], *, is_open: bool, is_wide: bool
) -> go.Bar:  # fmt: skip
    import plotly.graph_objects as go

    long, shown = numbers.duration((until - since).total_seconds()), _plain(value)
    return go.Bar(
        y=[lane], x=[max(1.0, (until - since).total_seconds() * 1000)], base=[since], orientation="h", name=shown,
        text=[shown if is_wide else ""], textposition="inside", insidetextanchor="middle", textangle=0,
        constraintext="none", cliponaxis=True, marker=look,
        insidetextfont={"color": TEXT} if look["color"] == OTHER else None,
        hovertemplate=f"{lane}: {shown}<br>{numbers.moment(since)}, {'still' if is_open else 'for'} {long}<extra></extra>",
    )  # fmt: skip


def _plain(value: str) -> str:
    """Text of others inside a figure, which reads some HTML."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")


def _words(opened: Dossier, end: datetime) -> str:
    runs = _runs(opened.stretches, partial(_held, lane="Status"))
    told = ", ".join(
        f"{value} {numbers.duration(((until or end) - since).total_seconds()) if until else f'since {numbers.moment(since)}'}"
        for value, since, until in runs
    )
    agents = dict.fromkeys(_held(one, lane="Agent") for one in opened.stretches)
    return f"Course of the conversation: {told}. Held by {', '.join(agents)}."


def _row(one: Stretch, end: datetime) -> dict[str, Any]:
    return {
        "From": one.since, "Until": one.until,
        "For": numbers.duration(((one.until or end) - one.since).total_seconds()) if one.until else numbers.MISSING,
        "Status": one.status, "Agent": one.agent, "Team": one.team, "Priority": one.priority,
    }  # fmt: skip


def events(opened: Dossier) -> None:
    """What happened, as the source told it or as it was inferred from dates."""
    rows = [
        {
            "When": event["when"], "What": event["field"], "From": event["was"], "To": event["became"],
            "By": event["who"], "Told by": "inferred from dates" if event["is_derived"] else "the source",
        }
        for event in opened.events
    ]  # fmt: skip
    tables.plain(
        rows, alt=f"{len(rows)} events of this conversation", placeholder=numbers.MISSING,
        empty="The source brings no history of status, team or priority.",
        column_config={"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")},
    )  # fmt: skip
