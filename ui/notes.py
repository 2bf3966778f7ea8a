"""Notes on charts: what happened on which days, drawn on every time chart that it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.filters import Filters, Period
from ui import data, data_workspace, errors, resources, state
from ui.tables import escaped

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from store.workspace import Note, Tag

TAGS: dict[Tag, str] = {
    "release": ":material/rocket_launch:", "change": ":material/build:", "incident": ":material/warning:",
    "campaign": ":material/campaign:", "holiday": ":material/beach_access:", "other": ":material/sticky_note_2:",
}  # fmt: skip
CHANGE = "a change we made"  # the kind whose effect is asked for by itself
MOST_CHARACTERS = 500
MOST_MARKS = 12  # lines on one chart; the sentence below it counts the others
LABEL_CHARACTERS = 28
LABEL_WIDTH = 0.12  # of the period: how far the name of a mark reaches beside it
LINE = "rgba(128,128,128,0.9)"  # grey that stands out on both grounds
_TAKEN, _EDITED = "notes_of_this_run", "note_edited"


def panel() -> None:
    """The popover that adds a note, and lists those of the days on screen. Draw it before the page's charts."""
    from ui import filters

    state.put(_TAKEN, ())
    with errors.boundary("Notes"):
        found = data_workspace.notes()
        state.put(_TAKEN, tuple(found))
        chosen = filters.current()
        here = [note for note in found if chosen.period is None or touches(note, _on_screen(chosen.period))]
        label = f"Notes · {len(here)}" if here else "Notes"
        with st.popover(label, icon=":material/sticky_note_2:", type="tertiary", key="frame_notes"):
            edited = next((note for note in here if note.id == state.value(_EDITED)), None)
            if edited is not None and edited.author == resources.me():
                _change(edited)
            else:
                _add(chosen)
            _list(here)


def _on_screen(period: Period) -> Period:
    """A period; one that reaches the end of the data goes on into the days ahead, where forecasts are drawn."""
    return period if period.end < data.span()[1] else Period(period.start, date.max)


def _add(chosen: Filters) -> None:
    with st.form("note_add", border=False, clear_on_submit=True):
        last = chosen.period.end if chosen.period else data.today()
        told = _fields("note_add", (last, last), "", "other", None, chosen, is_limited=False)
        if st.form_submit_button("Add note", icon=":material/add:"):
            with errors.refusals():
                period, text, tag, metric, only = told
                data_workspace.add_note(period, text, tag, metric=metric, only=only)
                st.rerun()


def _fields(
    key: str, days: tuple[date, date], text: str, tag: Tag, metric: str | None, chosen: Filters, *, is_limited: bool
) -> tuple[Period, str, Tag, str | None, dict[str, Sequence[str]]]:  # fmt: skip
    """The fields of a note, and what they say."""
    said = st.text_area("What happened", text, max_chars=MOST_CHARACTERS, height=80, key=f"{key}_text")
    span = st.date_input("Day, or first and last day", value=days, format="YYYY-MM-DD", key=f"{key}_days")
    kind = st.segmented_control("Kind", list(TAGS), default=tag, required=True, key=f"{key}_tag",
                                format_func=lambda one: f"{TAGS[one]} {CHANGE if one == 'change' else one}")  # fmt: skip
    titles = data_workspace.metric_titles()
    of = st.selectbox(
        "Shown on", [None, *titles], index=[None, *titles].index(metric if metric in titles else None),
        format_func=lambda name: titles.get(name, "every chart"), key=f"{key}_metric",
    )  # fmt: skip
    only: dict[str, Sequence[str]] = {}
    if chosen.where and st.checkbox(
        f"Only with {escaped(limits(chosen.where))}", is_limited, key=f"{key}_only"
    ):
        only = dict(chosen.where)
    first, last = (span[0], span[-1]) if isinstance(span, tuple) and span else days
    return Period(first, max(first, last)), said, kind or tag, of, only


def _list(here: Sequence[Note]) -> None:
    if not here:
        st.caption("No note touches the days on screen. A note is shown on the charts to everybody.")
    for note in reversed(here):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{TAGS[note.tag]} {_said(note)}  \n:small[:gray[{_whose(note)}]]", width="stretch")
            if note.author != resources.me():
                continue
            st.button(
                "", icon=":material/edit:", type="tertiary", key=f"note_edit_{note.id}", help="Change this note",
                on_click=state.put, args=(_EDITED, note.id),
            )  # fmt: skip
            if st.button(
                "", icon=":material/delete:", type="tertiary", key=f"note_delete_{note.id}", help="Delete this note"
            ):  # fmt: skip
                data_workspace.delete_note(note.id)
                st.rerun()


def _change(note: Note) -> None:
    """One of the viewer's own notes, to write anew."""
    with st.form("note_change", border=False):
        own = Filters.of(where=dict(note.only))
        told = _fields(f"note_{note.id}", (note.from_day, note.to_day), note.text, note.tag, note.metric, own,
                       is_limited=bool(note.only))  # fmt: skip
        with st.container(horizontal=True):
            if st.form_submit_button("Save note", icon=":material/check:"):
                with errors.refusals():
                    period, text, tag, metric, only = told
                    data_workspace.change_note(note.id, period, text, tag, metric=metric, only=only)
                    state.forget(_EDITED)
                    st.rerun()
            st.form_submit_button("Leave it", on_click=state.forget, args=(_EDITED,))


