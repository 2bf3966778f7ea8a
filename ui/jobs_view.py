"""The parts of Data & jobs: sources, refreshes, rows set aside, and how far the search index is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import data, refresh, resources, tables

if TYPE_CHECKING:
    from store.runs import Run

STATES = {
    "ok": "✅ ok", "partial": "⚠️ partial", "failed": "❌ failed", "running": "🔄 running",
    "interrupted": "⏹ interrupted", "cancelled": "⏹ cancelled", "skipped": "⏭ skipped", "not read yet": "🕒 not read yet",
}  # fmt: skip


def sources() -> None:
    """Every source with its freshness, what it has brought, and what it cannot tell."""
    if resources.generation() is None:
        _configured_only()
        return
    known = {source.name: source for source in data.freshness().sources}
    brought = data.source_rows()
    rows = []
    for row in brought:
        source = known.get(row["source_id"])
        rows.append(
            {
                "Source": row["source_id"], "Kind": row["kind"],
                "State": STATES.get(source.status, source.status) if source else "⏸ not configured any more",
                "Last read": _local(source.read_at) if source else None,
                "Conversations": row["conversations"] or 0, "Messages": int(row["messages"] or 0),
                "From": row["first_at"], "To": row["last_at"],
                "Tells": _names(row["tells"]), "Cannot tell": _names(row["lacking"]),
            }
        )  # fmt: skip
    day = st.column_config.DateColumn(format="D MMM YYYY")
    tables.plain(
        rows, alt=f"{len(rows)} sources", empty="No source has brought anything yet.",
        column_config={"Last read": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"), "From": day, "To": day},
    )  # fmt: skip
    for row in brought:
        if row["cannot"]:
            st.caption(f":material/info: **{row['source_id']}**: {row['cannot']}")


def _configured_only() -> None:
    configured = resources.settings().sources
    rows = [{"Source": s.name, "Kind": s.kind, "State": STATES["not read yet"]} for s in configured]
    tables.plain(rows, alt=f"{len(rows)} configured sources", empty="No source is configured: the first refresh "
                 "generates a sample workspace.")  # fmt: skip


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
                st.caption(f"{refresh.mark(part.status)} {_local(run.started_at):%-d %b %H:%M} · **{name}** "
                           f"{part.status}: {part.error_message} {part.error_hint or ''}")  # fmt: skip


def _run_row(run: Run) -> dict[str, Any]:
    def total(name: str) -> int:
        parts = run.sources or (run,)
        return sum(getattr(part, name) or 0 for part in parts)

    return {
        "Started": _local(run.started_at), "State": STATES.get(run.status, run.status),
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


def _names(capabilities: list[str] | None) -> str:
    return ", ".join(name.replace("_", " ") for name in capabilities or [])


def _local(moment: datetime | None) -> datetime | None:
    """Wall-clock time in the reporting zone, as tables sort and show it."""
    return moment.astimezone(resources.settings().workspace.zone).replace(tzinfo=None) if moment else None
