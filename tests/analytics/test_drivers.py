"""Drivers of a warehouse: counted as plain SQL counts them, nothing that comes afterwards, and only what one may see."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics import beforehand, outcomes
from analytics.dimensions import DIMENSIONS, FURTHER
from analytics.drivers import Driver, DriverReport, drivers
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Make = Callable[..., Reader]
SUMMER = Filters.of(Period(date(2026, 6, 1), date(2026, 8, 31)))


def solved(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Billing reopens thrice as often; team North, which has most of Billing, does nothing by itself.

    A further one, later, so that all of the period is known and ripe.
    """
    dice = random.Random(seed)
    yield {"conversation_id": "later", "created_local": datetime(2026, 9, 20, 10)}
    for number in range(count):
        topic = dice.choice(["Billing", "Login", "Parcel", "Other"])
        north = dice.random() < (0.85 if topic == "Billing" else 0.2)
        at = datetime(2026, 6, 2, 10) + timedelta(minutes=dice.randrange(80 * 1440))
        again = at + timedelta(hours=5) if dice.random() < (0.36 if topic == "Billing" else 0.12) else None
        yield {
            "conversation_id": f"c{number}", "topic": topic, "first_solve_team": "North" if north else "South",
            "team": "North" if north else "South", "channel": dice.choice(["email", "chat"]), "created_local": at,
            "first_solved_local": at + timedelta(hours=1), "last_solved_local": at + timedelta(hours=1),
            "first_reopened_local": again and again, "reopens": 1 if again else 0,
        }  # fmt: skip


@pytest.fixture
def found(warehouse: Make) -> tuple[Reader, DriverReport]:
    reader = warehouse(list(solved(2000)))
    return reader, drivers(reader, "reopened", SUMMER, settings=Settings(), viewer=EVERYTHING)


def one(report: DriverReport, dimension: str, value: str) -> Driver:
    return next(d for d in report.drivers if (d.dimension, d.value) == (dimension, value))


def test_the_planted_driver_is_first_and_what_it_carries_is_not_clear(
    found: tuple[Reader, DriverReport],
) -> None:
    _, report = found
    first = report.drivers[0]
    assert (first.dimension, first.value, first.is_clear) == ("topic", "Billing", True)
    north = one(report, "team", "North")
    assert north.ratio_low > 1.3 and not north.is_clear and north.adjusted_low < 1 < north.adjusted_high  # type: ignore[operator]
    assert "goes with 3." in first.words or "goes with 2." in first.words
    assert "cause" not in first.words and report.notes == (
        "What goes together need not be cause and effect.",
    )


def test_ratio_and_impact_as_plain_sql_counts_them(found: tuple[Reader, DriverReport]) -> None:
    reader, report = found
    rows = reader.query(
        """SELECT topic = 'Billing' AS inside, count(*) AS n, count(*) FILTER (first_reopened_s <= 604800) AS hits
           FROM {conversation_facts} WHERE is_counted AND first_solved_local >= TIMESTAMP '2026-06-01'
             AND first_solved_local < TIMESTAMP '2026-09-01' GROUP BY 1 ORDER BY 1 DESC""",
        viewer=EVERYTHING,
    ).to_pylist()
    inside, rest = rows
    billing = one(report, "topic", "Billing")
    assert (billing.n, billing.hits) == (inside["n"], inside["hits"])
    assert billing.ratio == pytest.approx((inside["hits"] / inside["n"]) / (rest["hits"] / rest["n"]))
    whole = (inside["hits"] + rest["hits"]) / (inside["n"] + rest["n"])
    assert report.rate == pytest.approx(whole)
    assert billing.impact == pytest.approx(
        100 * (whole - rest["hits"] / rest["n"])
    )  # all, minus all without it


def test_each_driver_opens_as_many_conversations_as_it_counts(found: tuple[Reader, DriverReport]) -> None:
    from analytics.compute import compute

    reader, report = found
    shown = [
        d for d in report.drivers if d.dimension in ("topic", "team", "created_weekday", "created_hours")
    ][:6]
    assert len(shown) == 6
    for driver in shown:
        filters = Filters.of(report.period, dict(driver.where))
        total = compute(reader, report.metric, filters, settings=Settings(), viewer=EVERYTHING).total
        assert total.n == driver.n and total.value == pytest.approx(driver.rate)


def test_a_viewer_sees_drivers_of_their_own_rows(warehouse: Make) -> None:
    reader = warehouse(list(solved(1500)))
    limited = Viewer("lena", teams=("South",))
    report = drivers(reader, "reopened", SUMMER, settings=Settings(), viewer=limited)
    whole = drivers(reader, "reopened", SUMMER, settings=Settings(), viewer=EVERYTHING)
    assert 0 < report.n < whole.n and not any(d.value == "North" for d in report.drivers)
    assert report.n == one(whole, "team", "South").n


def test_nothing_that_comes_afterwards_may_be_a_driver() -> None:
    late = {"tag", "status", "sentiment", "sla_state", "csat_score", "weekday", "hour", "agent_stations"}
    for outcome in outcomes.OUTCOMES.values():
        assert not late & set(outcome.dimensions)
        assert all(name in DIMENSIONS or name in FURTHER for name in outcome.dimensions)
        if outcome.hit == "slow" or outcome.name == "breached":
            assert not {"team", "agent", "priority", "early_agents", "early_replies"} & set(
                outcome.dimensions
            )
        for name in ("tag", "status", "sentiment", "requester"):
            with pytest.raises(QuestionError, match="consequence"):
                outcomes.check_beforehand(outcome, name)


