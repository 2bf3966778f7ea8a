"""One conversation: its thread with its facts, words of others, and what is masked."""

from __future__ import annotations

import re

import pytest

from tests.pages.conftest import texts
from tests.pages.conversations_page import PAGE, written


def test_a_link_opens_one_thread_with_its_facts(app, sample_home, ask_sql):
    native = ask_sql(
        "SELECT conversation_id FROM {messages} WHERE kind = 'note' OR NOT is_public ORDER BY conversation_id LIMIT 1"
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
    for part in (
        "Who held it, and in which status",
        "Times",
        "Ratings",
        "Counts",
        "Mood and topic",
        "Similar conversations",
    ):
        assert f"**{part}**" in texts(test)
    assert test.get("plotly_chart")
    assert any(button.key and button.key.startswith("near_") for button in test.button)


def test_every_duration_names_its_two_events(app, sample_home, ask_sql):
    native = ask_sql(
        "SELECT conversation_id FROM {conversation_facts} WHERE reopens > 0 AND reopened_reply_s IS NOT NULL "
        "AND first_reply_business_s IS NOT NULL ORDER BY conversation_id LIMIT 1"
    )
    said = texts(app(sample_home, PAGE, conversation=f"sample/{native}"))
    for title in ("First reply", "First resolution", "Until it was reopened", "Reply after the reopen"):
        line = said.split(f"{title}: **")[1].split("]]")[0]
        assert re.search(r"from .+, \d+ \w+ 20\d\d, \d\d:\d\d to .+, \d+ \w+ 20\d\d, \d\d:\d\d", line), line
    assert "in business hours" in said


def test_an_unknown_conversation_is_said_to_be_unknown(app, sample_home):
    test = app(sample_home, PAGE, conversation="sample/nobody**bold**")
    assert not test.exception
    assert "There is no conversation **nobody\\*\\*bold" in texts(test)


HOSTILE = "**loud** [x](javascript:alert(1)) <img src=x onerror=alert(1)> :red[x] $x$ me@example.org"


def test_words_of_others_are_never_obeyed(app, home, now):
    written(
        home,
        subject=HOSTILE,
        body=f"# {HOSTILE}",
        url="javascript:alert(1)",
        topic=HOSTILE,
        requester=HOSTILE,
    )
    test = app(home, PAGE, period="all")
    assert not test.exception and list(test.dataframe[0].value["Subject"]) == [HOSTILE]
    found = app(home, PAGE, conversation="desk/c1")
    assert not found.exception and not found.error
    assert found.chat_message[0].text[0].value == f"# {HOSTILE}"
    markdown = "\n".join(
        str(one.value) for kind in (found.markdown, found.caption, found.button) for one in kind
    )
    assert "**loud**" not in markdown and " <img" not in markdown and "[x](" not in markdown
    assert not found.get("link_button") and "At the source: javascript" in texts(found)


def test_the_source_is_one_click_away_where_it_is_a_web_address(app, home, now):
    written(home, subject="Hello", body="Hello", url="https://desk.example.org/c/1")
    (link,) = app(home, PAGE, conversation="desk/c1").get("link_button")
    assert link.proto.url == "https://desk.example.org/c/1"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://",
        "http:// x",
        "https://a\u202e.example",
        "ftp://a.example",
    ],
)
def test_other_addresses_are_not_followed(url):
    from ui.conversations.one import is_web

    assert not is_web(url)


def test_personal_data_is_masked_where_the_settings_say_so(app, home, now):
    said = "Write to ada@example.org or call +44 20 7946 0958, Ada Lovelace. Card 4111 1111 1111 1111."
    written(home, subject="From ada@example.org", body=said, requester="Ada Lovelace")
    (home.root / "settings.toml").write_text("[masking]\non_pages = true\n")
    for test in (app(home, PAGE, period="all"), app(home, PAGE, conversation="desk/c1")):
        assert not test.exception and not test.error
        everything = texts(test) + "".join(str(frame.value.to_dict()) for frame in test.dataframe)
        for secret in ("ada@example", "7946", "Lovelace", "4111"):
            assert secret not in everything, secret
        assert "[email]" in everything.replace("\\", "")
    assert "[phone]" in everything and "[card]" in everything and "[name]" in everything
