"""Names and numbers of a requester in fields of their own rows, told by what the fields are called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LETTERS = re.compile(r"[^\W\d_]+")
_PHONE_KEY = re.compile(r"phone|mobile|fax|tel|cell|whatsapp", re.IGNORECASE)
_FEWEST_DIGITS = 7
_MOST_WORDS = 5  # of a name; what is longer is a sentence
_NAMES = frozenset({"name", "names", "nom", "nombre", "nome", "naam", "kundenname"})
_FIRST = frozenset({"first", "given", "vorname", "prenom", "prénom"})
_LAST = frozenset({"last", "family", "surname", "nachname"})
_WHO = frozenset(
    {"requester", "customer", "client", "contact", "caller", "reporter", "submitter", "sender", "user", "person", "buyer",
     "guest", "patient", "member", "subscriber", "from", "full", "display", "complete", "end", "of", "the"}
)  # fmt: skip
_ASKING = frozenset(
    {"requester", "caller", "reporter", "submitter", "sender"}
)  # who asks, without the word name
_ONE_WORD = {
    "fullname": "full name",
    "firstname": "first name",
    "lastname": "last name",
    "username": "user name",
}
# Their rows at first, then what speaks of nobody but them.
_OF_PERSON = """SELECT custom_fields::VARCHAR, raw::VARCHAR FROM people WHERE (source_id, person_id) IN (FROM requester_found)
    UNION SELECT custom_fields::VARCHAR, raw::VARCHAR FROM people_parts WHERE (source_id, person_id) IN (FROM requester_found)"""
_TALKS = "SELECT source_id, conversation_id, custom_fields::VARCHAR AS said FROM {table} WHERE custom_fields IS NOT NULL"
_OF_TALKS = " UNION ALL ".join(_TALKS.format(table=one) for one in ("conversations", "conversation_parts"))
_THEIRS = f"""SELECT DISTINCT said FROM ({_OF_TALKS}) WHERE (source_id, conversation_id) IN (FROM requester_conversations)"""
_OF_OTHERS = f"""SELECT DISTINCT said FROM ({_OF_TALKS})
    WHERE (source_id, conversation_id) NOT IN (FROM requester_conversations)
      AND len(list_filter($texts::VARCHAR[], lambda one: contains(lower(said), one))) > 0"""


@dataclass(frozen=True, slots=True)
class Found:
    """What fields say of a person, as it is written there."""

    names: frozenset[str]
    numbers: frozenset[str]


def found(con: duckdb.DuckDBPyConnection) -> Found:
    """Of those in requester_found: from their rows, and from their conversations what no other's fields say too."""
    people = [json.loads(text) for row in con.execute(_OF_PERSON).fetchall() for text in row if text]
    talks = [json.loads(text) for (text,) in con.execute(_THEIRS).fetchall()]
    in_talks = {*_all(names_in, talks), *_all(numbers_in, talks)}
    shared = _shared(con, in_talks)
    numbers = {
        *_all(numbers_in, people),
        *(one for one in _all(numbers_in, talks) if one.lower() not in shared),
    }
    names = {one for one in _all(names_in, (*people, *talks)) if one.lower() not in shared}
    return Found(frozenset(names), frozenset(numbers))


def names_in(fields: Any) -> Iterator[str]:
    """Names of several words in fields that are called a person's name; of a first and a last name both together."""
    parts: dict[str, str] = {}
    for key, value in fields.items() if isinstance(fields, Mapping) else ():
        text = " ".join(value.split()) if isinstance(value, str) else ""
        kind = _kind(key) if text else None
        if kind in ("first", "last"):
            parts.setdefault(kind, text)
        elif kind == "name":
            yield from _written(text)
    if len(parts) == 2:
        yield f"{parts['first']} {parts['last']}"


def numbers_in(value: Any, key: str = "") -> Iterator[str]:
    """Numbers to call, wherever they stand in a field that is called so."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from numbers_in(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from numbers_in(one, key)
    elif _PHONE_KEY.search(key) and sum(letter.isdigit() for letter in str(value)) >= _FEWEST_DIGITS:
        yield str(value).strip()


def _kind(key: str) -> str | None:
    """Whether a field is called a person's name, or the first or last part of one."""
    words = _LETTERS.findall(_CAMEL.sub(" ", key).lower())
    words = [word for one in words for word in _ONE_WORD.get(one, one).split()]
    rest = set(words) - _NAMES
    for kind, called in (("first", _FIRST), ("last", _LAST)):
        if rest & called and rest <= _WHO | called:
            return kind
    is_name = set(words) & _NAMES or rest & _ASKING
    return "name" if is_name and rest <= _WHO else None


def _written(text: str) -> Iterator[str]:
    """A name, and "Byron, Ada" also the other way round."""
    if 1 < len(text.split()) <= _MOST_WORDS and not any(sign.isdigit() or sign == "@" for sign in text):
        yield text
        last, comma, first = text.partition(", ")
        if comma and "," not in first:
            yield f"{first} {last}"


def _all(look: Any, rows: Iterable[Any]) -> set[str]:
    return {one for row in rows for one in look(row)}


def _shared(con: duckdb.DuckDBPyConnection, texts: set[str]) -> set[str]:
    """Which of these stand in such fields of others' conversations too, in lower case."""
    if not texts:
        return set()
    wanted = [json.dumps(one, ensure_ascii=False)[1:-1].lower() for one in texts]
    others = [json.loads(said) for (said,) in con.execute(_OF_OTHERS, {"texts": wanted}).fetchall()]
    return {one.lower() for one in (*_all(names_in, others), *_all(numbers_in, others))}
