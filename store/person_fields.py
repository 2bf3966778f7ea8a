"""Names and numbers of a requester in fields of their own rows, told by what the fields are called."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store.marks import FEWEST_DIGITS

if TYPE_CHECKING:
    import duckdb

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LETTERS = re.compile(r"[^\W\d_]+")
_WHATSAPP = re.compile(r"whats\W?app", re.IGNORECASE)
# A word of a key that stands for a number to call, as one word or with what such a word is often written together with.
_PHONE = re.compile(
    r"(?:home|work|business|office|private|mobile?|cell|smart)?"
    r"(?:(?:tele)?phones?|telefon[eoi]?s?|telefoon|tel|mobile?s?|mobiltelefon|cell|cellulare|celular|handy|(?:tele)?fax"
    r"|whatsapp)(?:numbers?|nummer|num|no|nr)?"
)
_LIKE_PHONE = re.compile(
    r"phone|mobile|whatsapp|telefo|telegram|fax"
)  # also within a word, of a person's row
_NO_PHONE = frozenset(
    {"version", "os", "app", "build", "model", "device", "firmware", "plan", "tariff", "date", "time", "at", "since"}
)  # fmt: skip
_NUMBER = frozenset(
    {"number", "numbers", "no", "nr", "nummer", "num", "numero", "main", "primary", "secondary", "other", "alternate",
     "alternative", "business", "office", "day", "daytime", "evening", "direct", "callback", "call", "back", "line"}
)  # fmt: skip
_DAY = re.compile(
    r"(?:(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d)(?![-/.\d])|.*\d:\d"
)
_EXTENSION = re.compile(r"(?<![^\W\d_])(?:ext|extension|x)(?![^\W\d_])|^tel:", re.IGNORECASE)
_MOST_WORDS = 5  # of a name; what is longer is a sentence
_NAMES = frozenset({"name", "names", "nom", "nombre", "nome", "naam"})
_FIRST = frozenset({"first", "given", "vorname", "prenom", "prénom"})
_LAST = frozenset({"last", "family", "surname", "nachname"})
_ASKING = frozenset(
    {"requester", "caller", "reporter", "submitter", "sender"}
)  # who asks, without the word name
_PERSONS = _ASKING | {
    "customer", "client", "contact", "user", "person", "buyer", "guest", "patient", "member", "subscriber", "from",
}  # fmt: skip
_WHO = _PERSONS | {"full", "display", "complete", "end", "of", "the"}
# What says in a field of a conversation whose name or number it is.
_WHOSE_NAME = _PERSONS | {"full", "complete"}
_WHOSE_NUMBER = _PERSONS | {"home", "work", "private", "personal", "mobile", "cell"}
_ONE_WORD = {
    "fullname": "full name", "firstname": "first name", "lastname": "last name", "username": "user name",
    "kundenname": "customer name", "customername": "customer name", "contactname": "contact name",
}  # fmt: skip
# Their rows at first, then what speaks of nobody but them.
_PEOPLE = " UNION ALL ".join(
    f"SELECT source_id, person_id, {column}::VARCHAR AS said FROM {table} WHERE {column} IS NOT NULL"
    for table in ("people", "people_parts")
    for column in ("custom_fields", "raw")
)
_TALKS = " UNION ALL ".join(
    f"SELECT source_id, conversation_id, custom_fields::VARCHAR AS said FROM {table} WHERE custom_fields IS NOT NULL"
    for table in ("conversations", "conversation_parts")
)
_OF_THEM = f"SELECT DISTINCT said FROM ({_PEOPLE}) WHERE (source_id, person_id) IN (FROM requester_found)"
_OF_THEIR_TALKS = f"SELECT DISTINCT said FROM ({_TALKS}) WHERE (source_id, conversation_id) IN (FROM requester_conversations)"
# Rows of others that hold all words of a name, or the end of a number.
_LIKELY = r"""len(list_filter($names::VARCHAR[][],
      lambda words: len(list_filter(words, lambda one: NOT contains(lower(said), one))) = 0)) > 0
    OR len(list_filter($numbers::VARCHAR[], lambda one: contains(regexp_replace(said, '\D', '', 'g'), one))) > 0"""
_OF_OTHERS = f"SELECT DISTINCT said FROM ({_PEOPLE}) WHERE (source_id, person_id) NOT IN (FROM requester_found) AND ({_LIKELY})"
_OF_OTHER_TALKS = f"""SELECT DISTINCT said FROM ({_TALKS})
    WHERE (source_id, conversation_id) NOT IN (FROM requester_conversations) AND ({_LIKELY})"""


@dataclass(frozen=True, slots=True)
class Found:
    """What fields say of a person, as it is written there."""

    names: frozenset[str]
    numbers: frozenset[str]


def found(con: duckdb.DuckDBPyConnection) -> Found:
    """Of those in requester_found: from their rows, and from their conversations, what no other's fields say too.

    A number of their own rows is theirs also where a conversation of somebody else holds it.
    """
    people, talks = _rows(con, _OF_THEM), _rows(con, _OF_THEIR_TALKS)
    own = Found(_all(names_in, people), _all(numbers_in, people))
    told = Found(_all(_whose_names, talks), _all(_whose_numbers, talks))
    names, numbers = own.names | told.names, own.numbers | told.numbers
    likely = {
        "names": [words for one in names if (words := _words(one, as_json=True))],
        "numbers": [end for one in numbers if (end := _end(one))],
    }
    others = _rows(con, _OF_OTHERS, likely) if names or numbers else []
    other_talks = _rows(con, _OF_OTHER_TALKS, likely) if names or numbers else []
    named = {one_name(one) for one in _all(names_in, (*others, *other_talks))}
    rung, rung_in_talks = _all(numbers_in, others), _all(numbers_in, other_talks)
    return Found(
        frozenset(one for one in names if one_name(one) not in named),
        frozenset(
            one for one in numbers if not _is_among(one, rung if one in own.numbers else rung | rung_in_talks)
        ),
    )


def names_in(fields: Any, *, whose: bool = False) -> Iterator[str]:
    """Names of several words in fields that are called a person's name; of a first and a last name both together.

    With `whose` only where the field says whose name it is: a conversation's *Name* may be that of anything.
    """
    parts: dict[str, str] = {}
    for key, value in fields.items() if isinstance(fields, Mapping) else ():
        text = " ".join(value.split()) if isinstance(value, str) else ""
        kind = _kind(key, whose=whose) if text else None
        if kind in ("first", "last"):
            parts.setdefault(kind, text)
        elif kind == "name":
            yield from _written(text)
    if len(parts) == 2:
        yield f"{parts['first']} {parts['last']}"


def numbers_in(value: Any, key: str = "", *, whose: bool = False) -> Iterator[str]:
    """Numbers to call, wherever they stand in a field that is called so; with `whose` as for names."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from numbers_in(one, name, whose=whose)
    elif isinstance(value, list):
        for one in value:
            yield from numbers_in(one, key, whose=whose)
    elif _is_to_call(str(value).strip(), whose=whose) and _calls(key, whose=whose):
        yield str(value).strip()


