"""What is explored: every choice lives in the address, so that a link, a view and a pinned card show the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.filters import GRAINS, Grain
from ui import data, data_explore, filters, navigation, state

if TYPE_CHECKING:
    from analytics.exploration import Exploring
    from analytics.result import MetricResult

SHOWN = {"table": "Table", "bar": "Bars", "line": "Lines"}
VALUES = {"number": "Number", "share": "Share of total", "change": "Change", "n": "n"}
STEPS: dict[str, str] = {"none": "Whole period", **{grain: grain.capitalize() for grain in GRAINS}}
ORDERS = {"down": "Largest, or A, first", "up": "Smallest, or Z, first"}
TOPS = (10, 25, 50, 100, 500)
NONE, USUAL, BY_N, BY_NAME, TOTAL = "none", "usual", "n", "name", "total"
IN_ORDER = ("weekday", "hour", "sla_metric", "sla_state")  # their values have an order of their own
USUAL_METRIC, USUAL_ROWS = "volume", "team"
MOST_METRICS, MOST_ROWS = 6, 2


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody picked. `column` is a column or bucket to sort in, `step` the width of a bucket."""

    metrics: tuple[str, ...]
    rows: tuple[str, ...] = ()
    columns: str | None = None
    step: Grain | None = None
    show: str = "table"
    values: str = "number"
    sort: str = USUAL
    column: str | None = None
    ascending: bool = False
    top: int = 25

    def question(self, view: filters.View) -> Exploring:
        """The same as analytics asks it, within the filters."""
        from analytics.exploration import Exploring, Sort

        by, down = self.sort, not self.ascending
        if by == USUAL:
            by = BY_NAME if self.rows[:1] and self.rows[0] in IN_ORDER else BY_N
        sort = Sort(by, self.column, descending=down if by != BY_NAME else not down)
        return Exploring(
            self.metrics, self.rows, self.columns, self.step, view.filters, view.compare, sort, self.top
        )

    def kept(self) -> dict[str, Any]:
        """The choice as a pinned card keeps it."""
        return {
            "metrics": list(self.metrics), "rows": list(self.rows), "columns": self.columns, "step": self.step,
            "show": self.show, "values": self.values, "sort": self.sort, "sort_in": self.column,
            "order": "up" if self.ascending else "down", "top": self.top,
        }  # fmt: skip

    @classmethod
    def of(cls, said: Callable[[str], Any]) -> Choice:
        """The choice that these parameters say; what they do not know is as usual."""
        columns, step, top = said("columns"), said("step"), said("top")
        rows = _names(said("rows"), MOST_ROWS)
        return cls(
            _names(said("metrics"), MOST_METRICS), rows,
            columns if columns not in (None, NONE, *rows) else None, step if step in GRAINS else None,
            said("show") if said("show") in SHOWN else "table", said("values") if said("values") in VALUES else "number",
            said("sort") or USUAL, None if said("sort_in") in (None, TOTAL) else said("sort_in"), said("order") == "up",
            top if top in TOPS else TOPS[1],
        )  # fmt: skip


def button(results: Sequence[MetricResult], *, key: str) -> None:
    """On to Explore with what a chart shows: its metrics, splits and steps, under the filters of the bar."""
    if filters.page() in ("", filters.CONDITIONS_ON):
        return
    known, cuts = _distinct(data_explore.metrics()), _cuts()
    metrics = [known[name] for name in dict.fromkeys(result.name for result in results) if name in known]
    by = [cuts[name] for name in (results[0].by if results else ()) if name in cuts]
    grain = results[0].grain if results else None
    if metrics:
        st.button(
            "Explore", icon=":material/pivot_table_chart:", type="tertiary", key=key, on_click=_go,
            args=(metrics[:MOST_METRICS], by, STEPS[grain or NONE]), help="By anything else, and into a file",
        )  # fmt: skip


def _go(metrics: list[str], by: list[str], step: str) -> None:
    columns = {"columns": by[1]} if len(by) > 1 else {}
    navigation.go(
        navigation.EXPLORE, metrics=metrics, rows=by[:1] or [_cuts()[USUAL_ROWS]], step=step, **columns
    )


def _cuts() -> dict[str, str]:
    return _distinct({**filters.offered(), **data_explore.own_dimensions()})


def _names(said: Any, most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for name in said))[:most] if isinstance(said, list | tuple) else ()


