"""Explore: what is picked is what SQL says, every cell leads on, and the address holds all of it."""

import pytest

from core.errors import StoreError
from tests.pages.conftest import texts

PAGE = "pages/understand/explore.py"
P90 = "First reply time, 90th percentile"
AUTUMN = "created_local >= '2026-08-18' AND created_local < '2026-11-16'"


def table(test):
    return test.dataframe[0].value


def press(test, label):
    return next(button for button in test.button if button.label == label).click().run()


def test_a_percentile_by_team_and_channel_per_week(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, metrics=P90, rows=["Team", "Channel"], step="Week", period="90d")
    assert not test.exception and not test.error
    shown = table(test)
    assert (
        list(shown.columns[:4]) == ["Team", "Channel", "Total", "17 Aug (part)"] and "9 Nov" in shown.columns
    )
    where = (
        "is_counted AND first_reply_s IS NOT NULL AND first_reply_local >= '2026-08-18' "
        "AND first_reply_local < '2026-11-16'"
    )
    value = "SELECT quantile_cont(first_reply_s, 0.9) FROM {conversation_facts} WHERE " + where
    total = shown[shown["Team"] == "Total"].iloc[0]
    assert total["Total"] == pytest.approx(ask_sql(value))
    for _, row in shown[shown["Team"] != "Total"].head(6).iterrows():
        group = f" AND first_reply_team = '{row['Team']}' AND channel = '{row['Channel']}'"
        assert row["Total"] == pytest.approx(ask_sql(value + group))
    week = " AND date_trunc('week', first_reply_local) = '2026-11-02'"
    assert total["2 Nov"] == pytest.approx(ask_sql(value + week))
    assert f"{P90} by team and channel per week" in texts(test)
    assert "is no sum" in texts(test)


def test_counts_by_team_and_channel_add_up(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, columns="Channel", period="90d")
    shown = table(test).set_index("Team")
    sql = "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND " + AUTUMN
    assert shown.loc["Total", "Total"] == ask_sql(sql)
    assert shown.loc["Billing", "chat"] == ask_sql(f"{sql} AND created_team = 'Billing' AND channel = 'chat'")
    parts = shown.drop(index="Total")
    assert parts["Total"].sum() == shown.loc["Total", "Total"]
    assert (parts.drop(columns="Total").sum(axis=1) == parts["Total"]).all()
    shares = table(app(sample_home, PAGE, columns="Channel", period="90d", values="Share of total"))
    assert shares.set_index("Team").loc["Total", "Total"] == 1


def test_conditions_joined_by_or_are_chosen_and_in_the_address(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, period="90d")
    everything = table(test)["Conversations created"].iloc[-1]
    test.selectbox(key="any_dimension").set_value("team").run()
    test.multiselect(key="any_values").set_value(["Billing"]).run()
    press(test, "Add")
    test.selectbox(key="any_dimension").set_value("priority").run()
    test.segmented_control(key="any_is").set_value("is not").run()
    test.multiselect(key="any_values").set_value(["low"]).run()
    test.selectbox(key="any_place").set_value(1).run()
    press(test, "Add")
    assert test.session_state["any"] == "team:Billing;priority!:low"
    test.selectbox(key="any_dimension").set_value("channel").run()
    test.segmented_control(key="any_is").set_value("is").run()
    test.multiselect(key="any_values").set_value(["chat"]).run()
    test.selectbox(key="any_place").set_value(0).run()
    press(test, "Add")
    assert not test.exception and not test.error
    assert test.session_state["any"] == "team:Billing;priority!:low|channel:chat"
    found = ask_sql(
        f"SELECT count(*) FROM {{conversation_facts}} WHERE is_counted AND {AUTUMN} AND (created_team = 'Billing' "
        "AND created_priority IS DISTINCT FROM 'low' OR channel = 'chat')"
    )
    assert table(test)["Conversations created"].iloc[-1] == found < everything
    labels = [button.label for button in test.button]
    assert "team is Billing and priority is not low" in labels and "or channel is chat" in labels
    press(test, "team is Billing and priority is not low")
    assert test.session_state["any"] == "channel:chat"
    press(test, "Reset")
    assert test.session_state["any"] == ""
    assert table(test)["Conversations created"].iloc[-1] == ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND created_local >= '2026-10-17' "
        "AND created_local < '2026-11-16'"
    )


