"""From a chart of any page on to Explore, with what the chart shows."""

import pytest

from ui import navigation

SPEED = "pages/understand/speed.py"


@pytest.fixture
def went(monkeypatch):
    """Where buttons lead: a test cannot switch pages from a callback."""
    found = []
    monkeypatch.setattr(navigation, "go", lambda page, **parameters: found.append((page, parameters)))
    return found


def test_a_chart_leads_on_to_explore_with_its_metrics_and_steps(app, sample_home, went):
    test = app(sample_home, SPEED, period="90d", grain="week")
    test.button(key="speed_course_explore").click().run()
    assert not test.exception and not test.error
    metrics = ["First reply time, median", "First reply time, 90th percentile"]
    assert went == [(navigation.EXPLORE, {"metrics": metrics, "rows": ["Team"], "step": "Week"})]
    there = app(sample_home, navigation.EXPLORE, **went[0][1])
    assert there.multiselect(key="metrics").value == metrics and there.selectbox(key="step").value == "Week"
    assert not [button for button in there.button if str(button.key).endswith("_explore")]


def test_a_split_is_taken_along_too(app, sample_home, went):
    test = app(sample_home, SPEED, period="90d", sla_where_by="channel")
    test.button(key="sla_where_explore").click().run()
    assert went[0][1] == {"metrics": ["SLA breaches"], "rows": ["Channel"], "step": "Whole period"}
