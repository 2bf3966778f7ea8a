"""The frame around pages: what is filtered, what an empty result says, how a number is opened."""

from tests.pages.conftest import texts


def card(test, label):
    return next(metric for metric in test.metric if metric.label == label)


def press(test, label):
    return next(button for button in test.button if button.label == label).click().run()


def test_an_empty_result_names_the_filter_and_offers_the_fix(app, sample_home, ask_sql):
    test = app(sample_home, channel="chat", topic="no such topic")
    assert not test.exception
    assert "No conversation was created here" in texts(test)
    chat = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND channel = 'chat' "
        "AND created_local >= '2026-10-17' AND created_local < '2026-11-16'"
    )
    test = press(test, f"Without topic: {chat}")
    assert card(test, "New").value == str(chat)
    assert "No conversation was created here" not in texts(test)


def test_an_empty_period_offers_all_days(app, sample_home, ask_sql):
    test = app(sample_home, period="custom", dates=["2026-05-02", "2026-05-02"], channel="voice")
    everything = ask_sql("SELECT count(*) FROM {conversation_facts} WHERE is_counted AND channel = 'voice'")
    if "No conversation was created here" in texts(test):
        test = press(test, f"All days: {everything}")
        assert test.session_state["period"] == "all"
    assert card(test, "New").value != "0"


def test_a_custom_period_is_a_chip(app, sample_home):
    test = app(sample_home, period="custom", dates=["2026-11-02", "2026-11-08"])
    test = press(test, "Period: 2 Nov to 8 Nov")
    assert test.session_state["period"] == "30d"


def test_a_quarter_begins_with_its_first_month(app, sample_home):
    test = app(sample_home, period="quarter")
    assert "1 Oct 2026 to 15 Nov 2026" in texts(test)


def test_today_has_nothing_yet_and_says_so(app, sample_home):
    test = app(sample_home, period="today")
    assert not test.exception
    assert "16 Nov 2026 to 16 Nov 2026" in texts(test)
    assert "No conversation was created here" in texts(test)


def test_hours_of_business_change_durations(app, sample_home):
    calendar = card(app(sample_home), "First reply, median").value
    test = app(sample_home, hours="business")
    assert not test.exception
    assert "business hours" in texts(test)
    assert card(test, "First reply, median").value != calendar


def test_kinds_that_are_left_out_can_be_counted(app, sample_home, ask_sql):
    spam = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE (is_counted OR excluded_because = 'spam') "
        "AND created_local >= '2026-10-17' AND created_local < '2026-11-16'"
    )
    test = app(sample_home, include="spam")
    assert card(test, "New").value == str(spam)
    assert press(test, "Also counted: spam").session_state["include"] == []


def test_every_card_opens_its_number(app, sample_home, ask_sql):
    test = app(sample_home)
    new = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted "
        "AND created_local >= '2026-10-17' AND created_local < '2026-11-16'"
    )
    test.button(key="audit_volume").click().run()
    assert not test.exception
    words = texts(test)
    assert f"#### Conversations created: {new}" in words
    assert f"n {new} conversations" in words
    assert any("SELECT" in code.value for code in test.code)
    for name in ("backlog", "sla_compliance", "csat_share", "experience_score"):
        test.button(key=f"audit_{name}").click().run()
        assert not test.exception and not test.error, name
        assert "Conversations it was computed from" in texts(test)


def test_a_table_lies_under_a_chart(app, sample_home):
    test = app(sample_home)
    before = len(test.dataframe)
    test.toggle(key="overview_flow_table").set_value(True).run()
    assert len(test.dataframe) == before + 1
    assert "Choose a number to open its conversations." in texts(test)


def test_the_link_to_share_holds_the_filters(app, sample_home):
    test = app(sample_home, channel="chat")
    assert any("channel=chat" in code.value for code in test.code)
