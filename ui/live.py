"""What needs hands now: numbers of this minute, the conversations behind each, and who holds how much.

A fragment draws it again at the interval that the reader chose; the rest of the page stays as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.list_question import QUICK
from analytics.live import CONTACT_DAYS, CONTACTS
from core import numbers
from core.filters import Period
from ui import (
    cards,
    charts,
    data,
    data_live,
    data_moods,
    errors,
    filters,
    navigation,
    resources,
    state,
    tables,
)
from ui.drill import Drill

if TYPE_CHECKING:
    from analytics.live import Kind, OpenList, OpenRow, Strip

SECONDS = {"10 s": 10, "30 s": 30, "1 min": 60, "5 min": 300}
USUAL, LIST = "1 min", "live_list"


@dataclass(frozen=True, slots=True)
class Listing:
    """One number of the strip: its field, and its definition. `short` is how the strip of the Overview calls it."""

    kind: Kind
    short: str
    text: str


LISTS = {
    "At risk": Listing(
        "risk", "at risk", f"Open, and one of: unhappy words, contact {CONTACTS} or later of the customer in {CONTACT_DAYS} "
        "days, a customer of high value, or a target that is overdue or due within the hour.",
    ),
    "Waiting for us": Listing("waiting", "waiting for us", QUICK["waiting"].text),
    "Unassigned": Listing("unassigned", "unassigned", QUICK["unassigned"].text),
    "Breaching in 1 h": Listing("breaching", "breaching in 1 h", "Open, and its next target is due within the hour."),
    "Breached": Listing("breached", "breached", "Open, and a target was missed or is overdue now."),
    "Open": Listing("open", "open", QUICK["open"].text),
}  # fmt: skip
USUAL_LIST = "At risk"
MOST_AGENTS = 15
FEW = 14  # rows that are shown at their full height
OPEN = ("new", "open", "pending", "hold")


def strip() -> None:
    """One line of numbers, read again by itself; each leads to its list on the Live page."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="live_strip"):
        numbers_go_here = st.container(horizontal=True, vertical_alignment="center", gap="small")
        with st.popover("Read again", icon=":material/autorenew:", type="tertiary", key="live_how"):
            seconds = _controls()
    with numbers_go_here:
        st.fragment(_line, run_every=seconds)()


def page() -> None:
    """The numbers, the list of the chosen one, and what each agent holds."""
    st.fragment(_everything, run_every=_controls())()


