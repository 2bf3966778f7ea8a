"""The Team page: how people spread, what rests on too few, who holds how much; numbers against plain SQL."""

from datetime import date

import pytest

from analytics.compute import compute
from core import numbers
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.pages.conftest import texts
from ui import charts, team
from ui.drill import Drill

PAGE = "pages/understand/team.py"
PERIOD = "replied_local >= '2026-10-17' AND replied_local < '2026-11-16'"
REPLIES = f"FROM {{replies}} WHERE is_counted AND is_reply AND agent IS NOT NULL AND {PERIOD}"
MONTH = Period(date(2026, 10, 17), date(2026, 11, 15))
HALF_YEAR = Period(date(2026, 5, 16), date(2026, 11, 15))  # in a month nobody has five ratings
LONDON = Settings.model_validate({"workspace": {"reporting_zone": "Europe/London"}})


@pytest.fixture
def asked(sample_home, now):
    def ask(name, period=MONTH, **how):
        filters = Filters(period)
        return compute(open_reader(sample_home), name, filters, settings=LONDON, viewer=EVERYTHING, **how)

    return ask


def card(test, label):
    return next(metric for metric in test.metric if metric.label == label)


def test_the_numbers_equal_plain_sql(app, sample_home, ask_sql):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    people = ask_sql(f"SELECT count(DISTINCT agent) {REPLIES}")
    assert next(m.value for m in test.markdown if m.value.startswith("#### ")).startswith(
        f"#### {people} people replied"
    )
    assert card(test, "Replies").value == str(ask_sql(f"SELECT count(*) {REPLIES}"))
    hours = ask_sql(f"SELECT count(*) / count(DISTINCT agent_hour) {REPLIES}")
    assert card(test, "Replies per agent hour").value == f"{hours:.2f}"
    table = test.dataframe[0].value
    assert list(table["Agent"]) == sorted(table["Agent"], key=str.casefold)
    assert table["Replies"].sum() == ask_sql(f"SELECT count(*) {REPLIES}")
    assert len(test.get("plotly_chart")) == 3
    assert all(chart.proto.alt for chart in test.get("plotly_chart"))
    assert "not a leaderboard" in texts(test)


def test_another_measure_is_in_the_address(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, team_measure="CSAT")
    assert not test.exception and not test.error
    assert any(
        "Customer satisfaction (CSAT) by agent" in chart.proto.alt for chart in test.get("plotly_chart")
    )


def test_a_filter_changes_the_people(app, sample_home, ask_sql):
    team_name = ask_sql(f"SELECT team {REPLIES} AND team IS NOT NULL GROUP BY team ORDER BY count(*) LIMIT 1")
    people = ask_sql(f"SELECT count(DISTINCT agent) {REPLIES} AND team = '{team_name}'")
    test = app(sample_home, PAGE, team=team_name)
    assert not test.exception and not test.error
    headline = next(m.value for m in test.markdown if m.value.startswith("#### "))
    assert headline.startswith(f"#### {people} p")
    test.multiselect(key="team").set_value([]).run()
    assert next(m.value for m in test.markdown if m.value.startswith("#### ")) != headline


def test_nobody_replied_says_what_to_do(app, sample_home):
    test = app(sample_home, PAGE, tag="no such tag")
    assert not test.exception and not test.error
    assert "Nobody is known to have replied in this period" in texts(test)
    assert "Nobody holds an open conversation" in texts(test)


def test_a_failing_part_leaves_the_others(app, sample_home, monkeypatch):
    from core.errors import StoreError
    from ui import data

    real = data.metric

    def broken(name, *args, **kwargs):
        if name == "backlog":
            raise StoreError("the file cannot be read.", hint="Run the refresh again.")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(data, "metric", broken)
    test = app(sample_home, PAGE)
    assert not test.exception
    assert len(test.error) == 1 and "Run the refresh again." in test.error[0].value
    assert card(test, "Replies").value and len(test.dataframe[0].value)


