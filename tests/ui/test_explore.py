"""The table of Explore on the screen: words over numbers, what a cell leads to, and what is drawn of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from analytics.explore import Exploring, Place, explore
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui import charts, explore_table
from ui.charts.base import MOST_SERIES
from ui.drill import Drill
from ui.explore import Choice
from ui.explore_grid import Grid, exact_rows, label_rows, lay_out

AUTUMN = Filters(Period(date(2026, 9, 3), date(2026, 11, 12)))
LONDON = Settings.model_validate({"workspace": {"reporting_zone": "Europe/London"}})


@pytest.fixture
def asked(sample_home: Home, now: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from ui import data_explore, filters

    monkeypatch.setattr(filters, "offered", lambda: {"team": "Team", "channel": "Channel"})
    monkeypatch.setattr(data_explore, "own_dimensions", lambda: {"weekday": "Weekday"})

    def ask(*metrics: str, **how: Any) -> Any:
        question = Exploring(metrics, **{"filters": AUTUMN, **how})
        return explore(open_reader(sample_home), question, settings=LONDON, viewer=EVERYTHING)

    return ask


def texts(grid: Grid) -> list[list[str]]:
    return [[*line.labels, *(grid.text(line, head) for head in grid.heads)] for line in grid.lines]


def test_buckets_stand_across_and_go_down_where_columns_do(asked: Any) -> None:
    across = lay_out(asked("volume", rows=("team",), grain="month"), "number")
    assert across.titles == ("Team",)
    assert [head.label for head in across.heads] == [
        "Total",
        "Sep 2026 (part)",
        "Oct 2026",
        "Nov 2026 (part)",
    ]
    down = lay_out(asked("volume", rows=("team",), columns="channel", grain="month"), "number")
    assert down.titles == ("Team", "Month") and down.heads[0].label == "Total"
    assert [line.labels[1] for line in down.lines[:4]] == ["Total", *[h.label for h in across.heads[1:]]]
    days = lay_out(asked("volume", grain="day"), "number")
    assert days.titles == ("Day",) and len(days.lines) == 71 + 1


def test_several_metrics_are_named_in_every_column(asked: Any) -> None:
    grid = lay_out(asked("volume", "csat_share", rows=("team",), columns="channel"), "number")
    labels = [head.label for head in grid.heads]
    assert labels[:2] == ["Total · Conversations created", "Total · Customer satisfaction (CSAT)"]
    assert len({*labels}) == len(labels)
    alone = lay_out(asked("volume", "csat_share", rows=("team",)), "number")
    assert [head.label for head in alone.heads] == ["Conversations created", "Customer satisfaction (CSAT)"]


def test_few_say_their_n_and_no_share(asked: Any) -> None:
    grid = lay_out(asked("csat_share", rows=("team",), columns="channel"), "number")
    few = [(line, head) for line in grid.lines for head in grid.heads if 0 < grid.cell(line, head).n < 5]
    assert few
    for line, head in few:
        assert grid.text(line, head) == f"n = {grid.cell(line, head).n}"
        assert grid.number(line, head) is None
    names = [head.label for head in grid.heads]
    shown = explore_table.styled(grid, ["Team"], names).data
    assert (shown[names].min() < 0).any(), "they lie below every share when sorted"
    waits = lay_out(asked("first_reply_median", rows=("team",), columns="channel"), "number")
    small = [
        waits.text(line, head)
        for line in waits.lines
        for head in waits.heads
        if waits.cell(line, head).n == 2
    ]
    assert small and all(text.endswith("(n 2)") for text in small)


@pytest.mark.parametrize("values", ["number", "share", "change", "n"])
def test_what_is_seen_is_what_the_cell_says(asked: Any, values: str) -> None:
    found = asked("volume", "first_reply_median", rows=("team",), columns="channel", compare="previous")
    grid = lay_out(found, values)
    names = explore_table._unique([head.label for head in grid.heads])
    style = explore_table.styled(grid, ["Team"], names)
    cells = style._translate(sparse_index=False, sparse_cols=False)["body"]
    for line, row in zip(grid.lines, cells, strict=True):
        words = [cell["display_value"] for cell in row if cell["type"] == "td" and cell["is_visible"]][1:]
        for head, word in zip(grid.heads, words, strict=True):
            # A cell without a number is drawn as a dash by the placeholder of the table.
            told = "" if explore_table._shown(grid, line, head) is None else grid.text(line, head)
            assert word == told, (line.labels, head.label)
    assert label_rows(grid)[0] == {"Team": grid.lines[0].labels[0]} and len(exact_rows(grid)) == len(
        grid.lines
    )


def test_a_file_has_the_numbers_in_full(asked: Any) -> None:
    grid = lay_out(asked("first_reply_p90", "volume", rows=("team",), compare="previous"), "number")
    row, line = exact_rows(grid)[0], grid.lines[0]
    waited, new = (grid.cell(line, head) for head in grid.heads)
    assert row == {
        "First reply time, 90th percentile (seconds)": waited.value, "First reply time, 90th percentile, n": waited.n,
        "Conversations created (count)": new.value,
    }  # fmt: skip
    change = exact_rows(lay_out(grid.found, "change"))[0]
    assert waited.value is not None and waited.previous and waited.previous.value is not None
    assert (
        change["First reply time, 90th percentile (change, seconds)"] == waited.value - waited.previous.value
    )


def test_a_cell_leads_to_what_it_counts(asked: Any) -> None:
    grid = lay_out(asked("volume", rows=("team",), columns="channel", grain="month"), "number")
    line = next(
        line for line in grid.lines if line.bucket == date(2026, 10, 1) and line.row == ("Front Line",)
    )
    head = next(head for head in grid.heads if head.column == "chat")
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    where = (("team", ("Front Line",)), ("channel", ("chat",)))
    assert grid.drill(line, head) == Drill(where, october, "volume")
    assert grid.drill(grid.lines[-1]) is None or grid.lines[-1].bucket is not None
    empty = [(a, b) for a in grid.lines for b in grid.heads if not grid.cell(a, b).n]
    assert empty and all(grid.drill(*pair) is None for pair in empty)
    few = lay_out(asked("volume", rows=("team",), top=1), "number")
    assert few.lines[1].labels[0].startswith("Others (") and few.drill(few.lines[1]) is None
    own = lay_out(asked("volume", rows=("team",)), "number", AUTUMN)
    assert own.drill(own.lines[-1]) == Drill((), None, "volume", within=AUTUMN)


def test_a_chosen_cell_or_row_is_followed(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import drill, state

    grid = lay_out(asked("volume", rows=("team",), columns="channel"), "number")
    names, followed = [head.label for head in grid.heads], list[Drill]()
    monkeypatch.setattr(drill, "follow", followed.append)
    tab: dict[str, Any] = {}
    monkeypatch.setattr(state, "put", tab.__setitem__)
    monkeypatch.setattr(state, "value", tab.get)
    press = explore_table._pressed("key", grid, names, place="explore")
    assert grid not in [cell.cell_contents for cell in press.__closure__ or ()]
    for selection in (
        {"cells": [(0, names[1])], "rows": []}, {"cells": [(0, "Team")]}, {"rows": [1]}, {"cells": [(99, names[1])]}, {},
    ):  # fmt: skip
        tab["key"] = {"selection": selection}
        press()
    first, second = grid.lines[:2]
    assert followed == [grid.drill(first, grid.heads[1]), grid.drill(first), grid.drill(second)]


@pytest.mark.parametrize("values", ["number", "share", "change", "n"])
def test_charts_tell_series_apart_and_every_mark_leads_on(asked: Any, values: str) -> None:
    found = asked("volume", rows=("team", "channel"), grain="week", compare="previous")
    flat = asked("volume", rows=("team",), columns="channel", compare="previous")
    for chart in (
        charts.lines(found, "volume", values), charts.bars(found, "volume", values, stacks=True),
        charts.bars(flat, "volume", values, stacks=True), charts.bars(asked("volume"), "volume", values, stacks=True),
    ):  # fmt: skip
        marked = [trace for trace in chart.figure.data if trace.customdata is not None]
        assert 0 < len(marked) <= MOST_SERIES
        marks = [mark for trace in marked for mark in trace.customdata]
        assert sorted(marks) == [*range(len(chart.drills))]
        assert len(chart.rows) == len(chart.of_rows) >= len(marks)
        looks = [
            (
                t.marker.color,
                t.marker.pattern.shape if t.type == "bar" else t.marker.symbol[0].removesuffix("-open"),
            )
            for t in marked
        ]
        assert len({color for color, _ in looks}) == len({shape for _, shape in looks}) == len(looks)
        assert chart.words.startswith("Conversations created, 2026-09-03 to 2026-11-12")
    line = charts.lines(found, "volume", values)
    assert len(line.figure.layout.annotations) == MOST_SERIES, "each line has its name at its end"


def test_a_share_of_parts_is_a_hundred(asked: Any) -> None:
    chart = charts.bars(asked("volume", rows=("team",), columns="channel"), "volume", "share", stacks=True)
    assert sum(sum(trace.x) for trace in chart.figure.data) == pytest.approx(100)
    assert chart.figure.layout.barmode == "stack"


def test_a_choice_comes_back_from_what_is_kept() -> None:
    choice = Choice(
        ("volume", "solved"), ("team",), "channel", "week", "line", "share", "volume", "chat", True, 50
    )
    assert Choice.of(choice.kept().get) == choice
    strange = {
        "metrics": ["a", "a"],
        "rows": ["x", "y", "z"],
        "columns": "x",
        "step": "eon",
        "top": "9",
        "show": 4,
    }
    found = Choice.of(strange.get)
    assert found == Choice(("a",), ("x", "y"))


def test_days_of_the_week_come_in_their_order(asked: Any) -> None:
    from ui.filters import View

    week = Choice(("volume",), ("weekday",)).question(View(AUTUMN, None, "day"))
    assert (week.sort.by, week.sort.descending) == ("name", False)
    team = Choice(("volume",), ("team",)).question(View(AUTUMN, None, "day"))
    assert (team.sort.by, team.sort.descending) == ("n", True)
    found = asked("volume", rows=week.rows, sort=week.sort)
    assert found.rows[:2] == (("Monday",), ("Tuesday",)) and found.cell(Place("volume", found.rows[0])).n
