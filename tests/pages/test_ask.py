import shutil

import pytest

from core.home import Home
from tests.pages.conftest import texts

PAGE = "pages/ask/ask.py"


@pytest.fixture
def own_sample(sample_home, tmp_path):
    """A copy to write questions into."""
    shutil.copytree(sample_home.root, tmp_path / "copy")
    return Home(tmp_path / "copy")


def test_examples_come_from_the_data(app, sample_home):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    labels = [button.label for button in test.button]
    assert any(label.startswith("Why was sentiment negative on") for label in labels)
    assert any(
        "Parcel Tracker" in label or "Cloud Backup" in label or "Payments" in label for label in labels
    )


def test_a_question_is_answered_kept_and_judged(app, own_sample):
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
    test.feedback[0].set_value(1).run()
    assert [given.verdict for given in Workspace(own_sample).feedback(kept[0].id)] == ["up"]


def test_what_the_data_does_not_have_is_said(app, own_sample):
    test = app(own_sample, PAGE)
    test.chat_input[0].set_value("What is the weather in Paris tomorrow?").run()
    assert not test.exception
    assert "Not in the data" in texts(test)


def test_an_earlier_question_is_opened_again(app, own_sample):
    test = app(own_sample, PAGE)
    test.chat_input[0].set_value("How many conversations were there in October?").run()
    again = app(own_sample, PAGE)
    button = next(
        b for b in again.button if b.label.startswith("How many conversations were there in October?")
    )
    button.click().run()
    assert not again.exception
    assert len(again.chat_message) == 2


def test_nothing_published(app, home):
    test = app(home, PAGE)
    assert not test.exception
    assert "Nothing has been loaded yet" in texts(test)
