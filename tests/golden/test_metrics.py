"""Numbers over the stories, worked out by hand, against the metrics of the catalogue."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from analytics.compute import compute
from core.filters import Filters, Period
from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import Reader
from tests.golden.worked import Worked, load_worked, number

NUMBERS = load_worked()


@pytest.mark.parametrize("worked", NUMBERS, ids=lambda worked: worked.title.replace(" ", "-"))
def test_a_number(golden_home: Home, golden_reader: Reader, worked: Worked, now: datetime) -> None:
    found = compute(
        golden_reader, worked.metric, worked.filters, settings=load_settings(golden_home), viewer=EVERYTHING,
        by=(worked.by,) if worked.by else (), grain=worked.grain,
    )  # fmt: skip
    if worked.value is not None:
        assert found.total.value == pytest.approx(number(worked.value)), worked.how
    if worked.n is not None:
        assert found.total.n == worked.n, worked.how
    if worked.by:
        groups = {row.group[0]: row.value for row in found.groups}
        assert groups == pytest.approx({group: number(value) for group, value in worked.groups.items()})
    buckets = {f"{row.bucket:%Y-%m-%dT%H:%M}": row.value for row in found.rows}
    assert {bucket: buckets.get(bucket) for bucket in worked.series} == worked.series


@pytest.mark.parametrize(
    ("day", "note"),
    [("2026-03-29", "does not exist"), ("2026-10-25", "holds two hours"), ("2026-10-26", None)],
)
def test_a_day_whose_clock_changes_says_so(
    golden_home: Home, golden_reader: Reader, now: datetime, day: str, note: str | None
) -> None:
    filters = Filters.of(Period(date.fromisoformat(day), date.fromisoformat(day)), {"source": ["clock"]})
    found = compute(
        golden_reader,
        "backlog",
        filters,
        settings=load_settings(golden_home),
        viewer=EVERYTHING,
        grain="hour",
    )
    assert ["The clock" in one and str(note) in one for one in found.notes].count(True) == (note is not None)


def test_there_are_enough_numbers() -> None:
    assert len({one.metric for one in NUMBERS}) >= 15
    assert {one.by for one in NUMBERS} >= {"team", "agent"}
