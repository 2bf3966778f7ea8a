"""So many at once and no more: whoever comes next waits, and is told so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_EVERY_S: Final = 0.5  # a person who has left is noticed when they are told again


class Turns:
    """A place that a number of people may be in at the same time."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._inside = 0

    @contextmanager
    def taken(self, most: int, waiting: Callable[[], None]) -> Iterator[None]:
        """Be inside, with at most `most` in all. `waiting` is called while there is no room; what it raises ends the wait."""
        while not self._enter(most):
            waiting()
            with self._free:
                self._free.wait(_EVERY_S)
        try:
            yield
        finally:
            with self._free:
                self._inside -= 1
                self._free.notify()

    def _enter(self, most: int) -> bool:
        with self._free:
            if self._inside >= most:
                return False
            self._inside += 1
            return True


ANSWERS: Final = Turns()
