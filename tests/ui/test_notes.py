from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import plotly.graph_objects as go
import pytest

from core.filters import Filters, Period
from store.workspace import Note
from ui import notes, state

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
DAYS = [date(2026, 11, day) for day in (1, 2, 3)]


def note(first: int, last: int | None = None, text: str = "x", **more: Any) -> Note:
    told = {"tag": "other", "author": "ann", "metric": None, "only": (), "changed_at": None} | more
    return Note(
        first,
        date(2026, 11, first),
        date(2026, 11, last or first),
        text,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        **told,
    )


def wall(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour)  # noqa: DTZ001 - as axes have it


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Any:
    def take(*found: Note) -> None:
        monkeypatch.setattr(state, "value", lambda key, default=None: found)

    return take


def figure(x: list[Any]) -> go.Figure:
    return go.Figure(go.Scatter(x=x, y=[1, 2, 3]))


def test_a_day_is_a_dashed_line_and_days_are_a_shade(taken: Any) -> None:
    taken(note(2, text="release"), note(3, 9, text="outage", tag="incident"))
    drawn = figure(DAYS)
    assert (
        notes.marks(drawn, NOVEMBER, "volume", Filters())
        == "Notes: 2 Nov release (other); 3 Nov to 9 Nov outage (incident)"
    )
    lines = [shape for shape in drawn.layout.shapes if shape.type == "line"]
    assert [(line.x0, line.line.dash, line.yref) for line in lines] == [
        (date(2026, 11, 2), "dash", "paper"), (date(2026, 11, 3), "dash", "paper"),
    ]  # fmt: skip
    (shade,) = [shape for shape in drawn.layout.shapes if shape.type == "rect"]
    assert (shade.x0, shade.x1) == (wall(2, 12), wall(9, 12))  # a bar of a day is centred on its midnight
    assert [text.text for text in drawn.layout.annotations] == ["release", "outage"]


def test_what_lasted_longer_than_the_period_is_cut(taken: Any) -> None:
    taken(note(1, 30))
    drawn = figure(DAYS)
    notes.marks(drawn, Period(date(2026, 11, 5), date(2026, 11, 6)), "volume", Filters())
    (shade,) = [shape for shape in drawn.layout.shapes if shape.type == "rect"]
    assert (shade.x0, shade.x1) == (wall(4, 12), wall(6, 12))
    by_hour = figure([wall(5, hour) for hour in (8, 9, 10)])
    notes.marks(by_hour, Period(date(2026, 11, 5), date(2026, 11, 6)), "volume", Filters())
    (shade,) = [shape for shape in by_hour.layout.shapes if shape.type == "rect"]
    assert (shade.x0, shade.x1) == (wall(5), wall(7))


@pytest.mark.parametrize("x", [["chat", "email", "web"], [1, 2, 3], []])
def test_a_figure_without_days_has_no_place_for_a_note(taken: Any, x: list[Any]) -> None:
    taken(note(2))
    drawn = figure(x)
    assert notes.marks(drawn, NOVEMBER, "volume", Filters()) == ""
    assert not drawn.layout.shapes


def test_only_notes_that_concern_the_chart(taken: Any) -> None:
    taken(note(1, only=(("team", ("Billing",)),)), note(2, metric="solved"), note(3))
    assert notes.marks(figure(DAYS), NOVEMBER, "volume", Filters()) == "Notes: 3 Nov x (other)"
    billing = Filters.of(where={"team": ["Billing"]})
    said = notes.marks(figure(DAYS), NOVEMBER, ["volume", "solved"], billing)
    assert said == "Notes: 1 Nov x (other); 2 Nov x (other); 3 Nov x (other)"


def test_many_notes_are_drawn_up_to_a_limit_and_counted_beyond(taken: Any) -> None:
    taken(*(note(day, text=f"note of day {day} that is far too long for a label") for day in range(1, 21)))
    drawn = figure(DAYS)
    said = notes.marks(drawn, NOVEMBER, "volume", Filters())
    assert len(drawn.layout.annotations) == notes.MOST_MARKS
    assert said.endswith(" and 8 earlier") and said.startswith("Notes: 9 Nov")
    assert all(len(text.text) <= notes.LABEL_CHARACTERS for text in drawn.layout.annotations)


def test_a_label_is_text(taken: Any) -> None:
    taken(note(1, text="<a href='x'>y</a>\n & z"))
    drawn = figure(DAYS)
    notes.marks(drawn, NOVEMBER, "volume", Filters())
    assert drawn.layout.annotations[0].text == "&lt;a href='x'&gt;y&lt;/a&gt; &amp; z"


@pytest.mark.parametrize(
    ("days", "side"), [((2,), "left"), ((1,), "right"), ((2, 1), None), ((20,), "right")]
)
def test_the_name_of_a_mark_and_a_note_stand_apart(
    taken: Any, days: tuple[int, ...], side: str | None
) -> None:
    taken(*(note(day) for day in days))
    drawn = figure(DAYS)
    drawn.add_annotation(x=date(2026, 11, 2), y=2, text="2 Nov: 2", showarrow=True, ax=34, ay=-8)
    notes.marks(drawn, NOVEMBER, "volume", Filters())
    name = drawn.layout.annotations[0]
    if side is None:
        assert name.visible is False
    else:
        assert name.ax == (-34 if side == "left" else 34) and name.visible is not False
