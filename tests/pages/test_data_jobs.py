"""Data & jobs as people use it: sources with their health, adding one step by step, and what goes wrong."""

import subprocess
import sys
import tomllib

import pytest

from core.settings import load_settings
from tests.pages.conftest import texts

PAGE = "pages/operate/data_jobs.py"
LETTERS = (
    "Ticket ID;Betreff;Erstellt;Autor;Nachricht\n"
    "1;Hallo;13.11.2026 10:00;anna;Guten Tag\n"
    "1;Hallo;13.11.2026 11:00;ben;Danke\n"
    "2;Rechnung;irgendwann;carla;Wo ist meine Rechnung?\n"
)
WORD = "sesame-open-9"


@pytest.fixture
def started(monkeypatch):
    """Refreshes that the page would have started, with their arguments."""
    real, found = subprocess.Popen, []

    def popen(command, *more, **options):
        if "refresh" not in command:
            return real(command, *more, **options)
        return found.append((command, options))

    monkeypatch.setattr(subprocess, "Popen", popen)
    return found


@pytest.fixture
def letters(tmp_path):
    file = tmp_path / "letters.csv"
    file.write_text(LETTERS)
    return file


def press(test, label):
    found = [button for button in test.button if button.label == label]
    assert found, f"no button {label!r} among {[b.label for b in test.button]}"
    return found[0].click().run()


def choose(test, kind):
    press(test, "Add a source")
    return next(button for button in test.button if button.key == f"kind_{kind}").click().run()


def field(test, name):
    """The input of a setting, whatever kind it is."""
    kinds = (test.text_input, test.text_area, test.selectbox, test.number_input, test.toggle, test.date_input)
    return next(one for kind in kinds for one in kind if (one.key or "").endswith(f"_{name}"))


def remembered(test):
    """Everything that the session holds, as text."""
    return repr(test.session_state)


def test_sources_and_runs_are_listed(app, sample_home, ask_sql):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    sources = test.dataframe[0].value
    assert list(sources["Source"]) == ["sample"]
    assert sources["Conversations"][0] == ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE coalesce(excluded_because, '') <> 'deleted'"
    )
    assert sources["Health"][0].startswith("✅") and sources["Why"][0]
    assert str(sources["Last success"][0])[:10] == "2026-11-16"
    runs = next(frame.value for frame in test.dataframe if "Generation" in frame.value)
    assert runs["Generation"][0] == 1
    assert "holds everything" in texts(test)
    assert all(b.disabled for b in test.button if b.label in ("Pause", "Change", "Remove"))


def test_an_empty_workspace_offers_a_refresh(app, home):
    test = app(home, PAGE)
    assert not test.exception and not test.error
    assert "No source is configured" in texts(test)
    assert any(button.label == "Refresh now" and not button.disabled for button in test.button)
    assert [b.label for b in test.button if "source" in b.label] == ["Add a source"]


def test_the_button_starts_a_process_of_its_own(app, sample_home, started):
    test = press(app(sample_home, PAGE), "Refresh now")
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


def test_files_are_added_step_by_step(app, home, letters, started):
    test = choose(app(home, PAGE), "files")
    assert not test.exception and not test.error
    field(test, "#name").set_value("letters")
    field(test, "path").set_value(str(letters))
    press(test, "Test and preview")
    assert not test.exception and not test.error
    said = texts(test)
    assert "letters.csv" in said and "works" in said and "would be set aside" in said
    shown = next(frame.value for frame in test.dataframe if "Body text" in frame.value)
    assert list(shown["Body text"]) == ["Guten Tag", "Danke"]
    assert not home.sources_file.exists()

    field(test, "roles.first_author").set_value("customer").run()
    assert "changed since this test" in texts(test)
    press(test, "Test again")
    shown = next(frame.value for frame in test.dataframe if "Body text" in frame.value)
    assert list(shown["Author role"]) == ["customer", "agent"]

    press(test, "Save and load")
    assert "**letters** is kept" in texts(test)
    (source,) = load_settings(home).sources
    assert (source.name, source.options()) == (
        "letters", {"path": str(letters), "roles": {"first_author": "customer"}},
    )  # fmt: skip
    command, _ = started[0]
    assert command[3:6] == ["refresh", "--source", "letters"]
    assert not any((one.key or "").endswith("_path") for one in test.text_input)


@pytest.mark.slow
def test_a_mapping_that_is_corrected_is_saved(app, home, letters, started, monkeypatch):
    from ui import sources_trial

    test = choose(app(home, PAGE), "files")
    field(test, "path").set_value(str(letters))
    press(test, "Test and preview")
    form = test.session_state["source_form"]
    assert form.trial["mapping"]["letters.csv"]["subject"] == "Betreff"
    field(test, "columns").set_value("subject = Autor\n" + sources_trial.SKIP.strip("()") + " = x").run()
    field(test, "columns").set_value("subject = Autor").run()
    press(test, "Save without a working test" if not form.trial["works"] else "Save and load")
    assert load_settings(home).sources[0].options()["columns"] == {"subject": "Autor"}


