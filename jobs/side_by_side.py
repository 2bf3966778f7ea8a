"""Sources read side by side: each in a thread of its own, one at a time at the store."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from core.settings import Source
from jobs.reading import Engine, read_source
from jobs.report import SourceReport

TICK_S = 0.5
Tick = Callable[[], None]


def read_side_by_side(
    engine: Engine, sources: Sequence[Source], *, full: bool, trigger: str, tick: Tick
) -> list[SourceReport]:
    """The reports of all sources in their order; `tick` is called about twice a second meanwhile.

    A stop (KeyboardInterrupt) is passed on to the sources, whose reports then say so.
    """
    if not sources:
        return []
    with ThreadPoolExecutor(engine.rules.parallel_sources, thread_name_prefix="source") as pool:
        futures: list[Future[SourceReport]] = [
            pool.submit(contextvars.copy_context().run, _read_one, engine, source, full, trigger)
            for source in sources
        ]
        try:
            _watch(futures, tick)
        except BaseException as error:
            engine.stop.set()
            _interrupt(engine, futures)
            if not isinstance(error, KeyboardInterrupt):
                raise
    return [future.result() for future in futures]


def _read_one(engine: Engine, source: Source, full: bool, trigger: str) -> SourceReport:
    return read_source(engine, source, full=full, trigger=trigger)


def _watch(futures: Sequence[Future[SourceReport]], tick: Tick) -> None:
    pending = set(futures)
    while pending:
        _, pending = wait(pending, timeout=TICK_S, return_when=FIRST_COMPLETED)
        tick()


def _interrupt(engine: Engine, futures: Sequence[Future[SourceReport]]) -> None:
    """Break off what the database is doing, so that nobody waits for a large file to be read."""
    done = threading.Event()

    def nag() -> None:
        while not done.wait(0.1):
            engine.writer.interrupt()

    thread = threading.Thread(target=nag, daemon=True)
    thread.start()
    try:
        wait(futures)
    finally:
        done.set()
        thread.join()
