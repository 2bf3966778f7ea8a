"""Starting a refresh as a process of its own, and showing how far it is. The jobs are never imported."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import clock, numbers
from core.errors import AppError
from core.home import PROJECT, Home
from ui import errors, resources, state, tables, trail

if TYPE_CHECKING:
    from store.runs import Run

POLL_EVERY_S = 1.0
_STARTED = "refresh_started"
_WAIT_S = 3600
_START_GRACE_S = 30  # Python and the first import need a moment before the log has a row


def start(home: Home, source: str | None = None) -> Path:
    """Start `python -m jobs refresh` detached from the dashboard; returns the file with its output.

    The refresh of one source waits for one that runs already.
    """
    home.make()
    home.logs.mkdir(parents=True, exist_ok=True)
    log = home.logs / f"refresh-{clock.now():%Y%m%d-%H%M%S}.log"
    environment = {**os.environ, "SUPPORTLENS_HOME": str(home.root)}
    only = ["--source", source, "--wait", str(_WAIT_S)] if source else []
    with log.open("ab") as output:
        # A session of its own: closing the dashboard does not end a refresh half way.
        subprocess.Popen(
            [sys.executable, "-m", "jobs", "refresh", *only, "--home", str(home.root)],
            cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True, env=environment,
        )  # fmt: skip
    return log


def running() -> Run | None:
    """The refresh that runs now, whoever started it."""
    from store.runs import RunLog

    return RunLog(resources.home()).current()


def recent(n: int = 20) -> list[Run]:
    """The newest refreshes with their sources."""
    from store.runs import RunLog

    return RunLog(resources.home()).recent(n)


def panel(*, key: str) -> None:
    """A button that starts a refresh, and its live progress."""
    with errors.boundary("Refresh"):
        if not trail.allows("refresh"):
            st.caption("Refreshes are started by the timer, or by who has the right to.")
            return
        active = is_active()
        st.button(
            "Refresh now", icon=":material/sync:", type="primary", key=f"{key}_button", disabled=active,
            on_click=begin, help="Reads every source, computes, indexes and publishes one generation.",
        )  # fmt: skip
        if active:
            _live()
        elif state.value(_STARTED) is not None:
            _outcome()


def is_active() -> bool:
    """Whether a refresh runs, or was started here a moment ago."""
    return running() is not None or _is_starting()


def begin(source: str | None = None) -> None:
    """Start a refresh unless one runs, or one of a single source, which waits its turn; for callbacks."""
    newest = recent(1)
    try:
        with trail.changing("refresh", "refresh", source=source or "every source"):
            if source is not None or running() is None:
                start(resources.home(), source)
    except AppError as error:
        st.toast(tables.told(str(error)), icon=":material/error:")
        return
    except OSError as error:  # a home that cannot be written
        st.toast(f"The refresh could not be started: {error.strerror}.", icon=":material/error:")
        return
    state.put(_STARTED, (newest[0].run_id if newest else "", time.monotonic()))


def _is_starting() -> bool:
    """Whether the process was started and the run log does not have it yet."""
    if state.value(_STARTED) is None:
        return False
    before, at = state.value(_STARTED)
    newest = recent(1)
    if (newest[0].run_id if newest else "") != before:
        return False
    ended = newest[0].finished_at if newest else None  # one that waited its turn begins a moment after that
    since_ended = (clock.now() - ended).total_seconds() if ended else _START_GRACE_S
    return bool(min(time.monotonic() - at, since_ended) < _START_GRACE_S)


def _is_ours() -> bool:
    """Whether the newest refresh is the one that this person started."""
    started, newest = state.value(_STARTED), recent(2)
    before = newest[1].run_id if len(newest) > 1 else ""
    return started is not None and bool(newest) and before == started[0]


@st.fragment(run_every=POLL_EVERY_S)
def _live() -> None:
    run = running()
    if run is None:
        if not _is_starting():
            if _is_ours():  # of others it is shown when it is made ready, as on every page
                resources.catch_up()
            st.rerun(scope="app")
        st.progress(0.0, text="Starting …")
        return
    with st.container(border=True, gap="small"):
        st.progress(_share(run), text=_sentence(run))
        for part in run.sources:
            st.caption(_part(part))


def _part(part: Run) -> str:
    """One source of the running refresh: phase, rows, rate, and until when it has to wait."""
    is_running = part.status == "running"
    told = [
        f"{mark(part.status)} **{tables.escaped(part.source_id)}**",
        tables.escaped((is_running and part.phase) or part.status),
    ]
    rows = numbers.count(part.rows_read, exact=True)
    rate = (
        f" ({numbers.count(round(part.rows_read / part.seconds), exact=True)} rows/s)"
        if part.seconds >= 1
        else ""
    )
    told.append(f"{rows} rows{rate if part.rows_read else ''}")
    if part.rows_rejected:
        told.append(f"{numbers.count(part.rows_rejected, exact=True)} set aside")
    if is_running and part.next_attempt_at and part.next_attempt_at > clock.now():
        until = part.next_attempt_at.astimezone(resources.settings().workspace.zone)
        told.append(f":orange[:material/hourglass_top: **waiting until {until:%H:%M:%S}**]")
    if is_running and part.progress_text:
        told.append(tables.escaped(part.progress_text))
    return " · ".join(told)


def _share(run: Run) -> float:
    latest = next((part for part in (run, *reversed(run.sources)) if part.total), None)
    return min(1.0, (latest.done or 0) / latest.total) if latest and latest.total else 0.0


PHASES = {
    "prepare": "getting ready", "read": "reading the sources", "sample": "making the sample", "enrich": "computing facts and moods",
    "chunks": "cutting texts for the search", "ledger": "keeping what was told", "publish": "publishing",
    "index": "bringing the search up to date",
}  # fmt: skip


def _sentence(run: Run) -> str:
    since = (clock.now() - run.started_at).total_seconds()
    parts = [
        f"Refresh running for {numbers.duration(max(since, 0))}",
        PHASES.get(run.phase or "", run.phase or ""),
    ]
    return " · ".join(tables.escaped(part) for part in (*parts, run.progress_text or "") if part)


def _outcome() -> None:
    newest, before = recent(1), state.value(_STARTED)[0]
    if not newest or newest[0].run_id == before:
        st.error(
            f"The refresh did not start. Its output is in {resources.home().logs}.", icon=":material/error:"
        )
        return
    run = newest[0]
    if run.status == "ok":
        parts = run.sources or (run,)
        new, changed = (sum(getattr(p, n) for p in parts) for n in ("rows_inserted", "rows_updated"))
        st.success(
            f"Refreshed in {run.seconds:.0f} s: {new:,} rows new, {changed:,} changed.",
            icon=":material/check_circle:",
        )
    else:
        st.error(
            f"The refresh ended as **{run.status}**. {errors.sentence(run.error_message or '')} "
            f"{run.error_hint or ''}",
            icon=":material/error:",
        )


MARKS = {
    "running": ":blue[:material/sync:]", "ok": ":green[:material/check_circle:]",
    "partial": ":orange[:material/warning:]", "failed": ":red[:material/error:]",
    "cancelled": ":gray[:material/cancel:]", "interrupted": ":orange[:material/power_off:]",
    "skipped": ":gray[:material/skip_next:]",
}  # fmt: skip


def mark(status: str) -> str:
    """An icon for a status; the word always stands beside it."""
    return MARKS.get(status, ":gray[:material/help:]")
