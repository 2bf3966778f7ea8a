from tests.pages.conftest import texts

PAGE = "pages/ask/conversations.py"


def test_the_list_has_as_many_as_the_number_says(app, sample_home, ask_sql):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    new = ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted "
        "AND created_local >= '2026-10-17' AND created_local < '2026-11-16'"
    )
    assert f"**{new}** conversations" in texts(test)
    table = test.dataframe[0].value
    assert list(table["Created"]) == sorted(table["Created"], reverse=True)


def test_what_is_not_counted_is_shown_on_request(app, sample_home, ask_sql):
    test = app(sample_home, PAGE, period="all", uncounted="true")
    everything = ask_sql("SELECT count(*) FROM {conversation_facts} WHERE created_local < '2026-11-16'")
    assert f"**{everything:,}** conversations" in texts(test)


def test_search_finds_words_of_a_message(app, sample_home, ask_sql):
    word = "refund"
    test = app(sample_home, PAGE, period="all", q=word)
    found = ask_sql(
        "SELECT count(*) FROM {conversation_facts} f WHERE is_counted AND created_local < '2026-11-16' AND ("
        f"subject ILIKE '%{word}%' OR requester ILIKE '%{word}%' OR conversation_id ILIKE '%{word}%' OR EXISTS ("
        "SELECT 1 FROM {messages} m WHERE m.source_id = f.source_id AND m.conversation_id = f.conversation_id "
        f"AND m.body_text ILIKE '%{word}%'))"
    )
    assert found > 0
    assert f"**{found:,}** conversations" in texts(test)


def test_no_match_says_what_to_do(app, sample_home):
    test = app(sample_home, PAGE, q="xyzzy-nothing-like-this")
    assert "No conversation matches" in texts(test)


def test_a_link_opens_one_thread_with_its_facts(app, sample_home, ask_sql):
    native = ask_sql(
        "SELECT conversation_id FROM {messages} WHERE kind = 'note' OR NOT is_public "
        "ORDER BY conversation_id LIMIT 1"
    )
    test = app(sample_home, PAGE, conversation=f"sample/{native}")
    assert not test.exception and not test.error
    messages = ask_sql(f"SELECT count(*) FROM {{messages}} WHERE conversation_id = '{native}'")
    assert len(test.chat_message) == messages
    first = ask_sql(
        f"SELECT body_text FROM {{messages}} WHERE conversation_id = '{native}' ORDER BY seq LIMIT 1"
    )
    assert test.chat_message[0].text[0].value == first
    assert "private note" in texts(test)
    assert "Computed facts" in texts(test)


def test_words_of_customers_are_not_obeyed():
    from ui import evidence

    shown = evidence.plain("**bold** [x](javascript:alert(1)) <b> me@example.org https://example.org")
    assert "\\*\\*bold" in shown and "\\[x\\]" in shown and "\\<b\\>" in shown
    assert "me@example" not in shown and "://" not in shown.replace("\\", "")


def test_an_unknown_conversation_is_said_to_be_unknown(app, sample_home):
    test = app(sample_home, PAGE, conversation="sample/nobody")
    assert not test.exception
    assert "There is no conversation" in texts(test)
