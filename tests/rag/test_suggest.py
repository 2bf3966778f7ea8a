"""Follow-ups: whatever is offered has an answer."""

from __future__ import annotations

import pytest

from core.viewer import EVERYTHING, Viewer
from rag.ask import ask
from rag.context import RagContext
from rag.follow import calendar_of
from rag.suggest import MOST, returns_data
from rag.vocabulary import vocabulary


@pytest.mark.parametrize(
    "question",
    [
        "Why was sentiment negative on Oct 31?",
        "Which team is the slowest to reply?",
        "Find conversations about a refund",
    ],
)
def test_every_follow_up_is_answered_with_data(sample: RagContext, question: str) -> None:
    given = ask(question, sample, keep=False)
    assert 0 < len(given.next_questions) <= MOST
    assert question not in given.next_questions
    for follow_up in given.next_questions:
        answered = ask(follow_up, sample, keep=False)
        assert answered.confidence.level != "not in the data", follow_up
        assert answered.claims and any(fact.n for fact in answered.metrics), follow_up


def test_what_has_no_conversation_is_not_offered(sample: RagContext) -> None:
    def offered(question: str, viewer: Viewer = EVERYTHING) -> bool:
        words = vocabulary(sample.reader, sample.settings, viewer)
        return returns_data(sample, question, words, calendar_of(sample), viewer)

    nobody = Viewer("ann@example.org", teams=("No such team",), role="viewer", rights=frozenset())
    assert offered("Volume by channel on 2026-10-31")
    assert not offered("Volume by channel on 2019-10-31")
    assert not offered("What do customers of Parcel Tracker say about unicorns?")
    assert not offered("Volume by channel on 2026-10-31", nobody)
