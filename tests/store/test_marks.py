"""What a person is recognised by is found however it is written, and what only looks like it is not."""

from __future__ import annotations

import pytest

from store.marks import ERASED, Marks


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
