"""Whether something causes problems: who speaks of it is counted against before, and that this is no cause is said."""

from __future__ import annotations

import pytest

from core.viewer import EVERYTHING
from rag.ask import ask
from rag.context import RagContext
from rag.follow import calendar_of
from rag.plan import parse
from rag.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("question", "sought"),
    [
        ("Is the new release causing problems?", "release"),
        ("Did the last deployment lead to complaints?", "deployment"),
        ("Has the router change caused trouble?", "router"),
        ("Is the latest app version creating more tickets?", "app version"),
    ],
)
def test_what_is_asked_about_is_sought(sample: RagContext, question: str, sought: str) -> None:
    plan = parse(question, vocabulary(sample.reader, sample.settings, EVERYTHING), calendar_of(sample))
    assert (plan.intent, plan.search_text) == ("count", sought)
    assert len(plan.ambiguity) == 1 and "cannot tell whether" in plan.ambiguity[0]


def test_mentions_are_set_against_the_period_before(sample: RagContext) -> None:
    answer = ask("Are the latest updates causing problems?", sample, keep=False)
    mentions = next(fact for fact in answer.metrics if fact.name == "mentions")
    earlier = ask("How many tickets mention updates from 2026-09-17 to 2026-10-16?", sample, keep=False)
    before = next(fact for fact in earlier.metrics if fact.name == "mentions")
    assert mentions.baseline == before.value and mentions.delta == mentions.n - before.n
    assert mentions.baseline_label == str(before.period) and answer.dropped_claims == 0
    assert any("cannot tell whether" in reason for reason in answer.confidence.reasons)


def test_a_period_that_is_not_over_has_none_before(sample: RagContext) -> None:
    answer = ask("How many tickets mention updates this month?", sample, keep=False)
    assert next(fact for fact in answer.metrics if fact.name == "mentions").baseline is None
