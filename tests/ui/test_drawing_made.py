"""Figures made up for the picture's sake: bases, ranges, marks, names that are too long, and what cannot be drawn."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from io import BytesIO
from math import nan
from typing import Any

import plotly.graph_objects as go
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from tests.ui.drawn import chart_of, drawn, marked, outside, words
from ui.charts.base import GROUND, LESS, MORE, OTHER, SERIES, TEXT
from ui.report import figures
from ui.report.drawing import png
from ui.report.drawing_axes import Axis

LIGHT = figures.palette("light")


def test_a_bar_begins_at_its_base() -> None:
    begin = datetime(2026, 11, 2, 9, 30)  # noqa: DTZ001 - as axes have it
    hours = timedelta(hours=4)
    bar = go.Bar(y=["Status"], x=[hours.total_seconds() * 1000], base=[begin], orientation="h", name="open",
                 text=["open"], textposition="inside", marker={"color": SERIES[0]})  # fmt: skip
    figure = drawn(chart_of(bar, barmode="overlay", xaxis={"type": "date"}))
    (drawn_bar,) = figure.axes[0].patches
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001
    assert drawn_bar.get_x() == pytest.approx((begin - epoch) / timedelta(milliseconds=1))
    assert drawn_bar.get_width() == pytest.approx(hours.total_seconds() * 1000)
    assert marked(figure, "x")[0].count(":") == 1 and words(figure, "inside") == ["open"]


def test_bars_stand_beside_on_and_below_each_other() -> None:
    def tops(mode: str) -> list[tuple[float, float, float]]:
        bars = [go.Bar(x=["a", "b"], y=y, name=name) for name, y in (("one", [3, -2]), ("two", [4, 5]))]
        found = drawn(chart_of(*bars, barmode=mode)).axes[0].patches
        return [
            (round(bar.get_x() + bar.get_width() / 2, 2), bar.get_y(), bar.get_y() + bar.get_height())
            for bar in found
        ]

    assert tops("group") == [(-0.2, 0, 3), (0.8, 0, -2), (0.2, 0, 4), (1.2, 0, 5)]
    assert tops("stack") == [(0, 0, 3), (1, 0, -2), (0, 3, 7), (1, -2, 3)]
    assert tops("relative") == [(0, 0, 3), (1, 0, -2), (0, 3, 7), (1, 0, 5)]


def test_numbers_have_their_thousands_and_no_exponent() -> None:
    figure = drawn(chart_of(go.Bar(x=["a", "b"], y=[1_250_000, -600_000])))
    assert marked(figure, "y") == ["1,000,000", "500,000", "0", "\N{MINUS SIGN}500,000"]
    assert marked(drawn(chart_of(go.Scatter(x=[0.0, 1.0], y=[0.00001, 0.00004]))), "y")[-1] == "0.00001"


@pytest.mark.parametrize(
    ("values", "length_px", "wanted"),
    [
        ([date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)], 500, ["Aug 2026", "Sep 2026", "Oct 2026"]),
        ([date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)], 900, ["Nov 2<br>2026", "Nov 3", "Nov 4"]),
        ([date(2026, 12, 28), date(2027, 1, 4), date(2027, 1, 11)], 500, ["Dec 28<br>2026", "Jan 4<br>2027", "Jan 11"]),
        ([date(2019, 1, 1), date(2023, 1, 1), date(2027, 1, 1)], 500, ["2020", "2022", "2024", "2026"]),
        ([datetime(2026, 11, 2, 0), datetime(2026, 11, 2, 7), datetime(2026, 11, 2, 12)], 250,  # noqa: DTZ001
         ["00:00<br>Nov 2, 2026", "03:00", "06:00", "09:00", "12:00"]),
        ([0, 30], 250, ["0", "10", "20", "30"]), ([0.0, 1.2], 400, ["0", "0.2", "0.4", "0.6", "0.8", "1", "1.2"]),
    ],
)  # fmt: skip
def test_marks_of_an_axis_are_round(values: list[Any], length_px: float, wanted: list[str]) -> None:
    axis = Axis("x", {}, values)
    for value in values:
        axis.reach(axis.place(value))
    axis.settle(length_px)
    assert [text for _, text in axis.ticks()] == wanted


def test_a_range_that_is_given_is_kept_and_zero_is_in_where_it_is_asked_for() -> None:
    for spec, wanted in (
        ({"range": [0, 100]}, (0.0, 100.0)),
        ({"rangemode": "tozero"}, (0.0, 40.0)),
        ({}, (30.0, 40.0)),
    ):
        axis = Axis("y", spec, [30, 40])
        for value in (30.0, 40.0):
            axis.reach(value)
        axis.settle(200)
        assert axis.ends == wanted


@pytest.mark.parametrize("form_of", ["bar", "lies", "line"])
def test_long_names_stay_inside(form_of: str) -> None:
    long = "The longest name of a team that anybody ever gave, " * 4
    if form_of == "lies":
        chart = chart_of(go.Bar(y=[long, "b"], x=[1, 2], orientation="h", text=[long, "x"]), yaxis_title=long)
    elif form_of == "bar":
        chart = chart_of(
            go.Bar(x=[long, "b" * 90], y=[1, 2], name=long),
            go.Bar(x=[long], y=[3], name="short"),
            yaxis_title=long,
        )
    else:
        days = [date(2026, 11, 2), date(2026, 11, 3)]
        chart = chart_of(
            *(go.Scatter(x=days, y=[1, at], name=f"{at} {long}") for at in range(4)), margin_r=180
        )
        chart.figure.add_annotation(
            x=1, xref="paper", y=2, text=long, showarrow=False, xanchor="left", xshift=6
        )
        chart.figure.add_annotation(x=days[1], y=3, text=long, showarrow=False, xanchor="left")
    figure = drawn(chart)
    assert outside(figure) == []
    assert sum(text.get_text().endswith("…") for text in figure.texts) >= 1
    assert figure.axes[0].get_position().width > 0.35 and figure.axes[0].get_position().height > 0.3


def test_any_text_is_written_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    texts = [
        "$x^2$ costs $5",
        "東京 サポート",
        "🚀 launch",
        "a &lt; b",
        "<b>bold</b>",
        "tab\tand\nline",
        "\x00\x1b[31m",
        "עברית",
    ]
    chart = chart_of(
        go.Bar(y=texts, x=list(range(1, 9)), orientation="h", text=texts),
        yaxis={"type": "category"},
        height=400,
    )
    with caplog.at_level(logging.DEBUG):
        assert png(chart) is not None
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
    told = words(drawn(chart), "y mark")
    assert "$x^2$ costs $5" in told and "a < b" in told and "bold" in told and "tab and line" in told
    assert "□□ □□□□" in told and "□ launch" in told


def test_what_cannot_be_drawn_is_none() -> None:
    assert png(chart_of(go.Waterfall(x=["a"], y=[1]))) is None
    assert png(chart_of(go.Bar(x=["a"], y=[1]), go.Heatmap(z=[[1]]))) is None
    assert png(chart_of()) is None
    assert png(chart_of(go.Bar(x=[], y=[]))) is None
    assert png(chart_of(go.Scatter(x=["a", "b"], y=[None, nan]))) is None


def test_colours_are_those_of_the_light_appearance() -> None:
    pairs = [(one, to_hex(LIGHT[one])) for one in (LESS, MORE, OTHER, TEXT, GROUND)]
    bars = [go.Bar(x=["a"], y=[1], name=f"n{at}", marker={"color": one}) for at, (one, _) in enumerate(pairs)]
    figure = drawn(chart_of(*bars))
    assert [to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches] == [color for _, color in pairs]
    content = png(chart_of(go.Bar(x=["a"], y=[1], marker={"color": LESS})))
    assert content is not None
    seen = {color for _, color in Image.open(BytesIO(content)).convert("RGB").getcolors(100_000)}
    assert (0, 114, 178) in seen and (255, 255, 255) in seen


def test_hidden_traces_are_left_out_and_words_of_a_name_are_no_placeholder() -> None:
    bars = [
        go.Bar(x=["#000001"], y=[1], name="#000002"),
        go.Bar(x=["b"], y=[2], name="gone", visible="legendonly"),
    ]
    figure = drawn(chart_of(*bars, showlegend=True))
    assert words(figure, "legend") == ["#000002"] and words(figure, "x mark") == ["#000001"]
