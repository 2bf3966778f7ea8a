"""Reading ahead: the source is read in a thread of its own while the store writes what came before."""

from __future__ import annotations

import contextlib
import contextvars
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from core.errors import Cancelled
from core.stream import Item

if TYPE_CHECKING:
    import pyarrow as pa

    from jobs.reading import SourceContext

_LOOK_S = 0.1


class _Failed:
    """What the reading thread died of; None when it reached its end."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def read_ahead(items: Iterable[Item], context: SourceContext, *, depth: int) -> Iterator[tuple[Item, bool]]:
    """The items, and whether the next one is there already. At most `depth` are held besides them.

    `context.missing` waits in the reading thread until everything yielded before was taken.
    """
    held: queue.Queue[Item | _Failed] = queue.Queue(maxsize=depth)
    asked, abandoned = context.missing, context.abandoned

    def missing(stream: str) -> pa.Table:
        while held.unfinished_tasks:
            context.stop_if_asked()
            abandoned.wait(_LOOK_S)
        return asked(stream)

    def put(item: Item | _Failed) -> None:
        while not context.cancelled():
            try:
                held.put(item, timeout=_LOOK_S)
                return
            except queue.Full:
                continue
        raise Cancelled("nobody takes what is read any more.", source=context.source_id)

    def work() -> None:
        ended: BaseException | None = None
        try:
            for item in items:
                put(item)
        except BaseException as error:
            ended = error
        with contextlib.suppress(Cancelled):  # whoever takes the items looks at the context too
            put(_Failed(ended))

    context.missing = missing
    thread = threading.Thread(
        target=contextvars.copy_context().run, args=(work,), name=f"read {context.source_id}", daemon=True
    )
    thread.start()
    try:
        yield from _taken(held, context)
    finally:
        if thread.is_alive():
            abandoned.set()
            thread.join(timeout=5)


def _taken(held: queue.Queue[Item | _Failed], context: SourceContext) -> Iterator[tuple[Item, bool]]:
    while True:
        try:
            item = held.get(timeout=_LOOK_S)
        except queue.Empty:
            context.stop_if_asked()
            continue
        if isinstance(item, _Failed):
            if item.error is not None:
                raise item.error
            return
        yield item, not held.empty()
        held.task_done()
