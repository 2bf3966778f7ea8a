"""Trying a source before it is kept: the connection, then its first rows as they would be stored."""

from __future__ import annotations

import logging
import queue
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import CheckResult, Connector, ReadContext, configured
from core import secrets
from core.errors import AppError, Cancelled, ConfigError, SourceDataError
from core.home import Home
from core.log import blot
from core.settings import Source
from core.stream import KEYS, Batch, FileRead, Item, Page, Progress, Reject, Waiting
from core.written import scratch
from jobs.source_files import secret_places, source_of

if TYPE_CHECKING:
    import pyarrow as pa

    from store.preview import PreviewStore

logger = logging.getLogger(__name__)
PREVIEW_ROWS, PREVIEW_S = 20, 20.0
_MAIN = ("conversations", "messages")
_END_S = 2.0  # a connector that was asked to stop has so long
_MOST_NOTES = 20


@dataclass
class Trial:
    """What a source would bring. `problem` says why there is nothing, or not everything."""

    name: str
    kind: str
    checks: list[CheckResult] = field(default_factory=list)
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    mapping: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    reject_count: int = 0
    notes: list[str] = field(default_factory=list)
    offered: list[dict[str, Any]] = field(default_factory=list)
    is_whole: bool = False
    seconds: float = 0.0
    problem: dict[str, str] | None = None

    @property
    def works(self) -> bool:
        """Whether the source can be read."""
        return self.problem is None and not any(check.status == "error" for check in self.checks)


def try_source(home: Home, table: Mapping[str, Any], *, seconds: float = PREVIEW_S) -> Trial:
    """Test a source's connection and read its first rows. Nothing of the workspace is touched.

    Raises ConfigError when the settings themselves are wrong; a source that fails is part of the answer.
    """
    source = source_of(home, table)
    for text in secret_places(source).values():
        secrets.hide(text)
    trial, begun = Trial(source.name, source.kind), time.monotonic()
    try:
        connector = configured(source)
        trial.checks = list(connector.check(ReadContext(source.name)))
        refused = [check for check in trial.checks if check.status in ("error", "denied")]
        if len(refused) < len(trial.checks) or not refused:
            _read(trial, connector, source, home, until=begun + seconds)
    except AppError as error:
        trial.problem = _told(error)
    trial.seconds = round(time.monotonic() - begun, 2)
    return _blotted(trial)


def _read(trial: Trial, connector: Connector, source: Source, home: Home, *, until: float) -> None:
    from store.preview import PreviewStore

    with tempfile.TemporaryDirectory(prefix="preview-", dir=_cache(home)) as folder:
        store = PreviewStore(Home(Path(folder)), source.name, most=PREVIEW_ROWS)
        try:
            _drain(trial, store, connector, ReadContext(
                source.name, folder=Path(folder) / "scratch", missing=_nothing_missing,
            ), until)  # fmt: skip
        except AppError as error:
            trial.problem = _told(error)
        finally:
            trial.streams, trial.counts, trial.mapping = store.streams, store.counts, store.columns
            trial.headers, trial.rejects, trial.reject_count = (
                store.headers,
                store.rejects,
                store.reject_count,
            )
            store.close()
    trial.offered = _offered(connector, source) if not trial.mapping else []


def _drain(
    trial: Trial, store: PreviewStore, connector: Connector, context: ReadContext, until: float
) -> None:
    """Take items until there are enough rows or the time is over; the connector reads in a thread of its own."""
    items: queue.Queue[Item | AppError | None] = queue.Queue(maxsize=2)
    reader = threading.Thread(target=_feed, args=(connector, context, items), daemon=True)
    reader.start()
    try:
        while not store.is_full(*_MAIN):
            try:
                item = items.get(timeout=max(0.05, until - time.monotonic()))
            except queue.Empty:
                trial.notes.append("The time for the preview was over; a refresh reads on to the end.")
                return
            if item is None:
                trial.is_whole = True
                return
            if isinstance(item, AppError):
                raise item
            _take(trial, store, item)
    finally:
        _stop(context, items, reader)


def _feed(connector: Connector, context: ReadContext, items: queue.Queue[Item | AppError | None]) -> None:
    try:
        for item in connector.read(context):
            items.put(item)
            if context.cancelled():
                return
        items.put(None)
    except Cancelled:
        return
    except AppError as error:  # raised again by the thread that takes the items
        items.put(error)
    except Exception as error:
        logger.exception("the preview failed")  # the log blots secrets out, a bare traceback would not
        told = f"reading it ended unexpectedly ({type(error).__name__})."
        items.put(SourceDataError(told, hint="The log has the details."))


def _stop(context: ReadContext, items: queue.Queue[Item | AppError | None], reader: threading.Thread) -> None:
    context.stop.set()
    give_up = time.monotonic() + _END_S
    while reader.is_alive() and time.monotonic() < give_up:
        try:
            items.get(timeout=0.05)
        except queue.Empty:
            continue


def _take(trial: Trial, store: PreviewStore, item: Item) -> None:
    if isinstance(item, Batch):
        store.take_batch(item)
    elif isinstance(item, Page):
        store.take_page(item)
    elif isinstance(item, FileRead):
        store.take_file(item)
    elif isinstance(item, Reject):
        store.take_reject(item)
    elif isinstance(item, Progress | Waiting) and len(trial.notes) < _MOST_NOTES:
        trial.notes.append(item.text if isinstance(item, Progress) else f"Waiting: {item.reason}")


def _offered(connector: Connector, source: Source) -> list[dict[str, Any]]:
    """What the source says it has, when its rows did not show it."""
    try:
        found = connector.discover(ReadContext(source.name))
    except AppError:
        return []
    return [{"name": s.name, "columns": list(s.columns), "rows": s.rows, "note": s.note} for s in found]


def _nothing_missing(stream: str) -> pa.Table:
    import pyarrow as pa

    return pa.table({key: pa.array([], pa.string()) for key in KEYS[stream]})


def _cache(home: Home) -> Path | None:
    """The home's scratch space, or the system's when the home cannot be written."""
    try:
        return scratch(home)
    except ConfigError:
        return None


def _told(error: AppError) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "hint": error.hint}


def _blotted(trial: Trial) -> Trial:
    """No sentence about the source holds one of its secrets, whatever a vendor's library put into it."""
    trial.checks = [
        CheckResult(blot(c.name), c.status, blot(c.message), c.code, blot(c.hint)) for c in trial.checks
    ]
    trial.notes = [blot(note) for note in trial.notes]
    if trial.problem:
        trial.problem = {key: blot(text) for key, text in trial.problem.items()}
    return trial
