from tests.pages.conftest import texts

PAGE = "pages/operate/data_jobs.py"


def test_sources_and_runs_are_listed(app, sample_home, ask_sql):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    sources = test.dataframe[0].value
    assert list(sources["Source"]) == ["sample"]
    assert sources["Conversations"][0] == ask_sql("SELECT count(*) FROM {conversation_facts}")
    assert "ok" in sources["State"][0]
    runs = next(frame.value for frame in test.dataframe if "Generation" in frame.value)
    assert runs["Generation"][0] == 1
    assert "holds everything" in texts(test)


def test_an_empty_workspace_offers_a_refresh(app, home):
    test = app(home, PAGE)
    assert not test.exception and not test.error
    assert "No source is configured" in texts(test)
    assert any(button.label == "Refresh now" and not button.disabled for button in test.button)


def test_the_button_starts_a_process_of_its_own(app, sample_home, monkeypatch):
    import subprocess
    import sys

    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: started.append((command, options)))
    test = app(sample_home, PAGE)
    next(button for button in test.button if button.label == "Refresh now").click().run()
    command, options = started[0]
    assert command[:4] == [sys.executable, "-m", "jobs", "refresh"]
    assert options["start_new_session"]
    assert next(button for button in test.button if button.label == "Refresh now").disabled


def test_a_failed_source_is_said_on_every_page(app, sample_home, monkeypatch):
    from dataclasses import replace

    from ui import data

    fresh = data.Freshness

    def failed():
        source = data.SourceState("helpdesk", "files", "failed", "the folder is gone.", None)
        return replace(real(), sources=(source,))

    real = data.freshness
    monkeypatch.setattr(data, "freshness", failed)
    test = app(sample_home)
    assert "**helpdesk** was not read by the last refresh: The folder is gone." in texts(test)
    assert isinstance(real(), fresh)
