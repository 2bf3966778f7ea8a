"""The page Topics & drivers: its numbers are those of the metrics, its marks open conversations, its choices are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analytics.emerging import Emerging
from analytics.example import Example
from analytics.topic_list import topic_list
from core.home import Home
from core.viewer import EVERYTHING
from store.reader import open_reader
from store.workspace import Workspace
from tests.conftest import NOW
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.pages.conftest import texts
from tests.shared import copy_of
from ui import data_topics, navigation

PAGE = "pages/understand/topics.py"
App = Callable[..., AppTest]


@pytest.fixture
def own(sample_home: Home, tmp_path: Path) -> Home:
    """A copy of the sample workspace that may be written."""
    return copy_of(sample_home, tmp_path / "own")


def test_the_table_says_what_the_facts_say(app: App, sample_home: Home, ask_sql: Callable[..., Any]) -> None:
    test = app(sample_home, PAGE, period="90d")
    table = next(
        one.value
        for one in test.dataframe
        if "Conversations" in one.value.columns and "n" in one.value.columns
    )
    first = table.iloc[0]
    count = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND created_local >= DATE '2026-08-18' "
        f"AND created_local < DATE '2026-11-16' AND topic = '{first['Topic']}'"
    )
    assert first["Conversations"] == count == table["Conversations"].max()
    assert f"“{first['Topic']}” is the largest of {len(table)} topics" in texts(test).replace("\\", "")


def test_every_area_and_row_opens_its_conversations(app: App, sample_home: Home, now: object) -> None:
    test = app(sample_home, PAGE, period="90d", topics_number="csat")
    assert not test.exception and test.query_params["topics_number"] == "csat"
    figure = next(one for one in test.get("plotly_chart") if "Topics by size" in one.proto.alt)
    assert "conversations, negative" in figure.proto.alt


def test_a_new_group_is_shown_with_its_growth_and_its_conversations(
    app: App, sample_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = topic_list(open_reader(sample_home), EVERYTHING, include=()).topics[0].examples[0]
    group = Emerging(
        "Gift *card*", ("gift", "card"), 6, 0.03, 0, NOW, NOW, NOW, (0, 1, 2, 3), "Payments", 0.4, 0.001, 1, 1,
        (Example(example.source, example.conversation_id, "It is refused"),),
    )  # fmt: skip
    opened: list[tuple[str, ...]] = []
    monkeypatch.setattr(data_topics, "emerging", lambda: (group,))
    monkeypatch.setattr(navigation, "open_conversation", lambda *key: opened.append(key))
    test = app(sample_home, PAGE)
    words = texts(test)
    assert "**Gift \\*card\\***" in words and "6 since 16 Nov, 0 in the year before" in words
    assert "By week 0 → 1 → 2 → 3; counted under Payments so far" in words
    next(one for one in test.button if "It is refused" in one.label).click().run()
    assert opened == [(example.source, example.conversation_id)]
    many = replace(group, n=5, one_in=10)
    monkeypatch.setattr(data_topics, "emerging", lambda: (many,))
    assert "about 50 since" in texts(app(sample_home, PAGE))


def test_choices_are_kept_with_a_name_and_taken_back(app: App, own: Home) -> None:
    test = app(own, PAGE)
    topic = test.selectbox(key="curate_topic").value
    test.text_input(key="curate_name").set_value("Late parcels").run()
    test.button(key="curate_do").click().run()
    assert "Kept. It holds from the next refresh on." in texts(test)
    test.segmented_control(key="curate_deed").set_value("split").run()
    test.button(key="curate_do").click().run()
    test.segmented_control(key="curate_deed").set_value("merge").run()
    other = next(
        one.topic_id
        for one in topic_list(open_reader(own), EVERYTHING, include=()).topics
        if one.topic_id != topic
    )
    test.selectbox(key="curate_into").set_value(other).run()
    test.button(key="curate_do").click().run()
    test.segmented_control(key="curate_deed").set_value("move").run()
    assert test.button(key="curate_do").disabled
    test.segmented_control(key="curate_deed").set_value("pin").run()
    test.button(key="curate_do").click().run()
    kept = Workspace(own).topic_choices_in_force()
    assert [(one.kind, one.topic_id) for one in kept] == [
        (kind, topic) for kind in ("rename", "split", "merge", "pin")
    ]
    assert kept[0].words == "Late parcels" and kept[1].target_id == 2 and kept[2].target_id == other
    assert "is called Late parcels" in texts(test)
    test.button(key=f"choice_undo_{kept[0].id}").click().run()
    assert [one.kind for one in Workspace(own).topic_choices_in_force()] == ["split", "merge", "pin"]


def test_a_refusal_is_said_and_nothing_is_kept(app: App, own: Home) -> None:
    first, second = (one.topic_id for one in topic_list(open_reader(own), EVERYTHING, include=()).topics[:2])
    Workspace(own).merge_topics(second, first, viewer="ann")  # type: ignore[arg-type]
    test = app(own, PAGE)
    test.segmented_control(key="curate_deed").set_value("merge").run()
    test.selectbox(key="curate_into").set_value(second).run()
    test.button(key="curate_do").click().run()
    assert "cannot be merged" in texts(test)
    assert len(Workspace(own).topic_choices_in_force()) == 1


def test_who_may_not_correct_sees_the_choices_only(
    app: App, own: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui import trail

    Workspace(own).refit_topics(viewer="ann")
    allows = trail.allows
    monkeypatch.setattr(trail, "allows", lambda right: right != "correct" and allows(right))
    test = app(own, PAGE)
    assert "Your role may not change topics." in texts(test) and "Topics are found again" in texts(test)
    assert not [one for one in test.button if (one.key or "").startswith(("curate_", "choice_undo"))]


def test_a_model_names_topics_after_it_said_what_that_costs(app: App, own: Home) -> None:
    assert not [one for one in app(own, PAGE).button if one.key == "word_topics"], "no model, no button"
    topics = topic_list(open_reader(own), EVERYTHING, include=()).topics
    label = f"Trouble *with* {topics[0].terms[0]}".replace("*", "")
    script = Script(
        answer={
            "labels": [
                {"topic": topics[0].topic_id, "label": label},
                {"topic": topics[1].topic_id, "label": "No"},
            ]
        }
    )
    with llm_server(script) as server:
        (own.root / "settings.toml").write_text(
            f'[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{server}/v1"\napi_key = "{KEY}"\n'
        )
        test = app(own, PAGE)
        test.button(key="word_topics").click().run()
        assert "would name" in texts(test) and "no prices are set" in texts(test) and script.requests == []
        test.button(key="word_topics_do").click().run()
    assert not test.exception
    assert "1 name kept. It holds from the next refresh on. Dropped: 1 not two to four words." in texts(test)
    assert "**1 name** by openai small, checked" in texts(test) and f"is called {label}" in texts(test)
    (kept,) = Workspace(own).topic_choices_in_force()
    assert (kept.kind, kept.words, kept.model) == ("word", label, "openai small")
    test.button(key="unword_topics").click().run()
    assert Workspace(own).topic_choices_in_force() == [] and "1 name taken back" in texts(test)
