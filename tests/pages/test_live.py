"""The Live page and the strip on the Overview: numbers, lists, filters, pause, failure."""

from tests.pages.conftest import texts

PAGE = "pages/watch/live.py"
OPEN = "FROM {conversation_facts} WHERE is_counted AND NOT is_solved"
NOW, SOON = "TIMESTAMPTZ '2026-11-16 09:00:00+00'", "TIMESTAMPTZ '2026-11-16 10:00:00+00'"
COUNTS = {
    "Waiting for us": "count(waiting_since_at)",
    "Unassigned": "count(*) FILTER (agent IS NULL)",
    "Breaching in 1 h": f"count(*) FILTER (open_due_at >= {NOW} AND open_due_at < {SOON})",
    "Breached": f"count(*) FILTER (missed_targets > 0 OR open_due_at < {NOW})",
    "Open": "count(*)",
}


def card(test, label):
    return next(metric for metric in test.metric if metric.label == label)


def test_the_numbers_equal_plain_sql(app, sample_home, ask_sql):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    for label, sql in COUNTS.items():
        assert card(test, label).value == str(ask_sql(f"SELECT {sql} {OPEN}")), label
    assert int(card(test, "Open").value) > 0
    assert "Ages as of 09:00:00 · data to 16 Nov 00:00" in texts(test)


def test_every_number_opens_its_list(app, sample_home):
    test = app(sample_home, PAGE)
    for label, kind in {"Waiting for us": "waiting", "Breached": "breached", "Open": "open"}.items():
        n = int(card(test, label).value)
        test.button(key=f"live_{kind}").click().run()
        assert not test.exception and not test.error
        assert test.session_state["live_list"] == label
        assert len(test.dataframe[0].value) == n
        assert "Why" in test.dataframe[0].value.columns


def test_a_list_in_the_address_is_shown(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, live_list="Open")
    assert len(test.dataframe[0].value) == ask_sql(f"SELECT count(*) {OPEN}")


def test_what_is_at_risk_says_why(app, sample_home):
    test = app(sample_home, PAGE)
    rows = test.dataframe[0].value
    assert len(rows) == int(card(test, "At risk").value) > 0
    assert all(any(word in why for word in ("unhappy", "contact", "target")) for why in rows["Why"])
    assert "Unhappy: moods by lexicon, uncorrected." in texts(test)


def test_a_filter_changes_the_numbers_and_the_period_does_not(app, sample_home, ask_sql):
    email = ask_sql(f"SELECT count(*) {OPEN} AND channel = 'email'")
    test = app(sample_home, PAGE, channel="email", period="7d")
    assert card(test, "Open").value == str(email)
    assert "only channel email" in texts(test)
    test.multiselect(key="channel").set_value([]).run()
    assert card(test, "Open").value == str(ask_sql(f"SELECT count(*) {OPEN}"))


def test_nothing_open_is_good_news(app, sample_home):
    test = app(sample_home, PAGE, tag="no such tag")
    assert not test.exception
    assert "Nothing is open under these filters" in texts(test)
    assert not test.metric


def test_a_failure_is_said_in_its_place(app, sample_home, monkeypatch):
    from core.errors import StoreError
    from ui import data_live

    def broken(*args, **kwargs):
        raise StoreError("the file cannot be read.", hint="Run the refresh again.")

    monkeypatch.setattr(data_live, "strip", broken)
    for page in (PAGE, ""):
        test = app(sample_home, page)
        assert not test.exception
        assert len(test.error) == 1 and "Run the refresh again." in test.error[0].value
    assert card(test, "New").value, "the rest of the Overview is alive"


def test_a_failing_list_leaves_the_numbers(app, sample_home, monkeypatch):
    from core.errors import StoreError
    from ui import data_live

    def broken(*args, **kwargs):
        raise StoreError("the file cannot be read.")

    monkeypatch.setattr(data_live, "listed", broken)
    test = app(sample_home, PAGE)
    assert not test.exception and len(test.error) == 1
    assert card(test, "Open").value


def test_it_is_read_again_as_often_as_chosen_and_not_when_paused(app, sample_home, monkeypatch):
    import streamlit as st

    asked = []
    real = st.fragment
    monkeypatch.setattr(st, "fragment", lambda body, run_every=None: asked.append(run_every) or real(body))
    app(sample_home, PAGE)
    app(sample_home, PAGE, live_every="10 s")
    test = app(sample_home, PAGE, live_every="10 s", live_paused="true")
    assert asked == [60, 10, None]
    test.toggle(key="live_paused").set_value(False).run()
    assert asked[-1] == 10


def test_the_overview_has_the_numbers_in_a_line(app, sample_home, ask_sql):
    test = app(sample_home)
    n = ask_sql(f"SELECT count(*) {OPEN}")
    assert test.button(key="live_open").label == f"**{n}** open"
    assert test.button(key="live_waiting").label.endswith("waiting for us")


def test_who_holds_what_leads_to_conversations_of_all_days(now, sample_home, ask_sql, monkeypatch):
    from datetime import date

    from analytics.live import Load, Strip
    from core.filters import Period
    from ui import live

    monkeypatch.setenv("SUPPORTLENS_HOME", str(sample_home.root))
    found = Strip(now, 5, 1, 2, 60.0, 0, 0, 0, (Load("Anna", 3, 2), Load("", 1, 0), Load("Ben", 1, 0)))
    chart = live.load(found)
    assert [drill.where for drill in chart.drills] == [
        (("agent", (name,)), ("status", live.OPEN)) for name in ("Anna", "Ben")
    ]
    first = ask_sql("SELECT min(created_local)::DATE FROM {conversation_facts} WHERE is_counted")
    assert {drill.period for drill in chart.drills} == {Period(first, date(2026, 11, 16))}
    assert [list(trace.x) for trace in chart.figure.data] == [[2, 0], [1, 1]]
    assert "Anna 3 (2 waiting)" in chart.words
