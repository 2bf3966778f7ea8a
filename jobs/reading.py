"""One source into the store: items become pages, pages become transactions."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from connectors.base import ReadContext, configured
from core.errors import AppError, Cancelled
from core.settings import Source
from core.stream import Batch, Checkpoint, FileGone, FileRead, Item, Progress, Reject, Waiting
from jobs.report import SourceReport
from store import state
from store.runs import RunLog
from store.writer import Applied, Writer

logger = logging.getLogger(__name__)
PAGE_ROWS = 50_000  # rows held before they are written, when a connector's pages are small or endless
_SECRET = ("dsn", "password", "secret", "token", "key", "credential")


@dataclass
class StoppableContext(ReadContext):
    """A read context that also listens to the refresh's stop signal."""

    stop: threading.Event = field(default_factory=threading.Event)

    def cancelled(self) -> bool:
        """Whether the run should stop."""
        return self.stop.is_set() or ReadContext.cancelled(self)


@dataclass
class Reading:
    """The reading of one source: what is held for the next page, and what was done so far."""

    writer: Writer
    log: RunLog
    source: Source
    stop: threading.Event
    fingerprint: str
    report: SourceReport
    batches: list[Batch] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    read_files: set[str] = field(default_factory=set)

    def take(self, item: Item) -> None:
        """Handle one thing that the connector yielded."""
        if self.stop.is_set():
            raise Cancelled("the refresh was stopped.", source=self.source.name)
        if isinstance(item, Batch):
            self.batches.append(item)
            if sum(batch.rows.num_rows for batch in self.batches) >= PAGE_ROWS:
                self.flush()
        elif isinstance(item, Reject):
            self.rejects.append(item)
        elif isinstance(item, Checkpoint):
            self.flush(item)
        elif isinstance(item, FileRead):
            self.flush()
            self._take_file(item)
        elif isinstance(item, FileGone):
            self.flush()
            self._count(self.writer.apply_gone(self.source.name, item))
        else:
            self._show(item)

    def flush(self, checkpoint: Checkpoint | None = None) -> None:
        """Commit what is held, together with the cursor."""
        if not (self.batches or self.rejects or checkpoint):
            return
        applied = self.writer.apply(
            self.source.name, self.batches, checkpoint=checkpoint, rejects=self.rejects,
            fingerprint=self.fingerprint,
        )  # fmt: skip
        self.batches, self.rejects = [], []
        self._count(applied, pages=1)

    def _take_file(self, file: FileRead) -> None:
        self.read_files.add(file.source_file)
        self.log.progress(self.writer.run_id, self.source.name, f"reading {file.source_file}")
        logger.info("reading file", extra={"source": self.source.name, "file": file.source_file})
        try:
            applied = self.writer.apply_file(self.source.name, file)
        except Exception as error:  # one bad file does not stop the others
            if self.stop.is_set() or isinstance(error, Cancelled):
                raise
            self.fail(error, f"{file.source_file} was not loaded")
            return
        self._count(applied, files=1)

    def fail(self, error: Exception, what: str) -> None:
        """Note a problem; one that nobody foresaw is logged with its traceback."""
        unforeseen = None if isinstance(error, AppError) else error
        logger.warning("%s: %s", what, error, exc_info=unforeseen, extra={"source": self.source.name})
        self.report = self.report.failing(error)

    def _count(self, applied: Applied, *, files: int = 0, pages: int = 0) -> None:
        self.report = self.report.plus(applied, files=files, pages=pages)
        self.log.counts(self.writer.run_id, self.source.name, self.report.log_counts())

    def _show(self, item: Progress | Waiting) -> None:
        run_id, name = self.writer.run_id, self.source.name
        if isinstance(item, Waiting):
            self.log.waiting(run_id, name, item.until, item.reason)
            logger.info("waiting", extra={"source": name, "until": item.until, "reason": item.reason})
        else:
            self.log.progress(run_id, name, item.text, item.done, item.total)


