"""The mark around customers' words in a request is one that nothing takes for a number of theirs."""

from __future__ import annotations

from enrich.redaction import Redaction
from rag.model_calls import material, new_mark


def test_a_mark_is_never_masked_and_never_the_same() -> None:
    marks = {new_mark() for _ in range(500)}
    assert len(marks) == 500 and all(len(mark) == 16 and mark.isalpha() for mark in marks)
    given = [material(mark, {"id": "e1"}, "Hello there.") for mark in marks]
    assert [Redaction().mask(text) for text in given] == given
    assert Redaction().mask(material("00284502095cabfa", {}, "Hello.")) != material(
        "00284502095cabfa", {}, "Hello."
    )
