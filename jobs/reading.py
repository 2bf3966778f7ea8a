"""One source into the store: items become pages, pages become transactions."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import CONNECTORS, Connector, ReadContext, configured
from core import clock
from core.errors import AppError, Cancelled, ConfigError
from core.settings import Refreshing, Source
from core.stream import Batch, Checkpoint, FileGone, FileRead, Item, KeysSeen, Page, Progress, Reject, Waiting
from jobs.ahead import read_ahead
from jobs.report import SourceReport
from jobs.source_files import without_secrets
from store import state
from store.next_reading import RETRY_AFTER
from store.runs import RunLog
from store.writer import Applied, Writer

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger(__name__)
PAGE_ROWS = 50_000  # rows held before they are written, when a connector's pages are small or endless
TOGETHER_ROWS = 150_000  # of a source that is read ahead; more than one row group, so that both cores write
HOLD_S = 5.0  # no page of a source that is read ahead waits longer for others to join it
LOOKS_AGAIN = 3  # at most, at a folder that changes while it is read

Gate = AbstractContextManager[object]
Connect = Callable[[Source], Connector]


@dataclass
class SourceContext(ReadContext):
    """A read context that is also stopped when its own source fails, without stopping the others."""

    abandoned: threading.Event = field(default_factory=threading.Event)

    def cancelled(self) -> bool:
        """Whether the reading should stop."""
        return self.abandoned.is_set() or ReadContext.cancelled(self)


@dataclass(frozen=True, slots=True)
class Engine:
    """What all sources of one refresh share. Only who holds the gate touches the store."""

    writer: Writer
    log: RunLog
    stop: threading.Event
    gate: Gate = field(default_factory=nullcontext)
    rules: Refreshing = field(default_factory=Refreshing)
    connect: Connect = configured
    pace: float = 1.0  # of waits; see ReadContext


@dataclass
class Reading:
    """The reading of one source: what is held for the next page, and what was done so far."""

    engine: Engine
    source: Source
    fingerprint: str
    context: SourceContext
    report: SourceReport
    items: list[Batch | Page] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    read_files: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    held_since: float = 0.0

    @property
    def run_id(self) -> str:
        """The refresh's id."""
        return self.engine.writer.run_id

    def take(self, item: Item, *, more: bool = False) -> None:
        """Handle one thing that the connector yielded; `more` says that the next one is there already."""
        self.context.stop_if_asked()
        if isinstance(item, Batch | Page):
            self.held_since = self.held_since or time.monotonic()
            self.items.append(item)
            if isinstance(item, Batch) and self._held() >= PAGE_ROWS:
                self.flush()
        elif isinstance(item, Reject):
            self.rejects.append(item)
        elif isinstance(item, Checkpoint):
            self.checkpoints.append(item)
            if not more or self._held() >= TOGETHER_ROWS or time.monotonic() - self.held_since > HOLD_S:
                self.flush()
        elif isinstance(item, Progress | Waiting):
            self._show(item)
        else:
            self.flush()
            self._take_alone(item)

    def _held(self) -> int:
        return sum(item.rows.num_rows for item in self.items)

    def flush(self) -> None:
        """Commit what is held, together with the cursors."""
        if not (self.items or self.rejects or self.checkpoints):
            return
        with self.engine.gate:
            applied = self.engine.writer.apply(
                self.source.name, joined(self.items), checkpoints=self.checkpoints, rejects=self.rejects,
                fingerprint=self.fingerprint,
            )  # fmt: skip
        pages = len(self.checkpoints) or 1
        self.items, self.checkpoints, self.rejects, self.held_since = [], [], [], 0.0
        self._count(applied, pages=pages)

    def missing(self, stream: str) -> pa.Table:
        """Keys that the source named and the store lacks."""
        with self.engine.gate:
            return self.engine.writer.missing(self.source.name, stream)

    def _take_alone(self, item: FileRead | FileGone | KeysSeen) -> None:
        writer, name = self.engine.writer, self.source.name
        if isinstance(item, FileRead):
            self._take_file(item)
        elif isinstance(item, FileGone):
            with self.engine.gate:
                self._count(writer.apply_gone(name, item))
        else:
            with self.engine.gate:
                self._count(writer.apply_keys(name, item, first=item.stream not in self.compared))
            self.compared.add(item.stream)
            if item.last:
                self.compared.discard(item.stream)

    def _take_file(self, file: FileRead) -> None:
        self.read_files.add(file.source_file)
        self.engine.log.progress(self.run_id, self.source.name, f"reading {file.source_file}")
        logger.info("reading file", extra={"source": self.source.name, "file": file.source_file})
        try:
            with self.engine.gate:
                applied = self.engine.writer.apply_file(self.source.name, file)
        except Exception as error:  # one bad file does not stop the others
            if self.context.cancelled() or isinstance(error, Cancelled):
                raise
            self.fail(error, f"{file.source_file} was not loaded")
            return
        finally:
            self._remove_copy(Path(file.path))
        self._count(applied, files=1)

    def _remove_copy(self, path: Path) -> None:
        """A file that was fetched for this reading is not needed any more."""
        folder = self.context.folder
        if folder is not None and path.is_relative_to(folder):
            path.unlink(missing_ok=True)

    def fail(self, error: Exception, what: str) -> None:
        """Note a problem; one that nobody foresaw is logged with its traceback."""
        unforeseen = None if isinstance(error, AppError) else error
        logger.warning("%s: %s", what, error, exc_info=unforeseen, extra={"source": self.source.name})
        self.report = self.report.failing(error)

    def _count(self, applied: Applied, *, files: int = 0, pages: int = 0) -> None:
        if applied.new_columns:
            new = ", ".join(applied.new_columns)
            logger.warning("new columns, kept as custom fields: %s", new, extra={"source": self.source.name})
        self.report = self.report.plus(applied, files=files, pages=pages)
        self.engine.log.counts(self.run_id, self.source.name, self.counts())

    def counts(self) -> dict[str, float]:
        """The counts under the names of the run log."""
        effort = self.context.effort
        return {
            **self.report.log_counts(), "requests": effort.requests, "retries": effort.retries,
            "bytes": effort.bytes, "rate_limited_seconds": round(effort.waited_s, 1),
        }  # fmt: skip

    def _show(self, item: Progress | Waiting) -> None:
        log, name = self.engine.log, self.source.name
        if isinstance(item, Waiting):
            log.waiting(self.run_id, name, item.until, item.reason)
            logger.info("waiting", extra={"source": name, "until": item.until, "reason": item.reason})
        else:
            log.progress(self.run_id, name, item.text, item.done, item.total)