def read_source(
    writer: Writer, log: RunLog, source: Source, *, full: bool, trigger: str, stop: threading.Event
) -> SourceReport:
    """Read one source to its end. Never raises for a source that fails: its report says so."""
    log.start(writer.run_id, source.name, trigger=trigger)
    log.phase(writer.run_id, source.name, "reading")
    begun = time.monotonic()
    reading = Reading(
        writer, log, source, stop, settings_fingerprint(source), SourceReport(source.name, source.kind)
    )
    try:
        _read(reading, full=full)
    except (Exception, KeyboardInterrupt) as error:
        if stop.is_set() or isinstance(error, (Cancelled, KeyboardInterrupt)):
            told = Cancelled("the refresh was stopped.", source=source.name)
            reading.report = replace(reading.report.failing(told), status="cancelled")
        else:
            reading.fail(error, "the source failed")
    report = replace(_judged(reading.report), seconds=round(time.monotonic() - begun, 3))
    _finish(log, writer.run_id, report)
    return report


def settings_fingerprint(source: Source) -> str:
    """Changes when the source's settings do: everything is then read again."""
    told = json.dumps([source.kind, source.options()], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _read(reading: Reading, *, full: bool) -> None:
    writer, name = reading.writer, reading.source.name
    connector = configured(reading.source)
    with writer.transaction():
        state.save_source(
            writer.con, name, reading.source.kind, _without_secrets(reading.source), enabled=True
        )
    known = state.files(writer.con, name)
    anew = full or state.settings_fingerprint(writer.con, name) != reading.fingerprint
    _drain(reading, connector.read, full=full, anew=anew)
    if reading.report.error is None and anew:
        for gone in known.keys() - reading.read_files - _files_of_batches(reading, known):
            reading.take(FileGone(gone))
    left = state.files(writer.con, name)
    if reading.report.deleted and (len(left) > 1 or (left and known.keys() - left.keys())):
        # A row that left one file may still stand in another: reading all of them again brings it back.
        _drain(reading, connector.read, full=full, anew=True)
    if reading.report.error is None:
        with writer.transaction():
            state.save_settings_fingerprint(writer.con, name, reading.fingerprint, run_id=writer.run_id)


def _files_of_batches(reading: Reading, known: dict[str, dict[str, object]]) -> set[str]:
    """Files that arrived as batches in this reading: their marks carry this run."""
    rows = reading.writer.query(
        "SELECT path FROM sync_files WHERE source_id = ? AND run_id = ?",
        [reading.source.name, reading.writer.run_id],
    )
    return set(rows["path"].to_pylist()) & known.keys()


def _drain(
    reading: Reading, read: Callable[[ReadContext], Iterable[Item]], *, full: bool, anew: bool
) -> None:
    con, name = reading.writer.con, reading.source.name
    context = StoppableContext(
        source_id=name,
        state={} if full else state.cursors(con, name, reading.fingerprint),
        files={} if full or anew else state.files(con, name),
        full=full,
        stop=reading.stop,
    )
    for item in read(context):
        reading.take(item)
    reading.flush()


def _judged(report: SourceReport) -> SourceReport:
    if report.error is None or report.status == "cancelled":
        return report
    loaded = report.files or report.inserted or report.updated or report.unchanged
    return replace(report, status="partial" if loaded else "failed")


def _finish(log: RunLog, run_id: str, report: SourceReport) -> None:
    error = report.error.for_log() if report.error else None
    log.finish(run_id, report.name, report.status, counts=report.log_counts(), error=error)
    logger.info(
        "source read",
        extra={
            "source": report.name, "status": report.status, "rows": report.rows_read,
            "inserted": report.inserted, "updated": report.updated, "rejected": report.rejected,
        },
    )  # fmt: skip


def _without_secrets(source: Source) -> dict[str, object]:
    return {
        name: value
        for name, value in source.options().items()
        if not any(word in name.lower() for word in _SECRET) or str(value).startswith("env:")
    }