def pick() -> Choice:
    """Draw the pickers; gives what they say. What is chosen from is titles: so the address and a view read well."""
    cuts = _cuts()
    titles: dict[str, Mapping[str, str]] = {
        "metrics": _distinct(data_explore.metrics()), "rows": cuts, "step": STEPS, "show": SHOWN, "values": VALUES, "order": ORDERS,
    }  # fmt: skip
    with st.container(border=True, key="explore_pickers"):
        with st.grid(4, min_column_width=200, gap="small"):
            with st.container():
                _several("Metrics", titles["metrics"], "metrics", USUAL_METRIC, MOST_METRICS)
            with st.container():
                _several("Rows", cuts, "rows", USUAL_ROWS, MOST_ROWS)
            with st.container():
                rows = state.value("rows") or ()
                titles["columns"] = {
                    NONE: "None",
                    **{n: title for n, title in cuts.items() if title not in rows},
                }
                _one("Columns", titles["columns"], "columns")
            with st.container():
                _one("Over time, per", STEPS, "step")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _segments("Show", SHOWN, "show")
            _segments("Values", VALUES, "values")
            _sorting(_said(titles), titles)
    return Choice.of(_said(titles))


def _said(titles: Mapping[str, Mapping[str, str]]) -> Callable[[str], Any]:
    """What the pickers say, by names."""

    def said(key: str) -> Any:
        names = {title: name for name, title in titles.get(key, {}).items()}
        value = state.value(key)
        return [names.get(one, one) for one in value] if isinstance(value, list) else names.get(value, value)

    return said


def _distinct(titles: Mapping[str, str]) -> dict[str, str]:
    """The titles, those that are alike with their names: a title alone has to say which is meant."""
    counts = Counter(titles.values())
    return {name: title if counts[title] == 1 else f"{title} ({name})" for name, title in titles.items()}


def _several(label: str, titles: Mapping[str, str], key: str, usual: str, most: int) -> None:
    st.multiselect(
        label, list(titles.values()), default=[titles[usual]], key=key, bind="query-params", max_selections=most,
        placeholder=f"Up to {most}",
    )  # fmt: skip


def _one(label: str, titles: Mapping[str, str], key: str) -> None:
    st.selectbox(label, list(titles.values()), key=key, bind="query-params")


def _segments(label: str, titles: Mapping[str, str], key: str) -> None:
    shown = list(titles.values())
    st.segmented_control(label, shown, default=shown[0], required=True, key=key, bind="query-params")


def _sorting(said: Callable[[str], Any], titles: dict[str, Mapping[str, str]]) -> None:
    chosen = Choice.of(said)
    metrics = {name: titles["metrics"].get(name, name) for name in chosen.metrics}
    titles["sort"] = _distinct({USUAL: "As usual", BY_N: "n", BY_NAME: "Name", **metrics})
    titles["sort_in"] = _distinct(_places(chosen))
    with st.popover("Order and size", icon=":material/sort:", key="explore_sort"):
        _one("Sort rows by", titles["sort"], "sort")
        _one("Taken from", titles["sort_in"], "sort_in")
        _segments("Order", ORDERS, "order")
        st.selectbox("Rows shown", TOPS, index=1, key="top", bind="query-params")


def _places(chosen: Choice) -> dict[str, str]:
    """Columns and buckets that rows can be sorted in."""
    found = {TOTAL: "The total"}
    if chosen.columns:
        found |= {value: value for value, _ in data.values(chosen.columns, 24)}
    period = filters.current().period
    if chosen.step and period:
        found |= {at.isoformat(): at.isoformat() for at in data_explore.buckets(period, chosen.step)[:100]}
    return found


def with_step(choice: Choice, view: filters.View) -> Choice:
    """A line needs a step: that of the bar where none is chosen."""
    return replace(choice, step=view.grain) if choice.show == "line" and choice.step is None else choice


def describe(choice: Choice) -> str:
    """The choice in words: "First reply, 90th percentile by team and channel per week"."""
    titles, cuts = data_explore.metrics(), {**filters.offered(), **data_explore.own_dimensions()}
    named = (*choice.rows, *((choice.columns,) if choice.columns else ()))
    by = [cuts.get(name, name).lower() for name in named]
    text = ", ".join(titles.get(name, name) for name in choice.metrics)
    if by:
        text += " by " + " and ".join(by)
    return text + (f" per {choice.step}" if choice.step else "")