def test_conditions_hold_on_every_page_and_say_so(app, sample_home, ask_sql):
    chat = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND channel = 'chat' "
        "AND created_local >= '2026-10-17' AND created_local < '2026-11-16'"
    )
    test = app(sample_home, any="channel:chat")
    assert next(one for one in test.metric if one.label == "New").value == str(chat)
    assert "channel is chat" in texts(test)
    assert any(button.label == "channel is chat" for button in test.button)


def test_conditions_that_empty_the_page_can_be_taken_away(app, sample_home):
    test = app(sample_home, PAGE, any="channel:no such channel")
    assert "No conversation was created here" in texts(test) and not test.exception
    button = next(one for one in test.button if one.label.startswith("Without and / or: "))
    test = button.click().run()
    assert test.session_state["any"] == "" and table(test)["Conversations created"].iloc[-1] > 0


@pytest.mark.parametrize("text", ["team", "a\\", "x" * 5000, "|;|", "team:a\x01"])
def test_conditions_that_cannot_be_read_show_no_numbers(app, sample_home, text):
    test = app(sample_home, PAGE, any=text)
    assert not test.exception and "The conditions cannot be read" in test.error[0].value
    assert not test.dataframe and not test.metric
    test = press(test, "Take the conditions away")
    assert not test.error and len(test.dataframe) == 1


@pytest.mark.parametrize("show", ["Bars", "Lines"])
def test_charts_have_words_marks_and_a_table(app, sample_home, show):
    test = app(
        sample_home, PAGE, metrics=["Conversations created", P90], show=show, rows="Channel", period="90d"
    )
    assert not test.exception and not test.error
    charts = test.get("plotly_chart")
    assert len(charts) == 2 and all(chart.proto.alt for chart in charts)
    test.toggle(key="explore_volume_table").set_value(True).run()
    rows = table(test)
    assert {"Name", "Series", "Value", "n"} <= {*rows.columns} and len(rows) > 4


def test_what_is_picked_can_make_no_sense(app, sample_home):
    test = app(sample_home, PAGE, rows="Policy")
    assert not test.exception and not test.dataframe
    assert "only targets have" in texts(test)
    test = app(sample_home, PAGE, metrics="nix", rows=["<b>", "x"], columns="y", step="z", show="w", top="7")
    assert not test.exception and not test.error and len(test.dataframe) == 1
    test.multiselect(key="metrics").set_value([]).run()
    assert "Choose at least one metric" in texts(test) and not test.dataframe


def test_rows_beyond_those_shown_are_added_up(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, rows="Product", top="10", period="all")
    assert not test.exception
    test = app(sample_home, PAGE, rows="Customer", top="10", period="90d")
    shown = table(test)
    assert len(shown) == 12 and shown["Customer"].iloc[10].startswith("Others (")
    everything = ask_sql("SELECT count(*) FROM {conversation_facts} WHERE is_counted AND " + AUTUMN)
    assert (
        shown["Conversations created"].iloc[:11].sum()
        == shown["Conversations created"].iloc[11]
        == everything
    )


def test_a_failing_store_is_said_in_its_place(app, sample_home, monkeypatch):
    from ui import data_explore

    def broken(*_):
        raise StoreError("the warehouse cannot be opened.", hint="Run `python -m jobs doctor`.")

    monkeypatch.setattr(data_explore, "table", broken)
    test = app(sample_home, PAGE)
    assert not test.exception and "The warehouse cannot be opened." in test.error[0].value
    assert test.multiselect(key="metrics").value == ["Conversations created"], "the pickers are still there"


def test_totals_are_those_of_the_command(app, sample_home, capsys):
    import json

    from jobs.cli import main

    line = "team:Billing;priority!:low|channel:chat"
    test = app(
        sample_home,
        PAGE,
        metrics=[P90, "Conversations created"],
        rows="Team",
        step="Week",
        period="90d",
        any=line,
    )
    last = table(test).iloc[-1]
    for name, title in (("first_reply_p90", P90), ("volume", "Conversations created")):
        code = main([
            "metric", name, "--home", str(sample_home.root), "--quiet", "--json", "--from", "2026-08-18", "--to",
            "2026-11-15", "--any", line, "--grain", "week",
        ])  # fmt: skip
        told = json.loads(capsys.readouterr().out)
        assert code == 0 and last[f"Total · {title}"] == pytest.approx(told["total"]["value"])
        week = next(row for row in told["rows"] if row["bucket"] == "2026-11-02")
        assert last[f"2 Nov · {title}"] == pytest.approx(week["value"])
