"""Moods on Satisfaction and in Settings → Models: who scored, what carries them, and the way back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.moods import MoodReport
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from enrich.mood_card import MoodCard
from enrich.mood_judged import Judged
from store.workspace import Workspace
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.pages.conftest import texts
from tests.shared import copy_of
from ui import data_moods, evidence, resources

SATISFACTION, SETTINGS = "pages/understand/satisfaction.py", "pages/operate/settings.py"
CONVERSATIONS = "pages/ask/conversations.py"
WHOLE = Judged(
    312, (104, 104, 104), 120, True, "better than the word list", 0.81, 0.47, 0.28, 0.4, 0.41,
    ((90, 9, 5, 0), (12, 80, 12, 0), (4, 10, 90, 0)), ((30, 70, 4, 0), (2, 95, 7, 0), (1, 60, 43, 0)),
)  # fmt: skip
CARD = MoodCard(
    (104, 104, 104), datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, 8, 30, tzinfo=UTC), 312, 1, 0, "abc",
    ("en",), "model", True, "", WHOLE.reason, WHOLE, (("en", WHOLE),),
)  # fmt: skip


@pytest.fixture
def own_home(sample_home: Home, tmp_path: Path) -> Home:
    """A copy of the sample workspace, to write into."""
    return copy_of(sample_home, tmp_path / "own")


@pytest.fixture
def with_card(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The report of the generation with another card in it."""
    real = data_moods.report

    def told(card: MoodCard) -> None:
        def report() -> MoodReport:
            return replace(real(), label=card.by, card=card)

        monkeypatch.setattr(data_moods, "report", report)

    return told


def test_moods_are_labelled_wherever_they_are_shown(app: Any, sample_home: Home, ask_sql: Any) -> None:
    test = app(sample_home, SATISFACTION, period="all")
    words = texts(test)
    assert not test.exception
    missing = ask_sql("SELECT count(*) - count(sentiment) FROM {conversation_facts} WHERE is_counted")
    assert (
        "Moods by **lexicon, uncorrected**" in words
        and f"**{missing:,} of " in words
        and "not scored" in words
    )
    assert words.count("lexicon, uncorrected") >= 5  # the line, two cards, two charts
    key = ask_sql(
        "SELECT source_id || '/' || conversation_id FROM {conversation_facts} WHERE sentiment = 'negative' LIMIT 1"
    )
    one = texts(app(sample_home, CONVERSATIONS, conversation=key))
    assert "By lexicon, uncorrected" in one
    assert "· moods by lexicon, uncorrected" in texts(app(sample_home, CONVERSATIONS, period="all"))
    assert "lexicon" not in texts(app(sample_home, CONVERSATIONS, period="all", columns=["subject", "topic"]))
    german = ask_sql(
        "SELECT source_id || '/' || conversation_id FROM {conversation_facts} WHERE language = 'de' LIMIT 1"
    )
    assert "Not scored: nobody scores texts in de yet" in texts(
        app(sample_home, CONVERSATIONS, conversation=german)
    )


def test_from_first_to_last_counts_what_sql_counts(app: Any, sample_home: Home, ask_sql: Any) -> None:
    began = "is_counted AND sentiment_start <= -0.05"
    whole = ask_sql(f"SELECT count(*) FROM {{conversation_facts}} WHERE {began}")
    turned = ask_sql(f"SELECT count(*) FROM {{conversation_facts}} WHERE {began} AND sentiment_end >= 0.05")
    test = app(sample_home, SATISFACTION, period="all")
    assert whole > 20
    assert f"{whole:,} began negative: {turned:,} ended positive" in texts(test)
    listed = app(sample_home, CONVERSATIONS, period="all", any="mood_start:negative;mood_end:positive")
    assert not listed.exception and not listed.error
    assert re.search(
        rf"\*\*{turned:,}\*\* conversation|\b{turned:,} conversation|\b{turned:,} of ", texts(listed)
    )


def test_a_sentence_opens_its_conversation_at_the_message(app: Any, sample_home: Home, now: Any) -> None:
    test = app(sample_home, SATISFACTION, period="90d")
    table = next(frame.value for frame in test.dataframe if "Sentence" in frame.value.columns)
    assert len(table) > 2 and (table["Score"] < 0).all()
    link = table["Open"].iloc[0]
    found = re.fullmatch(r"/conversations\?conversation=([^&]+)&message=(.+)", link)
    assert found
    opened = app(sample_home, CONVERSATIONS, conversation=found[1].replace("%2F", "/"), message=found[2])
    assert texts(opened).count("format_quote: quoted") == 1
    assert table["Sentence"].iloc[0] in " ".join(text.value for text in opened.text)
    assert "message" not in evidence.link("s", "1")


def test_the_model_card_of_the_word_list(app: Any, sample_home: Home, now: Any) -> None:
    test = app(sample_home, SETTINGS, tab="Models")
    words = texts(test)
    assert "Moods by **lexicon, uncorrected**" in words and "from **100 of each class** on" in words
    rows = next(frame.value for frame in test.dataframe if "Scored by" in frame.value.columns).set_index(
        "Language"
    )
    assert rows.loc["en", "Scored by"] == "word list" and rows.loc["de", "Scored by"] == "nobody"
    assert rows.loc["de", "Not scored"] == rows.loc["de", "Conversations"] > 0
    models = next(frame.value for frame in test.dataframe if "In use" in frame.value.columns)
    assert "built-in, no download" in models["In use"].tolist()
    assert not [button for button in test.button if button.key.startswith("models_")]


