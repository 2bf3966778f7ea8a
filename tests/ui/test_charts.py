"""What charts draw: the line of a target with its label, at the height of the numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics.compute import compute
from analytics.result import Row
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from rag.answer import Goal, Point, Series
from store.reader import open_reader
from ui import charts

DAYS = (date(2026, 11, 2), date(2026, 11, 3))


def series(unit: str, group: str = "", goal: float = 3600.0) -> Series:
    points = tuple(Point(bucket=day, group=group, value=1800.0, n=9) for day in DAYS)
    goals = (Goal(label="Target 1 h 00 m", group=group, points=tuple((day, goal) for day in DAYS)),)
    return Series(name="x", title="First reply", unit=unit, grain="day", by=None, points=points, goals=goals)


def named(figure: Any) -> dict[str, list[float]]:
    return {trace.name: list(trace.y) for trace in figure.data}


def test_a_target_has_the_scale_of_its_numbers() -> None:
    drawn = charts.series(series("seconds")).figure
    assert named(drawn) == {"First reply": [30.0, 30.0], "Target 1 h 00 m": [60.0, 60.0]}
    assert drawn.layout.showlegend, "the label must be seen"
    assert named(charts.series(series("share", goal=0.9)).figure)["Target 1 h 00 m"] == [90.0, 90.0]


def test_no_target_no_line() -> None:
    shown = series("seconds").model_copy(update={"goals": ()})
    drawn = charts.series(shown).figure
    assert list(named(drawn)) == ["First reply"] and not drawn.layout.showlegend


def test_the_flow_draws_targets_of_each_number(sample_home: Home, now: datetime) -> None:
    settings = Settings(
        workspace={"reporting_zone": "Europe/London"},
        targets=({"metric": "backlog", "value": 40}, {"metric": "solved", "value": 3}),
    )
    month = Filters(Period(date(2026, 10, 1), date(2026, 10, 31)))
    ask: Callable[[str], Any] = lambda name: compute(  # noqa: E731
        open_reader(sample_home), name, month, settings=settings, viewer=EVERYTHING, grain="day"
    )
    chart = charts.flow(ask("volume"), ask("solved"), ask("backlog"))
    lines = {name: heights for name, heights in named(chart.figure).items() if name.startswith("Target")}
    assert {name: set(heights) for name, heights in lines.items()} == {
        "Target 3 conversations solved": {3.0},
        "Target 40 backlog": {40.0},
    }


@pytest.mark.parametrize(("days", "apart"), [(2, 1), (60, None)])
def test_a_small_count_has_no_halves_on_its_axis(
    sample_home: Home, now: datetime, days: int, apart: int | None
) -> None:
    last = date(2026, 11, 15)
    filters = Filters(Period(last - timedelta(days=days - 1), last))
    reader = open_reader(sample_home)
    ask: Callable[..., Any] = lambda *by: compute(  # noqa: E731
        reader, "volume", filters, settings=Settings(), viewer=EVERYTHING, by=by
    )
    bars, week = charts.parts(ask("channel"), "x").figure, charts.heat(ask("weekday", "hour"), "x").figure
    counts = [value for value in bars.data[0].x if value]
    assert (max(counts) <= 5) == (apart == 1)
    assert bars.layout.xaxis.dtick == apart
    shades = week.data[0].marker
    assert shades.cmin == 0 and shades.cmax == max(shades.color)


def test_numbers_stand_right_of_the_bar_and_of_the_mark_before(sample_home: Home, now: datetime) -> None:
    period = Period(date(2026, 10, 17), date(2026, 11, 15))
    result = compute(
        open_reader(sample_home), "volume", Filters(period), settings=Settings(), viewer=EVERYTHING,
        by=("channel",), compare="previous",
    )  # fmt: skip
    bar, before, words = charts.parts(result, "x").figure.data
    assert list(words.x) == [max(now_, old or 0) for now_, old in zip(bar.x, before.x, strict=True)]
    assert [text.strip() for text in words.text] == list(bar.text) and bar.textposition == "none"
    assert charts.parts(result, "x").figure.layout.xaxis.range[1] > max(words.x)


def test_names_of_far_marks_do_not_lie_on_each_other(sample_home: Home, now: datetime) -> None:
    usual = [Row(None, (f"Person {n}",), 100.0 + n, 20) for n in range(12)]
    far = zip(("Ann", "Bea", "Cem", "Dee"), (90_000.0, 100_000.0, 95_000.0, 3_000.0), strict=True)
    rows = [*usual, *(Row(None, (name,), seconds, 20) for name, seconds in far)]
    month = Filters(Period(date(2026, 10, 1), date(2026, 10, 31)))
    result = compute(
        open_reader(sample_home),
        "first_reply_median",
        month,
        settings=Settings(),
        viewer=EVERYTHING,
        by=("agent",),
    )
    notes = {note.text: note for note in charts.strip(result, rows, "By agent").figure.layout.annotations}
    people = {row.group[0] for row in rows}
    assert set(notes) & people == {"Bea", "Dee"}, "the farthest of three that stand together, and one apart"
    assert notes["Bea"].xanchor == "right"
