"""Which generation pages show: a newly published one from when what people look at is computed for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from core.errors import NotEnoughData, QuestionError, StoreError
from core.home import Home
from store import generations
from store.generations import Generation

PATIENCE_S = 60.0  # so long after a newer one was first seen, what is made ready is shown as far as it is
PACE = 2.0  # so many times as long as a result took, the thread leaves the machine to pages
# So many times as long as a generation took to be made ready, the next one waits for its turn, so that publishes
# that follow each other closely cost pages about a tenth of the machine; and never longer than this.
REST, REST_MOST_S = 9.0, 30.0
logger = logging.getLogger(__name__)


class Following:
    """The generation that a server's pages show of one home, for all its sessions.

    `ahead` gives what is to be computed of a generation before it is shown. One thread computes it and then shows
    the generation; nobody waits meanwhile: pages show the one before, also when its file was cleaned away, as it is
    open. A rollback and an erasure are followed at once.
    """

    def __init__(self, home: Home, ahead: Callable[[int], Iterable[Callable[[], object]]]) -> None:
        self._home, self._ahead = home, ahead
        self._guard = threading.Lock()
        self._shown: Generation | None = None
        self._next: Generation | None = None  # what is being made ready
        self._behind_since = 0.0
        self._rest_until = 0.0

    def number(self) -> int:
        """The generation to show now. Raises NothingPublished, StoreError."""
        newest = generations.current(self._home)
        with self._guard:
            shown = self._shown
            if shown is None or newest.number <= shown.number or shown.number < newest.least:
                return self._show(newest)
            self._behind_since = self._behind_since or time.monotonic()
            if time.monotonic() - self._behind_since > PATIENCE_S:
                return self._show(self._readiest(newest))
            if self._next is None and time.monotonic() >= self._rest_until:
                return self._make_ready(shown, newest)
            return shown.number

    def at_once(self) -> int:
        """Show the newest generation from now on, ready or not. Raises NothingPublished, StoreError."""
        newest = generations.current(self._home)
        with self._guard:
            return self._show(newest)

    def _readiest(self, newest: Generation) -> Generation:
        """What is made ready, partly done as it is; of a newer one nothing would be there, and everybody would wait."""
        coming = self._next
        return coming if coming is not None and coming.number >= newest.least else newest

    def _show(self, generation: Generation) -> int:
        self._shown, self._next, self._behind_since = generation, None, 0.0
        return generation.number

    def _make_ready(self, shown: Generation, newest: Generation) -> int:
        work = list(self._ahead(newest.number))
        if not work:
            return self._show(newest)
        self._next = newest
        threading.Thread(target=self._compute, args=(newest, work), name="ahead", daemon=True).start()
        return shown.number

    def _compute(self, newest: Generation, work: list[Callable[[], object]]) -> None:
        """Compute all of it and show it, unless another is shown meanwhile, or it can no longer be read."""
        is_readable, begun, busy_s = True, time.monotonic(), 0.0
        try:
            for compute in work:
                if self._next is not newest:
                    return
                started = time.monotonic()
                with suppress(QuestionError, NotEnoughData):  # whoever asks for it on a page is told there
                    compute()
                took_s = time.monotonic() - started
                busy_s += took_s
                time.sleep(PACE * took_s)
            seconds = round(time.monotonic() - begun, 2)
            logger.info(
                "computed ahead", extra={"generation": newest.number, "n": len(work), "seconds": seconds}
            )
        except StoreError:
            is_readable = False
        except Exception:
            logger.exception("results could not be computed ahead")
        finally:
            with self._guard:
                if self._next is newest:
                    self._next = None
                    if is_readable:
                        self._show(newest)
                        self._rest_until = time.monotonic() + min(REST * busy_s, REST_MOST_S)
