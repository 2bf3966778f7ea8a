"""From a number to its conversations: what a click on a mark, a cell or a row means.

A drill is a value: filters to add, days to narrow to, and the metric whose conversations to list. What a click does
with it is the reader's choice in the filter bar: open the conversations, or filter the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from analytics.list_question import Span
from core.filters import Filters, Grain, Period

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

OF, HITS, VALUES = (
    "of",
    "hits",
    "values",
)  # parameters of the address that Conversations reads beside the filters


@dataclass(frozen=True, slots=True)
class Drill:
    """Where a click leads.

    `where` holds (dimension, values) to add to the filters; `period` narrows to days, both ends included; `of`
    names the metric whose conversations to list (empty: those created in the period), `hits` of a share only those
    a hit, `span` only those whose value lies there. `within` are filters that replace those of the bar: a pinned card
    has its own.
    """

    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    period: Period | None = None
    of: str = ""
    hits: bool = False
    within: Filters | None = None
    span: Span | None = None

    def adding(self, dimension: str, *values: str) -> Drill:
        """This drill with one more dimension."""
        return replace(self, where=(*self.where, (dimension, values)))


def of_row(result: MetricResult, row: Row, *, hits: bool = False) -> Drill:
    """The conversations behind one point of a metric: its groups become filters, its bucket the period."""
    where = tuple((name, (value,)) for name, value in zip(result.by, row.group, strict=True))
    period = _bucket(row.bucket, result.grain, result.period) if row.bucket and result.grain else None
    return Drill((*where, *_hour(result, row)), period, result.name, hits)


def _hour(result: MetricResult, row: Row) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The hour of a bucket of an hour, which its day alone does not say; what is open at a moment has none."""
    from analytics.catalogue import METRICS

    if result.grain != "hour" or not isinstance(row.bucket, datetime) or "hour" in result.by:
        return ()
    return () if METRICS.get(result.name).of_moments else (("hour", (f"{row.bucket:%H}",)),)


def of_result(result: MetricResult, *, within: Filters | None = None) -> Drill:
    """The conversations behind the whole number."""
    return Drill(of=result.name, within=within)


def _bucket(start: date | datetime, grain: Grain, whole: Period) -> Period:
    """The days of a bucket, cut at the period it was taken from; of an hour, its day."""
    from analytics.periods import bucket_end, midnight

    if grain == "hour":
        day = start.date() if isinstance(start, datetime) else start
        return Period(day, day)
    begins = start if isinstance(start, datetime) else midnight(start)
    last = (bucket_end(begins, grain) - timedelta(days=1)).date()
    return Period(max(begins.date(), whole.start), min(last, whole.end))


def told_span(span: Span | None) -> str:
    """A span as the address has it: 900..1800, ..60 or 86400..; empty where there is none."""
    return "..".join("" if end is None else f"{end:g}" for end in span) if span else ""


def read_span(text: str | None) -> Span | None:
    """What `told_span` wrote; None for what somebody else did."""
    ends = (text or "").split("..")
    try:
        low, high = (float(end) if end else None for end in ends)
    except ValueError:
        return None
    known = [end for end in (low, high) if end is not None]
    return (low, high) if known and all(isfinite(end) for end in known) else None


def follow(drill: Drill) -> None:
    """Do what the reader chose for clicks; only from a callback, because it sets widgets of the filter bar."""
    from ui import filters

    can_filter = bool(drill.where or drill.period) and drill.within is None and drill.span is None
    if can_filter and filters.click_filters():
        filters.toggle(drill.where, drill.period)
    else:
        open_behind(drill)


def open_behind(drill: Drill) -> None:
    """Open Conversations on what a drill names; only from a callback."""
    from ui import filters, navigation

    address: dict[str, str | list[str]] = {}
    if drill.within is None:
        filters.narrow(drill.where, drill.period)
    else:
        address = filters.leave(filters.narrowed(drill.within, drill.where, drill.period))
    found = ((OF, drill.of), (HITS, "1" if drill.hits else ""), (VALUES, told_span(drill.span)))
    navigation.go(navigation.CONVERSATIONS, **address, **{name: value for name, value in found if value})


def pressed(key: str, drills: Sequence[Drill | None], *, place: str) -> Callable[[], None]:
    """A chart's `on_select`: its mark carries in `customdata` which of the drills it stands for.

    Under `place` the tab remembers the drills of the figure drawn there last, and the callback holds none: a figure of
    other numbers is another widget, and Streamlit holds the callbacks of all that a session has ever shown.
    """
    from ui import state

    state.put(f"{place}_drills", drills)

    def callback() -> None:
        drills: Sequence[Drill | None] = state.value(f"{place}_drills") or ()
        for point in (state.value(key) or {}).get("selection", {}).get("points", []):
            drill = _pointed(point.get("customdata"), drills)
            if drill is not None:
                return follow(drill)

    return callback


def _pointed(mark: Any, drills: Sequence[Drill | None]) -> Drill | None:
    """`customdata` comes back as a number or as a list around one; marks of a target line have none."""
    index = mark[0] if isinstance(mark, list | tuple) and mark else mark
    if isinstance(index, bool) or not isinstance(index, int | float):
        return None
    return drills[int(index)] if 0 <= int(index) < len(drills) else None


def chosen(key: str, drills: Sequence[Drill | None]) -> Callable[[], None]:
    """A table's `on_select`: the chosen row is followed. This is the way of the keyboard."""

    def callback() -> None:
        from ui import state

        for row in (state.value(key) or {}).get("selection", {}).get("rows", []):
            drill = drills[row] if row < len(drills) else None
            if drill is not None:
                return follow(drill)

    return callback


def chosen_cell(key: str, drills: Mapping[str, Sequence[Drill | None]]) -> Callable[[], None]:
    """A table's `on_select` where its columns lead to different lists: the chosen cell is followed."""

    def callback() -> None:
        from ui import state

        for row, column in (state.value(key) or {}).get("selection", {}).get("cells", []):
            own = drills.get(column, ())
            drill = own[row] if row < len(own) else None
            if drill is not None:
                return follow(drill)

    return callback
