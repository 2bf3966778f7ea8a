"""Questions for drivers: what is told was tested, and nothing is where nothing is clear."""

from __future__ import annotations

import json
from typing import Any

from analytics import catalogue, outcomes
from rag.associations import _ALSO, outcome_of
from tests.rag.test_ask import answer, check_numbers


def test_what_drives_reopens_is_the_planted_channel(sample: Any, sample_home: Any) -> None:
    truth = json.loads((sample_home.root / "sample" / "truth.json").read_text())["reopen_driver"]
    given = answer(sample, "What drives reopens?")
    found = [fact for fact in given.metrics if fact.group]
    assert (
        found
        and found[0].group == (truth["value"],)
        and found[0].filters[truth["dimension"]] == (truth["value"],)
    )
    assert (
        found[0].value is not None
        and found[0].baseline is not None
        and found[0].value > 2 * found[0].baseline
    )
    words = " ".join(claim.text for claim in given.claims)
    assert "not the same as caused by" in words and given.dropped_claims == 0
    assert not [
        fact.label for fact in found if "_" in fact.label
    ]  # titles as pages say them, no names of columns
    check_numbers(given)


def test_a_short_period_claims_nothing(sample: Any) -> None:
    given = answer(sample, "What drives reopens in the week of 2 November 2026?")
    assert not [fact for fact in given.metrics if fact.group]
    assert any("stands out" in claim.text for claim in given.claims)


def test_every_named_outcome_exists() -> None:
    assert {outcome_of(name) for name in _ALSO} <= set(outcomes.OUTCOMES)
    assert all(catalogue.find(name) for name in _ALSO) and outcome_of("volume") is None
    assert all(outcome_of(one.metric) == name for name, one in outcomes.OUTCOMES.items())