def joined(items: Sequence[Batch | Page]) -> list[Batch | Page]:
    """The same rows in fewer pieces: pages of one description become one, where the first of them stands."""
    import pyarrow as pa

    tables: dict[int, list[pa.Table]] = {}
    order: list[Batch | Page] = []
    for item in items:
        if not isinstance(item, Page):
            order.append(item)
        elif id(item.read) in tables:
            tables[id(item.read)].append(item.rows)
        else:
            tables[id(item.read)] = [item.rows]
            order.append(item)
    return [
        Page(pa.concat_tables(tables[id(item.read)]), item.read) if isinstance(item, Page) else item
        for item in order
    ]


def read_source(engine: Engine, source: Source, *, full: bool, trigger: str) -> SourceReport:
    """Read one source to its end. Never raises for a source that fails: its report says so."""
    log, run_id = engine.log, engine.writer.run_id
    log.start(run_id, source.name, trigger=trigger)
    log.phase(run_id, source.name, "reading")
    begun, limit = time.monotonic(), engine.rules.deadline_s
    context = SourceContext(
        source_id=source.name,
        stop=engine.stop,
        deadline=clock.now() + timedelta(seconds=limit) if limit else None,
        first_window_days=engine.rules.first_window_days,
        folder=engine.writer.home.incoming / source.name,
        pace=engine.pace,
    )
    reading = Reading(
        engine, source, settings_fingerprint(source), context, SourceReport(source.name, source.kind)
    )
    try:
        _read(reading, full=full)
    except (Exception, KeyboardInterrupt) as error:
        if engine.stop.is_set() or isinstance(error, KeyboardInterrupt):
            told = Cancelled("the refresh was stopped.", source=source.name)
            reading.report = replace(reading.report.failing(told), status="cancelled")
        else:
            reading.fail(error, "the source failed")
    reading.report = replace(_judged(reading.report), seconds=round(time.monotonic() - begun, 3))
    _finish(reading)
    return reading.report