@pytest.mark.slow
def test_what_is_wrong_is_said_beside_the_form(app, home, started):
    test = choose(app(home, PAGE), "files")
    press(test, "Test and preview")
    assert "path" in test.error[0].value
    field(test, "path").set_value("/nowhere/x.csv")
    field(test, "#name").set_value("../../etc/passwd")
    press(test, "Test and preview")
    assert "name" in test.error[0].value
    field(test, "#name").set_value("x")
    press(test, "Test and preview")
    assert "does not work" in texts(test)
    field(test, "columns").set_value("no equals sign")
    press(test, "Save without a working test")
    assert "is no pair" in test.error[0].value
    assert not home.sources_file.exists() and not started
    press(test, "Cancel")
    assert not test.error and "source_form" not in test.session_state


def test_sources_are_paused_changed_and_removed(app, home, letters, started):
    home.sources_file.write_text(
        f'[[sources]]\nname = "a"\nkind = "files"\npath = "{letters}"\ntimezone = "UTC"\n'
    )
    test = app(home, PAGE)
    press(test, "Pause")
    assert load_settings(home).sources[0].enabled is False
    assert "paused" in texts(test)
    press(test, "Resume")
    assert load_settings(home).sources[0].enabled
    press(test, "Change")
    assert field(test, "path").value == str(letters) and field(test, "timezone").value == "UTC"
    field(test, "timezone").set_value("")
    field(test, "roles.agents").set_value("ben\ncarla")
    press(test, "Test and preview")
    press(test, "Save and load")
    assert load_settings(home).sources[0].options() == {
        "path": str(letters),
        "roles": {"agents": ["ben", "carla"]},
    }
    press(test, "Remove")
    assert load_settings(home).sources
    press(test, "Remove it")
    assert load_settings(home).sources == ()
    assert "Add a source" in [b.label for b in test.button] and "is removed" in texts(test)


def test_a_secret_is_kept_in_its_file_and_nowhere_else(app, home, started, capfd):
    """Whatever kind has a secret: its word is in no page, no session, no log, no argument."""
    from jobs.source_schema import all_kinds

    kinds = {kind.kind: kind for kind in all_kinds()}
    kind = next((kinds[name] for name in ("zendesk", "postgres", "twitter") if name in kinds), None)
    assert kind is not None, "no kind with a secret"
    given = {
        "zendesk": {"subdomain": "acme", "email": "a@acme.com"},
        "postgres": {"host": "127.0.0.1", "port": 1, "user": "u", "database": "d", "messages": "messages"},
        "twitter": {"handles": "acme"},
    }[kind.kind]
    secret = {"zendesk": "api_token", "postgres": "password", "twitter": "bearer_token"}[kind.kind]
    test = choose(app(home, PAGE), kind.kind)
    for name, value in given.items():
        field(test, name).set_value(value)
    typed = field(test, secret)
    typed.set_value(WORD)
    press(test, "Save without a working test")
    assert not test.exception and not test.error, [e.value for e in test.error]
    assert (
        tomllib.loads(home.sources_file.read_text())["sources"][0][secret] == f"secret:{kind.kind}.{secret}"
    )
    assert WORD in home.secrets_file.read_text()
    home.secrets_file.unlink()
    assert WORD not in "".join(f.read_bytes().decode("latin-1") for f in home.root.rglob("*") if f.is_file())
    assert WORD not in remembered(test) and WORD not in texts(test) + str(test.main)
    assert WORD not in "".join(capfd.readouterr()) and WORD not in str(started)
    press(test, "Change")
    assert field(test, secret).value in ("", None)
    assert "kept" in field(test, secret).placeholder


def test_every_kind_has_a_form(app, home):
    test = press(app(home, PAGE), "Add a source")
    kinds = [b.key.removeprefix("kind_") for b in test.button if (b.key or "").startswith("kind_")]
    assert {"files", "postgres", "zendesk"} <= set(kinds)
    for kind in kinds:
        next(button for button in test.button if button.key == f"kind_{kind}").click().run()
        assert not test.exception and not test.error, kind
        assert field(test, "#name").value == kind
        assert "Nothing is kept before you save" in texts(test)
        press(test, "Cancel")
        press(test, "Add a source")


def test_a_database_that_cannot_be_reached_is_one_sentence(app, home, started):
    test = choose(app(home, PAGE), "postgres")
    given = {"host": "127.0.0.1", "port": 1, "user": "reader", "database": "desk", "messages": "comments"}
    for name, value in {**given, "password": WORD}.items():
        field(test, name).set_value(value)
    press(test, "Test and preview")
    assert not test.exception
    said = texts(test)
    assert "does not work" in said or test.error
    assert WORD not in said
    assert not home.sources_file.exists() and not home.secrets_file.exists()
    press(test, "Cancel")
    assert WORD not in remembered(test)


