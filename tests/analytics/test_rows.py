"""Metrics over other tables than the facts: whose row it was then, which clock, which kinds, what is not in it."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from analytics import periods, query
from analytics.base import OF_THE_ROW, Attribution, Metric, at
from analytics.question import Question
from analytics.result import MetricResult
from analytics.sla_states import is_met, with_state
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Counting, Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Make = Callable[..., Reader]
Ask = Callable[..., MetricResult]
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 10))
KNOWN = datetime(2026, 11, 12)


def metric(**more: Any) -> Metric:
    told: dict[str, Any] = {
        "name": "own", "title": "Own", "unit": "count", "better": "neutral", "kind": "count", "words": ("own",),
        "description": "Own.", "population_text": "All.", "bucket": "replied_local", "counted_on": "the reply",
        "null_when": "never", "source": "test", "table": "replies", "attribution": Attribution("the reply", OF_THE_ROW),
    }  # fmt: skip
    return Metric(**(told | more))


def rows(
    reader: Reader, one: Metric, by: tuple[str, ...] = (), viewer: Viewer = EVERYTHING, **more: Any
) -> list[dict[str, Any]]:
    filters = Filters.of(None, more.pop("where", {}), **more)
    frame = periods.frame(NOVEMBER, KNOWN, None)
    return query.run(reader, Question(one, filters, frame, None, by, known=KNOWN), viewer)[0]


def total(found: list[dict[str, Any]]) -> Any:
    return next((row["value"] for row in found if row["part"] == "total"), None)


def groups(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {row["g0"]: row["value"] for row in found if row["part"] == "group"}


def reply(conversation: str, day: int, **more: Any) -> dict[str, Any]:
    return {
        "conversation_id": conversation,
        "reply_no": day,
        "replied_local": datetime(2026, 11, day, 9),
        **more,
    }


def test_replies_belong_to_the_team_that_gave_them(warehouse: Make) -> None:
    facts = [{"team": "Second line", "channel": "email"}, {"team": "Second line", "channel": "chat"}]
    replies = [reply("c0", 2, team="Billing"), reply("c0", 3, team="Second line"), reply("c1", 4, team="Billing"),
               reply("c1", 20, team="Billing")]  # fmt: skip
    reader = warehouse(facts, replies=replies)
    assert groups(rows(reader, metric(), ("team",))) == {"Billing": 2, "Second line": 1}
    assert total(rows(reader, metric(), where={"team": ["Billing"]})) == 2
    # A column that replies lack comes from the facts, beside one of their own.
    assert groups(rows(reader, metric(), ("channel",), where={"team": ["Billing"]})) == {
        "email": 1,
        "chat": 1,
    }
    assert "conversation_facts" not in query.run(
        reader, Question(metric(), Filters(), periods.frame(NOVEMBER, KNOWN, None), "day", ("team",)), EVERYTHING
    )[1]  # fmt: skip


def test_a_viewer_sees_the_replies_of_their_conversations(warehouse: Make) -> None:
    reader = warehouse([{"team": "Billing"}, {"team": "Sales"}], replies=[reply("c0", 2), reply("c1", 3)])
    assert total(rows(reader, metric(), viewer=Viewer("ann", teams=("Sales",)))) == 1


def test_facts_are_split_by_who_held_them_then(warehouse: Make, ask: Ask) -> None:
    facts = [
        {"team": "Sales", "first_reply_team": "Billing", "first_reply_s": 60, "first_reply_local": datetime(2026, 11, 3)},
        {"team": "Sales", "first_reply_team": None, "first_reply_s": 90, "first_reply_local": datetime(2026, 11, 3)},
    ]  # fmt: skip
    reader = warehouse(facts)
    result = ask(reader, "first_reply_median", NOVEMBER, by=("team", "channel"), where={"team": ["Billing"]})
    assert [(row.group, row.value) for row in result.groups] == [(("Billing", "email"), 60)]
    assert ask(reader, "first_reply_median", NOVEMBER, where={"team": ["(none)"]}).total.value == 90
    assert ask(reader, "first_reply_median", NOVEMBER, where={"team": ["Sales"]}).total.n == 0
    assert [(one.dimension, one.as_of) for one in result.as_of_dimensions] == [
        ("team", "the first reply"), ("channel", "now")]  # fmt: skip


def test_working_time_leaves_out_what_has_no_calendar_and_says_so(warehouse: Make, ask: Ask) -> None:
    replied = {"first_reply_local": datetime(2026, 11, 3)}
    facts = [{**replied, "first_reply_s": 600, "first_reply_business_s": 60}, {**replied, "first_reply_s": 900},
             {"excluded_because": "spam", **replied, "first_reply_s": 1}, {}]  # fmt: skip
    filters = Filters.of(NOVEMBER, hours="business")
    reader = warehouse(facts)
    from analytics.compute import compute

    result = compute(reader, "first_reply_median", filters, settings=Settings(), viewer=EVERYTHING)
    assert (result.total.value, result.total.n, result.hours) == (60, 1, "business")
    assert [(one.reason.split(":")[0], one.n) for one in result.excluded] == [
        ("no reply by an agent yet", 1), ("no working hours", 1), ("spam", 1)]  # fmt: skip
    volume = compute(reader, "volume", filters, settings=Settings(), viewer=EVERYTHING)
    assert (volume.total.value, volume.hours) == (3, "calendar")


def test_kinds_that_are_left_out_can_be_counted(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{}, {"excluded_because": "automatic"}, {"excluded_because": "spam"}])
    from analytics.compute import compute

    given = compute(
        reader, "volume", Filters.of(NOVEMBER, include=["automatic"]), settings=Settings(), viewer=EVERYTHING
    )
    assert given.total.value == 2 and given.included == ("automatic",)
    assert [(one.reason, one.n) for one in given.excluded] == [("spam", 1)]
    assert "Also counted: automatic." in given.notes
    settings = Settings(counting=Counting(include=("spam",)))
    asked = compute(reader, "volume", Filters.of(NOVEMBER), settings=settings, viewer=EVERYTHING)
    assert asked.total.value == 2 and asked.included == ("spam",)


def test_a_metric_admits_kinds_of_its_own(warehouse: Make) -> None:
    reader = warehouse([{"excluded_because": "merged"}, {}], replies=[reply("c0", 2), reply("c1", 3)])
    assert total(rows(reader, metric())) == 1
    assert total(rows(reader, metric(admits=("merged",)))) == 2


def target(number: int, due: int | None, ended: int | None = None, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"conversation_id": f"c{number}", "sla_metric": "first_reply", "instance_no": 1}
    for name, day in (("due", due), ("ended", ended)):
        row[f"{name}_local"] = datetime(2026, 11, day, 9) if day else None
        row[f"{name}_at"] = row[f"{name}_local"]
    late = row["due_local"] if ended and due and ended > due else None
    return row | {"breached_at": late, "breached_local": late, "cancelled_because": None} | more


TARGETS = metric(table="sla_instances", bucket="state_local", extend=with_state, admits=("merged",))


def test_a_target_has_four_states(warehouse: Make) -> None:
    early = datetime(2026, 11, 3, 9)
    targets = [
        target(0, 5, 4), target(1, 5, 6), target(2, 5), target(3, 11, None), target(4, 5, 4, cancelled_because="merged"),
        target(5, None), target(6, None, 6), target(7, 20, None, breached_at=early, breached_local=early),
    ]  # fmt: skip
    facts: list[dict[str, Any]] = [{} for _ in targets]
    facts[4] = {"excluded_because": "merged"}
    reader = warehouse(facts, sla_instances=targets)
    frame = periods.frame(Period(date(2026, 11, 1), date(2026, 11, 30)), KNOWN, None)
    found = query.run(
        reader, Question(TARGETS, Filters(), frame, None, ("sla_state",), known=KNOWN), EVERYTHING
    )[0]
    # 3 is overdue since the day before the data ends; 5 stands still and runs; 6 ended while it stood still.
    assert groups(found) == {"met": 2, "breached": 3, "running": 1, "cancelled": 1}
    compliance = metric(
        table="sla_instances",
        bucket="judged_local",
        kind="share",
        unit="share",
        measure=is_met,
        extend=with_state,
    )
    assert total(query.run(reader, Question(compliance, Filters(), frame, known=KNOWN), EVERYTHING)[0]) == 0.4


def test_dimensions_of_targets_belong_to_targets(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{}], sla_instances=[target(0, 5, 4, policy="gold")])
    assert groups(rows(reader, TARGETS, ("policy",))) == {"gold": 1}
    with pytest.raises(QuestionError, match="only targets have"):
        ask(reader, "volume", NOVEMBER, by=("sla_state",))
    with pytest.raises(QuestionError, match="no hour of the day"):
        ask(reader, "backlog", NOVEMBER, by=("hour",))


def test_weekdays_and_hours_of_the_moment_a_row_counts_on(warehouse: Make, ask: Ask) -> None:
    facts = [{"created_local": datetime(2026, 11, 2, 7)}, {"created_local": datetime(2026, 11, 9, 23)},
             {"created_local": datetime(2026, 11, 8, 7)}]  # fmt: skip
    reader = warehouse(facts)
    by_day = ask(reader, "volume", NOVEMBER, by=("weekday",))
    assert {row.group[0]: row.n for row in by_day.groups} == {"Monday": 2, "Sunday": 1}
    by_hour = ask(reader, "volume", NOVEMBER, by=("hour",), where={"weekday": ["Monday"]})
    assert {row.group[0]: row.n for row in by_hour.groups} == {"07": 1, "23": 1}


def test_a_ratio_divides_by_what_is_distinct(warehouse: Make) -> None:
    per_agent = metric(kind="ratio", unit="number", per=("agent",))
    replies = [reply("c0", 2, agent="Ann"), reply("c0", 3, agent="Ann"), reply("c0", 4, agent="Ben"),
               reply("c0", 5, agent=None)]  # fmt: skip
    reader = warehouse([{}], replies=replies)
    assert total(rows(reader, per_agent)) == 2  # four replies, two known agents


def test_a_sum_adds_what_rows_measure(warehouse: Make) -> None:
    waited = metric(kind="sum", measure=lambda replies: replies.waited_s)
    reader = warehouse(
        [{}], replies=[reply("c0", 2, waited_s=5), reply("c0", 3, waited_s=-7), reply("c0", 4)]
    )
    assert total(rows(reader, waited)) == -2


def test_coverage_says_how_much_of_the_data_can_tell(warehouse: Make, ask: Ask) -> None:
    rated = {"csat_score": 1.0, "csat_local": datetime(2026, 11, 3)}
    facts = [rated, {}, {}, {"source_id": "shop"}]
    told = [{"source_id": "desk", "capability": "csat", "available": True, "reason": "ratings"},
            {"source_id": "shop", "capability": "csat", "available": False, "reason": "no ratings"}]  # fmt: skip
    reader = warehouse(facts, capabilities=told)
    coverage = ask(reader, "csat_share", NOVEMBER).coverage
    assert coverage is not None and (coverage.n, coverage.of_n, coverage.share) == (3, 4, 0.75)
    assert coverage.text == "covers 1 of 2 sources, 75 % of conversations"
    assert ask(reader, "csat_share", NOVEMBER, where={"source": ["desk"]}).coverage is None
    assert ask(reader, "volume", NOVEMBER).coverage is None


AGES = metric(
    table="open_spans", kind="level_quantile", quantile=0.5, unit="seconds", bucket="opened_local",
    measure=lambda spans: spans.created_local, attribution=Attribution("then", OF_THE_ROW),
)  # fmt: skip


def test_the_age_of_what_is_open(warehouse: Make, span: Callable[..., Any]) -> None:
    began = {"created_local": datetime(2026, 11, 1)}
    spans = [
        {**span("c0", datetime(2026, 11, 1), datetime(2026, 11, 3)), **began, "team": "Billing"},
        {**span("c0", datetime(2026, 11, 3), None, 2), **began, "team": "Sales"},  # handed over, not solved
        {
            **span("c1", datetime(2026, 11, 4), datetime(2026, 11, 5, 12)),
            "created_local": datetime(2026, 11, 4),
        },
    ]
    reader = warehouse([{}, {}], spans)
    frame = periods.frame(NOVEMBER, KNOWN, "previous")
    found = query.run(reader, Question(AGES, Filters(), frame, "day", (), known=KNOWN), EVERYTHING)[0]
    days = {row["bucket"].day: (row["value"] / 86_400, row["n"]) for row in found if row["part"] == "bucket"}
    assert days[2] == (2, 1) and days[4] == ((4 + 1) / 2, 2) and days[5] == (5, 1) and days[10] == (10, 1)
    assert total(found) == 10 * 86_400
    by_team = query.run(reader, Question(AGES, Filters(), frame, "day", ("team",)), EVERYTHING)[0]
    teams = {
        (row["bucket"].day, row["g0"]) for row in by_team if row["part"] == "bucket" and row["g0"] != "(none)"
    }
    # What is handed over as a day ends is still the first team's at that end, as it is still open when solved then.
    assert {team for day, team in teams if day in (1, 2)} == {"Billing"} and (3, "Billing") not in teams
    long = periods.frame(Period(date(2026, 9, 1), date(2026, 10, 1)), KNOWN, None)
    with pytest.raises(QuestionError, match="14 days at most"):
        query.run(reader, Question(AGES, Filters(), long, "hour"), EVERYTHING)


def test_at_names_the_columns_of_a_moment() -> None:
    solved = at("the last solve", "last_solve")
    assert solved.columns["team"] == "last_solve_team" and solved.as_of("team") == "the last solve"
    assert solved.as_of("tag") == "now"