def settings_fingerprint(source: Source) -> str:
    """Changes when what is read does: everything is then read again."""
    try:
        passing: frozenset[str] = CONNECTORS.get(source.kind).Config.operational
    except ConfigError:
        passing = frozenset()
    lasting = {name: value for name, value in source.options().items() if name not in passing}
    told = json.dumps([source.kind, lasting], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _read(reading: Reading, *, full: bool) -> None:
    engine, name = reading.engine, reading.source.name
    connector = engine.connect(reading.source)
    with engine.gate, engine.writer.transaction():
        config = without_secrets(reading.source)
        state.save_source(engine.writer.con, name, reading.source.kind, config, enabled=True)
    with engine.gate:
        con = engine.writer.con
        known = state.files(con, name)
        anew = full or state.settings_fingerprint(con, name) != reading.fingerprint
    _drain(reading, connector, full=full, anew=anew)
    if reading.report.error is None and anew and not connector.tells_gone:
        for gone in known.keys() - reading.read_files - _files_of_batches(reading, known):
            reading.take(FileGone(gone))
    _find_hidden(reading, connector, full=full, before=0)
    if connector.looks_again:
        _until_still(reading, connector)
    if connector.tells_gone:
        _let_go(reading)
    if reading.report.error is None:
        with engine.gate, engine.writer.transaction():
            state.save_settings_fingerprint(
                engine.writer.con, name, reading.fingerprint, run_id=reading.run_id
            )


def _find_hidden(reading: Reading, connector: Connector, *, full: bool, before: int) -> None:
    """A row that left one file may stand in another: reading all of them again brings it back."""
    with reading.engine.gate:
        con = reading.engine.writer.con
        is_hidden = reading.report.deleted > before and state.hidden_rows(
            con, reading.source.name, reading.run_id
        )
    if is_hidden:
        _drain(reading, connector, full=full, anew=True)


def _until_still(reading: Reading, connector: Connector) -> None:
    """Read what changed while files were read, so that what they say of each other is of one moment.

    An export that is written meanwhile would bring today's messages without their conversations.
    """
    before = 0
    for _ in range(LOOKS_AGAIN):
        report = reading.report
        if report.error is not None or report.files + report.deleted == before:
            return
        before = report.files + report.deleted
        _drain(reading, connector, full=False, anew=False)
        _find_hidden(reading, connector, full=False, before=report.deleted)


def _let_go(reading: Reading) -> None:
    """Rows of files that are gone and were forgotten: older versions could lose sight of them at a renaming."""
    if reading.report.error is None:
        with reading.engine.gate:
            left = state.ownerless_files(reading.engine.writer.con, reading.source.name)
        for name in left:
            reading.take(FileGone(name))


def _files_of_batches(reading: Reading, known: dict[str, dict[str, object]]) -> set[str]:
    """Files that arrived as batches in this reading: their marks carry this run."""
    with reading.engine.gate:
        rows = reading.engine.writer.query(
            "SELECT path FROM sync_files WHERE source_id = ? AND run_id = ?",
            [reading.source.name, reading.run_id],
        )
    return set(rows["path"].to_pylist()) & known.keys()


def _drain(reading: Reading, connector: Connector, *, full: bool, anew: bool) -> None:
    """Take everything that the connector yields."""
    name, context = reading.source.name, reading.context
    with reading.engine.gate:
        con = reading.engine.writer.con
        positions = [] if full else state.cursors(con, name, reading.fingerprint)
        context.files = state.files(con, name)
        context.is_first = reading.engine.writer.is_empty(only=name)
    moved = {p.stream: connector.migrate_state(p.stream, p.kind, p.version, p.cursor) for p in positions}
    context.state = {stream: cursor for stream, cursor in moved.items() if cursor is not None}
    context.full, context.missing = full or anew, reading.missing
    try:
        if connector.read_ahead:
            for item, more in read_ahead(connector.read(context), context, depth=connector.read_ahead):
                reading.take(item, more=more)
        else:
            for item in connector.read(context):
                reading.take(item)
        reading.flush()
    except BaseException:
        context.abandoned.set()
        raise


def _judged(report: SourceReport) -> SourceReport:
    if report.error is None or report.status == "cancelled":
        return report
    loaded = report.files or report.inserted or report.updated or report.unchanged
    return replace(report, status="partial" if loaded else "failed")


def _finish(reading: Reading) -> None:
    report = reading.report
    error = report.error.for_log() if report.error else None
    again = clock.now() + RETRY_AFTER if report.error and report.error.retryable else None
    reading.engine.log.finish(
        reading.run_id,
        report.name,
        report.status,
        counts=reading.counts(),
        error=error,
        next_attempt_at=again,
    )
    logger.info(
        "source read",
        extra={
            "source": report.name, "status": report.status, "rows": report.rows_read,
            "inserted": report.inserted, "updated": report.updated, "rejected": report.rejected,
        },
    )  # fmt: skip