def test_who_sees_a_part_is_told_of_its_corrections(
    app: Any, sample_home: Home, monkeypatch: Any, now: Any
) -> None:
    monkeypatch.setattr(resources, "viewer", lambda: Viewer("bea", teams=("Billing",)))
    words = texts(app(sample_home, SETTINGS, tab="Models"))
    assert "**0 corrections** in the conversations that you may see" in words
    assert "Nobody has corrected" not in words and "People say" not in words and "not judged" not in words


def test_a_classifier_with_its_matrix_and_one_click_back(
    app: Any, own_home: Home, with_card: Any, now: Any
) -> None:
    with_card(CARD)
    test = app(own_home, SETTINGS, tab="Models")
    words = texts(test).replace("\\", "")
    assert "own classifier, macro-F1 0.81 (word list 0.47) on n 312" in words
    assert "Trained 3 Nov 2026, 08:30 UTC on 312 corrections" in words and "+0.28 to +0.40" in words
    assert "120 of 312 confirm" in words
    matrices = [
        frame.value
        for frame in test.dataframe
        if "People say" in frame.value.columns and "Negative" in frame.value
    ]
    assert [matrix.set_index("People say").loc["Negative", "Negative"] for matrix in matrices] == [90, 30]
    test.button(key="models_lexicon").click().run()
    assert Workspace(own_home).moods_wanted() == ("lexicon", 0)
    assert "It holds from the next refresh on." in "".join(info.value for info in test.info)
    test.button(key="models_model").click().run()
    assert Workspace(own_home).moods_wanted() == ("model", 0)
    test.button(key="models_train").click().run()
    assert Workspace(own_home).moods_wanted()[1] > 0


def test_who_may_not_correct_may_not_choose(
    app: Any, own_home: Home, with_card: Any, monkeypatch: Any
) -> None:
    with_card(CARD)
    test = app(own_home, SETTINGS, tab="Models")
    button = test.button(key="models_lexicon")
    monkeypatch.setattr(resources, "viewer", lambda: replace(EVERYTHING, rights=frozenset({"export"})))
    button.click().run()  # drawn while the right was still there
    assert Workspace(own_home).moods_wanted() == ("model", 0)
    assert "chosen by who may correct" in texts(test)
    assert not [button for button in test.button if button.key.startswith("models_")]


def test_a_refused_and_a_damaged_one_are_said(app: Any, own_home: Home, with_card: Any) -> None:
    refused = replace(
        CARD, model="", in_use=False, reason="not better than the word list by more than chance"
    )
    with_card(refused)
    words = texts(app(own_home, SETTINGS, tab="Models"))
    assert "not better than the word list" in words and "lexicon, 312 corrected by people" in words
    with_card(
        replace(
            CARD, in_use=False, problem="the file of the classifier is damaged: it is not what was written."
        )
    )
    assert "is damaged" in texts(app(own_home, SETTINGS, tab="Models"))


def test_a_models_labels_are_told_apart_from_peoples(app: Any, own_home: Home, with_card: Any) -> None:
    whole = replace(WHOLE, n=340, of_model=300)
    of_model = replace(
        CARD, corrections=(20, 10, 10), labels=(100, 100, 100), labelled_by="openai small", labels_learned=300, both=40,
        agreed=30, trained_on=340, whole=whole,
    )  # fmt: skip
    with_card(of_model)
    test = app(own_home, SETTINGS, tab="Models")
    words = texts(test).replace("\\", "")
    assert any("People and model say" in frame.value.columns for frame in test.dataframe)
    assert "**300 labels by openai small, 40 by people** to learn from." in words
    assert "Model and people agree in 75 % of the 40 conversations that both labelled (n 40)." in words
    assert "Measured against 300 labels by openai small, 40 by people: people have corrected too few" in words
    assert "on n 340 (300 labels by openai small, 40 by people)" in words
    assert "340 corrections and labels, 300 of them by a language model." in words
    with_card(replace(of_model, whole=replace(WHOLE, n=40)))
    assert "Measured against people's corrections alone." in texts(app(own_home, SETTINGS, tab="Models"))


def test_a_model_labels_a_sample_after_it_said_what_that_costs(app: Any, own_home: Home, now: Any) -> None:
    assert not [one for one in app(own_home, SETTINGS, tab="Models").button if one.key == "label_moods"]
    script = Script(answer={"moods": [{"number": n, "mood": "neutral"} for n in range(1, 11)]})
    with llm_server(script) as server:
        (own_home.root / "settings.toml").write_text(
            f'[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{server}/v1"\napi_key = "{KEY}"\n'
        )
        test = app(own_home, SETTINGS, tab="Models")
        test.button(key="label_moods").click().run()
        test.number_input(key="label_moods_n").set_value(20).run()
        assert "would label 20 conversations" in texts(test) and "no prices are set" in texts(test)
        assert script.requests == []
        test.button(key="label_moods_do").click().run()
    assert not test.exception and len(script.requests) == 2
    assert "20 conversations labelled: 20 neutral. The next refresh learns from them." in texts(test)
    assert len(Workspace(own_home).mood_labels_in_force()) == 20
    test.button(key="unlabel_moods").click().run()
    assert Workspace(own_home).mood_labels_in_force() == []
    assert "Labels of 20 conversations taken back." in texts(test)
