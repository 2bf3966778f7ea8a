"""The words behind a cause: those of the customers, as they were cleaned."""

from __future__ import annotations

from collections.abc import Callable

from analytics.example import Example
from analytics.rootcause.evidence import _words
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader


def test_words_are_the_subject_and_what_customers_say_as_it_was_cleaned(
    warehouse: Callable[..., Reader],
) -> None:
    said = (("m1", "customer", "Parcel crushed, regards Ada"), ("m2", "agent", "Sorry, refunded"),
            ("m3", None, "Wrapping torn"))  # fmt: skip
    reader = warehouse(
        [{"team": "Billing"}, {"team": "Returns"}],
        messages=[
            {"source_id": "desk", "conversation_id": "c0", "message_id": name, "author_role": role, "body_text": text}
            for name, role, text in said
        ],
        message_enrichment=[
            {"source_id": "desk", "conversation_id": "c0", "message_id": name, "clean_text": text}
            for name, text in (("m1", "Parcel crushed"), ("m2", "Sorry, refunded"))
        ],
    )  # fmt: skip
    examples = [
        Example("desk", "c0", "Damaged box"),
        Example("other", "c0", "No words"),
        Example("desk", "c1", None),
    ]
    own, stranger, silent = _words(reader, examples, EVERYTHING)
    assert own == {"damaged", "box", "parcel", "crushed", "wrapping", "torn"}
    assert stranger == {"words"} and silent == set()
    assert _words(reader, examples[:1], Viewer("bea", teams=("Returns",)))[0] == {"damaged", "box"}


def test_words_of_notes_and_of_what_is_deleted_do_not_count(warehouse: Callable[..., Reader]) -> None:
    hidden = ({"is_public": False}, {"kind": "note"}, {"is_deleted": True}, {"kind": "event"})
    said = [{"body_text": "parcel"}, *({"body_text": "fraudster", **one} for one in hidden)]
    of = {"source_id": "desk", "conversation_id": "c0", "author_role": "unknown"}
    reader = warehouse(
        [{"subject": None}], messages=[{**of, "message_id": f"m{n}", **one} for n, one in enumerate(said)]
    )
    assert _words(reader, [Example("desk", "c0", None)], EVERYTHING) == [{"parcel"}]
