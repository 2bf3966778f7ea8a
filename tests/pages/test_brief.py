"""The last week in short on the Overview: folded until it is opened, its sentences escaped and linked."""

from datetime import date

from analytics.brief_words import Name, Sentence
from core.filters import Period
from tests.pages.conftest import texts
from ui import brief, data_brief


def test_it_is_folded_and_costs_nothing(app, sample_home, monkeypatch):
    monkeypatch.setattr(data_brief, "last_week", lambda filters: 1 / 0)
    test = app(sample_home)
    assert not test.exception and not test.error
    assert any(one.label == "Last week in short" for one in test.expander)


def test_its_sentences_are_those_of_the_command(app, sample_home):
    from analytics.brief import brief as computed
    from core.effective import effective_settings
    from core.settings import load_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    settings = effective_settings(sample_home, load_settings(sample_home))
    wanted = computed(open_reader(sample_home), settings=settings, viewer=EVERYTHING)
    test = app(sample_home, brief="true")
    assert not test.exception and not test.error
    told = texts(test)
    assert "**Week of 9 to 15 Nov 2026**" in told and wanted.sentences and wanted.sections
    every = [*wanted.sentences, *(one for section in wanted.sections for one in section.sentences)]
    for sentence in every:
        assert brief.shown(sentence) in told
    links = [link for link in test.get("page_link") if link.proto.label == "Proof"]
    assert [link.proto.query_string for link in links] == [s.address.partition("?")[2] for s in every]


def test_the_bar_narrows_it(app, sample_home):
    test = app(sample_home, brief="true", team="Billing")
    assert not test.exception and "too few conversations" in texts(test)


def test_words_of_the_data_are_shown_and_not_obeyed():
    name = "<b>*x* [y](http://z)"
    week = Period(date(2026, 11, 9), date(2026, 11, 15))
    told = brief.shown(Sentence("unusual", name, (Name(name),), "volume", week, "conversations"))
    assert told == "\\<b\\>\\*x\\* \\[y\\](http\\:\u2060//z)"


def test_a_week_with_causes_shows_conversations_and_customers_words(app, sample_home, monkeypatch):
    monkeypatch.setenv("SUPPORTLENS_NOW", "2026-08-31T09:00:00Z")  # the Monday after the outage
    test = app(sample_home, brief="true")
    assert not test.exception and not test.error
    told = texts(test)
    assert "**What it goes with**" in told and "**Topics that rise**" in told and "> “" in told
    keys = [str(one.key) for one in test.button if str(one.key).startswith("brief_")]
    assert sum("_quote_" in key for key in keys) == 2
    assert sum("_quote_" not in key for key in keys) >= 3
