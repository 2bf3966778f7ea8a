"""One conversation: its thread with its facts, words of others, and what is masked."""

from __future__ import annotations

import re

import pytest

from tests.fakes.llm_server import KEY, Script, llm_server
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
        "How it went",
        "What it is about",
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


def test_parts_and_what_is_named_link_to_their_messages(app, sample_home, ask_sql):
    native = ask_sql(
        "SELECT m.conversation_id FROM {messages} m JOIN {conversation_facts} f USING (source_id, conversation_id) "
        "WHERE m.body_text LIKE '%PT-______%' AND m.author_role = 'customer' AND f.is_solved AND f.sentiment_end IS NOT NULL "
        "ORDER BY f.last_solved_at, 1 LIMIT 1"
    )
    test = app(sample_home, PAGE, conversation=f"sample/{native}")
    said = texts(test)
    places = {html.proto.body for html in test.get("html")}
    linked = {int(n) for n in re.findall(r"\[message \d+\]\(#message-(\d+)\)", said)}
    assert linked and all(f'<span id="message-{n}"></span>' in places for n in linked)
    score = re.search(r"Experience score \*\*([\d.]+)\*\* of 5", said)
    assert score and 1 <= float(score[1]) <= 5
    assert re.search(r"(Order number|Reference): \*\*PT", said) and "Wants: **" in said


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
        assert "[email 1]" in everything.replace("\\", "")
    assert "[phone 1]" in everything and "[card 1]" in everything and "[name 1]" in everything


def test_a_model_words_the_five_lines_when_its_button_is_pressed(app, home, now):
    lines = [
        {"kind": "asked", "text": "The order PT-4711 never arrived.", "messages": [1]},
        {"kind": "done", "text": "The agent refunded 900 euros.", "messages": [1]},
    ]
    script = Script(answer={"lines": lines})
    written(home, subject="Parcel", body="My order PT-4711 never arrived, and nobody wrote back.")
    with llm_server(script) as server:
        (home.root / "settings.toml").write_text(
            f'[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{server}/v1"\napi_key = "{KEY}"\n'
        )
        test = app(home, PAGE, conversation="desk/c1")
        assert not test.exception and script.requests == [], "opening a page costs nothing"
        next(b for b in test.button if b.label == "Word it with the language model").click().run()
        assert not test.exception and not test.error and len(script.requests) == 1
        again = app(home, PAGE, conversation="desk/c1")
    for seen in (test, again):
        assert "**Asked:** The order PT-4711 never arrived." in texts(seen).replace("\\", "")
        assert "**Done:** No agent has answered :gray-badge[extracted]" in texts(seen)
        assert "Worded by openai small" in texts(seen) and "900" not in texts(seen)
    assert len(script.requests) == 1
