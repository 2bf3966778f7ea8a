"""The button in the header: the report is made when it is pressed, from what the page has drawn by then."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui import data, resources, sheet, trail
from ui.report import html


def button() -> None:
    """Offer the page that is about to be drawn as a file."""
    if resources.generation() is None or not trail.allows("export"):
        return
    paper = sheet.current()
    make = trail.handed_out(partial(made, paper, source()), "report", page=paper.title)
    st.download_button(
        "Report", make, file_name(paper), "text/html", icon=":material/description:",
        type="tertiary", key="frame_report", on_click="ignore", help="This page as one file that opens without a network.",
    )  # fmt: skip


def source() -> html.Source:
    """Which data the page shows, taken along: a click comes outside of a page's run."""
    fresh, settings = data.freshness(), resources.settings()
    return html.Source(
        settings=settings, generation=fresh.generation, published_at=fresh.published_at, data_until=fresh.data_until,
        fresh=sum(one.is_fresh for one in fresh.sources), sources=len(fresh.sources), warnings=fresh.warnings(),
    )  # fmt: skip


def made(paper: sheet.Sheet, of: html.Source) -> bytes:
    """The bytes of the file."""
    return html.page(paper, of).encode()


def file_name(paper: sheet.Sheet) -> str:
    """What the page is called, and which state of the data it shows."""
    from analytics import about

    zone = resources.settings().workspace.reporting_zone
    return about.file_name(f"report {paper.title}", None, f"{data.today()} {zone}", "html")
