from tests.pages.conftest import texts

PERIOD = "created_local >= '2026-10-17' AND created_local < '2026-11-16'"


def card(test, label):
    return next(metric for metric in test.metric if metric.label == label)


def test_the_cards_equal_plain_sql(app, sample_home, ask_sql):
    test = app(sample_home)
    assert not test.exception and not test.error
    new = ask_sql(f"SELECT count(*) FROM {{conversation_facts}} WHERE is_counted AND {PERIOD}")
    assert card(test, "New").value == str(new)
    before = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted "
        "AND created_local >= '2026-09-17' AND created_local < '2026-10-17'"
    )
    assert card(test, "New").delta == f"{round(100 * (new / before - 1)):+d} %"
    negative = ask_sql(
        "SELECT round(100 * avg(CASE WHEN sentiment = 'negative' THEN 1 ELSE 0 END)) FROM {conversation_facts} "
        f"WHERE is_counted AND sentiment IS NOT NULL AND {PERIOD}"
    )
    assert card(test, "Negative mood").value == f"{negative:.0f} %"
    backlog = ask_sql(
        "SELECT count(*) FROM {open_spans} JOIN {conversation_facts} USING (source_id, conversation_id) "
        "WHERE conversation_facts.is_counted AND opened_local < '2026-11-16' "
        "AND (closed_local IS NULL OR closed_local >= '2026-11-16')"
    )
    assert card(test, "Backlog").value == str(backlog)


def test_the_card_of_the_targets_equals_plain_sql(app, sample_home, ask_sql):
    met = ask_sql(
        "SELECT round(100 * avg((t.breached_at IS NULL AND t.ended_at IS NOT NULL)::INTEGER)) "
        "FROM {sla_instances} t JOIN {conversation_facts} f USING (source_id, conversation_id) "
        "WHERE f.is_counted AND t.cancelled_because IS NULL "
        "AND coalesce(t.due_local, t.breached_local, t.ended_local) >= '2026-10-17' "
        "AND coalesce(t.due_local, t.breached_local, t.ended_local) < '2026-11-16'"
    )
    assert 0 < met < 100
    assert card(app(sample_home), "SLA targets met").value == f"{met:.0f} %"


def test_a_card_says_how_often_its_target_was_reached(app, sample_home, ask_sql, monkeypatch, own_memory):
    monkeypatch.setenv("SUPPORTLENS_TARGETS", '[{"metric": "solved", "value": 8}]')
    reached = ask_sql(
        "SELECT count(*) FROM (SELECT last_solved_local::DATE AS day FROM {conversation_facts} "
        "WHERE is_counted AND is_solved AND last_solved_local >= '2026-10-17' AND last_solved_local < '2026-11-16' "
        "GROUP BY ALL HAVING count(*) >= 8)"
    )
    test = app(sample_home)
    assert not test.exception and not test.error
    told = [caption.value for caption in test.caption if "Target" in caption.value]
    share = f"{100 * reached / 30:.0f} %"
    assert told == [f":material/flag: Target 8: reached in {reached} of 30 days ({share})"]
    assert "Target" not in texts(app(sample_home, channel="chat")), "the target is for the total"


def test_without_targets_no_card_speaks_of_one(app, sample_home):
    assert "Target" not in texts(app(sample_home))


def test_the_first_sentence_names_the_volume(app, sample_home, ask_sql):
    test = app(sample_home)
    new = ask_sql(f"SELECT count(*) FROM {{conversation_facts}} WHERE is_counted AND {PERIOD}")
    headline = next(m.value for m in test.markdown if m.value.startswith("#### "))
    assert f"{new} conversations" in headline


def test_a_filter_in_the_address_changes_every_card(app, sample_home, ask_sql):
    test = app(sample_home, channel="chat", period="90d")
    chat = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND channel = 'chat' "
        "AND created_local >= '2026-08-18' AND created_local < '2026-11-16'"
    )
    assert card(test, "New").value == str(chat)
    assert any(button.label == "Channel: chat" for button in test.button)


def test_a_filter_can_be_chosen_and_taken_away(app, sample_home):
    test = app(sample_home)
    everything = card(test, "New").value
    test.multiselect(key="channel").set_value(["email"]).run()
    assert card(test, "New").value != everything
    next(button for button in test.button if button.label == "Channel: email").click().run()
    assert card(test, "New").value == everything


def test_reset_goes_back_to_the_defaults(app, sample_home):
    test = app(sample_home, period="7d", channel="chat")
    next(button for button in test.button if button.label == "Reset").click().run()
    assert test.multiselect(key="channel").value == []
    assert test.session_state["period"] == "30d"


def test_without_comparison_nothing_is_compared(app, sample_home):
    test = app(sample_home, compare="none")
    assert not test.exception and not test.error
    assert all(not metric.delta for metric in test.metric)
    assert "Choose a period to compare with" in texts(test)


def test_an_open_day_is_said_to_be_open(app, sample_home):
    test = app(sample_home, period="custom", dates=["2026-11-10", "2026-11-16"])
    assert not test.exception
    assert "not over" in texts(test)


def test_every_chart_has_words(app, sample_home):
    test = app(sample_home)
    charts = test.get("plotly_chart")
    assert len(charts) == 3
    assert all(chart.proto.alt for chart in charts)


def test_nothing_published_says_what_to_do(app, home):
    test = app(home)
    assert not test.exception
    assert "Nothing has been loaded yet" in texts(test)
    assert any(button.label == "Refresh now" for button in test.button)


def test_a_failing_card_leaves_the_page_alive(app, sample_home, monkeypatch):
    from core.errors import StoreError
    from ui import data

    real = data.metric

    def broken(name, *args, **kwargs):
        if name == "reopen_rate":
            raise StoreError("the file cannot be read.", hint="Run the refresh again.")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(data, "metric", broken)
    test = app(sample_home)
    assert not test.exception
    assert len(test.error) == 1 and "Run the refresh again." in test.error[0].value
    assert card(test, "New").value


def test_a_failing_store_is_one_sentence(app, sample_home, monkeypatch):
    from core.errors import StoreError
    from ui import data

    def broken(*args, **kwargs):
        raise StoreError("the warehouse cannot be opened.", hint="Run `python -m jobs doctor`.")

    monkeypatch.setattr(data, "metric", broken)
    test = app(sample_home)
    assert not test.exception
    assert "The warehouse cannot be opened." in texts(test)
