"""How many people a channel needs: weekday by hour as squares where somebody waits, else a bar a weekday."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import numbers
from core.clock import WEEKDAYS
from ui.charts.base import FEW_MARKS, SERIES, Chart
from ui.charts.heat import squares
from ui.drill import Drill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.capacity.staffing import Slot, Staffing
    from analytics.result import MetricResult


def roster(found: Staffing, results: Sequence[MetricResult] = ()) -> Chart:
    """People on the roster of a staffing that has slots; a click opens the conversations that were counted for the mark.

    `results` are the numbers it was made from, for the export and for how it was computed.
    """
    figure = _hours(found) if _is_live(found) else _days(found)
    most = max(found.slots, key=lambda one: (one.heads, one.arrivals))
    return Chart(
        figure, f"People on the roster for {found.channel} by {'hour' if _is_live(found) else 'weekday'}: "
        f"most {_people(most)} on {_at(most)}",
        [_row(one) for one in found.slots], 300, tuple(_drill(one, found) for one in found.slots),
        results=tuple(results),
        exact=[{"Conversations, mean": one.arrivals, "At the desk, mean": one.at_desk} for one in found.slots],
    )  # fmt: skip


def _is_live(found: Staffing) -> bool:
    return found.slots[0].hour is not None


def _hours(found: Staffing) -> go.Figure:
    most = max(one.heads for one in found.slots)
    return squares(
        [(WEEKDAYS[one.weekday - 1], f"{one.hour:02d}") for one in found.slots], [float(one.heads) for one in found.slots],
        [_people(one) for one in found.slots], dtick=1 if most <= FEW_MARKS else None,
    )  # fmt: skip


def _days(found: Staffing) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Bar(
            x=[WEEKDAYS[one.weekday - 1] for one in found.slots], y=[one.heads for one in found.slots],
            customdata=list(range(len(found.slots))), marker={"color": SERIES[0]}, name="On the roster",
            text=[_people(one) for one in found.slots], hovertemplate="%{text}<extra></extra>", textposition="none",
        )
    )  # fmt: skip
    few = max(one.heads for one in found.slots) <= FEW_MARKS
    figure.update_xaxes(title=None, type="category", categoryorder="array", categoryarray=WEEKDAYS)
    figure.update_yaxes(title="people", rangemode="tozero", dtick=1 if few else None)
    figure.update_layout(showlegend=False, hovermode="closest")
    return figure


def _at(one: Slot) -> str:
    return WEEKDAYS[one.weekday - 1] + (f" at {one.hour:02d}:00" if one.hour is not None else "")


def _people(one: Slot) -> str:
    return "1 person" if one.heads == 1 else f"{one.heads} people"


def _row(one: Slot) -> dict[str, Any]:
    found: dict[str, Any] = {"Day": WEEKDAYS[one.weekday - 1]}
    if one.hour is not None:
        found["Hour"] = f"{one.hour:02d}:00"
    found |= {
        "Conversations": f"{one.arrivals:.1f}", "At the desk": f"{one.at_desk:.1f}".removesuffix(".0"),
        "On the roster": one.heads,
    }  # fmt: skip
    if one.answered is not None:
        found["In time"] = numbers.percent(one.answered)
    return found


def _drill(one: Slot, found: Staffing) -> Drill:
    where = [("channel", (found.channel,)), ("weekday", (WEEKDAYS[one.weekday - 1],))]
    if one.hour is not None:
        where.append(("hour", (f"{one.hour:02d}",)))
    return Drill(tuple(where), found.period, "volume")
