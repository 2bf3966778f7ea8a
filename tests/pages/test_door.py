"""Who is let in, and that no page shows anybody more than is theirs: roles x pages, exports, answers, search."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import secrets
from core.access import ALIAS_KEY, RIGHTS_OF
from core.errors import QuestionError
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from rag.history import plan_of
from store.reader import open_reader
from store.visible import visible
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.shared import copy_of, seldom
from ui import identity
from ui.navigation import MENU

DOOR = """
[sign_in]
by = "proxy"
address = "https://support.example.com"
proxies = ["127.0.0.1"]
[[access]]
who = ["vic@example.com"]
role = "viewer"
teams = ["Billing"]
[[access]]
who = ["ann@example.com"]
role = "analyst"
[[access]]
who = ["max@example.com"]
role = "manager"
teams = ["Billing"]
[[access]]
who = ["ada@example.com"]
role = "admin"
"""
PEOPLE = {"viewer": "vic", "analyst": "ann", "manager": "max", "admin": "ada"}
Come = Callable[..., AppTest]


@pytest.fixture
def sample_copy(sample_home: Home, tmp_path: Path) -> Home:
    """The sample workspace, to write settings and a log into."""
    copy = copy_of(sample_home, tmp_path / "copy")
    # One secret for all copies: statements name people by it, and would be written anew for each.
    secrets.save(copy, {ALIAS_KEY: "5a" * 32})
    return copy


@pytest.fixture
def come(app: Come, sample_copy: Home, monkeypatch: pytest.MonkeyPatch) -> Come:
    """`come(who, page)`: the app behind its door, as the proxy says that somebody is looking."""
    sample_copy.settings_file.write_text(DOOR)

    def start(who: str, page: str = "", **parameters: Any) -> AppTest:
        monkeypatch.setattr(identity, "person", lambda _: said(who))
        st.cache_data.clear()
        return app(sample_copy, page, **parameters)

    return start


def said(who: str) -> identity.Person:
    if not who:
        raise identity.NotSignedIn("the proxy did not say who you are.")
    return identity.Person(f"{who}@example.com")


def everything(test: AppTest) -> str:
    """All that reaches the browser: words, tables, choices, and what charts are drawn from."""
    parts = [texts(test)]
    parts += [str(frame.value.to_dict()) for frame in test.dataframe]
    parts += [str(element.proto) for kind in ("plotly_chart", "metric", "button", "selectbox", "multiselect", "badge",
                                              "page_link", "download_button") for element in test.get(kind)]  # fmt: skip
    return "\n".join(parts)


@pytest.fixture
def names(sample_copy: Home) -> dict[str, set[str]]:
    """By plain SQL: everybody, and what lies outside of Billing."""
    reader = open_reader(sample_copy)

    def column(sql: str) -> set[str]:
        return {str(row["x"]) for row in reader.query(sql, viewer=EVERYTHING).to_pylist() if row["x"]}

    inside = "SELECT {0} AS x FROM {{conversation_facts}} WHERE team = 'Billing'"
    outside = "SELECT {0} AS x FROM {{conversation_facts}} WHERE team IS DISTINCT FROM 'Billing'"
    return {
        "agents": column("SELECT name AS x FROM {people} WHERE kind = 'agent'"),
        "customers": column("SELECT name AS x FROM {people} WHERE kind = 'customer'"),
        "outside": column(outside.format("requester")) - column(inside.format("requester")),
        "ids": column(outside.format("conversation_id")),
    }


def found_in(words: str, names: set[str]) -> set[str]:
    return {name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)}


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.slug)
def test_nobody_sees_a_page_without_having_been_let_in(come: Come, entry: Any) -> None:
    who = "mallory" if MENU.index(entry) % 2 else ""
    test = come(who, entry.path)
    assert not test.exception
    assert not test.dataframe and not test.get("plotly_chart") and not test.get("metric")
    assert ("did not say who" if not who else "Nobody gave you access") in texts(test)


# The pages that show rows, names and words; the others are made of the same cards.
OFTEN = [entry for entry in MENU if entry.slug in ("conversations", "ask", "team", "live")]


@pytest.mark.parametrize(
    "entry", seldom((e for e in MENU if e.right is None), often=OFTEN), ids=lambda entry: entry.slug
)
def test_a_viewer_sees_their_rows_and_nobodys_name(
    come: Come, names: dict[str, set[str]], entry: Any
) -> None:
    test = come("vic", entry.path, period="all") if entry.is_filtered else come("vic", entry.path)
    assert not test.exception and not test.error
    words = everything(test)
    assert found_in(words, names["agents"]) == set()
    assert found_in(words, names["customers"]) == set()
    assert found_in(words, names["ids"]) == set()
    assert not test.get("download_button"), "a viewer takes nothing out"
    assert not [
        chart for chart in test.get("plotly_chart") if '"displayModeBar": false' not in chart.proto.config
    ]


@pytest.mark.parametrize("role", seldom(RIGHTS_OF, often=("viewer", "manager")))
def test_the_menu_and_deep_links_hold_only_what_the_role_may_see(come: Come, role: Any) -> None:
    test = come(PEOPLE[role])
    assert not test.exception and not test.error
    for entry in MENU:
        if entry.right is None or entry.right in RIGHTS_OF[role]:
            continue
        shown = texts(come(PEOPLE[role], entry.path))
        assert f"### {entry.icon} {entry.title}" not in shown
        assert f"### {MENU[0].icon} {MENU[0].title}" in shown


@pytest.mark.slow
@pytest.mark.parametrize("role", ["analyst", "manager", "admin"])
@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.slug)
def test_every_page_for_every_role(come: Come, names: dict[str, set[str]], role: Any, entry: Any) -> None:
    rights = RIGHTS_OF[role]
    if entry.right is not None and entry.right not in rights:
        return
    test = (
        come(PEOPLE[role], entry.path, period="all") if entry.is_filtered else come(PEOPLE[role], entry.path)
    )
    assert not test.exception and not test.error
    words = everything(test)
    if "agent_names" not in rights:
        assert found_in(words, names["agents"]) == set()
    if "unmasked" not in rights:
        assert found_in(words, names["customers"]) == set()
    if role == "manager":
        assert found_in(words, names["outside"]) == set()
        assert found_in(words, names["ids"]) == set()


def test_numbers_are_those_of_the_viewers_rows(come: Come, sample_copy: Home) -> None:
    count = "SELECT count(*) AS n FROM {conversation_facts} WHERE is_counted AND team = 'Billing'"
    reader = open_reader(sample_copy)
    expected = reader.query(count, viewer=EVERYTHING)["n"][0].as_py()
    total = reader.query(count.replace(" AND team = 'Billing'", ""), viewer=EVERYTHING)["n"][0].as_py()
    new = {
        who: next(m.value for m in come(who, period="all").metric if m.label == "New")
        for who in ("vic", "ada")
    }
    assert (new["vic"], new["ada"]) == (f"{expected:,}", f"{total:,}")


def test_a_conversation_of_others_is_not_there(
    come: Come, names: dict[str, set[str]], sample_copy: Home
) -> None:
    source = (
        open_reader(sample_copy)
        .query("SELECT source_id AS s FROM {sources}", viewer=EVERYTHING)["s"][0]
        .as_py()
    )
    key = sorted(names["ids"])[0]
    there = come("ada", "pages/ask/conversations.py", conversation=f"{source}/{key}")
    assert there.get("chat_message") or len(texts(there)) > 500
    test = come("vic", "pages/ask/conversations.py", conversation=f"{source}/{key}")
    assert not test.exception
    assert len(texts(test)) < len(texts(there)) / 2
    assert "no conversation" in texts(test).lower()


def test_answers_stay_inside(come: Come, names: dict[str, set[str]]) -> None:
    for question in (
        "Which agent had the most conversations?",
        "Show me complaints about refunds",
        "How many conversations?",
    ):
        test = come("vic", "pages/ask/ask.py")
        test.chat_input[0].set_value(question).run()
        assert not test.exception
        words = everything(test)
        assert found_in(words, names["ids"] | names["agents"] | names["customers"]) == set(), question


def test_questions_of_others_are_their_own(come: Come) -> None:
    test = come("ada", "pages/ask/ask.py")
    test.chat_input[0].set_value("How many conversations about a merger?").run()
    assert "merger" in everything(come("ada", "pages/ask/ask.py"))
    assert "merger" not in everything(come("max", "pages/ask/ask.py"))


def test_answers_are_gone_with_the_right_to_them(
    come: Come, names: dict[str, set[str]], sample_copy: Home
) -> None:
    test = come("ada", "pages/ask/ask.py")
    test.chat_input[0].set_value("Which agent had the most conversations?").run()
    assert found_in(everything(test), names["agents"])
    sample_copy.settings_file.write_text(DOOR.replace('"admin"', '"viewer"\nteams = ["Billing"]'))
    assert not found_in(everything(test.run()), names["agents"])
    again = come("ada", "pages/ask/ask.py")
    next(b for b in again.button if (b.key or "").startswith("history")).click().run()
    assert again.chat_message and not found_in(everything(again), names["agents"])


def test_a_question_of_others_cannot_be_followed(come: Come, sample_copy: Home) -> None:
    test = come("ada", "pages/ask/ask.py")
    test.chat_input[0].set_value("How many conversations?").run()
    asked = Workspace(sample_copy).recent_questions(1)[0].id
    with pytest.raises(QuestionError):
        plan_of(sample_copy, asked, Viewer("vic@example.com"))
    assert plan_of(sample_copy, asked, Viewer("ada@example.com"))


def test_who_has_no_known_role_has_no_name_either() -> None:
    viewer = Viewer("v", rights=frozenset(), alias_key="k")
    said = ibis.memtable(
        {"source_id": ["s", "s", "s"], "conversation_id": ["1", "2", "3"], "author_role": ["unknown", None, "bot"],
         "author_id": ["a", "b", "c"], "author_name": ["Ann", "Bob", "Bot"]},
        schema={"source_id": "string", "conversation_id": "string", "author_role": "string", "author_id": "string",
                "author_name": "string"},
    )  # fmt: skip
    shown = ibis.duckdb.connect().to_pyarrow(visible(lambda _: said, "messages", viewer)).to_pylist()
    by_id = {row["conversation_id"]: row["author_name"] for row in shown}
    assert by_id["1"].startswith("Customer ") and by_id["2"].startswith("Customer ") and by_id["3"] == "Bot"


def test_what_people_did_is_in_the_log_and_only_admins_read_it(come: Come, sample_copy: Home) -> None:
    come("vic", "pages/understand/volume.py", channel="chat")
    come("mallory")
    kept = Workspace(sample_copy).audit_log()
    log = [
        (entry.action, entry.viewer) for entry in kept if entry.viewer != "everyone"
    ]  # other tests, before the copy
    assert log == [
        ("turned away", "mallory@example.com"),
        ("saw", "vic@example.com"),
        ("signed in", "vic@example.com"),
    ]
    detail = Workspace(sample_copy).audit_log(action="saw")[0].detail
    assert detail is not None and detail["page"] == "Volume" and "channel=chat" in detail["address"]
    test = come("ada", "pages/operate/audit_log.py")
    assert not test.exception and not test.error
    assert "mallory@example.com" in str(test.dataframe[0].value.to_dict())


def test_a_right_that_was_taken_away_stops_the_deed_not_only_the_button(
    come: Come, sample_copy: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui import kept, trail

    come("ann")
    monkeypatch.setattr(identity, "person", lambda _: said("vic"))
    with pytest.raises(identity.NoAccess):
        kept.label([("s", "c")], "mine")
    with pytest.raises(identity.NoAccess):
        trail.handed_out(lambda: b"", "chart")
    with pytest.raises(identity.NoAccess):
        trail.log(10)
    monkeypatch.setattr(identity, "person", lambda _: said("ann"))
    make = trail.handed_out(lambda: b"rows", "chart")
    assert make() == b"rows"
    sample_copy.settings_file.write_text(DOOR.replace('role = "analyst"', 'role = "viewer"'))
    with pytest.raises(identity.NoAccess):
        make()
    assert Workspace(sample_copy).labels() == []


def test_only_who_may_correct_is_offered_to_change_an_evidence_set(come: Come, sample_copy: Home) -> None:
    for who, may in (("vic", False), ("ann", True)):
        number = Workspace(sample_copy).create_evidence("Late", owner=f"{who}@example.com")
        test = come(who, "pages/ask/conversations.py", evidence=str(number))
        assert not test.exception and ("set_delete_ask" in [button.key for button in test.button]) is may
