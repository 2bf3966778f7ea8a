"""A number opened: its variants, how its values lie, and what happened in its conversations."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import mean, median
from typing import Any

import pytest

from analytics import catalogue, timeline
from analytics.audit import audited
from analytics.compute import compute
from analytics.result import Audit, MetricResult
from analytics.spread import SECONDS
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Make = Callable[..., Reader]
Ask = Callable[..., MetricResult]
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 10))
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def opened(reader: Reader, name: str, period: Period = NOVEMBER, viewer: Viewer = EVERYTHING) -> MetricResult:
    result = compute(reader, name, Filters.of(period), settings=Settings(), viewer=viewer)
    return audited(reader, result, settings=Settings(), viewer=viewer)


def audit_of(result: MetricResult) -> Audit:
    assert result.audit is not None
    return result.audit


def replied(seconds: int | None, day: int = 3, **more: Any) -> dict[str, Any]:
    return {"first_reply_s": seconds, "first_reply_local": datetime(2026, 11, day), **more}


def test_statistics_and_fixed_bins(warehouse: Make) -> None:
    values = [0, 59, 60, 3_599, 3_600, 100 * 86_400]
    result = opened(warehouse([replied(value) for value in values]), "first_reply_median")
    found = result.statistics
    assert found is not None and (found.n, found.low, found.high) == (6, 0, 100 * 86_400)
    assert (found.mean, found.median) == (pytest.approx(mean(values)), median(values))
    assert found.p90 == pytest.approx(3_600 + (100 * 86_400 - 3_600) * 0.5)
    assert [bin_.low for bin_ in result.distribution] == list(SECONDS) and result.distribution[
        -1
    ].high is None
    assert {bin_.low: bin_.n for bin_ in result.distribution if bin_.n} == {
        0: 2,
        60: 1,
        1_800: 1,
        3_600: 1,
        90 * 86_400: 1,
    }


def test_bins_hold_every_value_and_a_count_has_none(big: Reader, ask: Ask) -> None:
    for name in ("resolution_median", "first_reply_mean"):
        result = ask(big, name, OCTOBER, detail=True)
        assert sum(bin_.n for bin_ in result.distribution) == result.total.n > 20
        assert result.statistics is not None and result.statistics.n == result.total.n
    assert ask(big, "volume", OCTOBER, detail=True).statistics is None
    assert ask(big, "resolution_median", OCTOBER).statistics is None
    empty = ask(big, "resolution_median", Period(date(2020, 1, 1), date(2020, 1, 2)), detail=True)
    assert empty.statistics is None and empty.distribution == ()


def test_variants_are_computed_beside_the_number(warehouse: Make) -> None:
    solved = {"last_solved_local": datetime(2026, 11, 3), "is_solved": True}
    facts = [{**solved, "one_touch": touch, "one_touch_lt2": lt2, "one_touch_eq1": True, "one_touch_messaging": None}
             for touch, lt2 in ((True, True), (False, True), (False, False), (False, True))]  # fmt: skip
    audit = audit_of(opened(warehouse(facts), "one_touch_rate"))
    found = {one.name: (one.value, one.n) for one in audit.variants}
    assert found["lt2"] == (0.75, 4) and found["eq1"] == (1.0, 4) and found["messaging"] == (None, 0)
    assert all(one.description and one.source for one in audit.variants)


@pytest.mark.parametrize("name", [m.name for m in catalogue.METRICS.all() if m.variants])
def test_every_variant_has_a_value(big: Reader, now: datetime, name: str) -> None:
    variants = audit_of(opened(big, name, OCTOBER)).variants
    assert len(variants) == len(catalogue.find(name).variants) > 0
    assert all((one.value is None) == (one.n == 0) for one in variants)


def test_who_held_it_then_where_that_changed(warehouse: Make) -> None:
    facts = [replied(5, 3, team="Sales", first_reply_team="Billing", agent="Ann", first_reply_agent="Ann"),
             replied(5, 2, team="Sales", first_reply_team="Sales")]  # fmt: skip
    audit = audit_of(opened(warehouse(facts), "first_reply_median"))
    assert [[(m.dimension, m.then, m.now) for m in one.moved] for one in audit.conversations] == [
        [("team", "Billing", "Sales")], []]  # fmt: skip
    assert {one.dimension: one.as_of for one in audit.attribution}["team"] == "the first reply"
    assert "support.zendesk.com" in audit.source and "roles" in audit.needs


def events_of(
    reader: Reader, *ids: str, viewer: Viewer = EVERYTHING
) -> dict[str, list[tuple[str | None, str]]]:
    found = timeline.events(reader, [("desk", one) for one in ids], viewer)
    return {key[1]: [(event.who, event.what) for event in events] for key, events in found.items()}


def test_what_happened_in_a_conversation(warehouse: Make) -> None:
    start = datetime(2026, 11, 2, 10, tzinfo=UTC)

    def row(number: int, minutes: int, **more: Any) -> dict[str, Any]:
        return {"source_id": "desk", "conversation_id": "c0", "seq": number, **more,
                ("created_at" if "message_id" in more else "occurred_at"): start + timedelta(minutes=minutes)}  # fmt: skip

    reader = warehouse(
        [{}, {}],
        people=[{"source_id": "desk", "person_id": "7", "name": "Ann"}],
        teams=[{"source_id": "desk", "team_id": "t1", "name": "Billing"}],
        messages=[
            row(1, 1, message_id="m1", author_role="customer", author_name="Zoë", body_text="x" * 500),
            row(2, 4, message_id="m2", author_role="agent", author_id="7", body_text="Done'; --"),
            row(
                3, 5, message_id="m3", author_role="agent", author_id="7", is_public=False, body_text="secret"
            ),
            row(4, 6, message_id="m4", author_role="agent", author_id="7", is_deleted=True, body_text="gone"),
        ],
        conversation_events=[
            row(1, 2, event_id="e1", field="assignee", new_value="7", actor_role="system"),
            row(2, 3, event_id="e2", field="team", old_value="t1", new_value="t9", actor_id="7"),
        ],
    )
    assert events_of(reader, "c0", "c1") == {
        "c0": [
            (None, "created"),
            ("Zoë", "x" * timeline.LONGEST),
            ("system", "assignee: - to Ann"),
            ("Ann", "team: Billing to t9"),
            ("Ann", "Done'; --"),
        ],
        "c1": [(None, "created")],
    }
    assert events_of(reader, "c0", viewer=Viewer("guest", sources=("other",))) == {}
    assert timeline.events(reader, [], EVERYTHING) == {}


def test_events_are_capped(warehouse: Make) -> None:
    at = datetime(2026, 11, 2, 10, tzinfo=UTC)
    reader = warehouse(
        [{}],
        conversation_events=[{"source_id": "desk", "conversation_id": "c0", "event_id": f"e{n}", "seq": n, "field": "status",
                              "new_value": f"s{n}", "occurred_at": at + timedelta(seconds=n)} for n in range(100)],
    )  # fmt: skip
    found = events_of(reader, "c0")["c0"]
    assert len(found) == timeline.MOST and found[-1][1] == f"status: - to s{timeline.MOST - 2}"


def test_ten_conversations_and_none(warehouse: Make) -> None:
    reader = warehouse([{} for _ in range(12)])
    audit = audit_of(opened(reader, "volume"))
    assert len(audit.conversations) == 10 and all(one.events for one in audit.conversations)
    nothing = audit_of(opened(reader, "volume", OCTOBER))
    assert nothing.conversations == ()