def test_handling_after_the_solve_does_not_count(warehouse: Make) -> None:
    """Every reopened conversation is passed on and answered after its reopen: before, all were handled alike."""
    facts = list(solved(600))[1:]
    spans, replies = [], []
    for number, row in enumerate(facts):
        begun, ended, again = row["created_local"], row["first_solved_local"], row["first_reopened_local"]
        parts = [(begun, ended, "Ann")] + ([(again, again + timedelta(hours=1), "Bob")] if again else [])
        for place, (since, until, agent) in enumerate(parts):
            spans.append(
                {"conversation_id": f"c{number}", "span_no": place, "opened_local": since, "closed_local": until,
                 "opened_at": since.replace(tzinfo=UTC), "closed_at": until.replace(tzinfo=UTC), "agent": agent}
            )  # fmt: skip
            replies.append(
                {"conversation_id": f"c{number}", "reply_no": place, "replied_local": until, "is_reply": True,
                 "replied_at": until.replace(tzinfo=UTC), "agent": agent}
            )  # fmt: skip
    reader = warehouse([*facts, *solved(0)], spans, replies=replies)
    report = drivers(
        reader,
        "reopened",
        SUMMER,
        settings=Settings(),
        viewer=EVERYTHING,
        by=("early_agents", "early_replies"),
    )
    assert report.n == 600 and report.drivers == ()  # one value each: nothing to compare
    names = ("early_agents", "early_replies")
    table = beforehand.with_columns(
        reader.table("conversation_facts", EVERYTHING), lambda t: reader.table(t, EVERYTHING), set(names)
    )
    rows = reader.run(table.select(*names)).to_pylist()
    assert {tuple(row.values()) for row in rows} == {("1", "1"), (None, None)}  # none of the later one


def test_a_slow_answer_is_slower_than_three_quarters(warehouse: Make) -> None:
    dice = random.Random(2)
    facts = []
    for number in range(400):
        at = datetime(2026, 6, 2, 10) + timedelta(hours=number)
        wait = dice.randrange(600, 3600) * (4 if number % 4 == 0 else 1)
        facts.append(
            {"created_local": at, "first_reply_local": at + timedelta(seconds=wait), "first_reply_s": wait,
             "channel": "web" if number % 4 == 0 else "chat"}
        )  # fmt: skip
    report = drivers(warehouse(facts), "slow_first_reply", SUMMER, settings=Settings(), viewer=EVERYTHING)
    waits = sorted(row["first_reply_s"] for row in facts)
    assert report.hits == sum(wait > report.threshold_s for wait in waits) == 100  # type: ignore[operator]
    assert (report.drivers[0].dimension, report.drivers[0].value) == ("channel", "web")
    assert any("still waiting" in note for note in report.notes)


def test_words_are_of_the_first_message_as_its_author_wrote_it(warehouse: Make) -> None:
    facts = list(solved(400))[1:]
    messages, cleaned = [], []
    for number, row in enumerate(facts):
        is_odd, at = number % 2 == 1, row["created_local"].replace(tzinfo=UTC)
        said = "Broken parcel from bob@example.com" if row["reopens"] and is_odd else "Where is it"
        for place, text in enumerate((f"{said}\n> voucher", "later words")):
            messages.append(
                {"source_id": "desk", "message_id": f"m{number}-{place}", "conversation_id": f"c{number}", "seq": place,
                 "author_role": "customer", "is_public": True, "is_deleted": False, "body_text": text, "created_at": at}
            )  # fmt: skip
        cleaned.append(
            {
                "source_id": "desk",
                "message_id": f"m{number}-0",
                "conversation_id": f"c{number}",
                "clean_text": said,
            }
        )
    reader = warehouse([*facts, *solved(0)], messages=messages, message_enrichment=cleaned)
    report = drivers(
        reader, "reopened", SUMMER, settings=Settings(), viewer=EVERYTHING, by=("word",), minimum=10
    )
    assert [(d.value, d.also) for d in report.drivers] == [
        ("broken", ("parcel",))
    ]  # no quote, address or later message
    assert "“broken” + “parcel” in the first message goes with" in report.drivers[0].words
    assert all(d.hits == d.n and d.is_clear and d.where == (("word", (d.value,)),) for d in report.drivers)


def test_names_of_people_are_no_words(warehouse: Make) -> None:
    facts = list(solved(200))[1:]
    messages = [
        {"source_id": "desk", "message_id": f"m{n}", "conversation_id": f"c{n}", "seq": 0, "author_role": "customer",
         "is_public": True, "is_deleted": False, "body_text": "Kowalski parcel" if n % 3 == 0 else "nothing"}
        for n in range(200)
    ]  # fmt: skip
    people = [{"source_id": "desk", "person_id": "p", "kind": "customer", "name": "Zofia Kowalski"}]
    reader = warehouse([*facts, *solved(0)], messages=messages, people=people)
    report = drivers(
        reader, "reopened", SUMMER, settings=Settings(), viewer=EVERYTHING, by=("word",), minimum=10
    )
    assert {d.value for d in report.drivers} == {"parcel"}


def test_too_little_has_no_drivers(warehouse: Make) -> None:
    report = drivers(warehouse(list(solved(30))), "reopened", SUMMER, settings=Settings(), viewer=EVERYTHING)
    assert report.drivers == () and any("nothing to compare" in note for note in report.notes)
    with pytest.raises(QuestionError, match="no outcome called"):
        drivers(warehouse([{}]), "wonder", SUMMER, settings=Settings(), viewer=EVERYTHING)
