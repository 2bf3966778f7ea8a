"""The frame around every page: product, workspace, freshness, zone, and the watch for new data."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError, NothingPublished
from ui import (
    alerts,
    data,
    door,
    errors,
    navigation,
    notes,
    refresh,
    report,
    resources,
    state,
    tables,
    trail,
    views,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ui.freshness import Freshness

ICON = Path(__file__).with_name("icon.png")
LOGO = Path(__file__).with_name("logo.png")
WATCH_EVERY_S = 15
OLD_AFTER = timedelta(days=14)  # sources were read, and bring nothing newer than this
ABOUT = (
    "Supportlens reads support conversations, computes what a support manager needs to know and answers "
    "questions with the numbers and conversations that prove the answer. It runs on this machine."
)


def header(title: str, icon: str) -> DeltaGenerator:
    """The line on top of every page; gives the place for its tools, which know what the filter bar says."""
    with st.container(horizontal=True, vertical_alignment="center", key="frame_header"):
        st.markdown(f"### {icon} {title}", width="content")
        st.space("stretch")
        with errors.boundary("Freshness"):
            _badges()
        return st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content", key="frame_tools"
        )


def tools(title: str, *, is_filtered: bool) -> None:
    """Open alerts, notes, saved views, the page as a file, and the address of what is on screen. Draw them after the filter bar."""
    alerts.bell()
    if is_filtered:
        notes.panel()
    views.menu(title)
    report.button()
    share()


def share() -> None:
    """The address of what is on screen, to copy."""
    with st.popover("Share", icon=":material/link:", type="tertiary", key="frame_share"):
        st.caption("Whoever opens this link sees this page with these filters.")
        st.code(state.here() or "/", language=None, wrap_lines=True)


def _badges() -> None:
    name = resources.settings().workspace.name
    zone = resources.settings().workspace.reporting_zone
    st.badge(name, icon=":material/apartment:", color="gray", help="The workspace.")
    if resources.generation() is None:
        st.badge("no data yet", icon=":material/hourglass_empty:", color="orange")
        return
    fresh = data.freshness()
    word, icon, is_good = _state(fresh)
    good = sum(source.is_fresh for source in fresh.sources)
    until = f"{fresh.data_until:%-d %b %Y %H:%M}" if fresh.data_until else "nowhere"
    st.badge(
        f"{word} · data to {until} · generation {fresh.generation}", icon=icon, color="green" if is_good else "orange",
        help=f"{good} of {len(fresh.sources)} sources were read without an error by the last refresh. "
        f"Generation {fresh.generation} was published {fresh.published_at:%-d %b %Y %H:%M} UTC; every number on this "
        "page comes from it.",
    )  # fmt: skip
    _history(fresh)
    with st.popover(f"{good} of {len(fresh.sources)} sources fresh", icon=":material/dns:", type="tertiary",
                    key="frame_sources"):  # fmt: skip
        _sources(fresh)
    st.badge(zone, icon=":material/schedule:", color="gray", help="Days and weeks begin in this zone.")


def _history(fresh: Freshness) -> None:
    """Since when the numbers are complete, while older history is still being loaded."""
    names = {source.name for source in fresh.sources}
    back = {name: since for name, since in data.horizons().items() if name in names}
    if back:
        told = ", ".join(f"{name} back to {_local(since):%-d %b %Y}" for name, since in sorted(back.items()))
        st.badge(
            f"history back to {_local(max(back.values())):%-d %b %Y}", icon=":material/hourglass_top:",
            color="orange", help=f"Older conversations are still being loaded: {tables.escaped(told)}.",
        )  # fmt: skip


def _sources(fresh: Freshness) -> None:
    """One badge a source: whether its last reading went well, and when that was."""
    if not fresh.sources:
        st.caption("No source is read.")
    for source in fresh.sources:
        read = f" · {_local(source.read_at):%-d %b %H:%M}" if source.read_at else ""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(
                f"{source.name}: {'fresh' if source.is_fresh and source.read_at else source.status}{read}",
                icon=":material/check_circle:" if source.is_fresh else ":material/sync_problem:",
                color="green" if source.is_fresh else "red",
                help=tables.escaped(source.problem) or None,
            )
    if trail.allows("refresh"):
        st.page_link(navigation.DATA_JOBS, label="Data & jobs", icon=":material/database:")


def _local(moment: datetime) -> datetime:
    return moment.astimezone(resources.settings().workspace.zone)


def _state(fresh: Freshness) -> tuple[str, str, bool]:
    if any(not source.is_fresh for source in fresh.sources):
        return "source failed", ":material/sync_problem:", False
    if fresh.is_stale:
        return "stale", ":material/history:", False
    if fresh.data_until and data.today() - fresh.data_until.date() > OLD_AFTER:
        return "up to date, but old", ":material/history:", False
    return "fresh", ":material/check_circle:", True


def stale_warning() -> None:
    """A line across the page when numbers are older than people will think."""
    with errors.boundary("Freshness"):
        if resources.generation() is None:
            return
        fresh = data.freshness()
        for name, told in fresh.unread():
            st.warning(f"**{tables.escaped(name)}** {tables.told(told)}", icon=":material/sync_problem:")
        if age := fresh.age():
            st.warning(f"{age} Start one on Data & jobs.", icon=":material/history:")


@st.fragment(run_every=WATCH_EVERY_S)
def watch(shown: int | None, viewer: str) -> None:
    """Draw the page again when a refresh has published something newer, or when its viewer may no longer see it."""
    if not door.is_open(viewer) or resources.generation() != shown:
        st.rerun(scope="app")


def nothing_published() -> None:
    """The first screen of a new workspace: what to do, with the button that does it."""
    with st.container(border=True):
        st.markdown("#### :material/rocket_launch: Nothing has been loaded yet")
        st.markdown(
            "A refresh reads the configured sources, computes the numbers and publishes them here. "
            "With no source configured it generates a **sample workspace**, so that every page has something "
            "to show. Your own data comes in by `settings.toml`, or by a file on **Data & jobs**."
        )
        refresh.panel(key="first_refresh")


__all__ = ["AppError", "NothingPublished", "header", "nothing_published", "watch"]
