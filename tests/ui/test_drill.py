"""A mark stands for the conversations behind it: its groups, its days, its metric."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from analytics.compute import compute
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui import charts, drill, state
from ui.drill import Drill, _pointed, of_row, read_span, told_span

AUTUMN = Period(date(2026, 10, 7), date(2026, 11, 12))
LONDON = Settings.model_validate({"workspace": {"reporting_zone": "Europe/London"}})


@pytest.fixture
def asked(sample_home: Home, now: Any) -> Any:
    def ask(name: str, **how: Any) -> Any:
        reader = open_reader(sample_home)
        return compute(reader, name, Filters(AUTUMN), settings=LONDON, viewer=EVERYTHING, **how)

    return ask


@pytest.mark.parametrize(
    ("grain", "first", "last"),
    [
        ("day", Period(date(2026, 10, 7), date(2026, 10, 7)), Period(date(2026, 11, 12), date(2026, 11, 12))),
        ("week", Period(date(2026, 10, 7), date(2026, 10, 11)), Period(date(2026, 11, 9), date(2026, 11, 12))),
        ("month", Period(date(2026, 10, 7), date(2026, 10, 31)), Period(date(2026, 11, 1), date(2026, 11, 12))),
        ("quarter", AUTUMN, AUTUMN),
    ],
)  # fmt: skip
def test_a_bucket_is_cut_at_the_period_it_was_taken_from(
    asked: Any, grain: str, first: Period, last: Period
) -> None:
    result = asked("volume", grain=grain)
    assert of_row(result, result.rows[0]).period == first
    assert of_row(result, result.rows[-1]).period == last


def test_the_days_of_all_buckets_are_the_period(asked: Any) -> None:
    result = asked("solved", grain="week")
    days = [period for row in result.rows if (period := of_row(result, row).period)]
    assert sum(period.days for period in days) == AUTUMN.days


def test_a_group_becomes_a_filter_and_the_metric_is_named(asked: Any) -> None:
    result = asked("first_reply_median", by=("team", "channel"))
    row = result.groups[0]
    assert of_row(result, row) == Drill(
        (("team", (row.group[0],)), ("channel", (row.group[1],))), None, "first_reply_median"
    )


def test_every_mark_of_a_chart_names_one_of_its_drills(asked: Any) -> None:
    drawn = [
        charts.parts(asked("csat_share", by=("team",), compare="previous"), "Ratings"),
        charts.trend([asked("volume", grain="week", by=("channel",))], "By channel"),
        charts.trend([asked("solved", grain="week")], "Solved", bars=True),
        charts.flow(*(asked(name, grain="week") for name in ("volume", "solved", "backlog"))),
    ]
    for chart in drawn:
        marks = [
            mark for trace in chart.figure.data if trace.customdata is not None for mark in trace.customdata
        ]
        assert marks, chart.words
        assert {*marks} <= {*range(len(chart.drills))}
        assert {len(chart.rows)} == {len(one) for one in chart.cells.values() or [chart.of_rows]}


@pytest.mark.parametrize("mark", [None, "0", True, [], 7, -1, {"a": 1}])
def test_what_is_no_mark_of_ours_leads_nowhere(mark: Any) -> None:
    assert _pointed(mark, [Drill(of="volume")]) is None


@pytest.mark.parametrize("mark", [0, [0], (0,), 0.0])
def test_a_mark_comes_back_as_a_number_or_a_list(mark: Any) -> None:
    assert _pointed(mark, [Drill(of="volume")]) == Drill(of="volume")


@pytest.mark.parametrize("span", [(900.0, 1800.0), (None, 60.0), (86400.0, None), (0.5, None)])
def test_a_range_of_values_comes_back_from_the_address(span: Any) -> None:
    assert read_span(told_span(span)) == span
    assert told_span(None) == ""


@pytest.mark.parametrize("wrong", ["", "..", "a..b", "1", "1..2..3", "nan..", "..inf", "900"])
def test_what_somebody_else_wrote_is_no_range(wrong: str) -> None:
    assert read_span(wrong) is None


def test_each_range_of_a_distribution_opens_its_values(asked: Any) -> None:
    result = asked("first_reply_median", detail=True)
    chart = charts.spread(result, "First replies")
    assert len(chart.drills) == len(chart.rows) >= 3
    for one, row in zip(chart.drills, chart.rows, strict=True):
        assert one is not None and one.of == "first_reply_median"
        low, high = one.span or (None, None)
        assert row["n"] == sum(
            one.n for one in result.distribution if (one.low or None, one.high) == (low, high)
        )


def test_each_number_of_created_and_solved_opens_its_own_conversations(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    created, solved, backlog = (asked(name, grain="week") for name in ("volume", "solved", "backlog"))
    chart = charts.flow(created, solved, backlog)
    assert set(chart.cells) == {"Created", "Solved", "Backlog"} < set(chart.rows[0])
    for name, result in (("Created", created), ("Solved", solved), ("Backlog", backlog)):
        assert chart.cells[name] == tuple(of_row(result, row) for row in result.rows)
    followed: list[Drill] = []
    monkeypatch.setattr(drill, "follow", followed.append)
    monkeypatch.setattr(state, "value", lambda key: {"selection": {"cells": [(1, "From"), (2, "Solved")]}})
    drill.chosen_cell("flow", chart.cells)()
    assert followed == [chart.cells["Solved"][2]]


def test_what_a_figure_of_before_was_given_holds_none_of_its_drills(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit holds the callback of every figure of a session: they must not grow with what was drawn."""
    tab: dict[str, Any] = {}
    followed: list[Drill] = []
    monkeypatch.setattr(state, "put", tab.__setitem__)
    monkeypatch.setattr(state, "value", tab.get)
    monkeypatch.setattr(drill, "follow", followed.append)
    earlier, later = (Drill((("channel", (name,)),)) for name in ("chat", "mail"))
    before = drill.pressed("of_earlier", (earlier,), place="chart")
    assert (earlier,) not in [cell.cell_contents for cell in before.__closure__ or ()]
    press = drill.pressed("of_later", (later,), place="chart")
    tab["of_later"] = {"selection": {"points": [{"customdata": 0}]}}
    press()
    assert followed == [later] and earlier not in [one for kept in tab.values() for one in kept]
