"""The buttons that split a card: titles on the page, names in the address."""

from tests.pages.conftest import texts

FLOW = "pages/understand/flow.py"


def test_a_button_shows_a_title_and_writes_a_name(app, sample_home):
    test = app(sample_home, FLOW, period="90d")
    by = test.button_group(key="flow_parts_by")
    assert [option.content for option in by.proto.options][:2] == ["Team", "Priority"]
    assert by.value == "team" and "flow_parts_by" not in test.query_params
    by.set_value("priority").run()
    assert test.query_params["flow_parts_by"] == "priority"
    assert any("What is open by Priority" in chart.proto.alt for chart in test.get("plotly_chart"))
    test.button_group(key="flow_parts_by").set_value("team").run()
    assert "flow_parts_by" not in test.query_params
    assert not test.exception


def test_the_address_decides_and_nonsense_is_taken_out_of_it(app, sample_home):
    test = app(sample_home, FLOW, period="90d", flow_parts_by="agent", flow_wait_by="moon")
    assert test.button_group(key="flow_parts_by").value == "agent"
    assert test.button_group(key="flow_wait_by").value == "team"
    assert test.query_params["flow_parts_by"] == "agent" and "flow_wait_by" not in test.query_params
    assert not test.exception and "Nothing" not in texts(test)
