"""Reading the work file while it is being written, with the words of a published generation."""

from __future__ import annotations

from core import clock
from store.generations import Generation
from store.reader import Reader
from store.writer import Writer


class WorkReader(Reader):
    """What the next generation will show: a reader on the writer's own connection.

    It sees what was committed, and must not outlive the writer's connection.
    """

    def __init__(self, writer: Writer) -> None:
        # Not Reader's: the file is open already, and a second connection to it would be refused.
        self.home = writer.home
        self.generation = Generation(0, writer.path, clock.now())
        self._con = writer.con
        self._tables = {}

    def close(self) -> None:
        """The writer closes its connection itself."""
