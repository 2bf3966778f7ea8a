"""What is quoted as praise praises."""

from __future__ import annotations

import pytest

from rag.ask import ask
from rag.context import RagContext
from rag.praise import praise


@pytest.mark.parametrize(
    ("sentence", "praises"),
    [
        ("I really like Smart Thermostat, thank you for it.", True),
        ("Brilliant, that was fast.", True),
        ("I am writing about my Smart Thermostat account.", False),
        ("The signal strength shows 89 percent.", False),
        ("It would be great to have a dark mode.", False),
        ("I do not like the new app at all.", False),
    ],
)
def test_a_sentence_praises_or_does_not(sentence: str, praises: bool) -> None:
    assert (praise(sentence) > 0) is praises


def test_courtesy_counts_less_than_praise() -> None:
    assert (
        0
        < praise("Looking forward to hearing from you, happy customer.")
        < praise("I am very happy with it.")
    )


def test_who_asks_what_is_loved_reads_praise(sample: RagContext) -> None:
    answer = ask("What do people love?", sample, keep=False)
    assert answer.plan.metrics == ("sentiment_positive_share",)
    typical = [one.quote or "" for one in answer.citations if one.kind == "representative"]
    assert len(typical) >= 3 and all(praise(quote) for quote in typical)
