"""The chart of a forecast: days that were open their conversations, days ahead lie in their bands and open nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.compute import compute
from analytics.forecasting.of_metric import Day, Forecast
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from store.workspace import Note
from tests.conftest import SAMPLE_END
from ui import forecast, notes
from ui.charts import Chart, base, foreseen

FIRST = SAMPLE_END + timedelta(days=1)
AHEAD = Forecast(
    "total", "tested", 60, "tested on its own past", ("In 4 past tests …",), (("last cycle", 1.0),), 36.0,
    tuple(
        Day(FIRST + timedelta(days=at), middle, middle - 2, middle + 2, middle - 4, middle + 4)
        for at, middle in enumerate((10.0, 14.5, 12.0))
    ),
)  # fmt: skip


@pytest.fixture
def result(sample_home: Home, now: Any) -> Any:
    week = Filters(Period(SAMPLE_END - timedelta(days=6), SAMPLE_END))
    return compute(
        open_reader(sample_home), "volume", week, settings=Settings(), viewer=EVERYTHING, grain="day"
    )


def trace(chart: Chart, name: str) -> list[Any]:
    return [one for one in chart.figure.data if one.name == name]


def test_days_that_were_open_and_days_ahead_do_not(result: Any) -> None:
    chart = foreseen(result, AHEAD)
    days = [SAMPLE_END - timedelta(days=at) for at in range(6, -1, -1)]
    assert [one.period for one in chart.drills if one] == [Period(day, day) for day in days]
    assert len(chart.of_rows) == len(chart.rows) == 10 and chart.of_rows[7:] == (None, None, None)
    (line,) = trace(chart, result.title)
    assert list(line.y) == [row.value for row in result.rows] and list(line.customdata) == list(range(7))
    (dashes,) = trace(chart, "Forecast")
    assert dashes.line.dash == "dash" and dashes.customdata is None
    assert list(dashes.x) == [SAMPLE_END, *(day.day for day in AHEAD.days)]
    assert list(dashes.y) == [result.rows[-1].value, 10.0, 14.5, 12.0]


def test_the_narrow_band_lies_in_the_wide_one_and_each_is_named(result: Any) -> None:
    chart = foreseen(result, AHEAD)
    high, low = trace(chart, "80 % band")
    assert list(high.y) == [12.0, 16.5, 14.0] and list(low.y) == [8.0, 12.5, 10.0] and low.fill == "tonexty"
    high, low = trace(chart, "95 % band")
    assert list(high.y) == [14.0, 18.5, 16.0] and list(low.y) == [6.0, 10.5, 8.0] and low.fill == "tonexty"
    names = [(one.text, one.y) for one in chart.figure.layout.annotations]
    assert [name for name, _ in names] == ["forecast", "80 % band", "95 % band"]
    assert [y for _, y in names] == sorted(y for _, y in names)


def test_words_rows_and_files_are_made_of_the_numbers(result: Any) -> None:
    chart = foreseen(result, AHEAD)
    assert f"highest 14.5 on {FIRST + timedelta(days=1)}" in chart.words
    assert "12 expected, 80 %: 10 to 14, 95 %: 8 to 16" in chart.words
    assert chart.rows[-1] == {
        "Day": FIRST + timedelta(days=2), "Value": "12", "80 %": "10 to 14", "95 %": "8 to 16", "Forecast": "yes",
    }  # fmt: skip
    assert chart.exact[-1]["95 % high"] == 16.0 and chart.exact[0]["95 % high"] is None
    assert set(chart.exact[0]) == set(chart.exact[-1])
    peak = f"{FIRST + timedelta(days=1):%A %-d %b}"
    assert forecast.headline(AHEAD) == f"About 36 conversations in the next 3 days, the most on {peak}: 14."


def test_without_days_ahead_it_is_the_past_alone(result: Any) -> None:
    chart = foreseen(result, replace(AHEAD, days=()))
    assert len(chart.rows) == 7 and not chart.figure.layout.annotations and "forecast" not in chart.words
    assert (
        foreseen(replace(result, rows=()), replace(AHEAD, days=())).words == f"{result.title} by day: nothing"
    )


def test_a_scenario_is_dotted_named_and_in_words_table_and_file(result: Any) -> None:
    days = tuple(
        replace(one, value=2 * (one.value or 0), low_80=2 * (one.low_80 or 0), high_80=2 * (one.high_80 or 0))
        for one in AHEAD.days
    )
    chart, plain = foreseen(result, AHEAD, replace(AHEAD, days=days)), foreseen(result, AHEAD)
    (line,) = trace(chart, "Scenario, not a forecast")
    assert line.line.dash == "dot" and list(line.y) == [20.0, 29.0, 24.0]
    high, low = trace(chart, "Scenario, 80 % band")
    assert list(high.y) == [24.0, 33.0, 28.0] and list(low.y) == [16.0, 25.0, 20.0]
    names = [(one.text, one.y) for one in chart.figure.layout.annotations]
    assert {"scenario", "scenario, 80 %", "forecast"} <= {name for name, _ in names}
    assert [y for _, y in names] == sorted(y for _, y in names)
    assert "scenario, not a forecast, as a dotted line: together 73 in place of 36" in chart.words
    assert chart.rows[-1]["Scenario"] == "24" and chart.rows[-1]["Scenario, 80 %"] == "20 to 28"
    assert chart.rows[0]["Scenario"] == "" and {*chart.rows[0]} == {*chart.rows[-1]}
    assert chart.exact[-1]["Scenario (count)"] == 24.0 and chart.exact[-1]["Scenario, 80 % high"] == 28.0
    assert {*chart.exact[0]} == {*chart.exact[-1]} and len(chart.of_rows) == len(chart.rows)
    assert "Scenario" not in plain.rows[0] and not trace(plain, "Scenario, not a forecast")


def test_notes_stand_on_days_ahead_too(result: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    noted = [
        Note(id, day, day, text, "release", "ann", None, (), at, None)
        for id, (day, text) in enumerate(
            ((FIRST + timedelta(days=1), "v2"), (FIRST + timedelta(days=3), "later"))
        )
    ]
    monkeypatch.setattr(
        notes, "of_chart", lambda period, *_: [one for one in noted if notes.touches(one, period)]
    )
    chart = foreseen(result, AHEAD)
    assert base._note(chart) == f"Notes: {FIRST + timedelta(days=1):%-d %b} v2 (release)"
    (line,) = chart.figure.layout.shapes
    assert line.x0 == FIRST + timedelta(days=1)
