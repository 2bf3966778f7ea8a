"""Conversations from app.py: the list in all its forms, its pages and actions, and one conversation."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.filters import Filters, Period
from core.home import Home
from core.viewer import EVERYTHING
from store.reader import open_reader
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.pages.conversations_page import PAGE, tick, written
from tests.shared import copy_of

PERIOD = "created_local >= '2026-10-17' AND created_local < '2026-11-16'"


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def press(test: AppTest, key: str) -> AppTest:
    return test.button(key=key).click().run()


def listed(test: AppTest) -> int:
    """How many rows the list says it has."""
    found = re.search(r"\*\*([\d,]+)\*\* (conversations|targets|replies)", texts(test))
    assert found, texts(test)
    return int(found[1].replace(",", ""))


def ids(test: AppTest) -> list[str]:
    return list(test.dataframe[0].value["Id"])


def test_the_list_has_as_many_as_the_number_says(app, sample_home, ask_sql):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    new = ask_sql(f"SELECT count(*) FROM {{conversation_facts}} WHERE is_counted AND {PERIOD}")
    assert f"**{new}** conversations created in the period" in texts(test)
    table = test.dataframe[0].value
    assert list(table["Created"]) == sorted(table["Created"], reverse=True)
    assert str(table["First reply"].dtype) == "float64"  # sorted by seconds, shown in words


def test_a_range_of_values_is_listed_and_taken_away(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, of="first_reply_median", values="900..1800")
    inside = ask_sql(
        f"SELECT count(*) FROM {{conversation_facts}} WHERE is_counted AND {PERIOD} "
        "AND first_reply_s >= 900 AND first_reply_s < 1800"
    )
    assert 0 < inside == listed(test)
    assert test.button(key="list_values").label == "15 m to 30 m"
    press(test, "list_values")
    assert listed(test) > inside and "list_values" not in [button.key for button in test.button]


def test_what_is_not_counted_is_shown_on_request(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, period="all", uncounted="true")
    everything = ask_sql("SELECT count(*) FROM {conversation_facts} WHERE created_local < '2026-11-16'")
    assert f"**{everything:,}** conversations" in texts(test)


@pytest.mark.parametrize(
    "of",
    [
        "volume",
        "solved",
        "first_reply_median",
        "sla_breaches",
        "csat_share",
        "backlog",
        "replies",
        "contact_rate",
    ],
)
def test_the_conversations_behind_a_number(app, sample_home, of):
    from analytics.compute import compute
    from core.effective import effective_settings
    from core.settings import load_settings

    test = app(sample_home, PAGE, of=of)
    assert not test.exception and not test.error
    settings = effective_settings(sample_home, load_settings(sample_home))
    month = Filters.of(Period(date(2026, 10, 17), date(2026, 11, 15)))
    result = compute(open_reader(sample_home), of, month, settings=settings, viewer=EVERYTHING)
    if not result.total.n:
        assert "No conversation is behind" in texts(test)
        return
    assert f"**{result.total.n:,}** {result.counts}" in texts(test)
    assert result.title in texts(test)
    assert {"Counts on", "Counts since"} & set(test.dataframe[0].value.columns)


def test_of_a_share_the_hits_and_the_others(app, sample_home, ask_sql):
    every, hits, others = (
        app(sample_home, PAGE, of="csat_share", **more) for more in ({}, {"hits": "1"}, {"hits": "0"})
    )
    numbers = [listed(test) for test in (every, hits, others)]
    assert numbers[0] == numbers[1] + numbers[2] and min(numbers) > 0
    assert set(hits.dataframe[0].value["Hit"]) == {"yes"}
    missed = app(sample_home, PAGE, of="sla_compliance", hits="0")
    assert set(missed.dataframe[0].value["Target"]) == {"missed"}


def test_a_metric_that_does_not_exist_leads_back(app, sample_home):
    test = app(sample_home, PAGE, of="nonsense")
    assert "There is no metric called **nonsense**" in texts(test)
    press(test, "list_without_metric")
    assert "created in the period" in texts(test) and "of" not in test.query_params


def test_quick_filters_are_one_click_and_in_the_address(app, sample_home, ask_sql):
    test = app(sample_home, PAGE)
    negative = ask_sql(
        f"SELECT count(*) FROM {{conversation_facts}} WHERE is_counted AND sentiment = 'negative' AND {PERIOD}"
    )
    assert f"Negative · {negative}" in labels(test)
    press(test, "quick_negative")
    assert f"**{negative}** conversations" in texts(test)
    assert test.query_params["quick"] == "negative"
    press(test, "quick_open")
    assert test.query_params["quick"] == ["negative", "open"]
    press(test, "quick_negative")
    press(test, "quick_open")
    assert "quick" not in test.query_params


def test_pages_follow_each_other_and_a_new_question_begins_at_the_first(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, period="all", columns=["id", "created"])
    total = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND created_local < '2026-11-16'"
    )
    seen = ids(test)
    for _ in range(2):
        press(test, "list_next")
        seen += ids(test)
    assert f"**{total}** conversations created in the period · 101 to 150" in texts(test)
    assert len(set(seen)) == 150
    press(test, "list_previous")
    assert ids(test) == seen[50:100]
    assert "51 to 100" in texts(test)
    test.selectbox(key="list_sort").set_value("oldest").run()
    assert "1 to 50, oldest first" in texts(test) and "before" not in test.query_params


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WzEsMiwzXQ", "é" * 40, "bnVsbA"])
def test_a_broken_place_is_the_first_page(app, sample_home, cursor):
    test = app(sample_home, PAGE, after=cursor)
    assert not test.exception and not test.error
    assert "1 to 50" in texts(test)


def test_search_finds_words_of_a_message(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, period="all", q="refund", notes="1")
    found = ask_sql(
        "SELECT count(*) FROM {conversation_facts} f WHERE is_counted AND created_local < '2026-11-16' AND ("
        "subject ILIKE '%refund%' OR requester ILIKE '%refund%' OR conversation_id ILIKE '%refund%' OR EXISTS ("
        "SELECT 1 FROM {messages} m WHERE m.source_id = f.source_id AND m.conversation_id = f.conversation_id "
        "AND m.body_text ILIKE '%refund%'))"
    )
    assert found > 0
    assert f"**{found:,}** conversations" in texts(test) and "every message was read" in texts(test)
    by_index = app(sample_home, PAGE, period="all", q="refund")
    assert 0 < listed(by_index) <= found
    assert "every message was read" not in texts(by_index)


def test_no_match_says_what_to_do(app, sample_home):
    test = app(sample_home, PAGE, q="xyzzy-nothing-like-this", quick="negative")
    assert "No conversation matches" in texts(test)
    press(test, "without_words")
    assert "q" not in test.query_params and "conversations created" in texts(test)


def test_chosen_columns(app, sample_home):
    test = app(sample_home, PAGE, columns=["id", "messages", "nonsense"])
    assert list(test.dataframe[0].value.columns) == ["Id", "Messages"]


def test_a_conversation_opened_from_a_list_leads_to_its_neighbours(app, sample_home):
    """That they are followed, and the list found again, is shown in a browser: tests/browser."""
    test = app(sample_home, PAGE, of="csat_share", sort="low", columns=["id"])
    first, second = ids(test)[:2]
    for native, is_first in ((first, True), (second, False)):
        test.query_params["conversation"], test.query_params["row"] = f"sample/{native}", "of this list"
        test.run()
        assert not test.exception and not test.error
        assert test.button(key="one_previous").disabled is is_first
        assert not test.button(key="one_next").disabled
    alone = app(sample_home, PAGE, conversation=f"sample/{first}")
    assert "Next" not in labels(alone) and "Back to the list" in labels(alone)


@pytest.fixture
def own_home(sample_home: Home, tmp_path: Path) -> Home:
    """A copy of the sample workspace, to write into."""
    return copy_of(sample_home, tmp_path / "own")


def test_ticked_rows_are_labelled_corrected_and_kept(app, own_home):
    workspace = Workspace(own_home)
    workspace.label([("sample", "another")], "to be called", viewer="ada")
    test = app(own_home, PAGE, columns=["id"])
    chosen = [("sample", native) for native in ids(test)[:2]]
    tick(test, 0, 1)
    assert test.button(key="list_label_do").disabled
    # The ticks of a browser stay; those of a test are made anew for every run.
    test.selectbox(key="list_label_word").set_value("to be called")
    tick(test, 0, 1).button(key="list_label_do").click()
    tick(test, 0, 1)
    assert "2 conversations labelled **to be called**" in texts(test)
    assert sorted(workspace.labelled("to be called")) == sorted([*chosen, ("sample", "another")])

    topic = str(test.selectbox(key="list_topic").options[1])
    test.selectbox(key="list_topic").set_value(topic)
    tick(test, 0, 1).button(key="list_correct_do").click()
    tick(test, 0, 1)
    assert [one.value for one in workspace.corrections_of(*chosen[0])] == [topic]

    test.text_input(key="list_set_name").set_value("Late parcels")
    tick(test, 0, 1).button(key="list_keep_do").click()
    tick(test, 0, 1)
    assert "2 conversations added to **Late parcels**" in texts(test)
    (kept,) = workspace.evidence_sets("everyone")
    assert kept.size == 2 and not test.exception
    test.button(key="list_keep_do").click()
    tick(test, 0, 1)
    assert "There is an evidence set called" in texts(test)


def test_what_people_kept_is_found_again(app, own_home, ask_sql):
    workspace = Workspace(own_home)
    keys = [
        ("sample", ask_sql(f"SELECT {which}(conversation_id) FROM {{conversation_facts}} WHERE is_counted"))
        for which in ("min", "max")
    ]
    workspace.label(keys, "to be called", viewer="ada")
    number = workspace.create_evidence("Late", owner="everyone")
    workspace.add_evidence(number, keys[:1], viewer="everyone")
    test = app(own_home, PAGE, period="all", columns=["id"], label="to be called")
    assert sorted(("sample", native) for native in ids(test)) == sorted(keys)
    assert "under the label **to be called**" in texts(test) and listed(test) == 2
    both = app(own_home, PAGE, period="all", columns=["id"], label="to be called", evidence=str(number))
    assert ids(both) == [keys[0][1]]
    workspace.unlabel(keys, "to be called")
    assert "No conversation matches" in texts(both.run())
    press(both, "without_label")
    assert ids(both) == [keys[0][1]] and "label" not in both.query_params
    assert "No conversation matches" in texts(app(own_home, PAGE, evidence="999"))


def test_one_conversation_is_labelled_and_a_correction_taken_back(app, own_home, ask_sql):
    native = ask_sql("SELECT min(conversation_id) FROM {messages}")
    key = ("sample", native)
    workspace = Workspace(own_home)
    workspace.label([key], "vip", viewer="everyone")
    workspace.correct([key], "topic", "Lost parcels", viewer="ada")
    test = app(own_home, PAGE, conversation=f"sample/{native}")
    assert "Topic corrected to **Lost parcels**" in texts(test) and "from the next refresh on" in texts(test)
    press(test, "unlabel_vip")
    assert workspace.labels() == []
    press(test, f"undo_{workspace.corrections_of(*key)[0].id}")
    assert workspace.corrections_in_force() == [] and "taken back by everyone" in texts(test)


def file_of(content: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What a CSV file says about itself, and its rows."""
    lines = content.decode("utf-8-sig").splitlines(keepends=True)
    told = [line for line in lines if line.startswith("# ")]
    head = {name.removeprefix("# "): text for name, text in csv.reader(told)}
    return head, list(csv.DictReader(lines[len(told) :]))


