"""The charts of anomalies: every mark has its place among the drills, and what is unusual is marked."""

from __future__ import annotations

from datetime import date, timedelta

from analytics.anomalies.report import Line, Point
from core.filters import Period
from ui.charts.band import band
from ui.charts.base import Axis
from ui.charts.excess import excess
from ui.drill import Drill

FIRST = date(2026, 10, 29)
DAYS = [FIRST + timedelta(days=at) for at in range(5)]


def test_a_day_opens_its_conversations_and_a_gap_has_no_mark() -> None:
    values = [3.0, 4.0, None, 31.0, 2.0]
    points = [Point(day, v, 3.0, 0.0, 7.0, int(v or 0)) for day, v in zip(DAYS, values, strict=True)]
    drawn = band(
        Line("volume", "Created", "count", tuple(points)), {DAYS[3]}, Axis("count", 1.0, "conversations")
    )
    assert [one.period for one in drawn.drills if one] == [Period(d, d) for d in DAYS if d != DAYS[2]]
    assert all(one and one.of == "volume" for one in drawn.drills)
    marks = {trace.name: trace for trace in drawn.figure.data}
    assert list(marks["Unusual"].x) == [DAYS[3]] and list(marks["Unusual"].customdata) == [2]
    assert list(marks["Created"].customdata) == [0, 1, 2, 3] and "31 Oct" not in drawn.words
    assert f"{DAYS[3]:%-d %b}" in drawn.words and drawn.rows[2]["Unusual"] == "yes"


def test_bars_are_the_largest_first_and_open_their_slices() -> None:
    drills = [Drill((("product", (name,)),)) for name in "ab"]
    drawn = excess([("a", 5.0, 4.0, drills[0]), ("b", 1.0, 30.0, drills[1])], "Created")
    usual, beyond, line = drawn.figure.data
    assert list(usual.y) == ["b", "a"] and list(usual.x) == [1.0, 4.0] and list(beyond.x) == [0.0, 1.0]
    assert list(line.x) == [30.0, 4.0] and drawn.drills == (drills[1], drills[0])
    assert "b 1, usually 30.0" in drawn.words