def of_chart(period: Period, metrics: Sequence[str], filters: Filters) -> list[Note]:
    """The notes that a chart of these metrics and filters shows, the earliest first."""
    from store.workspace import Scope

    scope = Scope.of(metrics, filters)
    taken: Sequence[Note] = state.value(_TAKEN) or ()
    return [note for note in taken if touches(note, period) and note.concerns(scope)]


def marks(figure: go.Figure, period: Period, metric: str | Sequence[str], filters: Filters) -> str:
    """Draw what happened into a figure over time, and say it: a dashed line a note, a shade where it lasted.

    Gives the sentence for below the chart and for those who do not see it; "" where there is nothing to draw.
    """
    from ui.charts.base import GROUND, TEXT

    names = (metric,) if isinstance(metric, str) else tuple(metric)
    found = of_chart(period, names, filters) if _is_over_time(figure) else []
    early, late = _edges(figure)
    for note in found[-MOST_MARKS:]:
        first, last = max(note.from_day, period.start), min(note.to_day, period.end)
        if last > first:
            figure.add_shape(
                type="rect", x0=_midnight(first) + early, x1=_midnight(last) + late, xref="x", y0=0, y1=1, yref="paper",
                fillcolor=LINE, opacity=0.12, line_width=0, layer="below",
            )  # fmt: skip
        figure.add_shape(
            type="line", x0=first, x1=first, xref="x", y0=0, y1=1, yref="paper", line={"color": LINE, "dash": "dash", "width": 1.5},
        )  # fmt: skip
        figure.add_annotation(
            x=first, xref="x", y=1, yref="paper", yanchor="top", xanchor="left", xshift=2, textangle=-90, showarrow=False,
            text=escape(_short(note.text), quote=False), font={"color": TEXT, "size": 11},
            bgcolor=GROUND, borderpad=1,  # what is written on bars would not be read
        )  # fmt: skip
    _make_room(figure, [max(note.from_day, period.start) for note in found[-MOST_MARKS:]], period)
    return _sentence(found)


def _make_room(figure: go.Figure, days: Sequence[date], period: Period) -> None:
    """A named mark has its name on the side where no note is written; with notes on both it has none."""
    near = timedelta(days=max(1.0, LABEL_WIDTH * period.days))
    for name in figure.layout.annotations:
        if not name.showarrow or not _is_day(name.x):
            continue
        apart = [_midnight(day) - datetime(name.x.year, name.x.month, name.x.day) for day in days]  # noqa: DTZ001
        if not any(timedelta(0) <= way <= near for way in apart):
            continue
        if any(-near <= way < timedelta(0) for way in apart):
            name.visible = False
        else:
            name.ax = -abs(name.ax)


def _is_over_time(figure: go.Figure) -> bool:
    """Whether the figure's first marks lie on days: only then does a day have a place in it."""
    for trace in figure.data:
        values = getattr(trace, "x", None)
        if values is not None and len(values):
            return all(_is_day(value) for value in values)
    return False


def _edges(figure: go.Figure) -> tuple[timedelta, timedelta]:
    """Where a day begins and ends on the axis, from its midnight: a mark of a whole day is centred on it."""
    values = [value for trace in figure.data if getattr(trace, "x", None) is not None for value in trace.x]
    by_hour = any(getattr(value, "hour", 0) for value in values)
    return (timedelta(0), timedelta(days=1)) if by_hour else (timedelta(hours=-12), timedelta(hours=12))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - axes are wall-clock time in the reporting zone


def _is_day(value: Any) -> bool:
    return isinstance(value, date | datetime) or type(value).__name__ in ("Timestamp", "datetime64")


def _sentence(found: Sequence[Note]) -> str:
    if not found:
        return ""
    more = f" and {len(found) - MOST_MARKS} earlier" if len(found) > MOST_MARKS else ""
    return (
        "Notes: "
        + "; ".join(f"{_days(note)} {_flat(note.text)} ({note.tag})" for note in found[-MOST_MARKS:])
        + more
    )


def touches(note: Note, period: Period) -> bool:
    """Whether a note is about some day of a period."""
    return note.from_day <= period.end and note.to_day >= period.start


def _days(note: Note) -> str:
    first, last = f"{note.from_day:%-d %b}", f"{note.to_day:%-d %b}"
    return first if first == last else f"{first} to {last}"


def _said(note: Note) -> str:
    return f"**{_days(note)}** {escaped(note.text)}"


def _whose(note: Note) -> str:
    parts = [escaped(note.author)]
    if note.metric:
        parts.append(f"on {escaped(data_workspace.metric_titles().get(note.metric, note.metric))}")
    if note.only:
        parts.append(f"only with {escaped(limits(note.only))}")
    return " · ".join(parts)


def limits(where: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """What a note is limited to, in words."""
    return ", ".join(f"{dimension} {' or '.join(values)}" for dimension, values in where)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    flat = _flat(text)
    return flat if len(flat) <= LABEL_CHARACTERS else flat[: LABEL_CHARACTERS - 1] + "…"
