"""What is set is shown with its meaning; a secret only as set; every number with its definition."""

from dataclasses import replace

from analytics.catalogue import METRICS
from core.effective import effective_settings
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.runs import RunLog
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.shared import copy_of
from ui import goals_editor, resources

PAGE = "pages/operate/settings.py"


def table(test, column):
    return next(frame.value for frame in test.dataframe if column in frame.value.columns)


def test_options_with_their_values_and_defaults(app, sample_home, monkeypatch):
    monkeypatch.setenv("SUPPORTLENS_REFRESH__PARALLEL_SOURCES", "2")
    monkeypatch.setenv("SUPPORTLENS_LLM__API_KEY", "sk-very-secret-words")
    test = app(sample_home, PAGE)
    rows = table(test, "Option").set_index("Option")
    assert rows.loc["refresh.parallel_sources", ["Now", "Default"]].tolist() == ["2", "4"]
    assert rows.loc["llm.api_key", "Now"] == "set, not shown"
    assert "very-secret" not in texts(test) + "".join(frame.value.to_string() for frame in test.dataframe)
    test.toggle(key="settings_changed").set_value(True).run()
    changed = table(test, "Option")["Option"].tolist()
    assert {"refresh.parallel_sources", "llm.api_key"} <= {*changed} and len(changed) < 10


def test_hours_and_targets_in_force(app, sample_home):
    test = app(sample_home, PAGE)
    assert "[[calendars]]" in "".join(code.value for code in test.code)
    words = "".join(frame.value.to_string() for frame in test.dataframe)
    assert "first_reply" in words and "Europe/London" in words


def test_every_number_with_its_definition(app, sample_home):
    test = app(sample_home, PAGE)
    rows = table(test, "Definition")
    assert {*rows["Name"]} == {*METRICS.names()}
    assert rows["Definition"].str.len().min() > 10
    test.text_input(key="metric_q").set_value("first contact").run()
    assert table(test, "Definition")["Name"].tolist() == ["fcr_rate"]


def test_what_sources_can_tell(app, sample_home):
    rows = table(app(sample_home, PAGE), "sample")
    states = rows.set_index("Metric")["sample"]
    assert states["Conversations created"].startswith("✅ exact")
    assert states["Net promoter score (NPS)"].startswith("🚫 not available: ")


def test_the_steps_to_own_data_are_looked_up(app, sample_home):
    test = app(sample_home)
    assert "Connect a source, or load a file" in texts(test)
    assert any("1 of 5 steps" in box.label for box in test.expander)


def test_when_sources_are_read(app, sample_home):
    rows = table(app(sample_home, PAGE), "Next run").set_index("Source")
    assert rows.loc["sample", "Read"] == "every 15m, like all" and rows.loc["sample", "Paused"] == "no"
    assert (rows.loc["sample", "Next run"] - rows.loc["sample", "Last run"]).total_seconds() == 15 * 60
    assert "Set times are in Europe/London" in texts(app(sample_home, PAGE))


def test_a_reading_that_was_cut_off_is_shown_when_the_timer_takes_it_up_again(app, sample_home, tmp_path):
    home = copy_of(sample_home, tmp_path / "copy")
    RunLog(home).start("cut-off", "sample")
    RunLog(home).finish("cut-off", "sample", "interrupted")
    rows = table(app(home, PAGE), "Next run").set_index("Source")
    assert (rows.loc["sample", "Next run"] - rows.loc["sample", "Last run"]).total_seconds() == 5 * 60


def test_who_may_do_what(app, sample_home):
    test = app(sample_home, PAGE)
    assert "Nobody signs in" in texts(test)
    roles = table(test, "Names of agents").set_index("Role")
    assert roles.loc["analyst", ["Export", "Correct", "Share", "Refresh"]].tolist() == [
        "yes",
        "yes",
        "yes",
        "–",
    ]
    assert (roles.loc["admin"] == "yes").all() and (roles.loc["viewer"] == "–").all()


def test_the_rows_of_access_are_told(app, sample_home, monkeypatch):
    from core.access import Access
    from ui.access_view import _row

    told = _row(
        Access(
            who=("*@example.com",),
            groups=("support",),
            role="analyst",
            teams=("Billing",),
            may_not=("export",),
        )
    )
    assert (told["Who"], told["Teams"], told["Sources"]) == ("*@example.com, group support", "Billing", "all")
    assert told["May not"] == "Export"


def test_hours_are_changed_saved_and_taken_back(app, sample_home, tmp_path, monkeypatch):
    home = copy_of(sample_home, tmp_path / "own")
    assert not [button for button in app(home, PAGE).button if button.key == "goals_withdraw"]
    real = goals_editor._sheet

    def edited(rows, columns, options, *, key):
        shown = real(rows, columns, options, key=key)
        return [row | {"Holidays": "FR"} for row in shown] if key == "goals_calendars" else shown[1:]

    monkeypatch.setattr(goals_editor, "_sheet", edited)
    test = app(home, PAGE)
    told = table(test, "Then").set_index("What")
    assert told.loc["First reply (priority urgent)", "Then"] == "–" and len(told) == 3
    test.button(key="goals_save").click().run()
    monkeypatch.setattr(goals_editor, "_sheet", real)
    saved = effective_settings(home, load_settings(home))
    assert {one.holidays for one in saved.calendars} == {"FR"} and len(saved.sla) == 7
    entry = Workspace(home).audit_log(1, action="changed")[0]
    assert entry.detail["what"] == "hours and targets"
    assert "First reply (priority urgent): 1h in the hours of office → nothing" in entry.detail["changes"]
    test = app(home, PAGE)
    assert "were saved here" in texts(test)
    test.button(key="goals_withdraw").click().run()
    assert len(effective_settings(home, load_settings(home)).sla) == 8


def test_what_cannot_be_saved_is_said(app, sample_home, monkeypatch):
    monkeypatch.setattr(
        goals_editor, "_sheet", lambda rows, columns, options, *, key: [{"Name": "x", "Hours": "always"}]
    )
    test = app(sample_home, PAGE)
    assert any('"always" cannot be read' in error.value for error in test.error)
    assert test.button(key="goals_save").disabled


def test_who_may_not_manage_may_not_change_hours(app, sample_home, monkeypatch):
    monkeypatch.setattr(resources, "viewer", lambda: replace(EVERYTHING, rights=frozenset({"export"})))
    test = app(sample_home, PAGE)
    assert not [button for button in test.button if button.key.startswith("goals_")]
    assert "shown to who manages" in texts(test)