def test_who_rests_on_few_is_shown_grey_and_not_judged(asked):
    result = asked("csat_share", HALF_YEAR, by=("agent",))
    rows = team.of_people(result)
    few = [row.group[0] for row in rows if row.small]
    assert few and len(few) < len(rows), "the sample has both"
    chart = charts.strip(result, rows, "CSAT by agent")
    mark = chart.figure.data[0]
    names = [row["Agent"] for row in chart.rows]
    hollow = {name for name, symbol in zip(names, mark.marker.symbol, strict=True) if symbol == "circle-open"}
    assert hollow == {*few}
    grey = {name for name, color in zip(names, mark.marker.color, strict=True) if color == charts.OTHER}
    assert grey == {*few}
    assert all("too few to judge" in mark.text[names.index(name)] for name in few)
    assert {row["Value"] for row in chart.rows if row["Agent"] in few} == {"–"}
    assert f"{len(few)} with fewer than 5 conversations not judged" in chart.words


def test_every_mark_is_a_person_and_leads_to_their_conversations(asked):
    result = asked("first_reply_median", by=("agent",))
    chart = charts.strip(result, team.of_people(result), "First reply by agent")
    mark = chart.figure.data[0]
    assert list(mark.customdata) == list(range(len(chart.rows)))
    assert chart.drills[0] == Drill((("agent", (chart.rows[0]["Agent"],)),), None, "first_reply_median")
    assert len({(x, y) for x, y in zip(mark.x, mark.y, strict=True)}) == len(chart.rows), (
        "no mark hides another"
    )
    assert list(mark.x) == sorted(mark.x)
    full = {row.group[0]: row.value for row in result.groups}
    for row, told in zip(chart.rows, chart.exact, strict=True):
        assert full[row["Agent"]] in told.values() or row["Judged"] == "too few", (
            "the file has the number in full"
        )
    line = next(shape for shape in chart.figure.layout.shapes if shape.type == "line")
    assert 10**line.x0 == pytest.approx(result.total.value), "durations stand by their logarithm"


def test_the_matrix_leaves_out_what_rests_on_few_and_says_so(asked):
    results = {title: asked(name, HALF_YEAR, by=("agent",)) for title, name in team.COLUMNS.items()}
    rows, drills = team.table(asked("replies", HALF_YEAR, by=("agent",)), results)
    assert len(rows) == len(drills) > 3
    rated = {row.group[0]: row for row in results["CSAT"].groups}
    said = 0
    for row, drill in zip(rows, drills, strict=True):
        assert drill.where == (("agent", (row["Agent"],)),)
        found = rated.get(row["Agent"])
        if found is None:
            assert row["CSAT"] is None
        elif found.n < 5:
            assert row["CSAT"] is None and row["CSAT, 95 %"] == ""
            assert f"CSAT (n = {found.n})" in row["Too few to judge"]
            said += 1
        else:
            assert row["CSAT"] == pytest.approx(100 * found.value) and "-" in row["CSAT, 95 %"]
    assert said


def test_the_load_has_its_average_and_every_head_a_drill(asked):
    year = Period(date(2025, 11, 16), date(2026, 11, 15))
    held, average = asked("backlog", year, by=("agent",)), asked("open_per_agent", year)
    rows = team.of_people(held)
    chart = charts.lollipop(held, rows, average, "Open by agent")
    heads = chart.figure.data[1]
    assert list(heads.x) == [row.value for row in rows]
    assert chart.figure.layout.shapes[0].x0 == pytest.approx(sum(heads.x) / len(rows))
    assert [drill.where for drill in chart.drills] == [(("agent", (row.group[0],)),) for row in rows]


def test_the_matrix_can_be_exported_with_its_durations_in_full(app, sample_home, monkeypatch):
    from ui import export

    made = {}
    monkeypatch.setattr(export, "menu", lambda chart, *, key: made.update({key: chart}))
    test = app(sample_home, PAGE)
    assert not test.exception
    shown, rows = test.dataframe[0].value, export.rows(made["team_matrix_table"])
    assert [row["Agent"] for row in rows] == list(shown["Agent"])
    full = [(row["First reply"], row["First reply (seconds)"]) for row in rows if row["First reply"]]
    assert full and all(told == numbers.duration(seconds) for told, seconds in full)
    assert {result.name for result in made["team_matrix_table"].results} >= {"replies", "csat_share"}
