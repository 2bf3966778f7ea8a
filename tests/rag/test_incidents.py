"""Incidents in answers to why: their id, their number, what they go with and their conversations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analytics.anomalies.grouping import Card
from analytics.anomalies.report import anomalies
from core.filters import Filters, Period
from core.viewer import EVERYTHING, Viewer
from rag.answer import Answer, MetricFact
from rag.ask import ask
from rag.context import RagContext
from rag.golden_set import second_way

DAY = date(2026, 10, 31)
OUTAGE = "What happened on Oct 31?"


@pytest.fixture(scope="module")
def kept() -> dict[str, Answer]:
    """Answers of this module by question: each is asked once."""
    return {}


@pytest.fixture
def card(sample: RagContext) -> Card:
    """What the report of that day tells first."""
    day = Filters.of(Period(DAY, DAY))
    found = anomalies(sample.reader, day, settings=sample.settings, viewer=EVERYTHING, metrics=("volume",))
    return found.cards[0]


def asked(sample: RagContext, kept: dict[str, Answer], question: str) -> Answer:
    if question not in kept:
        kept[question] = ask(question, sample, keep=False)
    return kept[question]


def told(answer: Answer) -> list[MetricFact]:
    return [fact for fact in answer.metrics if fact.incident]


def test_an_incident_of_the_day_is_a_number_with_its_id_and_its_causes(
    sample: RagContext, kept: dict[str, Answer], card: Card
) -> None:
    first, *causes = told(asked(sample, kept, OUTAGE))
    assert first.incident == card.headline.key and first.period.period == Period(DAY, DAY)
    assert (first.value, first.baseline) == (card.headline.actual, card.headline.expected)
    assert [dict(cause.where) for cause in card.causes[:2]] == [
        {name: values[0] for name, values in fact.filters.items()} for fact in causes
    ]
    assert all(fact.incident == first.incident for fact in causes) and causes[0].baseline is not None


def test_every_number_of_an_incident_is_counted_again(sample: RagContext, kept: dict[str, Answer]) -> None:
    facts = told(asked(sample, kept, OUTAGE))
    assert len(facts) == 2
    for fact in facts:
        sql, params = second_way(fact) or ("", [])
        (n,) = sample.reader.query(sql, params, viewer=EVERYTHING).column("value").to_pylist()
        assert fact.value == n > 5 and fact.sql, fact.label


def test_the_sentences_name_the_incident_and_its_conversations_are_evidence(
    sample: RagContext, kept: dict[str, Answer]
) -> None:
    answer = asked(sample, kept, OUTAGE)
    assert answer.dropped_claims == 0 and "incident of 2026-10-31" in answer.text
    _, cause, *_ = told(answer)
    ((dimension, (value,)),) = cause.filters.items()
    assert (dimension, value) in (("channel", "chat"), ("topic", "Delivery, late"))  # 14 of the 16 are both
    assert f"This incident goes with {dimension} {value}" in answer.text
    assert any(one.date == DAY and one.channel == "chat" for one in answer.citations)


def test_a_why_of_another_number_names_the_incident_of_its_days(
    sample: RagContext, kept: dict[str, Answer]
) -> None:
    answer = asked(sample, kept, "Why was sentiment negative on Oct 31?")
    assert answer.metrics[0].name == "sentiment_negative_share"
    assert [fact.name for fact in told(answer)][:1] == ["volume"] and answer.dropped_claims == 0


@pytest.mark.parametrize("question", ["What happened on Oct 6?", "How many tickets on Oct 31?"])
def test_a_calm_day_and_a_plain_count_tell_of_none(
    sample: RagContext, kept: dict[str, Answer], question: str
) -> None:
    assert told(asked(sample, kept, question)) == []


def test_who_may_not_see_its_conversations_hears_of_no_incident(sample: RagContext) -> None:
    other = Viewer("ann@example.org", teams=("Billing",), role="viewer", rights=frozenset())
    answer = ask(OUTAGE, sample, viewer=other, keep=False)
    assert told(answer) == [] and "incident" not in answer.text


def test_a_burst_of_hours_is_the_number_of_its_hours(
    sample: RagContext, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = sample.reader.query(
        """SELECT hour(created_local) AS hour, count(*) AS n FROM {conversation_facts}
           WHERE is_counted AND created_local::DATE = DATE '2026-10-31' GROUP BY 1 ORDER BY n DESC, hour LIMIT 1""",
        viewer=EVERYTHING,
    ).to_pylist()
    hour, n = rows[0]["hour"], rows[0]["n"]
    one = replace(card.headline, hours=(hour, hour), is_burst=True, actual=float(n), expected=0.1, n=n)
    monkeypatch.setattr("rag.incidents._cards", lambda *_: [replace(card, headline=one, causes=())])
    answer = ask(OUTAGE, sample, keep=False)
    (fact,) = told(answer)
    assert fact.value == n and fact.filters == {"hour": (f"{hour:02}",)}
    between = f"between {hour:02}:00 and {hour + 1:02}:00"
    assert between in fact.label and between in answer.text and answer.dropped_claims == 0


def test_an_incident_of_one_slice_is_not_said_to_go_with_that_slice(
    sample: RagContext, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = card.causes[0]
    own = replace(card.headline, where=cause.where, actual=cause.actual or 0.0)
    monkeypatch.setattr("rag.incidents._cards", lambda *_: [replace(card, headline=own, causes=(cause,))])
    answer = ask(OUTAGE, sample, keep=False)
    (fact,) = told(answer)
    assert fact.group == tuple(value for _, value in cause.where) and "goes with" not in answer.text
    assert {one.channel for one in answer.citations} == {"chat"}, (
        "its conversations are evidence all the same"
    )
