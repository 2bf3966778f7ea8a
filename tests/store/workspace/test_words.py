"""What people's cards and rules may say, for both alike."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InputError
from store.workspace import words


def test_a_definition_is_as_it_is_read_again() -> None:
    assert words.definition({"by": ("team",), "n": 1.5}, what="card") == {"by": ["team"], "n": 1.5}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"at": float("nan")}, "the rule cannot be kept: Out of range"),
        ({"at": {1, 2}}, "the rule cannot be kept: Object of type set"),
        ({"text": "x" * 90}, r"the rule's definition has 102 characters.*At most 100"),
    ],
)
def test_a_definition_that_cannot_be_kept(told: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        words.definition(told, what="rule", most=100)
    assert refused.match(said)
    assert words.definition({"text": "x" * 88}, what="rule", most=100)


def test_a_kind_is_one_of_those_that_there_are() -> None:
    assert words.one_of("a", ("a", "b"), what="card") == "a"
    with pytest.raises(InputError, match=r"no kind of card called 'c'.*Known: a, b"):
        words.one_of("c", ("a", "b"), what="card")
