"""Names of the data in a chart are shown as they are: plotly would make a link of one in its own mark-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import plotly.graph_objects as go
import pytest

from analytics.compute import compute
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui import charts

LINK = '<A HREF="https://evil.example">Renew</a>'
AUTUMN = Filters(Period(date(2026, 8, 18), date(2026, 11, 15)))


@pytest.fixture
def ask(sample_home: Any, now: datetime) -> Callable[..., Any]:
    """A number whose first part is named like a link."""

    def ask(name: str, *by: str, **how: Any) -> Any:
        found = compute(
            open_reader(sample_home), name, AUTUMN, settings=Settings(), viewer=EVERYTHING, by=by, **how
        )
        usual = found.groups[0].group

        def renamed(rows: Any) -> Any:
            return tuple(
                replace(row, group=(LINK, *row.group[1:])) if row.group[:1] == usual[:1] else row
                for row in rows
            )

        return replace(found, groups=renamed(found.groups), rows=renamed(found.rows))

    return ask


def test_no_chart_has_a_link(ask: Callable[..., Any]) -> None:
    drawn = [
        charts.parts(ask("volume", "team", compare="previous"), "By team"),
        charts.dots([ask("csat_share", "team")], "By team"),
        charts.trend([ask("volume", "channel", grain="week")], "By channel"),
        charts.multiples(ask("volume", "topic", grain="week"), "Topics"),
        charts.stacked(ask("volume", "team", "sentiment"), "Moods", order=("negative", "positive"), names={}),
    ]
    for chart in drawn:
        written = str(chart.figure.to_dict()).lower()
        assert "evil.example" in written, chart.words
        assert "<a" not in written and "</a" not in written


def test_titles_and_notes_of_a_figure_too() -> None:
    figure = go.Figure(go.Bar(y=["a", LINK], x=[1, None], orientation="h", text=["<b>1</b>", LINK]))
    figure.add_annotation(text=LINK, x=0, y=0)
    figure.update_yaxes(categoryarray=["a", LINK], title_text="<br>kept")
    shown = str(charts.Chart(figure, "words", []).figure.to_dict()).lower()
    assert "<a" not in shown and "<b>1</b>" in shown and "<br>kept" in shown
