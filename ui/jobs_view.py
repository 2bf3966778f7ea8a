"""The parts of Data & jobs: refreshes, rows set aside, and how far the search index is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import data, door, refresh, resources, tables
from ui.sources_view import local

if TYPE_CHECKING:
    from store.runs import Run

STATES = {
    "ok": "✅ ok", "partial": "⚠️ partial", "failed": "❌ failed", "running": "🔄 running",
    "interrupted": "⏹ interrupted", "cancelled": "⏹ cancelled", "skipped": "⏭ skipped", "not read yet": "🕒 not read yet",
}  # fmt: skip


def index() -> None:
    """How far the search index lags behind the numbers."""
    if resources.generation() is None:
        return
    lag = data.index_lag()
    if lag.chunks_behind:
        st.warning(
            f"The search index is {numbers.count(lag.chunks_behind, exact=True)} pieces of text behind the numbers. "
            "The next refresh catches up; answers may miss the newest conversations.",
            icon=":material/manage_search:",
        )
    else:
        st.caption(
            ":green[:material/check_circle:] The search index holds everything that the numbers are made of."
        )


def runs() -> None:
    """The newest refreshes, with what each brought and why it ended as it did."""
    if not door.is_for_the_whole():
        return
    found = refresh.recent(20)
    rows = [_run_row(run) for run in found]
    tables.plain(
        rows, alt=f"The {len(rows)} newest refreshes", empty="No refresh has run yet.",
        column_config={"Started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss")},
    )  # fmt: skip
    for run in found[:5]:
        for part in (run, *run.sources):
            if part.error_message:
                name = "the refresh" if part.source_id == "*" else part.source_id
                st.caption(f"{refresh.mark(part.status)} {local(run.started_at):%-d %b %H:%M} · **{tables.escaped(name)}** "
                           f"{part.status}: {tables.escaped(part.error_message)} "
                           f"{tables.escaped(part.error_hint or '')}")  # fmt: skip


def _run_row(run: Run) -> dict[str, Any]:
    def total(name: str) -> int:
        parts = run.sources or (run,)
        return sum(getattr(part, name) or 0 for part in parts)

    return {
        "Started": local(run.started_at), "State": STATES.get(run.status, run.status),
        "Took": numbers.duration(run.seconds), "Generation": run.generation,
        "Sources": ", ".join(part.source_id for part in run.sources), "Read": total("rows_read"),
        "New": total("rows_inserted"), "Changed": total("rows_updated"), "Same": total("rows_unchanged"),
        "Deleted": total("rows_deleted"), "Set aside": total("rows_rejected"), "Started by": run.trigger,
    }  # fmt: skip


def rejects() -> None:
    """Rows that were set aside: why, and where in which file."""
    if resources.generation() is None:
        st.caption("Nothing has been read yet.")
        return
    reasons, rows = data.rejects()
    if not rows:
        st.caption(":green[:material/check_circle:] Every row that was read is in the warehouse.")
        return
    tables.plain(
        [{"Source": r["source_id"], "Reason": r["reason"], "Rows": r["rows"]} for r in reasons],
        alt="Rows set aside by reason",
    )
    st.caption(f"The newest {len(rows)}; samples are masked.")
    tables.plain(
        [
            {"File": r["source_file"], "Line": r["line"], "Reason": r["reason"], "Field": r["field"],
             "Id": r["native_id"], "Sample": r["sample"], "Source": r["source_id"]}
            for r in rows
        ],
        alt=f"{len(rows)} rows set aside",
    )  # fmt: skip
