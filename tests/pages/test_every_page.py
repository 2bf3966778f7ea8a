"""Every page of the menu in every state: full, filtered, with nothing in it, and with a store that fails."""

import pytest

from core.errors import StoreError
from tests.pages.conftest import texts
from tests.shared import copy_of, seldom
from ui.navigation import MENU

PAGES = [entry.path for entry in MENU]
FILTERED = [entry.path for entry in MENU if entry.is_filtered]


def test_there_are_pages():
    assert len(PAGES) > 7 and len(FILTERED) > 5


@pytest.mark.parametrize("page", PAGES)
def test_full(app, sample_home, page):
    test = app(sample_home, page)
    assert not test.exception and not test.error
    assert all(chart.proto.alt for chart in test.get("plotly_chart"))


@pytest.mark.parametrize("page", FILTERED)
def test_one_filter_changes_it(app, sample_home, page):
    before = texts(app(sample_home, page, period="90d"))
    test = app(sample_home, page, period="90d", channel="chat")
    assert not test.exception and not test.error
    assert texts(test) != before
    assert any(button.label == "Channel: chat" for button in test.button)


@pytest.mark.parametrize("page", FILTERED)
@pytest.mark.parametrize("compare", seldom(["none", "year"], often=("year",)))
def test_business_hours_and_other_comparisons(app, sample_home, page, compare):
    test = app(sample_home, page, period="90d", hours="business", compare=compare, grain="week")
    assert not test.exception and not test.error


@pytest.mark.parametrize("page", FILTERED)
def test_nothing_passes_the_filters(app, sample_home, page):
    test = app(sample_home, page, channel="chat", topic="no such topic")
    assert not test.exception and not test.error
    assert "No conversation was created here" in texts(test)


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.slug)
def test_nothing_is_loaded(app, home, entry):
    test = app(home, entry.path)
    assert not test.exception and not test.error
    if entry.needs_data:
        assert "Nothing has been loaded yet" in texts(test)
        assert any(button.label == "Refresh now" for button in test.button)


def test_a_generation_that_does_not_open_is_said_on_every_page(app, sample_home, tmp_path):
    home = copy_of(sample_home, tmp_path / "broken")
    for file in (home.warehouse / "gen").glob("*.duckdb"):
        file.write_bytes(b"\0" * 20_000)
    for entry in MENU:
        test = app(home, entry.path)
        assert not test.exception, entry.slug
        assert "cannot be opened" in texts(test) and "Traceback" not in texts(test), entry.slug


@pytest.mark.parametrize("page", FILTERED)
def test_a_failing_store_is_said_and_the_page_lives(app, sample_home, page, monkeypatch):
    from ui import data, data_conversations, data_explore, data_live

    def broken(*args, **kwargs):
        raise StoreError("the warehouse cannot be opened.", hint="Run `python -m jobs doctor`.")

    monkeypatch.setattr(data_live, "strip", broken)
    monkeypatch.setattr(data_explore, "table", broken)
    monkeypatch.setattr(data_conversations, "page", broken)
    for name in ("metric", "changes"):
        monkeypatch.setattr(data, name, broken)
    test = app(sample_home, page)
    assert not test.exception
    assert "The warehouse cannot be opened." in texts(test)
    assert "Traceback" not in texts(test)
