"""Conditions hold wherever filters go: in every metric, what is behind it, what is taken out, and in searches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, get_args

import pytest

from analytics import changes, conversation_list, datasets, ledger
from analytics.audit import audited, behind
from analytics.capabilities import Coverage
from analytics.compute import compute
from analytics.dimensions import dimension_values
from analytics.list_question import ListQuestion
from analytics.result import MetricResult
from core.conditions import Group, decode
from core.effective import effective_settings
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings, load_settings
from core.viewer import EVERYTHING
from rag import scope
from rag.context import RagContext
from rag.search import search
from store.reader import open_reader
from tests.analytics.kinds import one_of_each

SPRING = Period(date(2026, 3, 1), date(2026, 5, 31))


class Sample:
    """The sample, asked with filters and with conditions that mean the same."""

    def __init__(self, home: Home) -> None:
        self.home, self.reader = home, open_reader(home)
        self.settings: Settings = effective_settings(home, load_settings(home))

    def ask(self, name: str, filters: Filters) -> MetricResult:
        return compute(
            self.reader, name, filters, settings=self.settings, viewer=EVERYTHING,
            grain=None if name == "contact_rate" else "month", by=("channel",), compare="previous",
        )  # fmt: skip


@pytest.fixture(scope="module")
def sample(sample_home: Home) -> Iterator[Sample]:
    yield Sample(sample_home)


PLAIN = Filters.of(SPRING, {"team": ["Billing", "Deliveries"], "channel": ["email", "chat"]})


def as_conditions(filters: Filters, *more: Group) -> Filters:
    """The same filters as one group of conditions, beside alternatives that nothing fulfils."""
    group = ";".join(f"{name}:{','.join(values)}" for name, values in filters.where)
    return Filters.of(filters.period, groups=(*decode(group), *more))


def same(*found: Any) -> Any:
    """Results to twelve digits: threads add up what they hold in any order."""

    def plain(one: Any) -> Any:
        if isinstance(one, float):
            return float(f"{one:.12g}")
        if is_dataclass(one):
            return [plain(getattr(one, field.name)) for field in fields(one)]
        return [plain(part) for part in one] if isinstance(one, list | tuple) else one

    return plain(found)


@pytest.mark.parametrize("name", one_of_each())
def test_every_metric_honours_them(sample: Sample, now: datetime, name: str) -> None:
    plain = sample.ask(name, PLAIN)
    impossible = decode("channel:email;channel!:email")
    filters = as_conditions(PLAIN, *impossible)
    found = sample.ask(name, filters)
    assert same(found.total, found.previous) == same(plain.total, plain.previous)
    assert same(found.rows, found.groups, found.excluded) == same(plain.rows, plain.groups, plain.excluded)
    assert found.filters == filters and found.targets == ()
    here, there = (
        behind(sample.reader, name, one, settings=sample.settings, viewer=EVERYTHING, limit=20)
        for one in (PLAIN, filters)
    )
    assert same(here) == same(there)


@pytest.mark.parametrize("name", ["volume", "backlog", "replies", "solved", "sla_targets"])
def test_is_and_is_not_are_everything(sample: Sample, now: datetime, name: str) -> None:
    values = [value for value, _ in dimension_values(sample.reader, "team", viewer=EVERYTHING)]
    assert "(none)" in values or len(values) > 3

    def n(line: str) -> int:
        return sample.ask(name, Filters.of(SPRING, groups=decode(line))).total.n

    everything = sample.ask(name, Filters.of(SPRING)).total.n
    assert n("team:Billing") + n("team!:Billing") == everything > n("team:Billing") > 0
    assert n("team:Billing|team!:Billing") == everything
    assert n("team:Billing;team!:Billing") == 0


def test_an_audit_opens_what_the_conditions_leave(sample: Sample, now: datetime) -> None:
    filters = Filters.of(SPRING, groups=decode("team:Billing;priority!:low|channel:chat"))
    result = audited(
        sample.reader, sample.ask("first_reply_median", filters), settings=sample.settings, viewer=EVERYTHING
    )
    rows = sample.reader.query(
        """SELECT conversation_id, median(first_reply_s) OVER () AS median, count(*) OVER () AS n
           FROM {conversation_facts} WHERE is_counted AND first_reply_s IS NOT NULL
           AND first_reply_local >= DATE '2026-03-01' AND first_reply_local < DATE '2026-06-01'
           AND (first_reply_team = 'Billing' AND first_reply_priority IS DISTINCT FROM 'low' OR channel = 'chat')""",
        viewer=EVERYTHING,
    ).to_pylist()
    assert (result.total.value, result.total.n) == (rows[0]["median"], rows[0]["n"])
    assert result.audit and result.statistics and result.statistics.n == len(rows)
    assert {one.conversation_id for one in result.audit.conversations} <= {r["conversation_id"] for r in rows}
    assert {moment.dimension for moment in result.as_of_dimensions} == {"team", "priority", "channel"}


def test_what_changed_and_what_is_taken_out(sample: Sample, now: datetime) -> None:
    reader, settings = sample.reader, sample.settings
    plain, conditions = (
        changes.what_changed(reader, "volume", f, settings=settings, viewer=EVERYTHING)
        for f in (PLAIN, as_conditions(PLAIN))
    )
    assert conditions == plain
    for dataset in get_args(datasets.Dataset):
        counted = [
            reader.query(
                f"SELECT count(*) AS n FROM ({datasets.rows(reader, dataset, f, settings=settings, viewer=EVERYTHING)})",
                viewer=EVERYTHING,
            )["n"][0].as_py()
            for f in (PLAIN, as_conditions(PLAIN))
        ]
        assert counted[0] == counted[1] > 0


@pytest.mark.parametrize("of", ["", "volume", "replies"])
def test_a_list_holds_what_they_leave(sample: Sample, now: datetime, of: str) -> None:
    plain, conditions = (
        conversation_list.page(
            sample.reader, ListQuestion(f, of=of), settings=sample.settings, viewer=EVERYTHING, size=100
        ).rows
        for f in (PLAIN, as_conditions(PLAIN))
    )
    assert conditions == plain and len(plain) >= 5
    if of:
        assert len(conditions) == sample.ask(of, as_conditions(PLAIN)).total.n
    assert {row["channel"] for row in plain} == {"email", "chat"}


def test_a_search_is_within_them(sample: Sample, now: datetime) -> None:
    context = RagContext(sample.home, sample.settings, sample.reader)
    filters = Filters.of(groups=decode("channel:chat"))
    assert scope.is_everything(Filters(), EVERYTHING) and not scope.is_everything(filters, EVERYTHING)
    hits = search(context, "parcel", filters, 10)
    assert len(hits) == 10 and {hit.channel for hit in hits} == {"chat"}


def test_who_cannot_honour_them_refuses(sample: Sample, now: datetime) -> None:
    filters = Filters.of(SPRING, groups=decode("team:Billing"))
    asked = partial(
        ledger.as_of,
        sample.reader,
        "volume",
        at=date(2026, 11, 1),
        settings=sample.settings,
        viewer=EVERYTHING,
    )
    with pytest.raises(QuestionError, match="totals, teams and channels"):
        asked(filters=filters)


def test_a_condition_on_sources_decides_what_is_covered() -> None:
    coverage = Coverage({"desk": "it has no ratings"}, frozenset({"desk", "mail", "web"}))
    mail = Filters.of(groups=decode("source:mail|source!:desk,web;team:Billing"))
    assert coverage.within(mail) == {"mail"} and coverage.covers(mail)
    desk = Filters.of(groups=decode("source:desk"))
    assert not coverage.covers(desk)
    nothing = Filters.of(None, {"source": ["mail"]}, groups=decode("source:desk"))
    assert coverage.within(nothing) == coverage.sources