def one_name(text: str) -> str:
    """The same for a name in either order of its words, and in capitals: "Ada Byron", "Byron, Ada"."""
    return " ".join(sorted(_words(text)))


def turned(name: str) -> Iterator[str]:
    """The same name in its other order: "Byron, Ada" of "Ada Byron", and "Ada Byron" of "Byron, Ada"."""
    last, comma, first = name.partition(", ")
    words = name.split()
    if comma and "," not in first:
        yield f"{first} {last}"
    elif 1 < len(words) <= _MOST_WORDS and "," not in name:
        yield f"{words[-1]}, {' '.join(words[:-1])}"


def _whose_names(fields: Any) -> Iterator[str]:
    return names_in(fields, whose=True)


def _whose_numbers(fields: Any) -> Iterator[str]:
    return numbers_in(fields, whose=True)


def _words_of_key(key: str) -> list[str]:
    words = _LETTERS.findall(_CAMEL.sub(" ", _WHATSAPP.sub("whatsapp", key)).lower())
    return [word for one in words for word in _ONE_WORD.get(one, one).split()]


def _kind(key: str, *, whose: bool) -> str | None:
    """Whether a field is called a person's name, or the first or last part of one."""
    words = set(_words_of_key(key))
    rest = words - _NAMES
    for kind, called in (("first", _FIRST), ("last", _LAST)):
        if rest & called and rest <= _WHO | called:
            return kind
    is_name = words & _NAMES or rest & _ASKING
    return "name" if is_name and rest <= _WHO and (not whose or rest & _WHOSE_NAME) else None


def _calls(key: str, *, whose: bool) -> bool:
    """Whether a field is called a number to call; with `whose` also that it says whose, and says nothing else."""
    plain = unicodedata.normalize("NFKD", key)
    words = set(_words_of_key("".join(sign for sign in plain if not unicodedata.combining(sign))))
    phones = {word for word in words if _PHONE.fullmatch(word)}
    if not whose:
        return not words & _NO_PHONE and bool(phones or any(_LIKE_PHONE.search(word) for word in words))
    says = words & _WHOSE_NUMBER
    return (
        bool(phones and says) and len(phones | says) > 1 and words - phones <= _WHO | _WHOSE_NUMBER | _NUMBER
    )


def _is_to_call(text: str, *, whose: bool) -> bool:
    """Whether a text has the digits of a number, and is no day or time; with `whose` also no letters."""
    if sum(sign.isdigit() for sign in text) < FEWEST_DIGITS or _DAY.match(text):
        return False
    return not (whose and _LETTERS.search(_EXTENSION.sub("", text)))


def _written(text: str) -> Iterator[str]:
    """A name, and "Byron, Ada" also the other way round."""
    if 1 < len(text.split()) <= _MOST_WORDS and not any(sign.isdigit() or sign == "@" for sign in text):
        yield text
        if "," in text:
            yield from turned(text)


def _all(look: Any, rows: Iterable[Any]) -> frozenset[str]:
    return frozenset(one for row in rows for one in look(row))


def _rows(con: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, Any] | None = None) -> list[Any]:
    return [json.loads(said) for (said,) in con.execute(sql, given or {}).fetchall()]


def _words(name: str, *, as_json: bool = False) -> list[str]:
    words = name.lower().replace(",", " ").split()
    return [json.dumps(word, ensure_ascii=False)[1:-1] for word in words] if as_json else words


def _digits(number: str) -> str:
    """Without the zeros before it, which are dialled or not: an extension stays."""
    return "".join(sign for sign in number.replace("(0)", "") if sign in "0123456789").lstrip("0")


def _end(number: str) -> str:
    return _digits(number)[-FEWEST_DIGITS:]


def _is_among(number: str, others: Collection[str]) -> bool:
    """Whether one of the others is the same number, with its country or without."""
    mine = _digits(number)
    return any(
        min(len(mine), len(one)) >= FEWEST_DIGITS - 1 and (mine.endswith(one) or one.endswith(mine))
        for one in map(_digits, others)
    )
