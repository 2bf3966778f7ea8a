"""Erasures that are put on record from their certificates, on either database."""

from __future__ import annotations

from typing import Any

import pytest

from core.home import Home
from store.erasures import Erasures, hash_of, keys_of

ADA, BEN = ("person", "desk", "ada"), ("person", "desk", "ben")


@pytest.fixture(params=["sqlite", "postgresql"])
def erasures(request: pytest.FixtureRequest, home: Home, now: object) -> Erasures:
    url = request.getfixturevalue("shared_url") if request.param == "postgresql" else None
    return Erasures(home, url=url)


def certificate(number: int, salt: str, *people: str) -> dict[str, Any]:
    return {
        "erasure": number, "begun_at": "2026-11-01T10:00:00+00:00", "made_at": "2026-11-01T10:05:00+00:00",
        "by": "ann", "salt": salt, "tombstones": [hash_of(salt, "person", "desk", name) for name in people],
    }  # fmt: skip


def test_numbers_go_on_after_them_and_each_brings_its_salt(erasures: Erasures) -> None:
    certificates = [certificate(3, "one", "ada"), certificate(4, "two", "ben")]
    assert erasures.take_over(certificates) == [3, 4]
    assert erasures.take_over(certificates) == []
    kept = erasures.tombstones()
    assert ADA in kept and BEN in kept and ("person", "desk", "cleo") not in kept
    number = erasures.begin({}, keys_of([("desk", "cleo")], [], []), viewer="ann")
    assert number == 5 and ("person", "desk", "cleo") in erasures.tombstones(5)
    assert [one.id for one in erasures.unfinished()] == [5]


def test_one_that_repeats_another_keeps_its_number(erasures: Erasures) -> None:
    certificates = [certificate(1, "one", "ada"), certificate(2, "one", "ada")]
    assert erasures.take_over(certificates) == [1, 2]
    assert erasures.take_over(certificates) == []
    assert erasures.begin({}, [], viewer="ann") == 3, "no certificate is written over"


def test_a_number_that_is_taken_stays_whose_it_is(erasures: Erasures) -> None:
    number = erasures.begin({}, keys_of([("desk", "cleo")], [], []), viewer="ann")
    assert erasures.take_over([certificate(number, "other", "ada", "ben")]) == [number]
    assert ADA in erasures.tombstones() and ADA not in erasures.tombstones(number)
    assert [one.certificate for one in erasures.all()] == [None]
