"""What fields of others say too is nobody's alone: names in either order and in parts, numbers however they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator

import duckdb
import pytest

from store import requesters
from store.person_fields import found

Fields = dict[str, object]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE people (source_id VARCHAR, person_id VARCHAR, custom_fields JSON, raw JSON)"
        )
        con.execute("CREATE TABLE people_parts AS FROM people")
        con.execute(
            "CREATE TABLE conversations (source_id VARCHAR, conversation_id VARCHAR, custom_fields JSON)"
        )
        con.execute("CREATE TABLE conversation_parts AS FROM conversations")
        con.execute("CREATE TEMP TABLE requester_found AS SELECT 's' AS source_id, 'theirs' AS person_id")
        con.execute(
            "CREATE TEMP TABLE requester_conversations AS SELECT 's' AS source_id, 'theirs' AS conversation_id"
        )
        yield con


def talk(con: duckdb.DuckDBPyConnection, whose: str, fields: Fields) -> None:
    con.execute(
        "INSERT INTO conversations VALUES ('s', ?, ?)", [whose, json.dumps(fields, ensure_ascii=False)]
    )


def person(con: duckdb.DuckDBPyConnection, who: str, fields: Fields) -> None:
    con.execute("INSERT INTO people VALUES ('s', ?, NULL, ?)", [who, json.dumps(fields, ensure_ascii=False)])


PARTS: Fields = {"First name": "Ada", "Last name": "Byron"}


@pytest.mark.parametrize("theirs", [PARTS, {"Requester": "Ada Byron"}, {"Requester": "Byron, Ada"}])
@pytest.mark.parametrize(
    "others",
    [
        PARTS,
        {"Requester": "ADA BYRON"},
        {"Requester name": "Byron, Ada"},
        {"Last name": "Byron", "age": 36, "first_name": "Ada"},
    ],
)
def test_a_namesake_in_a_field_keeps_the_name(
    con: duckdb.DuckDBPyConnection, theirs: Fields, others: Fields
) -> None:
    talk(con, "theirs", theirs)
    assert found(con).names >= {"Ada Byron"}
    talk(con, "of another", others)
    assert found(con).names == set()


def test_so_does_one_of_a_person_s_row(con: duckdb.DuckDBPyConnection) -> None:
    talk(con, "theirs", {"Requester": 'Zoë "Zo" O\'Hare'})
    assert found(con).names == {'Zoë "Zo" O\'Hare'}
    person(con, "another", {"name": 'Zoë  "Zo" O\'Hare'})
    assert found(con).names == set()


def test_the_same_words_in_fields_of_something_else_keep_nothing(con: duckdb.DuckDBPyConnection) -> None:
    talk(con, "theirs", PARTS)
    talk(con, "of another", {"Told by": "Ada Byron", "First name": "Ada", "Last name": "Lovelace"})
    assert found(con).names == {"Ada Byron"}


@pytest.mark.parametrize("written", ["+44 7700 900456", "+447700900456", "0044 7700-900456", "07700 900456"])
def test_a_number_is_shared_however_it_is_written(con: duckdb.DuckDBPyConnection, written: str) -> None:
    talk(con, "theirs", {"requester phone": "+44 (0)7700 900456"})
    talk(con, "of another", {"requester phone": "+44 7700 900457"})
    assert found(con).numbers == {"+44 (0)7700 900456"}
    talk(con, "of a third", {"Telephone": written})
    assert found(con).numbers == set()


def test_a_number_of_their_own_row_is_shared_by_rows_of_persons_only(con: duckdb.DuckDBPyConnection) -> None:
    person(con, "theirs", {"phone": "+44 7700 900456"})
    talk(con, "of another", {"requester phone": "+44 7700 900456"})
    assert found(con).numbers == {"+44 7700 900456"}
    person(con, "another", {"phone": "07700 900456"})
    assert found(con).numbers == set()


@pytest.fixture
def known(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Somebody who wrote by text message, and is known by a number."""
    con.execute("UPDATE requester_found SET person_id = '+447700900456'")
    for name in ("name", "email", "handle"):
        con.execute(f"ALTER TABLE people ADD COLUMN {name} VARCHAR")
    con.execute(
        """CREATE TABLE requester_known AS SELECT * FROM (VALUES
             ('s', '+447700900456', 'Ada Byron', NULL::VARCHAR, NULL::VARCHAR), ('s', '4711', 'Grace Hopper', NULL, NULL))
           AS known(source_id, person_id, name, email, handle)"""
    )
    con.execute(
        "CREATE TABLE messages (source_id VARCHAR, author_id VARCHAR, author_name VARCHAR, body_text VARCHAR)"
    )
    con.execute("CREATE TABLE csat (source_id VARCHAR, conversation_id VARCHAR, comment VARCHAR)")
    return con


def test_a_person_is_known_by_a_number_and_a_name_in_both_orders(known: duckdb.DuckDBPyConnection) -> None:
    assert requesters.marks(known).words == ("+447700900456", "Ada Byron", "Byron, Ada")


@pytest.mark.parametrize("name", ["Ada Byron", " ada  byron", "Byron, Ada"])
def test_a_namesake_keeps_the_name_in_every_order(known: duckdb.DuckDBPyConnection, name: str) -> None:
    known.execute("UPDATE requester_known SET name = ? WHERE person_id = '4711'", [name])
    assert requesters.marks(known).words == ("+447700900456",)


def test_a_common_first_name_is_no_mark(known: duckdb.DuckDBPyConnection) -> None:
    known.execute("UPDATE requester_known SET name = 'Ada'")
    assert requesters.marks(known).words == ("+447700900456",)
