"""The refresh: read every source, enrich, cut search units, publish one generation, bring the index up."""

from __future__ import annotations

import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from core import clock
from core import log as logs
from core.effective import SAMPLE_SOURCE, effective_settings, is_generated
from core.errors import AppError, Cancelled, RetentionHeld, StoreError
from core.home import Home
from core.settings import Settings, Source
from jobs import choosing, keeping, retention
from jobs.choosing import Asked
from jobs.reading import Engine
from jobs.report import Problem, RefreshReport, RefreshStatus, SourceReport, Totals
from jobs.side_by_side import read_side_by_side
from jobs.stopping import stop_signals
from store import generations, state
from store.leftovers import forget_uploads
from store.lock import refresh_lock
from store.reader import Reader, open_reader
from store.retention import Retired, held, known_now
from store.runs import WHOLE, RunLog
from store.writer import Writer

logger = logging.getLogger(__name__)
SAMPLE_CONVERSATIONS, SAMPLE_SEED = 2_000, 7
_SHOW_EVERY_S = 0.5

ShowProgress = Callable[[str, int, int | None], None]


def _enrich(writer: Writer, settings: Settings, progress: ShowProgress) -> object:
    from enrich.mood import Wish
    from enrich.pipeline import enrich
    from store.workspace import Workspace

    told = Workspace(writer.home)
    corrected, chosen = told.corrections_in_force(), told.topic_choices_in_force()
    moods = Wish(*told.moods_wanted(), tuple(told.mood_labels_in_force()))
    return enrich(writer, settings, progress, corrected=corrected, chosen=chosen, moods=moods)


def _chunks(writer: Writer, settings: Settings) -> object:
    from rag.chunks import write_chunks

    return write_chunks(writer, settings)


def _ledger(writer: Writer, settings: Settings) -> object:
    from analytics.ledger import record

    return record(writer, settings)


def _index(home: Home, settings: Settings, reader: Reader, progress: ShowProgress) -> object:
    from rag.index import update

    return update(home, settings, reader, progress)


@dataclass(frozen=True, slots=True)
class Steps:
    """What happens after reading. Tests of the engine put their own here."""

    enrich: Callable[[Writer, Settings, ShowProgress], object] = _enrich
    chunks: Callable[[Writer, Settings], object] = _chunks
    index: Callable[[Home, Settings, Reader, ShowProgress], object] = _index
    ledger: Callable[[Writer, Settings], object] = _ledger


@dataclass
class _Refresh:
    """One refresh under way."""

    home: Home
    settings: Settings
    log: RunLog
    run_id: str
    trigger: str
    full: bool
    steps: Steps
    stop: threading.Event
    forget: tuple[str, ...] = ()
    before: str = ""
    trusts_clock: bool = False  # before anything was published nothing can be lost by a wrong one
    leaving: list[str] = field(default_factory=list)  # retired sources, whose rows go when nothing needs them
    begun: float = field(default_factory=time.monotonic)
    phases: dict[str, float] = field(default_factory=dict)
    sources: list[SourceReport] = field(default_factory=list)
    published: bool = False
    removed: dict[str, int] = field(default_factory=dict)  # conversations older than keep_days, by source
    enriched: object = None
    indexed: object = None
    problem: Problem | None = None
    doubt: RetentionHeld | None = None  # why the clock may be wrong
    held: Problem | None = None  # the same, where something is due that was not removed for it

    @contextmanager
    def phase(self, name: str) -> Iterator[ShowProgress]:
        """One visible step, timed."""
        if self.stop.is_set():
            raise Cancelled("the refresh was stopped.")
        self.log.phase(self.run_id, WHOLE, name)
        logger.info("phase", extra={"phase": name})
        begun = time.monotonic()
        try:
            yield self._shower()
        finally:
            self.phases[name] = round(self.phases.get(name, 0) + time.monotonic() - begun, 3)

    def _shower(self) -> ShowProgress:
        last = 0.0

        def show(text: str, done: int = 0, total: int | None = None) -> None:
            nonlocal last
            if self.stop.is_set():
                raise Cancelled("the refresh was stopped.")
            if time.monotonic() - last >= _SHOW_EVERY_S or done == total:
                last = time.monotonic()
                self.log.progress(self.run_id, WHOLE, text, done, total)

        return show

    @property
    def nothing_loaded(self) -> bool:
        tried = [s for s in self.sources if s.status != "skipped"]
        return bool(tried) and all(s.status in ("failed", "cancelled") for s in tried)


