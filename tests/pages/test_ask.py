import shutil

import pytest

from store import generations
from tests.pages.conftest import texts
from tests.shared import copy_of
from ui import navigation

PAGE = "pages/ask/ask.py"


def button(test, label):
    """The last button of that name: of the newest answer."""
    return [one for one in test.button if one.label == label][-1]


@pytest.fixture
def own_sample(sample_home, tmp_path):
    """A copy to write questions into."""
    return copy_of(sample_home, tmp_path / "copy")


def test_examples_come_from_the_data(app, sample_home):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    labels = [button.label for button in test.button]
    assert any(label.startswith("Why was sentiment negative on") for label in labels)
    assert any(
        "Parcel Tracker" in label or "Cloud Backup" in label or "Payments" in label for label in labels
    )


def test_a_question_is_answered_kept_and_judged(app, own_sample, monkeypatch):
    from store.workspace import Workspace

    test = app(own_sample, PAGE)
    test.chat_input[0].set_value("Why was sentiment negative on Oct 31?").run()
    assert not test.exception and not test.error
    words = texts(test)
    assert "no language model" in words.lower()
    assert "Parcel Tracker" in words and "2026-10-31" in words.replace("\\", "")
    assert any(button.label == "Open" for button in test.button)
    kept = Workspace(own_sample).recent_questions(5)
    assert [question.question for question in kept] == ["Why was sentiment negative on Oct 31?"]
    button(test, "Wrong number").click().run()
    assert [given.verdict for given in Workspace(own_sample).feedback(kept[0].id)] == ["number"]
    # The same answer taken along, its number on an alert, and the question pinned: all from the row below it.
    assert "## Numbers" in next(code.value for code in test.code if code.value.startswith("# Why was"))
    button(test, "Pin to My page").click().run()
    assert [card.definition for card in Workspace(own_sample).cards("everyone")] == [
        {"question": "Why was sentiment negative on Oct 31?"}
    ]
    # Another number on the chip: the same question, understood as it was changed.
    key = "turn0_metrics_value"
    test.multiselect(key=key).set_value(["volume"]).run()
    next(b for b in test.button if b.key == "turn0_metrics_do").click().run()
    assert not test.exception and not test.error
    changed = Workspace(own_sample).recent_questions(1)[0].answer_json
    assert changed["plan"]["metrics"] == ["volume"] and changed["metrics"][0]["name"] == "volume"
    # A card says in five lines what its conversation is about.
    test.toggle(key="turn1_1_lines").set_value(True).run()
    assert "**Asked:**" in texts(test) and "**Next:**" in texts(test)
    went = []
    monkeypatch.setattr(navigation, "go", lambda page, **_: went.append(page))
    button(test, "Alert on this").click().run()
    assert went == [navigation.ALERTS]
    test = test.switch_page("pages/operate/alerts.py").run()
    assert not test.exception
    assert "Filled in from an answer" in texts(test)
    assert any(
        "Conversations" in field.value for field in test.text_input if field.label == "Name of the rule"
    )


def test_what_the_data_does_not_have_is_said(app, own_sample):
    test = app(own_sample, PAGE)
    test.chat_input[0].set_value("What is the weather in Paris tomorrow?").run()
    assert not test.exception
    assert "Not in the data" in texts(test)


def test_an_earlier_question_is_opened_again(app, own_sample):
    test = app(own_sample, PAGE)
    test.chat_input[0].set_value("How many conversations were there in October?").run()
    again = app(own_sample, PAGE)
    earlier = next(
        b for b in again.button if b.label.startswith("How many conversations were there in October?")
    )
    earlier.click().run()
    assert not again.exception
    assert len(again.chat_message) == 2


def test_nothing_published(app, home):
    test = app(home, PAGE)
    assert not test.exception
    assert "Nothing has been loaded yet" in texts(test)


def test_answers_from_before_an_erasure_are_gone_from_an_open_tab(app, own_sample):
    test = app(own_sample, PAGE)
    test.chat_input[0].set_value("Why was sentiment negative on Oct 31?").run()
    assert not test.exception and [one for one in test.button if one.label == "Open"]
    made = own_sample.warehouse / "gen" / "again.duckdb"
    shutil.copyfile(generations.current(own_sample).path, made)
    generations.put(own_sample, made)
    assert [one for one in test.run().button if one.label == "Open"], "a refresh alone takes no answer away"
    generations.forget_others(own_sample)
    test.run()
    assert not test.exception and not test.error
    assert not [one for one in test.button if one.label == "Open"]
    assert not any(code.value.startswith("# Why was") for code in test.code)
    assert "erased" in texts(test) and "again" in texts(test)
    test.chat_input[0].set_value("How many conversations?").run()
    assert not test.exception and len(test.chat_message) == 2
    assert "erased" not in texts(test)
