"""Tries a call again where its failure may pass, within a limit to the whole wait."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.errors import LLMUnavailable

logger = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """`again` tries after the first, all of them and the pauses between within `total_s` seconds."""

    again: int
    total_s: float
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic  # seconds
    draw: Callable[[], float] = random.random  # from 0 to 1: callers who failed together come back apart

    def begin(self) -> Wait:
        """The wait for one answer, which begins now."""
        return Wait(self, self.now() + self.total_s)


@dataclass(frozen=True)
class Wait:
    """What is left of the patience for one answer, however many calls it takes."""

    patience: Patience
    until: float

    @property
    def left_s(self) -> float:
        """Seconds that are left, below zero when it is over."""
        return self.until - self.patience.now()

    def through(self, call: Callable[[], T]) -> T:
        """What the call gives. Raises its last LLMUnavailable when the tries or the time are used up, others at once."""
        tried = 0
        while True:
            try:
                return call()
            except LLMUnavailable as error:
                pause = self._pause(error, tried)
                # Who is asked to come back later than anybody waits gives up at once.
                if tried >= self.patience.again or pause >= self.left_s:
                    raise
                tried += 1
                logger.info(
                    "language model is asked again", extra={"tried": tried, "pause_s": round(pause, 2)}
                )
                self.patience.sleep(pause)

    def _pause(self, error: LLMUnavailable, tried: int) -> float:
        """Twice as long each time, half of it by chance, and never shorter than the server asks for."""
        longest = min(FIRST_PAUSE_S * 2.0**tried, LONGEST_PAUSE_S)
        return max(longest * (1 + self.patience.draw()) / 2, error.retry_after_s or 0.0)