def refresh(
    home: Home,
    settings: Settings,
    *,
    sources: Sequence[str] | None = None,
    full: bool = False,
    trigger: str = "manual",
    wait_s: float = 0,
    forget: Sequence[str] = (),
    clock_is_right: bool = False,
    steps: Steps | None = None,
) -> RefreshReport:
    """Bring the warehouse and the index up to date, and say what was done.

    `forget` names sources that are no longer configured and whose data is to go; without it their data stays.

    With `clock_is_right` conversations that are too old go also where the clock is far ahead of everything known.

    One source that fails does not stop the others. When nothing could be loaded, or the refresh is stopped,
    what was published before stays as it was. Raises RefreshRunning while another refresh holds the lock.
    """
    asked = Asked(sources, trigger, clock.now())
    run_id = f"{asked.at:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    log = RunLog(home)
    with _named_in_logs(run_id), refresh_lock(home, run_id=run_id, wait_s=wait_s):
        before = keeping.before(log)
        log.start(run_id, WHOLE, trigger=trigger)
        with stop_signals() as stop, log.beating(run_id):
            run = _Refresh(
                home, settings, log, run_id, trigger, full, steps or Steps(), stop, tuple(forget), before,
                trusts_clock=clock_is_right or generations.current_or_none(home) is None,
            )  # fmt: skip
            try:
                _work(run, asked)
            except (Exception, KeyboardInterrupt) as error:
                if not stop.is_set() and not isinstance(error, (AppError, KeyboardInterrupt)):
                    logger.exception("refresh failed")
                stopped = stop.is_set() or isinstance(error, (Cancelled, KeyboardInterrupt))
                run.problem = Problem.of(Cancelled("the refresh was stopped.") if stopped else error)
        return _finish(run)


@contextmanager
def _named_in_logs(run_id: str) -> Iterator[None]:
    """Log lines carry the run's id, and only its own lines do."""
    token = logs.run_id.set(run_id)
    try:
        yield
    finally:
        logs.run_id.reset(token)


def _work(run: _Refresh, asked: Asked) -> None:
    with run.phase("prepare"):
        generations.clean(run.home)
        forget_uploads(run.home)
        generations.require_room(run.home, 0, reserve_mb=run.settings.workspace.min_free_disk_mb)
        writer = Writer(run.home, run_id=run.run_id)
        writer.mask = keeping.masker(writer, run.settings)
        covering = keeping.Covering(writer, run.settings)
        writer.mask_for = covering if run.settings.masking.before_storage else None
        writer.barred = keeping.barred(run.home)
        writer.retired = Retired(
            retention.kept_since(
                effective_settings(run.home, run.settings), now=known_now(writer.con, run.log, clock.now())
            )
        )
    try:
        _prepare_sample(run, writer)
        _read_all(run, writer, asked)
        covering.tell()
        keeping.settle(writer)
        if run.nothing_loaded:
            return
        _understand(run, writer)
        for name in run.leaving:
            writer.purge(name)
        with run.phase("ledger"):
            run.steps.ledger(writer, run.settings)
        content = state.content_state(writer.con)
    finally:
        try:
            keeping.save_runs(run.log, run.run_id, writer)
        finally:
            writer.close()
    _publish(run, writer, content)
    _update_index(run)


def _understand(run: _Refresh, writer: Writer) -> str:
    """Facts, enrichment and search units of what changed; gives the fingerprint of the content."""
    with run.phase("enrich") as progress:
        run.enriched = run.steps.enrich(writer, run.settings, progress)
    run.doubt = None if run.trusts_clock else held(writer.con, run.log)
    if retention.has_rule(run.settings):
        with run.phase("retention"):
            _remove_old(run, writer)
    with run.phase("chunks"):
        run.steps.chunks(writer, run.settings)
    return state.content_state(writer.con)


def _remove_old(run: _Refresh, writer: Writer) -> None:
    """Take out what is older than its rule allows, unless the clock may be wrong: then say so."""
    due = retention.due(writer, run.settings, leaving=run.leaving)
    run.held = Problem.of(run.doubt) if run.doubt and due else None
    if run.held:
        logger.warning("%s", run.doubt)
        return
    for name, n in retention.take_out(writer, due).items():
        run.removed[name] = run.removed.get(name, 0) + n


def _publish_midway(run: _Refresh, writer: Writer, gate: threading.Lock) -> None:
    """Show what a long refresh has loaded so far; the sources wait at the gate meanwhile."""
    with gate:
        if writer.is_empty():
            return
        content = _understand(run, writer)
        writer.close()
        try:
            _publish(run, writer, content)
        finally:
            writer.open()
    _update_index(run)
    run.log.phase(run.run_id, WHOLE, "read")


def _prepare_sample(run: _Refresh, writer: Writer) -> None:
    """Generate the sample workspace, once, for somebody who has configured nothing and has no data."""
    if not run.settings.sources and writer.is_empty() and not is_generated(run.home):
        from jobs.sample import generate

        with run.phase("sample"):
            scratch = run.home.root / "sample.tmp"
            shutil.rmtree(scratch, ignore_errors=True)
            generate(scratch, conversations=SAMPLE_CONVERSATIONS, seed=SAMPLE_SEED)
            shutil.rmtree(run.home.sample, ignore_errors=True)
            scratch.rename(run.home.sample)
    run.settings = effective_settings(run.home, run.settings)


