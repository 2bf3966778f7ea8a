"""Metric cards: the number, its change with good or bad direction, its course, its n, its definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from core import numbers
from ui import audit, data, drill, errors, filters, sheet, tables, words

if TYPE_CHECKING:
    from analytics.result import MetricResult


@dataclass(frozen=True, slots=True)
class Card:
    """One metric card; `second` is another metric named in its small print, such as a percentile."""

    metric: str
    label: str
    second: str = ""
    second_label: str = ""
    chart: str = "line"


def row(cards: Sequence[Card]) -> None:
    """Cards in a grid of five, two on a phone; each fails alone."""
    from ui import my_page

    with st.grid(5, min_column_width=150, gap="small"):
        for card in cards:
            with st.container(border=True, height="stretch", gap="xsmall"), errors.boundary(card.label):
                _draw(card)
    my_page.say()


def number(result: MetricResult, label: str, *, chart: Literal["line", "bar"] = "line") -> None:
    """One number with its change and its course."""
    sheet.number(label, result)
    delta = words.change(result)
    st.metric(
        label,
        words.value(result),
        # Zero is passed as a number: only then it is drawn grey and without an arrow.
        0 if delta in ("0 %", "0 pp") else delta,
        delta_color=_color(result),
        help=_help(result),
        chart_data=_course(result),
        chart_type=chart,
    )


def _draw(card: Card) -> None:
    view = filters.view()
    result = data.metric(card.metric, view.filters, compare=view.compare, grain=view.grain)
    number(result, card.label, chart="bar" if card.chart == "bar" else "line")
    st.caption(_small_print(card, result))
    if wanted := _targets(result):
        st.caption(wanted)
    _ways(card, result)


def _ways(card: Card, result: MetricResult) -> None:
    """From the number to how it was computed, to its conversations, and onto the viewer's own page."""
    from ui import my_page

    with st.container(horizontal=True, horizontal_alignment="right", wrap=False, gap="small"):
        audit.button(result, key=f"audit_{card.metric}")
        st.button(
            "", icon=":material/inbox:", type="tertiary", key=f"open_{card.metric}", help="Open the conversations behind it.",
            on_click=drill.open_behind, args=(drill.of_result(result),),
        )  # fmt: skip
        st.button(
            "", icon=":material/push_pin:", type="tertiary", key=f"pin_{card.metric}", help="Pin to My page",
            on_click=my_page.pin, args=("metric", result.title, {"metric": card.metric}),
        )  # fmt: skip


def _color(result: MetricResult) -> Literal["normal", "inverse", "off"]:
    """Which direction is good, as the catalogue says."""
    if result.better == "neutral":
        return "off"
    return "inverse" if result.better == "lower" else "normal"


def _course(result: MetricResult) -> list[float] | None:
    """Values of full and ripe buckets only: an open one would look like a fall."""
    points = [row.value for row in result.rows if not (row.partial or row.immature) and row.value is not None]
    return points if len(points) > 2 else None


def _small_print(card: Card, result: MetricResult) -> str:
    if result.total.value is None:
        return _why_missing(result)
    from analytics.moods import noted

    parts = []
    if card.second:
        view = filters.view()
        second = data.metric(card.second, view.filters, compare=view.compare)
        sheet.number(f"{card.label}: {card.second_label}", second)
        parts.append(f"{card.second_label} {words.value(second)}")
    if result.unit == "share" and result.total.low is not None and result.total.high is not None:
        parts.append(f"{100 * result.total.low:.0f} to {100 * result.total.high:.0f} %")
    if result.unit != "count":
        parts.append(f"n {numbers.count(result.total.n)}")
    if result.previous is not None and result.previous.value is not None:
        parts.append(f"was {words.value(result, result.previous)}")
    told = _unbroken(parts) or "no period to compare with"
    by = noted(result.notes)
    return f"{told} · moods by {tables.escaped(by)}" if by else told


def _unbroken(parts: Sequence[str]) -> str:
    """The parts in one line that breaks between them, never inside a number and its unit."""
    return " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)


def _targets(result: MetricResult) -> str:
    """What the settings want of the number, and how many periods reached it."""
    from analytics.targets import told

    return " · ".join(f":material/flag: {told(line, result)}" for line in result.targets)


def _why_missing(result: MetricResult) -> str:
    notes = list(result.notes) + [item.reason for item in result.excluded if item.kind == "not available"]
    return tables.told(errors.sentence(notes[0])) if notes else "Nothing to compute it from in this period."


def _help(result: MetricResult) -> str:
    """The definition, the population and what is left out: the number can be opened."""
    left_out = "; ".join(f"{numbers.count(item.n)} {item.reason}" for item in result.excluded if item.n)
    lines = [f"**{result.title}.** {result.description}", f"Period {result.period}, {result.zone}."]
    if result.previous is not None and result.previous_period is not None:
        lines.append(f"Compared with {words.days(result.previous_period)}.")
    if left_out:
        lines.append(f"Not in it: {tables.told(left_out)}.")
    return "\n\n".join([*lines, *map(tables.told, result.notes)])


@contextmanager
def section(title: str, caption: str = "") -> Iterator[None]:
    """A bordered part of a page with its own error boundary."""
    with st.container(border=True, height="stretch"), sheet.section(title):
        st.markdown(f"**{tables.told(title)}**")
        if caption:
            st.caption(caption)
        with errors.boundary(title):
            yield


def empty(
    sentence: str, *, action: str = "", on_click: Callable[[], None] | None = None, key: str = ""
) -> None:
    """What to say where there is nothing to show, and what to do about it."""
    st.info(sentence, icon=":material/info:")
    if action:
        st.button(action, on_click=on_click, key=key)
