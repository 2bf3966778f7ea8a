"""The steps of a change: each begins where the one before ended, the last is the whole, and every one can be opened."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from analytics.changes import what_changed
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui import changes

MONTH = Filters(Period(date(2026, 10, 17), date(2026, 11, 15)))


@pytest.mark.parametrize("name", ["volume", "csat_share", "first_reply_median"])
def test_steps_add_up_to_the_change_and_open_their_parts(sample_home: Home, now: Any, name: str) -> None:
    report = what_changed(
        open_reader(sample_home), name, MONTH, settings=Settings(), viewer=EVERYTHING, compare="previous"
    )
    scale = 100 if report.unit in ("share", "seconds") else 1
    for split in (one for one in report.splits if len(one.segments) > 1):
        chart = changes.steps(report, split)
        (bars,) = chart.figure.data
        ends = [start + moved for start, moved in zip(bars.base, bars.x, strict=True)]
        assert list(bars.base) == pytest.approx([0.0, *ends[:-2], 0.0])
        assert ends[-1] == pytest.approx(scale * report.change) and bars.x[-1] == ends[-1]
        opened = {name: mark for name, mark in zip(bars.y, bars.customdata, strict=True) if mark is not None}
        for part, mark in opened.items():
            drill = chart.drills[mark]
            assert drill is not None and drill.of == report.metric
            assert drill.where == (() if part == "Whole change" else ((split.dimension, (part,)),))
        assert {*bars.y} - {*opened} <= {f"{len(split.segments) - changes.MOST_STEPS} others"}