def _read_all(run: _Refresh, writer: Writer, asked: Asked) -> None:
    left = choosing.left_behind(run.home, run.settings, writer, run.forget)
    todo, passed = choosing.chosen(run.home, run.settings, writer, run.log.of_sources(), asked)
    run.sources += passed
    if todo:
        _read_sources(run, writer, todo)
    if choosing.sample_is_over(run.home, run.settings, writer):
        logger.info("the sample steps aside")
        writer.retire(SAMPLE_SOURCE)
        run.leaving.append(SAMPLE_SOURCE)
    run.sources += choosing.settled(writer, left, run.forget, keep_days=run.settings.retention.keep_days)
    run.leaving += run.forget


def _read_sources(run: _Refresh, writer: Writer, todo: Sequence[Source]) -> None:
    """Read the sources side by side, and publish now and then when that takes long."""
    gate, rules = threading.Lock(), run.settings.refresh
    first = generations.current_or_none(run.home) is None
    due = time.monotonic() + min(
        rules.first_publish_s if first else rules.publish_every_s, rules.publish_every_s
    )

    def tick() -> None:
        nonlocal due
        if time.monotonic() >= due:
            _publish_midway(run, writer, gate)
            due = time.monotonic() + rules.publish_every_s

    engine = Engine(writer, run.log, run.stop, gate, rules)
    with run.phase("read"):
        run.sources += read_side_by_side(engine, todo, full=run.full, trigger=run.trigger, tick=tick)
    for report in run.sources:
        if report.seconds:
            run.phases[f"read {report.name}"] = report.seconds


def _publish(run: _Refresh, writer: Writer, content: str) -> None:
    retention.rewrite(run.home)
    published = generations.current_or_none(run.home)
    if published is not None and published.state == content and generations.is_whole(published):
        return
    with run.phase("publish"):
        generations.publish(
            run.home, writer.path, keep=run.settings.workspace.keep_generations,
            reserve_mb=run.settings.workspace.min_free_disk_mb, state=content,
        )  # fmt: skip
    run.published = True


def _update_index(run: _Refresh) -> None:
    with run.phase("index") as progress:
        run.indexed = run.steps.index(run.home, run.settings, open_reader(run.home), progress)
    if retention.is_unfinished(run.home):
        with run.phase("retention"):
            retention.finish(run.home)


def _finish(run: _Refresh) -> RefreshReport:
    generation = generations.current_or_none(run.home)
    status = _status(run)
    problem = run.problem or next((s.error for s in run.sources if s.error), None) or run.held
    totals = Totals.of(run.sources)
    report = RefreshReport(
        run.run_id, status, run.trigger, tuple(run.sources), totals,
        generation.number if generation else None, run.published, _message(run, status, problem), run.phases,
        round(time.monotonic() - run.begun, 3), run.enriched, run.indexed, problem, run.before, run.removed,
    )  # fmt: skip
    _keep_end(run, report, problem)
    logger.info(
        "refresh ended", extra={"status": status, "published": run.published, "seconds": report.seconds}
    )
    return report


def _keep_end(run: _Refresh, report: RefreshReport, problem: Problem | None) -> None:
    """How it ended, in the run log. On a full disk that cannot be kept: the next refresh calls it interrupted."""
    totals = report.totals
    counts = {
        "rows_read": totals.rows_read, "rows_inserted": totals.inserted, "rows_updated": totals.updated,
        "rows_unchanged": totals.unchanged, "rows_rejected": totals.rejected,
        "rows_deleted": totals.deleted, "files": totals.files,
    }  # fmt: skip
    error = problem.for_log() if problem else None
    try:
        run.log.finish(
            run.run_id, WHOLE, report.status, counts=counts, error=error, generation=report.generation,
            clock_doubted=run.doubt is not None,
        )  # fmt: skip
    except StoreError as told:
        logger.error("how the refresh ended could not be kept: %s", told)


def _status(run: _Refresh) -> RefreshStatus:
    if run.problem:
        if run.problem.code == Cancelled.code:
            return "cancelled"
        return "partial" if run.published else "failed"
    if any(source.status == "cancelled" for source in run.sources):
        return "cancelled"
    if run.nothing_loaded:
        return "failed"
    return "partial" if run.held or any(source.error for source in run.sources) else "ok"


def _message(run: _Refresh, status: str, problem: Problem | None) -> str:
    if run.published:
        told = "a new generation was published"
    elif status in ("failed", "cancelled"):
        told = "nothing was published; the data published before is as it was"
    else:
        told = "nothing changed, so nothing was published"
    if run.removed:
        told += f"; {sum(run.removed.values()):,} conversations older than keep_days were removed"
    also = f" Besides, {run.held.message}" if run.held and run.held is not problem else ""
    return f"{told}: {problem.message}{also}" if problem else f"{told}."