@pytest.mark.slow
def test_a_database_is_added_with_corrected_columns(app, home, tmp_path, started):
    """The mapping of a table is corrected in its preview and saved with the source."""
    import sqlite3

    file = tmp_path / "desk.db"
    with sqlite3.connect(file) as con:
        con.execute("CREATE TABLE comments (id TEXT, ticket TEXT, at TEXT, who TEXT, text TEXT, remark TEXT)")
        con.execute(
            "INSERT INTO comments VALUES ('m1', 'c1', '2026-11-01 10:00:00', 'anna', 'Hello', 'Better words')"
        )
    con.close()
    test = choose(app(home, PAGE), "sqlite")
    field(test, "path").set_value(str(file))
    field(test, "messages").set_value("comments")
    press(test, "Test and preview")
    assert not test.exception and not test.error
    form = test.session_state["source_form"]
    assert form.trial["mapping"]["messages"]["body_text"] in ("text", "remark")
    form.columns["messages"] = {"body_text": "remark"}  # what the editor's callback does
    press(test, "Test again")
    shown = next(frame.value for frame in test.dataframe if "Body text" in frame.value)
    assert list(shown["Body text"]) == ["Better words"]
    press(test, "Save and load")
    (source,) = load_settings(home).sources
    assert source.options()["messages"] == {"table": "comments", "columns": {"body_text": "remark"}}


def test_a_home_that_cannot_be_written_is_said(app, home, letters, started, monkeypatch):
    from core.errors import ConfigError
    from ui import command

    test = choose(app(home, PAGE), "files")
    field(test, "path").set_value(str(letters)).run()

    def refuse(*arguments, **options):
        raise ConfigError("/home/x cannot be written: Read-only file system.", hint="Check the folder.")

    monkeypatch.setattr(command, "answer", refuse)
    press(test, "Save without a working test")
    assert "Read-only file system" in test.error[0].value and not started
    assert field(test, "path").value == str(letters)


def test_the_form_cannot_start_a_program(app, home):
    """Until sign-in exists, whoever reaches the page may use it."""
    from connectors.base import CONNECTORS

    if "mcp" not in CONNECTORS.names():
        pytest.fail("the kind that starts programs is gone: this test needs another")
    test = choose(app(home, PAGE), "mcp")
    assert not any(
        (one.key or "").endswith(("_command", "_args", "_env")) for one in [*test.text_input, *test.text_area]
    )
    assert "is set in settings.toml" in texts(test)


def test_a_failing_source_says_why_and_when_it_is_tried_again(app, home, letters, now):
    from store.runs import WHOLE, RunLog

    home.sources_file.write_text(
        f'[[sources]]\nname = "good"\nkind = "files"\npath = "{letters}"\n'
        '[[sources]]\nname = "bad"\nkind = "files"\npath = "nowhere"\n'
        '[[sources]]\nname = "off"\nkind = "files"\npath = "x"\nenabled = false\n'
    )
    log = RunLog(home)
    for name in (WHOLE, "good", "bad"):
        log.start("r1", name)
    error = {"code": "not_found", "message": "there is no folder nowhere.", "hint": "Check the path."}
    log.finish("r1", "good", "ok", counts={"rows_read": 3})
    log.finish("r1", "bad", "failed", error=error, next_attempt_at=now)
    log.finish("r1", WHOLE, "partial", error=error)
    test = app(home, PAGE)
    assert not test.exception and not test.error
    table = test.dataframe[0].value.set_index("Source")
    assert table["Health"].to_dict() == {"good": "✅ healthy", "bad": "❌ failing", "off": "⏸ paused"}
    assert table["Why"]["bad"] == "There is no folder nowhere."
    assert str(table["Next attempt"]["bad"])[:16] == "2026-11-16 09:00"
    assert str(table["Last success"]["good"])[:10] == "2026-11-16"
    assert "Resume" not in [b.label for b in test.button]
    test.selectbox(key="source_chosen").select("off").run()
    assert "Resume" in [b.label for b in test.button]
    assert next(b for b in test.button if b.label == "Refresh it").disabled


def test_a_secrets_file_that_others_may_read_is_said(app, home, started):
    home.sources_file.write_text(
        '[[sources]]\nname = "desk"\nkind = "zendesk"\nbase_url = "http://127.0.0.1:9"\nemail = "a@b.de"\n'
        'api_token = "secret:desk.api_token"\n'
    )
    home.secrets_file.write_text(f'"desk.api_token" = "{WORD}"\n')
    home.secrets_file.chmod(0o644)
    test = press(press(app(home, PAGE), "Change"), "Test and preview")
    said = texts(test)
    assert "may be read by other users" in said and "chmod 600" in said and WORD not in said
