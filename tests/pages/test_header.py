"""The line on top of every page: how fresh each source is, and since when the numbers are complete."""

from datetime import UTC, datetime

from tests.pages.conftest import texts


def badges(test):
    return [str(element.value) for element in test.markdown if "-badge[" in str(element.value)]


def test_every_source_has_its_badge(app, sample_home):
    test = app(sample_home)
    assert not test.exception and not test.error
    assert any("sample: fresh" in badge and "16 Nov" in badge for badge in badges(test))
    assert not any("history back to" in badge for badge in badges(test))


def test_the_header_says_since_when_history_is_complete(app, sample_home, monkeypatch):
    from ui import data

    since = {"sample": datetime(2026, 10, 3, 23, 30, tzinfo=UTC), "gone": datetime(2026, 11, 3, tzinfo=UTC)}
    monkeypatch.setattr(data, "horizons", lambda: since)
    test = app(sample_home)
    assert not test.exception and not test.error
    # The sample's zone is London: half past midnight of the next day there.
    assert any("history back to 4 Oct 2026" in badge for badge in badges(test))
    assert "gone" not in texts(test)


def test_the_sources_table_shows_how_far_history_goes_back(app, sample_home, monkeypatch):
    since = {"sample": datetime(2026, 10, 3, 12, tzinfo=UTC)}
    monkeypatch.setattr("store.health.loaded_back_to", lambda reader, *, viewer: since)
    test = app(sample_home, "pages/operate/data_jobs.py")
    table = test.dataframe[0].value
    assert str(table["History back to"][0])[:10] == "2026-10-03"
    assert "older history is still to come" in table["Why"][0].lower()
