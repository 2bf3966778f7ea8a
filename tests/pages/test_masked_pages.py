"""With `masking.on_pages` nothing that reaches a browser names a customer: words, lists to choose from, charts, tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import secrets
from core.access import ALIAS_KEY
from core.home import Home
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.shared import copy_of
from ui.navigation import CONVERSATIONS, EXPLORE, MENU, OVERVIEW

Come = Callable[..., AppTest]


@pytest.fixture
def come(app: Come, sample_home: Home, tmp_path: Path) -> Come:
    """`come(page, **parameters)`: the sample workspace where pages are masked, and nobody signs in."""
    copy = copy_of(sample_home, tmp_path / "copy")
    secrets.save(copy, {ALIAS_KEY: "5a" * 32})
    copy.settings_file.write_text("[masking]\non_pages = true\n")
    return lambda page="", **parameters: app(copy, page, **parameters)


@pytest.fixture
def customers(sample_home: Home) -> set[str]:
    """Names and addresses of everybody who asked."""
    sql = (
        "SELECT requester AS x FROM {conversation_facts} UNION SELECT name FROM {people} WHERE kind = 'customer' "
        "UNION SELECT email FROM {people} WHERE kind = 'customer'"
    )
    found = {
        row["x"] for row in open_reader(sample_home).query(sql, viewer=EVERYTHING).to_pylist() if row["x"]
    }
    assert len(found) > 100
    return found


def elements(node: Any) -> Iterator[Any]:
    """Every element below a part of the page."""
    for child in node.children.values():
        if hasattr(child, "children"):
            yield from elements(child)
        else:
            yield child


def sent(test: AppTest) -> str:
    """All that was sent to the browser, as it was sent."""
    found = [element.proto.SerializeToString() for element in elements(test._tree)]
    assert len(found) > 10
    return b"\n".join(found).decode("utf-8", "ignore")


def named_in(words: str, names: set[str]) -> set[str]:
    return {name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)}


OFTEN = [
    (OVERVIEW, {"period": "all"}),
    (EXPLORE, {"rows": "Customer", "period": "all", "top": "500"}),
    (EXPLORE, {"rows": "Customer", "period": "all", "show": "Bars"}),
    (EXPLORE, {"columns": "Customer", "period": "all"}),
    (CONVERSATIONS, {"period": "all"}),
    ("pages/understand/team.py", {"period": "all"}),
    ("pages/ask/ask.py", {}),
]
SELDOM = [(entry.path, {"period": "all"} if entry.is_filtered else {}) for entry in MENU]


@pytest.mark.parametrize(
    ("page", "said"),
    [*OFTEN, *(pytest.param(*one, marks=pytest.mark.slow) for one in SELDOM if one not in OFTEN)],
)
def test_no_customer_is_named(come: Come, customers: set[str], page: str, said: dict[str, str]) -> None:
    test = come("" if page == OVERVIEW else page, **said)
    assert not test.exception and not test.error
    words = sent(test)
    assert named_in(words, customers) == set()
    if (page, said) in OFTEN[:-1]:
        assert re.search(r"Customer [0-9A-F]{6}", words), "customers are told apart by pseudonyms"


def test_an_answer_names_no_customer(come: Come, customers: set[str]) -> None:
    test = come("pages/ask/ask.py")
    test.chat_input[0].set_value("Which customer wrote most conversations?").run()
    assert not test.exception
    assert named_in(sent(test), customers) == set()


def test_an_opened_conversation_names_no_customer(
    come: Come, customers: set[str], ask_sql: Callable[[str], str]
) -> None:
    # Of somebody whose messages carry their name.
    native = ask_sql(
        "SELECT m.conversation_id FROM {messages} m JOIN {conversation_facts} f USING (source_id, conversation_id) "
        "WHERE m.author_role = 'customer' AND contains(m.body_text, f.requester) ORDER BY 1 LIMIT 1"
    )
    test = come(CONVERSATIONS, conversation=f"sample/{native}")
    assert not test.exception and test.chat_message
    assert named_in(sent(test), customers) == set()


def test_a_pseudonym_is_something_to_filter_by(come: Come, customers: set[str]) -> None:
    test = come(CONVERSATIONS, period="all")
    who = test.multiselect(key="requester").options[0]
    everybody = len(test.dataframe[0].value)
    test.multiselect(key="requester").set_value([who]).run()
    assert not test.exception
    assert 0 < len(test.dataframe[0].value) < everybody
    assert named_in(sent(test), customers) == set()
