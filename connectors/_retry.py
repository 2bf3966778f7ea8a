"""Trying again: one policy for every source, by the class of the error and never by its text."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.base import ReadContext
from core import clock
from core.errors import ConnectorError, RateLimited
from core.stream import Waiting

T = TypeVar("T")
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
LONGEST_ASKED_S = 900.0  # what a source may ask for; one that asks for more is asked again after it


def attempts(
    call: Callable[[], T],
    context: ReadContext,
    *,
    tries: int = 6,
    first_wait_s: float = FIRST_WAIT_S,
) -> Generator[Waiting, None, T]:
    """The result of `call`, which is tried again while it raises retryable errors.

    Waits as long as the source asks for (`RateLimited.retry_at`), else exponentially with full jitter; every
    wait is visible and can be cancelled. Raises the last error.
    """
    for number in range(tries):
        context.stop_if_asked()
        try:
            return call()
        except ConnectorError as error:
            if not error.retryable or number == tries - 1:
                raise
            seconds = _pause(error, number, first_wait_s)
            context.note(retries=1)
            yield Waiting(clock.now() + timedelta(seconds=seconds), error.message)
        context.sleep(seconds)
    raise AssertionError("the last try returns or raises")


def _pause(error: ConnectorError, number: int, first_wait_s: float) -> float:
    asked: datetime | None = error.retry_at if isinstance(error, RateLimited) else None
    if asked is not None:
        return min(max((asked - clock.now()).total_seconds(), 0.1), LONGEST_ASKED_S)
    longest: float = min(first_wait_s * 2**number, LONGEST_WAIT_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing
