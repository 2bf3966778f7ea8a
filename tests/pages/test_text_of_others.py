"""What addresses and data say is shown, never obeyed: no link, picture or mark of markdown comes out of it."""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.shared import copy_of, seldom
from ui.navigation import CONVERSATIONS, EXPLORE, MENU, OVERVIEW

EVIL = "[Renew {}](https://evil.example)"
# Fields of Streamlit's elements that it shows as they are, or not at all; everything else may obey markdown.
PLAIN = {
    "id", "element_id", "user_key", "key", "spec", "config", "selection_mode", "alt", "url", "href", "query_string",
    "placeholder", "default", "raw_value", "raw_values", "page_script_hash", "columns", "form_id", "data", "file_name",
}  # fmt: skip
PLAIN_OF = {
    ("Selectbox", "options"),
    ("MultiSelect", "options"),
    ("TextInput", "value"),
    ("TextArea", "value"),
}
COLUMNS = ("team", "agent", "topic", "product", "channel", "tags")


def obeyed(message: Any) -> Iterator[str]:
    """Every text of an element that Streamlit may read as markdown."""
    for field, value in message.ListFields():
        if field.name in PLAIN or (message.DESCRIPTOR.name, field.name) in PLAIN_OF:
            continue
        several = value if field.is_repeated else [value]
        for one in several:
            if field.type == field.TYPE_MESSAGE and hasattr(one, "ListFields"):
                yield from obeyed(one)
            elif field.type == field.TYPE_STRING:
                yield f"{message.DESCRIPTOR.name}.{field.name}: {one}"


def hostile(test: Any) -> list[str]:
    """Texts that hold a link of others as one that works."""
    protos = [node.proto for node in test._tree if getattr(node, "proto", None) is not None]
    found = [text for proto in protos for text in obeyed(proto)]
    assert len(found) > 20, "the page has texts"
    return [text for text in found if "://evil.example" in text or re.search(r"(?<!\\)\]\(//evil", text)]


@pytest.fixture(scope="module")
def evil_home(sample_home, tmp_path_factory):
    """The sample, where the most frequent team, agent, topic, product, channel and tag are links."""
    home = copy_of(sample_home, tmp_path_factory.mktemp("evil") / "own")
    (file,) = (home.warehouse / "gen").glob("*.duckdb")
    with duckdb.connect(str(file)) as open_:
        for name in COLUMNS:
            many = name == "tags"
            value = "unnest(tags)" if many else name
            ((usual,),) = open_.execute(
                f"SELECT v FROM (SELECT {value} AS v FROM conversation_facts) WHERE v IS NOT NULL "
                "GROUP BY v ORDER BY count(*) DESC LIMIT 1"
            ).fetchall()
            _rename(open_, usual, EVIL.format(name), many=many)
        subject = EVIL.format("subject")
        open_.execute("UPDATE conversations SET subject = $1", [subject])
    return home


def _rename(open_: Any, usual: str, evil: str, *, many: bool) -> None:
    """Write a value in place of another in every column of text, or of lists of text."""
    kind = "VARCHAR[]" if many else "VARCHAR"
    columns = open_.execute(
        "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) "
        "WHERE data_type = $1 AND NOT duckdb_columns.internal",
        [kind],
    ).fetchall()
    assert columns
    for table, column in columns:
        new = f'list_transform("{column}", lambda x: if(x = $1, $2, x))' if many else "$2"
        test = f'list_contains("{column}", $1)' if many else f'"{column}" = $1'
        open_.execute(f'UPDATE "{table}" SET "{column}" = {new} WHERE {test}', [usual, evil])


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.slug)
def test_names_of_the_data_are_no_links(app, evil_home, entry):
    test = app(evil_home, entry.path, period="90d")
    assert not test.exception and not test.error
    assert not hostile(test)


FILTERED = [entry for entry in MENU if entry.is_filtered]
OFTEN = [entry for entry in FILTERED if entry.slug in ("overview", "team", "topics", "conversations")]


@pytest.mark.parametrize("entry", seldom(FILTERED, often=OFTEN), ids=lambda entry: entry.slug)
def test_values_of_an_address_are_no_links(app, evil_home, entry):
    link, other = EVIL.format("team"), EVIL.format("your session")
    test = app(
        evil_home, entry.path, period="90d", team=[link, other], any=r"channel!:" + other.replace(":", r"\:")
    )
    assert not test.exception and not test.error
    assert not hostile(test)


def test_where_nothing_passes_no_link_is_left(app, evil_home):
    other = EVIL.format("your session")
    test = app(evil_home, OVERVIEW, team=other, any=f"product:{other}", include="spam")
    assert not test.exception and not hostile(test)


@pytest.mark.parametrize(
    "text", [EVIL.format("me"), "[Renew me](//evil.example)", f"team:{EVIL.format('me')};"]
)
def test_what_cannot_be_read_is_quoted_as_it_is(app, evil_home, text):
    test = app(evil_home, OVERVIEW, any=text)
    assert not test.exception and not hostile(test)


@pytest.mark.parametrize("moved", ["Mood", "First reply"])
def test_parts_that_moved_a_number(app, evil_home, moved):
    test = app(evil_home, OVERVIEW, period="90d", moved=moved, parts="Product", brief="true")
    assert not test.exception and not hostile(test)


def test_what_was_explored(app, evil_home):
    for show in ("Table", "Bars"):
        test = app(evil_home, EXPLORE, rows=["Team", "Topic"], columns="Channel", show=show, period="90d")
        assert not test.exception and not test.error and not hostile(test)


def test_one_conversation(app, evil_home):
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    found = open_reader(evil_home).query(
        "SELECT conversation_id FROM {conversation_facts} WHERE team LIKE '%evil%' AND topic LIKE '%evil%' LIMIT 1",
        viewer=EVERYTHING,
    )
    (row,) = found.to_pylist()
    test = app(evil_home, CONVERSATIONS, conversation=f"sample/{row['conversation_id']}")
    assert not test.exception and not test.error and not hostile(test)
