"""What a person is recognised by is found however it is written, and what only looks like it is not."""

from __future__ import annotations

import json

import duckdb
import pytest

from store import erase
from store.marks import ERASED, Marks

MOBILE = [
    "+49 170 1234567", "+491701234567", "0049 170 1234567", "00491701234567", "+49 (0)170 1234567", "(+49) 170 1234567",
    "0170 1234567", "0170/1234567", "(0170) 123-4567", "+49-170-123 45 67", "+49\u00a0170\u00a01234567",
]  # fmt: skip
FIXED = ["(020) 7946-0958", "020 7946 0958", "02079460958", "+44 20 7946 0958", "+44 (0)20 7946 0958"]
ABROAD = ["+1 555 123 4567", "(555) 123-4567", "555-123-4567", "1-555-123-4567", "001 555 1234567"]


def is_likely(marks: Marks, text: str) -> bool:
    """Whether the warehouse finds it."""
    with duckdb.connect() as con:
        tests = [con.execute("SELECT regexp_matches(?, ?)", [text, one]).fetchone() for one in marks.numbers]
    return (True,) in tests


@pytest.mark.parametrize(
    ("number", "text"),
    [(number, text) for numbers in (MOBILE, FIXED, ABROAD) for number in numbers[:1] for text in numbers]
    + [("0170 1234567", text) for text in MOBILE],
)
def test_a_number_is_found_however_it_is_written(number: str, text: str) -> None:
    marks = Marks((number,))
    assert marks.blot(f"Call {text}, or write.") == f"Call {ERASED}, or write."
    assert marks.blot(f"tel:{text}") == f"tel:{ERASED}"
    assert marks.blot(f"The parcel ({text}).") == f"The parcel ({ERASED})."
    assert is_likely(marks, f"Call {text}, or write.")


@pytest.mark.parametrize(
    "text",
    [
        "01701234568", "+49 170 12345678", "+44 170 1234567", "order 491701234567", "1701234567", "170-1234567-A",
        "invoice 88491701234567", "2026-01-70 12:34:567",
    ],
)  # fmt: skip
def test_another_number_stays(text: str) -> None:
    assert Marks(("+49 170 1234567",)).blot(text) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("2026-11-01", "20261101"),
        ("44120987", "4412 0987"),
        ("Ada 1", "Ada1"),
        ("()- .", "().-"),
        ("0000000000", "0000 000000"),
        ("000 1234", "234"),
        ("+49 30 123", "030 123"),
        ("2000000", "200 0000"),
    ],
)
def test_what_is_no_number_to_call_is_found_as_it_is_written(word: str, text: str) -> None:
    marks = Marks((word,))
    assert (marks.blot(text), marks.numbers) == (text, ())


@pytest.mark.parametrize("name", ["Zoë O'Hare", "Zoë O’Hare", "Zoe\u0308 O'Hare"])
@pytest.mark.parametrize("text", ["Zoë O'Hare", "Zoë O’Hare", "ZOE\u0308 O’HARE", "zoë\no'hare"])
def test_accents_and_apostrophes_are_found_however_they_are_written(name: str, text: str) -> None:
    marks = Marks((name,))
    assert marks.blot(f"for {text}.") == f"for {ERASED}."
    assert " ".join(text.lower().split()) in marks.forms


def test_other_letters_are_another_name() -> None:
    assert Marks(("Zoë O'Hare",)).blot("Zoe O'Hare, Zoë O'Hareson") == "Zoe O'Hare, Zoë O'Hareson"


@pytest.mark.parametrize("text", ["Write zoe+shop@x.example.", "mailto:zoe+shop@x.example?subject=a"])
def test_an_address_with_a_tag_is_not_the_one_without(text: str) -> None:
    assert Marks(("zoe+shop@x.example",)).blot(text) == text.replace("zoe+shop@x.example", ERASED)
    assert Marks(("zoe@x.example",)).blot(text) == text
    assert Marks(("shop@x.example",)).blot(text) == text


def test_words_in_an_address_of_the_web_are_found_and_prose_around_it_stays() -> None:
    marks = Marks(("Ada Byron", "ada+shop@x.example"))
    assert marks.blot("see /v?who=Ada+Byron&of=50%25 now") == "see /v?who=%5Berased%5D&of=50%25 now"
    assert marks.blot("to=ada%2Bshop%40x.example") == "to=%5Berased%5D"
    assert marks.blot("Ask Grace+Ada Byron, 50% off") == "Ask Grace+Ada Byron, 50% off"
    assert marks.blot("Ada Byron, see ?m=Ada%20Byron") == f"{ERASED}, see ?m=%5Berased%5D", (
        "plain and in an address"
    )


@pytest.mark.parametrize(
    "text",
    [
        "see ?n=Ada%20O%27Neil", "Ada\u00a0O'Neil", "Ada\u202fO'Neil", "<p>Ada O&#x27;Neil</p>", "Ada&nbsp;O&#39;Neil",
        "Ada O&rsquo;Neil", "tel:%2B49%2030%201234567", "tel:%2B4930%20123%204567", "+49\u00a030 1234567",
    ],
)  # fmt: skip
def test_the_search_of_the_warehouse_finds_whatever_is_blotted(text: str) -> None:
    marks = Marks(("Ada O'Neil", "+49 30 1234567"))
    with duckdb.connect() as con:
        con.execute("CREATE TABLE said (body_text VARCHAR, custom JSON)")
        con.execute("INSERT INTO said VALUES (?, ?)", [text, json.dumps({"a": text})])
        found = {column: rows[0][1] for _, column, rows in erase._mentions(con, marks, {})}
    assert found["body_text"] == marks.blot(text) != text
    assert json.loads(found["custom"]) == {"a": marks.blot(text)}
