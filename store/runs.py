"""The run log that people watch while a refresh runs. The warehouse file is locked then; this one is not."""

from __future__ import annotations

import logging
import os
import platform
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from core import clock
from core.errors import RetentionHeld
from core.home import Home
from store.database import Instant, database

logger = logging.getLogger(__name__)
BEAT_S = 5.0  # between two signs of life
SILENT = timedelta(minutes=5)  # a run of another machine that gave none for so long is over
GOOD = ("ok", "partial")  # how a run ends that brought what there is, or a part of it
VERSION = 3
WHOLE = "*"  # the source_id of the row that stands for the refresh as a whole
COUNTS = (
    "pages", "files", "rows_read", "rows_inserted", "rows_updated", "rows_unchanged", "rows_rejected",
    "rows_deleted", "requests", "retries", "bytes",
)  # fmt: skip

metadata = MetaData()
RUNS = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),  # order of start, also when the clock stands
    Column("run_id", String(40), nullable=False),
    Column("source_id", String(64), nullable=False),
    Column("trigger", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", String(40), nullable=False),
    Column("host", String(200), nullable=False),  # a database shared by machines holds their runs too
    Column("started_at", Instant, nullable=False, index=True),
    Column("heartbeat_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("phase", String(40)),
    Column("progress_text", Text),
    Column("done", BigInteger),
    Column("total", BigInteger),
    *(Column(name, BigInteger, nullable=False, default=0) for name in COUNTS),
    Column("rate_limited_seconds", Float, nullable=False, default=0.0),
    Column("next_attempt_at", Instant),
    Column("generation", Integer),
    Column("error_code", String(40)),
    Column("error_message", Text),
    Column("error_hint", Text),
    Column("clock_doubted", Boolean),  # whether its machine's clock was far ahead of everything known
    UniqueConstraint("run_id", "source_id"),
)

_INTERRUPTED = {
    "status": "interrupted",
    "error_code": "interrupted",
    "error_message": "the process ended before the refresh did.",
    "error_hint": "Start the refresh again: it continues where this one stopped.",
}
_SILENT = {**_INTERRUPTED, "error_message": "its machine has not been heard of since."}


@dataclass(frozen=True, slots=True)
class Run:
    """One refresh (`source_id` is "*", `sources` holds its sources) or one source within it.

    `status`: running ok partial failed cancelled interrupted skipped.
    """

    run_id: str
    source_id: str
    trigger: str
    status: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    finished_at: datetime | None
    phase: str | None
    progress_text: str | None
    done: int | None
    total: int | None
    pages: int
    files: int
    rows_read: int
    rows_inserted: int
    rows_updated: int
    rows_unchanged: int
    rows_rejected: int
    rows_deleted: int
    requests: int
    retries: int
    bytes: int
    rate_limited_seconds: float
    next_attempt_at: datetime | None
    generation: int | None
    error_code: str | None
    error_message: str | None
    error_hint: str | None
    sources: tuple[Run, ...] = field(default=())

    @property
    def seconds(self) -> float:
        """How long it ran, or has been running when it last gave a sign of life."""
        return ((self.finished_at or self.heartbeat_at) - self.started_at).total_seconds()


class RunLog:
    """Rows per (run, source), written by the refresh and read by everybody."""

    def __init__(self, home: Home, *, url: str | None = None) -> None:
        self._engine = database(home, metadata, part="runs", version=VERSION, url=url)

    def start(self, run_id: str, source_id: str = WHOLE, *, trigger: str = "manual") -> None:
        """Note that a run (or one source of it) began."""
        moment = clock.now()
        with self._engine.begin() as con:
            con.execute(
                insert(RUNS).values(
                    run_id=run_id, source_id=source_id, trigger=trigger, status="running", pid=os.getpid(),
                    process_started=_process_started(os.getpid()), host=platform.node(),
                    started_at=moment, heartbeat_at=moment,
                )
            )  # fmt: skip

    def heartbeat(self, run_id: str) -> None:
        """Note that the run is alive."""
        self._set(run_id, None, {})

    @contextmanager
    def beating(self, run_id: str, every_s: float = BEAT_S) -> Iterator[None]:
        """Give signs of life while the block runs, from a thread of its own: whatever the block does meanwhile."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(every_s):
                try:
                    self.heartbeat(run_id)
                except Exception as error:  # a full disk, for example: the run itself finds out and says so
                    logger.warning("no sign of life could be given: %s", error)

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def phase(self, run_id: str, source_id: str, phase: str) -> None:
        """Note what the run does now; progress of the phase before is cleared."""
        self._set(run_id, source_id, {"phase": phase, "progress_text": None, "done": None, "total": None})

    def progress(
        self, run_id: str, source_id: str, text: str, done: int | None = None, total: int | None = None
    ) -> None:
        """Note how far the phase has come."""
        self._set(run_id, source_id, {"progress_text": text, "done": done, "total": total})

    def counts(self, run_id: str, source_id: str, counts: Mapping[str, float]) -> None:
        """Note row counts so far; keys are those of `COUNTS`, and rate_limited_seconds."""
        self._set(run_id, source_id, counts)

    def waiting(self, run_id: str, source_id: str, until: datetime, reason: str) -> None:
        """Note that the source asked for patience."""
        self._set(run_id, source_id, {"next_attempt_at": until, "progress_text": reason})

    def finish(
        self,
        run_id: str,
        source_id: str,
        status: str,
        *,
        counts: Mapping[str, float] | None = None,
        error: Mapping[str, str] | None = None,
        generation: int | None = None,
        next_attempt_at: datetime | None = None,
        clock_doubted: bool = False,
    ) -> None:
        """Note how it ended; `error` has code, message, hint. With `clock_doubted` it does not tell the time."""
        wrong = {f"error_{key}": text for key, text in (error or {}).items()}
        ended = {
            "status": status,
            "finished_at": clock.now(),
            "generation": generation,
            "next_attempt_at": next_attempt_at,
            "clock_doubted": clock_doubted,
        }
        self._set(run_id, source_id, {**ended, **(counts or {}), **wrong})

    def recent(self, n: int = 20) -> list[Run]:
        """The newest `n` refreshes, newest first, each with its sources."""
        self.mark_interrupted()
        whole = select(RUNS).where(RUNS.c.source_id == WHOLE).order_by(RUNS.c.id.desc()).limit(n)
        with self._engine.connect() as con:
            runs = con.execute(whole).mappings().all()
            names = [run["run_id"] for run in runs]
            parts = select(RUNS).where(RUNS.c.run_id.in_(names), RUNS.c.source_id != WHOLE)
            rows = con.execute(parts.order_by(RUNS.c.id)).mappings().all()
        return [_run(run, [row for row in rows if row["run_id"] == run["run_id"]]) for run in runs]

    def of_sources(self, each: int = 5) -> dict[str, list[Run]]:
        """The newest runs of every source that was ever read, newest first."""
        self.mark_interrupted()
        place = func.row_number().over(partition_by=RUNS.c.source_id, order_by=RUNS.c.id.desc())
        ranked = select(RUNS, place.label("place")).where(RUNS.c.source_id != WHOLE).subquery()
        newest = select(ranked).where(ranked.c.place <= each).order_by(ranked.c.id.desc())
        found: dict[str, list[Run]] = {}
        with self._engine.connect() as con:
            for row in con.execute(newest).mappings():
                found.setdefault(row["source_id"], []).append(_run(row))
        return found

    def last_ended(self, statuses: Sequence[str] = GOOD) -> dict[str, datetime]:
        """When a run of each source last ended so, however many have ended otherwise since."""
        so = func.max(RUNS.c.id).filter(RUNS.c.status.in_(statuses))
        return self._moments(so, RUNS.c.finished_at)

    def first_tried(self) -> dict[str, datetime]:
        """When each source was first read, or tried."""
        return self._moments(func.min(RUNS.c.id), RUNS.c.started_at)

    def _moments(self, which: ColumnElement[int], moment: Column[datetime]) -> dict[str, datetime]:
        chosen = select(which).where(RUNS.c.source_id != WHOLE).group_by(RUNS.c.source_id)
        with self._engine.connect() as con:
            rows = con.execute(select(RUNS.c.source_id, moment).where(RUNS.c.id.in_(chosen))).all()
        return {source: at for source, at in rows if at is not None}

    def telling(self, n: int = 1) -> list[Run]:
        """The newest `n` refreshes that tell whether all is well, newest first, without their sources.

        One that was stopped tells nothing, nor does one without fault that read no source: all of them rested, or an
        erasure or a removal made it.
        """
        self.mark_interrupted()
        read = select(RUNS.c.run_id).where(RUNS.c.source_id != WHOLE, RUNS.c.status.in_(GOOD))
        ended = (RUNS.c.source_id == WHOLE, RUNS.c.status.not_in(("running", "cancelled")))
        tells = or_(RUNS.c.status != "ok", RUNS.c.run_id.in_(read))
        found = select(RUNS).where(*ended, tells).order_by(RUNS.c.id.desc()).limit(n)
        with self._engine.connect() as con:
            return [_run(row) for row in con.execute(found).mappings()]

    def last_success(self) -> datetime | None:
        """When a refresh last ended well, or well in part, that read a source: others only look after what is there."""
        read = select(RUNS.c.run_id).where(RUNS.c.source_id != WHOLE, RUNS.c.status.in_(GOOD))
        good = (RUNS.c.source_id == WHOLE, RUNS.c.status.in_(GOOD), RUNS.c.run_id.in_(read))
        with self._engine.connect() as con:
            found: datetime | None = con.execute(
                select(RUNS.c.finished_at).where(*good).order_by(RUNS.c.id.desc()).limit(1)
            ).scalar()
        return found

    def last_end(self, *, until: datetime) -> datetime | None:
        """When a refresh whose clock was not doubted last ended well, or well in part, at or before `until`."""
        good = (RUNS.c.source_id == WHOLE, RUNS.c.status.in_(GOOD), RUNS.c.finished_at <= until)
        # Runs from before there was the mark had the code.
        knew = (RUNS.c.clock_doubted.is_not(True), func.coalesce(RUNS.c.error_code, "") != RetentionHeld.code)
        with self._engine.connect() as con:
            row = con.execute(
                select(RUNS.c.finished_at).where(*good, *knew).order_by(RUNS.c.finished_at.desc()).limit(1)
            ).first()
        return row[0] if row else None

    def first_start(self) -> datetime | None:
        """When the first refresh of the log began."""
        with self._engine.connect() as con:
            found: datetime | None = con.execute(
                select(RUNS.c.started_at).order_by(RUNS.c.id).limit(1)
            ).scalar()
        return found

    def current(self) -> Run | None:
        """The refresh that is running now, or None."""
        return next((run for run in self.recent(5) if run.status == "running"), None)

    def get(self, run_id: str) -> Run | None:
        """One refresh, with its sources."""
        return next((run for run in self.recent(1000) if run.run_id == run_id), None)

    def mark_interrupted(self) -> int:
        """Mark runs whose process is gone, or whose machine is silent; returns how many rows that were."""
        here, now = RUNS.c.host == platform.node(), clock.now()
        silent = or_(RUNS.c.heartbeat_at < now - SILENT, RUNS.c.heartbeat_at > now + SILENT)
        rows = select(
            RUNS.c.run_id, RUNS.c.source_id, RUNS.c.pid, RUNS.c.process_started, here.label("here")
        ).where(RUNS.c.status == "running", or_(here, silent))
        with self._engine.connect() as con:
            found = con.execute(rows).all()
        gone = [row for row in found if not row.here or _process_started(row.pid) != row.process_started]
        for row in gone:
            values = {**(_INTERRUPTED if row.here else _SILENT), "finished_at": now}
            self._set(row.run_id, row.source_id, values, only_running=True)
        return len(gone)

    def _set(
        self, run_id: str, source_id: str | None, values: Mapping[str, object], *, only_running: bool = False
    ) -> None:
        where = [RUNS.c.run_id == run_id]
        if source_id is not None:
            where.append(RUNS.c.source_id == source_id)
        if only_running:
            where.append(RUNS.c.status == "running")
        sign = {} if only_running else {"heartbeat_at": clock.now()}
        with self._engine.begin() as con:
            con.execute(update(RUNS).where(and_(*where)).values({**values, **sign}))


def _run(row: RowMapping, parts: Sequence[RowMapping] = ()) -> Run:
    unsaid = ("id", "place", "process_started", "host", "clock_doubted")
    fields = {key: value for key, value in row.items() if key not in unsaid}
    return Run(**fields, sources=tuple(_run(part) for part in parts))


def _process_started(pid: int) -> str:
    """When a process started, in the kernel's ticks: a reused pid differs. Empty when gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"  # no /proc on this system: the pid alone has to do