def _controls() -> int | None:
    """How often the numbers are read again: in the address, so that a screen on the wall keeps it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="live_controls"):
        chosen = st.segmented_control(
            "Read again every", list(SECONDS), default=USUAL, required=True, key="live_every", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        paused = st.toggle(
            "Pause", key="live_paused", bind="query-params", help="Keep the numbers as they are."
        )
    return None if paused else SECONDS[chosen or USUAL]


def _line() -> None:
    # A fragment stacks what it holds, and is run without the page around it: a row and a boundary of its own.
    with (
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
        errors.boundary("Live numbers"),
    ):
        at = data_live.instant()
        found = data_live.strip(filters.current(), at)
        st.markdown(":material/bolt: **Now**", help=_as_of(at), width="content")
        for title, listing in LISTS.items():
            st.button(
                f"**{numbers.count(getattr(found, listing.kind))}** {listing.short}", type="tertiary",
                key=f"live_{listing.kind}", help=listing.text, on_click=_to_page, args=(title,),
            )  # fmt: skip


def _everything() -> None:
    with errors.boundary("Live numbers"):
        at = data_live.instant()
        found = data_live.strip(filters.current(), at)
        st.caption(_as_of(at))
        if not found.open:
            _nothing(found)
            return
        with st.grid(6, min_column_width=140, gap="small"):
            for title, listing in LISTS.items():
                _card(title, listing, found)
        left, right = st.columns([5, 2])
        with left, cards.section("Conversations"):
            _list(at)
        with right, cards.section("What each agent holds", "Click a bar to open them."):
            about = {
                "Filters": filters.words(),
                "As of": _as_of(at),
                "Definition": "Open now, whenever created.",
            }
            charts.draw(replace(load(found), about=about), key="live_load")


def _card(title: str, listing: Listing, found: Strip) -> None:
    n = int(getattr(found, listing.kind))
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(title, numbers.count(n), help=listing.text)
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xxsmall"):
            st.caption(_small_print(listing.kind, found), width="stretch")
            st.button(
                "", icon=":material/list:", type="tertiary", key=f"live_{listing.kind}", disabled=not n,
                help=f"List them: {title.lower()}", on_click=state.put, args=(LIST, title),
            )  # fmt: skip


def _small_print(kind: Kind, found: Strip) -> str:
    if kind == "waiting" and found.longest_s is not None:
        return f"longest {numbers.duration(found.longest_s)}"
    if kind == "open":
        return f"{len(found.held_by)} agents hold {numbers.count(found.open - found.unassigned)}"
    return f"{numbers.percent(getattr(found, kind) / found.open, found.open)} of open"


def _as_of(at: datetime) -> str:
    """The clock of ages, and the end of the data, which is older."""
    until = data.freshness().data_until
    clock = at.astimezone(resources.settings().workspace.zone)
    parts = [f"Ages as of {clock:%H:%M:%S}", f"data to {until:%-d %b %H:%M}" if until else ""]
    where = filters.only(filters.current())
    parts += [f"only {tables.escaped(' · '.join(where))}" if where else "", "the period does not apply"]
    return " · ".join(part for part in parts if part)


def _nothing(found: Strip) -> None:
    if found.silent:
        names = tables.escaped(", ".join(found.silent))
        st.info(
            f"Nothing is known to be open. Conversations of {names} carry no status: map a status column "
            "on Data & jobs to see what is open.",
            icon=":material/info:",
        )
        return
    st.success("Nothing is open under these filters.", icon=":material/check_circle:")


def _list(at: datetime) -> None:
    title = st.segmented_control(
        "Which", list(LISTS), default=USUAL_LIST, required=True, key=LIST, bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    listing = LISTS[title or USUAL_LIST]
    found = data_live.listed(filters.current(), listing.kind, at)
    is_cut = found.total > len(found.rows)
    more = f" The first {len(found.rows)} of {numbers.count(found.total, exact=True)}." if is_cut else ""
    st.caption(f"{listing.text}{more} Choose a row to open it. Unhappy: {data_moods.note()}.")
    rows = [shown(row) for row in found.rows]
    # A key of its own for what is listed: a row that was chosen in one list is not chosen in the next.
    key = f"live_rows_{listing.kind}_{zlib.crc32(repr([row.conversation_id for row in found.rows]).encode())}"
    tables.plain(
        rows, alt=f"{found.total} conversations: {listing.text}", empty="None right now.", key=key,
        on_select=_opened(key, found), selection_mode="single-row",
        height="content" if len(rows) <= FEW else 440,
        column_config={
            "Conversation": st.column_config.TextColumn(width=180), "Why": st.column_config.TextColumn(width=290),
        },
    )  # fmt: skip


def shown(row: OpenRow) -> dict[str, Any]:
    """One conversation as the list shows it."""
    return {
        "Conversation": row.subject or row.conversation_id,
        "Why": ", ".join(row.reasons) or numbers.MISSING,
        "Waiting": numbers.duration(row.waited_s),
        "Agent": row.agent or "nobody",
        "Customer": row.requester or numbers.MISSING,
        "Priority": row.priority or numbers.MISSING,
        "Target": _due(row.due_s),
        "Age": numbers.duration(row.age_s),
        "Team": row.team or numbers.MISSING,
        "Status": row.status,
    }


def _due(seconds: float | None) -> str:
    if seconds is None:
        return numbers.MISSING
    return f"in {numbers.duration(seconds)}" if seconds >= 0 else f"{numbers.duration(-seconds)} over"


def _opened(key: str, found: OpenList) -> Callable[[], None]:
    def callback() -> None:
        for place in (state.value(key) or {}).get("selection", {}).get("rows", []):
            if place < len(found.rows):
                row = found.rows[place]
                navigation.open_conversation(row.source, row.conversation_id)

    return callback


def load(found: Strip) -> charts.Chart:
    """Open conversations by agent; those in which the customer waits are set apart."""
    import plotly.graph_objects as go

    rows = found.held_by[:MOST_AGENTS]
    names = [one.agent for one in rows]
    figure = go.Figure()
    for label, heights, color, shape in (
        ("Customer waits", [one.waiting for one in rows], charts.SERIES[1], "/"),
        ("Others", [one.open - one.waiting for one in rows], charts.SERIES[0], ""),
    ):
        figure.add_trace(
            go.Bar(
                y=names, x=heights, orientation="h", name=label, customdata=list(range(len(rows))),
                marker={"color": color, "line_width": 0, "pattern": {"shape": shape, "size": 6, "solidity": 0.2}},
                hovertemplate="%{y}: %{x} " + label.lower() + "<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_yaxes(autorange="reversed", title=None, type="category")
    figure.update_xaxes(title="open conversations", rangemode="tozero", nticks=5, tickformat="d",
                         dtick=1 if max((one.open for one in rows), default=0) < 6 else None)  # fmt: skip
    told = ", ".join(f"{one.agent} {one.open} ({one.waiting} waiting)" for one in rows)
    return charts.Chart(
        figure, f"Open conversations by agent: {told}",
        [{"Agent": one.agent, "Open": one.open, "Customer waits": one.waiting} for one in found.held_by],
        max(210, 96 + 26 * len(rows)), drills=tuple(_held(one.agent) for one in found.held_by),
    )  # fmt: skip


def _held(agent: str) -> Drill:
    """What one agent holds, of all days."""
    first, _ = data.span()
    return Drill((("agent", (agent,)), ("status", OPEN)), Period(min(first, data.today()), data.today()))


def _to_page(title: str) -> None:
    navigation.go(navigation.LIVE, **{LIST: title})
