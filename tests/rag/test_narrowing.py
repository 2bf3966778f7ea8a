"""A part of a part: its number, what it says that it is of, and its evidence are the same conversations."""

from __future__ import annotations

from datetime import date

from alerts.rules import filters_of
from analytics.compute import compute
from analytics.splits import Segment
from core.conditions import decode
from core.filters import Filters, Period
from core.viewer import EVERYTHING
from rag.answer import Answer, MetricFact, QueryPlan
from rag.context import RagContext
from rag.golden_set import second_way
from rag.intents import _narrowed, compute_numbers
from rag.scope import conversation_numbers
from ui.data_ask import alert_draft

YEAR = Period(date(2025, 11, 16), date(2026, 11, 15))


def with_all(context: RagContext, *tags: str) -> int:
    """How many conversations of the year have all of these tags."""
    where = " AND ".join("list_contains(tags, ?)" for _ in tags)
    sql = f"SELECT count(*) AS n FROM {{conversation_facts}} WHERE is_counted AND created_local >= ? AND {where}"
    return int(context.reader.query(sql, [YEAR.start, *tags], viewer=EVERYTHING)["n"][0].as_py())


def passing(fact: MetricFact) -> Filters:
    return Filters.of(fact.period.period, fact.filters, groups=decode(fact.any))


def test_tags_of_what_has_a_tag_are_counted_among_it_alone(sample: RagContext) -> None:
    plan = QueryPlan(intent="top_n", metrics=("volume",), filters={"tag": ("follow-up",)}, group_by=("tag",))
    book = compute_numbers(sample, plan, YEAR, EVERYTHING)
    groups = book.role("group")
    assert len(groups) > 2
    for fact in groups:
        wanted = with_all(sample, "follow-up", *fact.group)
        asked = compute(sample.reader, "volume", passing(fact), settings=sample.settings, viewer=EVERYTHING)
        assert (fact.n, asked.total.n) == (wanted, wanted)
    assert len(book.strata) == 3
    for stratum in book.strata:
        shown = conversation_numbers(sample.reader, stratum.filters, EVERYTHING, counted=())
        assert len(shown) == with_all(sample, "follow-up", stratum.label)
    others = [fact for fact in groups if fact.group != ("follow-up",)]
    assert others and all(fact.any == f"tag:{fact.group[0]}" and second_way(fact) is None for fact in others)
    drafted = alert_draft(Answer.model_construct(metrics=tuple(others)))
    assert drafted and filters_of(drafted[1]["filters"]) == passing(others[0]).over(None)


def test_a_segment_beside_a_tag_has_both() -> None:
    part = Segment("tag", "crash", 2, 3, 2, 3, 1, 0, 1, 0.5)
    filters = _narrowed(Filters.of(YEAR, {"tag": ["follow-up"]}), part)
    assert (
        filters is not None
        and filters.values("tag") == ("follow-up",)
        and filters.groups == decode("tag:crash")
    )
