"""Results are remembered per generation, and a generation nobody reads any more can go."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import date
from weakref import ref

from analytics import audit
from analytics.compute import compute
from analytics.memo import per_reader
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store import generations
from store.reader import Reader


def test_a_result_is_worked_out_once(big: Reader) -> None:
    calls: list[int] = []

    @per_reader
    def doubled(reader: Reader, number: int) -> int:
        calls.append(number)
        return 2 * number

    assert [doubled(big, 2), doubled(big, 2), doubled(big, 3)] == [4, 4, 6]
    assert calls == [2, 3]


def test_nothing_keeps_an_old_reader_open(
    warehouse: Callable[..., Reader], home: Home, settings: Settings
) -> None:
    warehouse([{}, {"source_id": "files"}])
    reader = Reader(home, generations.current(home))
    filters = Filters.of(Period(date(2026, 11, 1), date(2026, 11, 5)))
    result = compute(reader, "backlog", filters, settings=settings, viewer=EVERYTHING, grain="day")
    audit.audited(reader, result, settings=settings, viewer=EVERYTHING)
    explained = Filters.of(Period(date(2026, 11, 2), date(2026, 11, 2)))
    compute(reader, "volume", explained, settings=settings, viewer=EVERYTHING, by=("channel",))
    weak = ref(reader)
    del reader
    gc.collect()
    assert weak() is None
