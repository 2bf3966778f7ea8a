"""Notes on charts: written on the page, drawn where they belong, said in words, changed by their author."""

import json
from datetime import date

import pytest

from core.filters import Period
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.shared import copy_of


@pytest.fixture
def own_sample(sample_home, tmp_path):
    """A copy to write notes into."""
    return copy_of(sample_home, tmp_path / "copy")


def days(first, last=None):
    return Period(date(2026, 11, first), date(2026, 11, last or first))


def press(test, label):
    return next(button for button in test.button if button.label == label).click().run()


def figures(test):
    return [json.loads(element.proto.spec) for element in test.get("plotly_chart")]


def noted(figure):
    """The notes in a figure: day and text of each."""
    lines = {shape["x0"] for shape in figure["layout"].get("shapes", []) if shape["type"] == "line"}
    return [
        (a["x"], a["text"])
        for a in figure["layout"].get("annotations", [])
        if a.get("x") in lines and a.get("textangle")
    ]


def test_a_note_is_written_and_drawn_on_time_charts_alone(app, own_sample):
    test = app(own_sample)
    assert "No note touches the days on screen" in texts(test)
    test.text_area(key="note_add_text").input("Release 2.1 <b>went out</b>")
    test.date_input(key="note_add_days").set_value((date(2026, 11, 5), date(2026, 11, 6)))
    test.segmented_control(key="note_add_tag").set_value("release")
    test = press(test, "Add note")
    assert not test.exception and not test.error
    (note,) = Workspace(own_sample).notes()
    assert (note.from_day, note.to_day, note.tag, note.author) == (
        date(2026, 11, 5), date(2026, 11, 6), "release", "everyone",
    )  # fmt: skip
    drawn = [noted(figure) for figure in figures(test)]
    assert [("2026-11-05", "Release 2.1 &lt;b&gt;went out&lt;/b&gt;")] in drawn
    assert [] in drawn, "a chart of channels has no days"
    assert "Notes: 5 Nov to 6 Nov Release 2.1" in texts(test).replace("\\", "")


def test_a_note_of_other_days_or_of_another_team_is_not_drawn(app, own_sample):
    kept = Workspace(own_sample)
    kept.add_note(Period(date(2026, 6, 1), date(2026, 6, 1)), "long ago", tag="other", author="ann")
    kept.add_note(days(4), "new rota", tag="other", author="ann", only={"channel": ["chat"]})
    kept.add_note(days(5), "about solves", tag="other", author="ann", metric="solved")
    kept.add_note(days(6), "about ratings", tag="other", author="ann", metric="csat_share")
    assert [("2026-11-05", "about solves")] in [noted(figure) for figure in figures(app(own_sample))]
    chat = [noted(figure) for figure in figures(app(own_sample, channel="chat"))]
    assert [("2026-11-04", "new rota"), ("2026-11-05", "about solves")] in chat
    assert not any("long ago" in text or "ratings" in text for found in chat for _, text in found)


def test_a_note_can_be_limited_to_the_filters_on_screen(app, own_sample):
    test = app(own_sample, channel="chat")
    test.text_area(key="note_add_text").input("bot switched off")
    test.checkbox(key="note_add_only").check()
    test.selectbox(key="note_add_metric").set_value("volume")
    test = press(test, "Add note")
    (note,) = Workspace(own_sample).notes()
    assert (note.only, note.metric, note.from_day) == (
        (("channel", ("chat",)),),
        "volume",
        date(2026, 11, 15),
    )
    assert "only with channel chat" in texts(test)


def test_a_note_of_days_ahead_is_listed_where_the_data_ends(app, own_sample):
    Workspace(own_sample).add_note(days(20), "sale begins", tag="campaign", author="ann")
    assert "sale begins" in texts(app(own_sample))
    assert "sale begins" not in texts(app(own_sample, period="custom", dates=["2026-10-01", "2026-10-31"]))


def test_only_the_author_changes_and_deletes(app, own_sample):
    kept = Workspace(own_sample)
    theirs = kept.add_note(days(4), "theirs", tag="incident", author="ann")
    mine = kept.add_note(days(5), "mine", tag="other", author="everyone")
    test = app(own_sample)
    keys = {button.key for button in test.button}
    assert f"note_edit_{mine}" in keys and f"note_delete_{theirs}" not in keys
    test.button(key=f"note_edit_{mine}").click().run()
    test.text_area(key=f"note_{mine}_text").input("mine, changed")
    test = press(test, "Save note")
    assert not test.exception
    assert [note.text for note in Workspace(own_sample).notes()] == ["theirs", "mine, changed"]
    test.button(key=f"note_delete_{mine}").click().run()
    assert [note.text for note in Workspace(own_sample).notes()] == ["theirs"]


def test_an_empty_note_is_refused_in_words(app, own_sample):
    test = press(app(own_sample), "Add note")
    assert not test.exception
    assert "The note is empty" in texts(test)
    assert Workspace(own_sample).notes() == []


def test_words_of_others_are_shown_not_obeyed(app, own_sample):
    Workspace(own_sample).add_note(
        days(4), "**bold** [x](https://evil.example) <img src=x>", tag="other", author="*ann*"
    )
    test = app(own_sample)
    assert not test.exception
    shown = texts(test)
    assert "\\*\\*bold\\*\\* \\[x\\](https\\:\u2060//evil.example) \\<img src=x\\>" in shown
    assert "**bold**" not in shown.replace("\\*", "") and "https://evil" not in shown
    assert any("&lt;img" in text or "…" in text for figure in figures(test) for _, text in noted(figure))
