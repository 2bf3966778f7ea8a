"""What is set is shown with its meaning; a secret only as set; every number with its definition."""

from analytics.catalogue import METRICS
from tests.pages.conftest import texts

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
