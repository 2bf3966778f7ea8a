"""A chart as a picture for a mail: the numbers, names and marks of the figure on the screen, and nothing cut off."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from math import nan
from typing import Any

import plotly.graph_objects as go
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from core.filters import Filters
from core.home import Home
from store.workspace import Note
from tests.ui.drawn import drawn, each, marked, outside, panel, words
from tests.ui.forms_of_charts import QUARTER, every_form
from ui import notes, state
from ui.charts import Chart
from ui.report import figures
from ui.report.drawing import png
from ui.report.drawing_axes import DAY
from ui.report.drawing_marks import HATCHES

FORMS = (
    "flow", "flow_weeks", "balance", "foreseen", "foreseen_scenario", "effect", "parts", "parts_share", "heat", "dots", "lollipop",
    "stacked", "spread", "strip", "trend", "trend_bars", "trend_groups", "trend_share", "lines", "bars", "bars_grouped",
    "bars_weeks", "multiples", "treemap", "runway", "roster", "bars_roster", "series", "series_days",
)  # fmt: skip
LIGHT = figures.palette("light")
_made: dict[Home, dict[str, Chart]] = {}


@pytest.fixture
def form(sample_home: Home, now: datetime) -> Callable[[str], Chart]:
    """A chart of the sample by its name; all are made once."""
    if sample_home not in _made:
        _made[sample_home] = every_form(sample_home)
    assert tuple(_made[sample_home]) == FORMS
    return lambda name: _made[sample_home][name]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_a_picture_of_its_size_and_leaves_nothing_outside(form: Any, name: str) -> None:
    chart = form(name)
    content = png(chart, width_px=600, scale=2)
    assert content is not None and content.startswith(b"\x89PNG")
    image = Image.open(BytesIO(content))
    image.load()
    assert image.size == (1200, 2 * chart.height)
    assert len(set(image.convert("RGB").resize((300, 150)).get_flattened_data())) > 20
    assert outside(drawn(chart, width_px=600)) == []


@pytest.mark.parametrize("name", FORMS)
def test_bars_are_as_long_as_their_numbers(form: Any, name: str) -> None:
    chart = form(name)
    figure = drawn(chart)
    for trace in (trace for trace in chart.figure.data if trace.type == "bar"):
        lies, pattern = trace.orientation == "h", trace.marker.pattern
        values = [value for value in (trace.x if lies else trace.y) if value is not None]
        bars = [
            p for p in panel(figure, trace).patches if isinstance(p, Rectangle) and p.get_gid() == trace.name
        ]
        assert [bar.get_width() if lies else bar.get_height() for bar in bars] == pytest.approx(values)
        solid = each(trace.marker.opacity, len(values), 1.0)
        over = pattern.shape in (None, "") or pattern.fillmode == "overlay"
        if over and len(solid) == len(values):
            assert [bar.get_facecolor()[3] for bar in bars] == pytest.approx(solid)
        assert {bar.get_hatch() or "" for bar in bars} <= {HATCHES[pattern.shape or ""]}
        if over and isinstance(trace.marker.color, str) and trace.marker.color in LIGHT:
            assert {to_hex(bar.get_facecolor()) for bar in bars} <= {LIGHT[trace.marker.color].lower()}


@pytest.mark.parametrize("name", FORMS)
def test_points_stand_at_their_numbers_and_open_ones_are_hollow(form: Any, name: str) -> None:
    chart = form(name)
    figure = drawn(chart)
    count = 0
    for trace in (
        trace for trace in chart.figure.data if trace.type == "scatter" and "markers" in (trace.mode or "")
    ):
        across = isinstance(next(iter(trace.y), None), str)  # its numbers lie on x
        values = trace.x if across else trace.y
        shown = [at for at, value in enumerate(values) if value is not None]
        if not trace.y:
            continue
        (points,) = [
            one for one in panel(figure, trace).collections if isinstance(one, PathCollection) and one.get_gid() == trace.name
        ]  # fmt: skip
        if not isinstance(values[shown[0]], str):
            places = points.get_offsets()[:, 0 if across else 1]
            assert list(places) == pytest.approx([values[at] for at in shown])
        symbols = each(trace.marker.symbol, len(values), "circle")
        hollow = [symbols[at].endswith("-open") or symbols[at].startswith("line-") for at in shown]
        assert [color[3] == 0 for color in points.get_facecolors()] == hollow[: len(points.get_facecolors())]
        assert len(points.get_facecolors()) == len(points.get_sizes()) == len(shown)
        sizes = each(trace.marker.size, len(values), 6)
        assert list(points.get_sizes()) == pytest.approx([sizes[at] ** 2 for at in shown])
        count += 1
    assert (
        count
        or name in ("balance", "stacked", "spread", "trend_bars", "series", "treemap")
        or name.startswith("bars")
    )


@pytest.mark.parametrize("name", ["flow", "trend", "trend_groups", "trend_share", "lines", "series_days"])
def test_lines_go_through_their_numbers_and_break_where_there_is_none(form: Any, name: str) -> None:
    chart = form(name)
    figure = drawn(chart)
    wanted: dict[str, list[tuple[list[float], bool]]] = {}
    for trace in chart.figure.data:
        if trace.type == "scatter" and "lines" in trace.mode and trace.line.width:
            heights = [nan if value is None else value for value in trace.y]
            wanted.setdefault(str(trace.name), []).append((heights, trace.line.dash in (None, "solid")))
    found: dict[str, list[tuple[list[float], bool]]] = {}
    for line in (line for axes in figure.axes for line in axes.lines if line.get_gid() != "grid"):
        heights = [float(y) for y in line.get_ydata()]
        found.setdefault(str(line.get_gid()), []).append((heights, line.get_linestyle() == "-"))
    assert list(found) == list(wanted) and len(wanted) >= 1
    for key, lines in wanted.items():
        assert len(found[key]) == len(lines)
        for (heights, is_solid), (drawn_heights, is_drawn_solid) in zip(lines, found[key], strict=True):
            assert drawn_heights == pytest.approx(heights, nan_ok=True) and is_solid == is_drawn_solid


@pytest.mark.parametrize("name", FORMS)
def test_axes_have_their_titles(form: Any, name: str) -> None:
    chart = form(name)
    figure = drawn(chart)
    for place in ("x", "y", "x2", "y2"):
        told = (
            chart.figure.layout[f"{place[0]}axis{place[1:]}"]
            if place in ("x", "y") or "flow" in name
            else None
        )
        title = told.title.text if told is not None and told.title.text else None
        assert words(figure, f"{place} title") == ([title] if title else []), place


def test_the_legend_names_what_the_screen_names(form: Any) -> None:
    shown = {name: words(drawn(form(name)), "legend") for name in FORMS}
    assert shown["flow"] == ["Created", "Solved", "Backlog", "Target 40 backlog"]
    assert shown["balance"] == ["More came in", "More were solved"]
    assert shown["parts"] == ["This period", "Period before"]
    assert shown["stacked"][-2:] == ["Breached", "Met"], "stacked parts from above"
    assert shown["trend"] == ["First reply time, median", "Target 2 h 00 m"]
    assert sorted(shown["bars_grouped"]) == sorted(trace.name for trace in form("bars_grouped").figure.data)
    for name in ("heat", "lollipop", "spread", "strip", "trend_share", "series"):
        assert shown[name] == [], name


def test_names_stand_in_the_order_of_the_screen(form: Any) -> None:
    for name in ("parts", "bars", "stacked", "lollipop", "dots"):
        chart = form(name)
        figure = drawn(chart)
        names = dict.fromkeys(value for trace in chart.figure.data for value in trace.y if value is not None)
        order = list(chart.figure.layout.yaxis.categoryarray or names)
        assert marked(figure, "y") == [one for one in order if one in names], name
        low, high = figure.axes[0].get_ylim()
        assert low > high, "the first name is the highest"
    assert marked(drawn(form("heat")), "y") == [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]  # fmt: skip


def test_the_flow_has_two_plots_with_the_same_days(form: Any) -> None:
    figure = drawn(form("flow"))
    above, below = figure.axes
    assert (
        above.get_position().y0 > below.get_position().y1
        and above.get_position().height > below.get_position().height
    )
    assert above.get_xlim() == below.get_xlim()
    assert words(figure, "x mark") == [] and len(words(figure, "x2 mark")) >= 4
    assert words(figure, "annotation") == [form("flow").figure.layout.annotations[0].text]


def test_weeks_are_named_by_their_mondays(form: Any) -> None:
    told = [text for text in marked(drawn(form("trend")), "x") if text != "2026"]
    days = [datetime.strptime(f"{text} 2026", "%b %d %Y").replace(tzinfo=UTC) for text in told]
    assert len(days) >= 4 and {day.weekday() for day in days} == {0}


def test_squares_are_the_darker_the_more(form: Any) -> None:
    chart = form("heat")
    figure = drawn(chart)
    (squares,) = figure.axes[0].collections
    shades = dict(zip(chart.figure.data[0].marker.color, map(to_hex, squares.get_facecolors()), strict=True))
    assert len(shades) >= 3
    dark = [sum(int(shades[value][at : at + 2], 16) for at in (1, 3, 5)) for value in sorted(shades)]
    assert dark == sorted(dark, reverse=True)
    assert shades[max(shades)] == LIGHT[figures.theme.SEQUENTIAL_9].lower()
    assert words(figure, "scale mark") == [str(number) for number in range(int(max(shades)) + 1)]


def test_intervals_reach_as_far_as_they_do_on_screen(form: Any) -> None:
    chart = form("dots")
    first = chart.figure.data[0]
    lines = [line for line in drawn(chart).axes[0].lines if line.get_gid() == f"interval {first.name}"]
    ends = zip(first.x, first.error_x.arrayminus, first.error_x.array, strict=True)
    assert [tuple(line.get_xdata()) for line in lines] == [
        pytest.approx((x - less, x + more)) for x, less, more in ends
    ]


def test_the_average_and_the_target_are_lines_with_words(form: Any) -> None:
    for name, text in (("lollipop", "average"), ("spread", "target 1 h 00 m"), ("strip", "all: ")):
        chart, figure = form(name), drawn(form(name))
        assert [told for told in words(figure, "annotation") if told.startswith(text)]
        (line,) = [
            one
            for one in figure.artists + figure.lines
            if one.get_gid() == "shape" and isinstance(one, Line2D)
        ]
        first, last = figure.axes[0].get_xlim()
        box = figure.axes[0].get_position()
        shape = next(one for one in chart.figure.layout.shapes if one.type == "line")
        assert line.get_xdata()[0] == pytest.approx(
            640 * (box.x0 + (shape.x0 - first) / (last - first) * box.width), abs=0.1
        )


def test_the_band_lies_between_its_ends(form: Any) -> None:
    chart = form("trend_share")
    high, low = chart.figure.data[:2]
    (band,) = [one for one in drawn(chart).axes[0].patches if not isinstance(one, Rectangle)]
    corners = band.get_xy()[:-1, 1]
    assert list(corners) == pytest.approx([*high.y, *reversed(low.y)])


def test_notes_are_drawn(form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def note(first: date, last: date, text: str) -> Note:
        told = {"tag": "release", "author": "ann", "metric": None, "only": (), "changed_at": None}
        return Note(1, first, last, text, created_at=datetime(2026, 1, 1, tzinfo=UTC), **told)

    found = (
        note(date(2026, 9, 8), date(2026, 9, 8), "a < b"),
        note(date(2026, 10, 5), date(2026, 10, 19), "outage"),
    )
    monkeypatch.setattr(state, "value", lambda key, default=None: found)
    plain, chart = form("trend"), replace(form("trend"), figure=go.Figure(form("trend").figure))
    assert notes.marks(chart.figure, QUARTER.period, "first_reply_median", Filters())
    figure = drawn(chart)
    assert sorted(words(figure, "annotation")) == ["a < b", "outage"]
    told = [text for text in figure.texts if text.get_gid() == "annotation"]
    assert {text.get_rotation() for text in told} == {90.0} and outside(figure) == []
    shapes = [one for one in (*figure.artists, *figure.lines, *figure.patches) if one.get_gid() == "shape"]
    assert len([one for one in shapes if isinstance(one, Line2D)]) == 2
    (shade,) = [one for one in shapes if isinstance(one, Rectangle)]
    first, last = figure.axes[0].get_xlim()
    wide = 640 * figure.axes[0].get_position().width
    assert shade.get_width() == pytest.approx(15 * DAY / (last - first) * wide, abs=0.1)
    assert png(chart) != png(plain)


def test_two_threads_draw_the_same(form: Any) -> None:
    for name in ("flow", "heat", "lines"):
        alone = png(form(name))
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(png, [form(name)] * 4))
        assert both == [alone] * 4
