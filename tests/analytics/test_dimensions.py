"""Splitting and filtering: missing values, several values, tags, a source's own fields."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest

from analytics import conversation_list, datasets, dimensions, shapes
from analytics.audit import behind
from analytics.changes import what_changed
from analytics.dimensions import DIMENSIONS, attributes, check_values, dimension_values, find
from analytics.list_question import ListQuestion
from analytics.result import MetricResult
from core.conditions import decode
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from rag.vocabulary import vocabulary
from store.reader import Reader, compiled
from store.writer import Writer

Ask = Callable[..., MetricResult]
Make = Callable[..., Reader]
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 10))
BILLING_NOT_LOW_OR_CHAT = decode("team:Billing;priority!:low|channel:chat")


def counts(result: MetricResult) -> dict[tuple[str, ...], int]:
    return {row.group: row.n for row in result.groups}


def test_a_missing_value_is_a_group_that_can_be_filtered_for(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{"team": "Billing"}, {"team": None}, {"team": ""}])
    assert counts(ask(reader, "volume", NOVEMBER, by=("team",))) == {("(none)",): 2, ("Billing",): 1}
    assert ask(reader, "volume", NOVEMBER, where={"team": ["(none)"]}).total.value == 2
    assert ask(reader, "volume", NOVEMBER, where={"team": ["(none)", "Billing"]}).total.value == 3


def test_values_are_alternatives_and_dimensions_combine(warehouse: Make, ask: Ask) -> None:
    rows = [("email", "low"), ("email", "high"), ("chat", "low"), ("web", "low")]
    reader = warehouse([{"channel": channel, "priority": priority} for channel, priority in rows])
    where = {"channel": ["email", "chat"], "priority": ["low"]}
    assert ask(reader, "volume", NOVEMBER, where=where).total.value == 2


def test_tags_overlap_and_the_total_counts_once(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{"tags": ["vip", "bug"]}, {"tags": ["vip"]}, {"tags": []}, {"tags": None}])
    result = ask(reader, "volume", NOVEMBER, by=("tag",))
    assert counts(result) == {("vip",): 2, ("(none)",): 2, ("bug",): 1}
    assert result.total.value == 4
    assert ask(reader, "volume", NOVEMBER, where={"tag": ["vip"]}, by=("tag",)).total.value == 2
    assert ask(reader, "volume", NOVEMBER, where={"tag": ["(none)", "bug"]}).total.value == 3


def test_a_field_of_the_source(warehouse: Make, ask: Ask) -> None:
    fields: list[dict[str, Any] | None] = [
        {"plan": "pro", "seats": 5},
        {"plan": 'a "b"'},
        {"plan": None},
        None,
    ]
    reader = warehouse(
        [{}] * 4,
        conversations=[
            {"source_id": "desk", "conversation_id": f"c{i}", "custom_fields": json.dumps(f) if f else None}
            for i, f in enumerate(fields)
        ],
    )
    by_plan = counts(ask(reader, "volume", NOVEMBER, by=("custom:plan",)))
    assert by_plan == {("(none)",): 2, ("pro",): 1, ('a "b"',): 1}
    assert ask(reader, "volume", NOVEMBER, where={"custom:seats": ["5"]}).total.value == 1
    assert counts(ask(reader, "volume", NOVEMBER, by=("custom:nix",))) == {("(none)",): 4}
    assert dimension_values(reader, "custom:plan", viewer=EVERYTHING)[0] == ("(none)", 2)


def test_a_quote_in_a_value_is_a_value(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{"agent": "O'Brien; --"}, {"agent": "Anna"}])
    assert ask(reader, "volume", NOVEMBER, where={"agent": ["O'Brien; --"]}).total.value == 1


@pytest.mark.parametrize("name", sorted(DIMENSIONS))
def test_every_dimension_can_split_and_filter(big: Reader, ask: Ask, name: str) -> None:
    period = Period(date(2026, 10, 1), date(2026, 10, 31))
    result = ask(big, "volume", period, by=(name,))
    if not DIMENSIONS[name].many:
        assert sum(row.n for row in result.groups) == result.total.n
    value, n = result.groups[0].group[0], result.groups[0].n
    assert ask(big, "volume", period, where={name: [value]}).total.n == n > 0


def test_values_come_most_frequent_first_and_only_counted_visible_ones(warehouse: Make) -> None:
    facts: list[dict[str, Any]] = [{"product": "B"}, {"product": "B"}, {"product": "A"}, {"product": None}]
    facts += [{"product": "X", "excluded_because": "spam"}, {"product": "C", "source_id": "other"}]
    reader = warehouse(facts)
    assert dimension_values(reader, "product", viewer=EVERYTHING, limit=3) == [
        ("B", 2),
        ("(none)", 1),
        ("A", 1),
    ]
    other = Viewer("other", sources=("other",))
    assert dimension_values(reader, "product", viewer=other) == [("C", 1)]
    in_b = Filters.of(None, {"product": ["B"]})
    assert dimension_values(reader, "source", viewer=EVERYTHING, filters=in_b) == [("desk", 2)]


def test_a_value_nobody_has_is_refused_with_the_nearest(warehouse: Make) -> None:
    reader = warehouse([{"channel": "email"}, {"channel": "chat", "created_local": datetime(2026, 11, 3)}])
    check_values(reader, Filters.of(None, {"channel": ["email", "(none)"]}), viewer=EVERYTHING)
    with pytest.raises(QuestionError, match=r"no conversation has the channel 'emial'.*email"):
        check_values(reader, Filters.of(None, {"channel": ["emial"]}), viewer=EVERYTHING)


def test_names_of_history_can_be_filtered_for(warehouse: Make, ask: Ask, span: Any) -> None:
    replied = datetime(2026, 11, 3, 10)
    facts = {"conversation_id": "c", "agent": "Ann", "team": "Front Line", "created_team": "Early Birds",
             "first_reply_agent": "Zoe", "first_reply_local": replied, "first_reply_s": 600}  # fmt: skip
    reply = {
        "conversation_id": "c",
        "replied_local": replied,
        "is_reply": True,
        "agent": "Yan",
        "team": "Night",
    }
    target = {"conversation_id": "c", "sla_metric": "first_reply", "team": "Weekend"}
    seen = [{"kind": "person", "source_id": "desk", "id": "7", "name": "Xia"}]
    reader = warehouse(
        [facts],
        [{**span("c", datetime(2026, 11, 2, 10), None), "team": "Escalations"}],
        replies=[reply],
        sla_instances=[target],
        names_seen=seen,
    )
    former = {"agent": ["Zoe", "Yan", "Xia"], "team": ["Early Birds", "Night", "Weekend", "Escalations"]}
    for name, values in former.items():
        now = {value for value, _ in dimension_values(reader, name, viewer=EVERYTHING)}
        for value in values:
            assert value not in now
            check_values(reader, Filters.of(None, {name: [value]}), viewer=EVERYTHING)
    assert ask(reader, "first_reply_median", NOVEMBER, where={"agent": ["Zoe"]}).total.value == 600
    assert ask(reader, "replies", NOVEMBER, where={"agent": ["Yan"]}).total.value == 1
    assert ask(reader, "volume", NOVEMBER, where={"team": ["Early Birds"]}).total.value == 1
    with pytest.raises(QuestionError, match=r"no conversation has the team 'Early Bird'.*Early Birds"):
        check_values(reader, Filters.of(None, {"team": ["Early Bird"]}), viewer=EVERYTHING)
    with pytest.raises(QuestionError, match=r"no conversation has the agent 'Night'"):
        check_values(reader, Filters.of(None, {"agent": ["Night"]}), viewer=EVERYTHING)
    stranger = Viewer("eve", sources=("other",))
    with pytest.raises(QuestionError, match=r"no conversation has the agent 'Zoe'"):
        check_values(reader, Filters.of(None, {"agent": ["Zoe"]}), viewer=stranger)


def test_unknown_dimensions(warehouse: Make, ask: Ask) -> None:
    assert find("custom:plan").column == "custom:plan"
    for name in ("custom:", "a plan", ""):
        with pytest.raises(QuestionError, match="no dimension"):
            find(name)
    reader = warehouse([{}])
    for more in ({"by": ("plan",)}, {"where": {"plan": ["gold"]}}):
        with pytest.raises(QuestionError, match="no dimension called 'plan'"):
            ask(reader, "volume", NOVEMBER, **more)


@pytest.fixture
def customers(home: Home, warehouse: Make) -> Reader:
    """Facts with the attributes plan and annual_revenue."""
    writer = Writer(home, run_id="test")
    for name in ("plan", "annual_revenue"):
        writer.execute(f"ALTER TABLE conversation_facts ADD COLUMN attribute_{name} VARCHAR")
    writer.close()
    plans = ["gold", "gold", "silver", None, ""]
    facts = [
        {"attribute_plan": plan, "channel": "chat" if n % 2 else "email"} for n, plan in enumerate(plans)
    ]
    return warehouse(
        [
            *facts,
            {"attribute_plan": "gold", "excluded_because": "spam"},
            {"attribute_annual_revenue": "under 1k"},
        ]
    )


def test_attributes_of_customers_split_and_filter(customers: Reader, ask: Ask) -> None:
    assert [(d.name, d.title) for d in attributes(customers, EVERYTHING)] == [
        ("annual_revenue", "Annual revenue"), ("plan", "Plan"),
    ]  # fmt: skip
    result = ask(customers, "volume", NOVEMBER, by=("plan",))
    assert counts(result) == {("(none)",): 3, ("gold",): 2, ("silver",): 1}
    by_two = ask(customers, "volume", NOVEMBER, by=("plan", "channel"), where={"plan": ["gold"]})
    assert counts(by_two) == {("gold", "email"): 1, ("gold", "chat"): 1}
    assert dimension_values(customers, "plan", viewer=EVERYTHING) == [
        ("(none)", 3),
        ("gold", 2),
        ("silver", 1),
    ]
    with pytest.raises(QuestionError, match=r"no conversation has the plan 'golf'.*gold"):
        check_values(customers, Filters.of(None, {"plan": ["golf"]}), viewer=EVERYTHING)
    with pytest.raises(QuestionError, match=r"'plans'.*annual_revenue, plan, custom"):
        ask(customers, "volume", NOVEMBER, by=("plans",))


def test_changes_and_levels_split_by_attributes(
    warehouse: Make, home: Home, ask: Ask, settings: Settings, span: Any
) -> None:
    writer = Writer(home, run_id="test")
    writer.execute("ALTER TABLE conversation_facts ADD COLUMN attribute_plan VARCHAR")
    writer.close()
    days = [(1, "gold"), (2, "gold"), (2, "gold"), (2, None)]
    reader = warehouse(
        [{"attribute_plan": plan, "created_local": datetime(2026, 11, day, 9)} for day, plan in days],
        [span(f"c{n}", datetime(2026, 11, day, 9), None) for n, (day, _) in enumerate(days)],
    )
    second = Filters(Period(date(2026, 11, 2), date(2026, 11, 2)))
    report = what_changed(reader, "volume", second, settings=settings, viewer=EVERYTHING, by=("plan",))
    assert {s.value: s.contribution for s in report.splits[0].segments} == {"gold": 1, "(none)": 1}
    assert counts(ask(reader, "backlog", NOVEMBER, by=("plan",))) == {("gold",): 3, ("(none)",): 1}


def test_lists_of_conversations_know_the_attributes(customers: Reader) -> None:
    def listed(where: dict[str, list[str]]) -> int:
        asked = ListQuestion(Filters.of(None, where))
        return conversation_list.totals(customers, asked, settings=Settings(), viewer=EVERYTHING).rows

    assert listed({"plan": ["gold"]}) == 2
    assert listed({"plan": ["gold", "silver"], "channel": ["email"]}) == listed({"plan": ["silver"]}) + 1
    with pytest.raises(QuestionError, match=r"'plans'.*annual_revenue, plan"):
        listed({"plans": ["gold"]})


def test_questions_know_the_attributes(customers: Reader, settings: Settings) -> None:
    words = vocabulary(customers, settings, EVERYTHING)
    assert {words.dimensions[word] for word in ("plan", "plans", "annual revenue")} == {
        "plan",
        "annual_revenue",
    }
    assert words.beside["plan"] == {"gold": "gold", "silver": "silver"}
    assert "gold" not in words.bare


def test_conditions_are_joined_by_and_within_a_group_and_by_or_between(warehouse: Make, ask: Ask) -> None:
    facts = [
        {"team": "Billing", "priority": "low"},
        {"team": "Billing", "priority": "high"},
        {"team": "Billing", "priority": None},
        {"team": "Care", "priority": "high"},
        {"team": "Care", "priority": "low", "channel": "chat"},
    ]
    reader = warehouse(facts)
    chosen = {"groups": BILLING_NOT_LOW_OR_CHAT}
    assert ask(reader, "volume", NOVEMBER, **chosen).total.value == 3
    both = ask(reader, "volume", NOVEMBER, where={"team": ["Billing"]}, by=("priority",), **chosen)
    assert counts(both) == {("high",): 1, ("(none)",): 1}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tag:vip", {"c0", "c1"}),
        ("tag!:vip", {"c2", "c3"}),
        ("tag!:bug;tag!:(none)", {"c1"}),
        ("tag:(none)", {"c2", "c3"}),
        ("tag:vip;tag:bug", {"c0"}),
        ("tag!:bug", {"c1", "c2", "c3"}),
    ],
)
def test_conditions_on_tags(warehouse: Make, ask: Ask, line: str, expected: set[str]) -> None:
    reader = warehouse([{"tags": ["vip", "bug"]}, {"tags": ["vip"]}, {"tags": []}, {"tags": None}])
    filters = Filters.of(NOVEMBER, groups=decode(line))
    found = behind(reader, "volume", filters, settings=Settings(), viewer=EVERYTHING)
    assert {one.conversation_id for one in found} == expected
    assert ask(reader, "volume", NOVEMBER, groups=decode(line)).total.value == len(expected)


def test_a_value_of_a_condition_that_does_not_exist_is_refused(warehouse: Make) -> None:
    reader = warehouse([{"team": "Billing"}])
    with pytest.raises(QuestionError, match="no conversation has the team 'Biling'") as raised:
        check_values(reader, Filters.of(groups=decode("channel:email|team!:Biling")), viewer=EVERYTHING)
    assert raised.value.hint == "Known: Billing."


def test_a_list_says_which_dimensions_it_does_not_have(warehouse: Make) -> None:
    reader = warehouse([{}])
    filters = Filters.of(groups=decode("sla_state:missed"))
    with pytest.raises(QuestionError, match="no state of the target"):
        datasets.rows(reader, "facts", filters, settings=Settings(), viewer=EVERYTHING)


def test_values_of_one_shape_are_written_once(warehouse: Make) -> None:
    """And the second text is the one that Ibis would write for it."""
    facts = [
        {"product": "A'1", "team": "one"},
        {"product": "B", "team": "two"},
        {"product": "B", "team": "two"},
    ]
    reader = warehouse(facts)
    seen = [
        dimension_values(reader, "product", viewer=EVERYTHING, filters=Filters.of(None, {"team": [team]}))
        for team in ("one", "two", "no'body")
    ]
    assert seen == [[("A'1", 1)], [("B", 2)], []]
    before = shapes._template.cache_info().misses
    filters = Filters.of(None, {"team": ["it's new"]})
    assert dimension_values(reader, "product", viewer=EVERYTHING, filters=filters) == []
    assert shapes._template.cache_info().misses == before
    one = dimensions._Listed(filters, "product", 200)
    plain = compiled(dimensions._most_frequent(partial(reader.table, viewer=EVERYTHING), one))
    assert shapes.sql_of(dimensions._most_frequent, reader, one, EVERYTHING) == plain