def test_an_export_reads_the_list_page_by_page_to_its_end(app, sample_home, monkeypatch):
    from ui import data_conversations
    from ui.conversations import actions

    made: list[Any] = []
    original = actions._file
    monkeypatch.setattr(actions, "_file", lambda *all: made.append(original(*all)) or made[-1])
    whole = listed(app(sample_home, PAGE, period="all"))
    monkeypatch.setattr(data_conversations, "READ_AT_ONCE", 70)
    _, rows = file_of(made[0]())
    assert len(rows) == whole > 500 and len({row["Id"] for row in rows}) == whole


def test_the_export_holds_what_is_on_screen(app, sample_home, monkeypatch):
    from ui.conversations import actions

    made: dict[str, Any] = {}
    original = actions._file

    def spy(rows: Any, *more: Any) -> Any:
        made[more[-1]] = original(rows, *more)
        return made[more[-1]]

    monkeypatch.setattr(actions, "_file", spy)
    test = app(sample_home, PAGE, of="first_reply_median", columns=["subject", "first_reply"])
    shown = test.dataframe[0].value
    head, rows = file_of(made["csv"]())
    assert len(rows) == listed(test) > 50 and head["rows"] == str(len(rows))
    assert head["filters"].startswith("17 Oct 2026 to 15 Nov 2026") and head["zone"] == "Europe/London"
    assert head["generation"] and head["published_at"] and head["order"]
    assert [row["Subject"] for row in rows[:50]] == list(shown["Subject"])
    assert [float(row["First reply"]) for row in rows[:50]] == list(shown["First reply"])
    tick(test, 0, 2)
    _, two = file_of(made["csv"]())
    assert [row["Id"] for row in two] == [rows[0]["Id"], rows[2]["Id"]]
    assert made["xlsx"]()[:2] == b"PK"


def test_an_empty_workspace_says_what_to_do(app, home, now):
    written(home)
    test = app(home, PAGE, period="all")
    assert not test.exception and not test.error
    assert "No conversation matches" in texts(test)
