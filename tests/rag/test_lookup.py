from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.settings import load_settings
from core.viewer import EVERYTHING, Viewer
from rag.context import RagContext
from rag.index import update
from rag.lookup import _keys, _places, lookup, terms
from store.reader import Reader

TALKS: dict[str, Any] = {
    "ORD-1": {"subject": "Parcel lost", "texts": ["Where is my parcel?", ("private", "refunded by hand, do not tell")]},
    "ORD-2": {"subject": "Login", "texts": ["The login page is blank", ("agent", "We refunded the parcel")], "team": "B"},
    "odd:#7": {"subject": None, "texts": ["error ERR-5021 on the login page"]},
    "100%": {"subject": "50 % off", "texts": ["it's a <b>bold</b> claim"]},
}  # fmt: skip


@pytest.fixture
def reader(publish: Callable[..., Reader], home: Any) -> Reader:
    """Four conversations, indexed."""
    made = publish(TALKS)
    update(home, load_settings(home), made)
    return made


def ids(found: Any) -> list[str]:
    return sorted(found.keys["conversation_id"].to_pylist())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parcel", ["ORD-1", "ORD-2"]),
        ("PARCEL lost", ["ORD-1"]),  # a word in the subject, another in what was said
        ("login refund", ["ORD-2"]),  # each in another message; a word may go on
        ("ord-2", ["ORD-2"]),
        ("odd:#", ["odd:#7"]),
        ('"blank page"', []),
        ('"login page"', ["ORD-2", "odd:#7"]),
        ("ERR-5021", ["odd:#7"]),
        ("where is the parcel", ["ORD-1", "ORD-2"]),  # common words are left out
        ("50 %", ["100%"]),
        ("nothing-like-this", []),
    ],
)
def test_every_word_must_be_somewhere(home: Any, reader: Reader, text: str, expected: list[str]) -> None:
    assert ids(lookup(home, reader, text, viewer=EVERYTHING)) == expected


def test_private_notes_are_read_only_on_request(home: Any, reader: Reader) -> None:
    public = lookup(home, reader, "refunded", viewer=EVERYTHING)
    assert public.by_index and ids(public) == ["ORD-2"]
    noted = lookup(home, reader, "refunded", viewer=EVERYTHING, notes=True)
    assert not noted.by_index and ids(noted) == ["ORD-1", "ORD-2"]


def test_without_a_current_index_the_messages_are_read(
    publish: Callable[..., Reader], home: Any, reader: Reader
) -> None:
    newer = publish({"new": ["a parcel again"]})
    found = lookup(home, newer, "parcel", viewer=EVERYTHING)
    assert not found.by_index and ids(found) == ["ORD-1", "ORD-2", "new"]
    # The older generation is still what the index holds.
    assert lookup(home, reader, "parcel", viewer=EVERYTHING).by_index
    update(home, load_settings(home), newer)
    again = lookup(home, newer, "parcel", viewer=EVERYTHING)
    assert again.by_index and ids(again) == ids(found)
    assert not lookup(home, reader, "parcel", viewer=EVERYTHING).by_index


def test_many_hits_are_found_by_number(home: Any, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [lookup(home, reader, text, viewer=EVERYTHING) for text in ("parcel", "login refund", "odd:#")]
    monkeypatch.setattr("rag.lookup.FEW", 0)
    many = [lookup(home, reader, text, viewer=EVERYTHING) for text in ("parcel", "login refund", "odd:#")]
    assert [ids(one) for one in few] == [ids(one) for one in many]
    assert all(one.by_index for one in [*few, *many])


def test_chunks_that_the_generation_lacks_are_nobodys(reader: Reader) -> None:
    """The index can be written between two looks at it."""
    known, keys = _places(reader)
    assert len(known) == 4 and sorted(known) == known.tolist()
    wanted = np.array([known[-1], known[0] + 1, known[0], 2**63 - 1])
    found, here = _keys(reader, wanted)
    assert here.tolist() == [True, False, True, False] and found.tolist() == [keys[-1], keys[0]]


@pytest.mark.parametrize("notes", [False, True])
def test_without_a_term_nothing_is_found(home: Any, reader: Reader, notes: bool) -> None:
    assert ids(lookup(home, reader, '" "', viewer=EVERYTHING, notes=notes)) == []


@pytest.mark.parametrize("notes", [False, True])
def test_a_viewer_finds_their_own(home: Any, reader: Reader, notes: bool) -> None:
    assert ids(lookup(home, reader, "parcel", viewer=Viewer(teams=("B",)), notes=notes)) == ["ORD-2"]
    assert ids(lookup(home, reader, "parcel", viewer=Viewer(sources=()), notes=notes)) == []


@pytest.mark.parametrize(
    "text", ['" OR 1', "NEAR(a b)", "body: x", "'; DROP TABLE words; --", "(", "{messages}", "%", '"']
)
def test_a_search_is_only_text(home: Any, reader: Reader, text: str) -> None:
    found = lookup(home, reader, text, viewer=EVERYTHING)
    assert set(ids(found)) <= set(TALKS)


def test_terms_are_words_and_phrases() -> None:
    assert terms('Where is "My Parcel" ERR-1') == ("my parcel", "err-1")
    assert terms("the") == ("the",)
    assert terms('"unclosed') == ("unclosed",)
    assert terms("  ") == ()
    assert len(terms(" ".join(f"w{n}" for n in range(50)))) == 8


def test_the_sample_finds_what_reading_finds(sample: RagContext) -> None:
    """Of whole words that the index and the messages spell alike, both ways find the same conversations."""
    for word in ("invoice", "parcel", "password"):
        by_index = lookup(sample.home, sample.reader, word, viewer=EVERYTHING)
        sql = """SELECT DISTINCT m.conversation_id AS id FROM {messages} m JOIN {conversation_facts} f
                 USING (source_id, conversation_id)
                 WHERE NOT m.is_deleted AND m.is_public AND m.kind = 'message' AND m.author_role IN ('customer', 'agent')
                   AND regexp_matches(lower(body_text), ?)"""
        read = sample.reader.query(sql, [rf"\b{word}s?\b"], viewer=EVERYTHING)["id"].to_pylist()
        assert by_index.by_index and read and set(read) <= set(ids(by_index))
