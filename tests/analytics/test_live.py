"""What is open at an instant, by hand: counts, lists in order, and the reasons of what is at risk in words."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics import live
from analytics.conversation_list import totals
from analytics.list_question import ListQuestion
from core.filters import Filters, Period
from core.home import Home
from core.settings import Counting, Settings
from core.viewer import EVERYTHING, Viewer
from store import generations
from store.reader import open_reader
from store.writer import Writer
from tests.analytics.conftest import Make, completed, table_of

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
CREATED = datetime(2026, 11, 15, 9)


def opened(name: str, **more: Any) -> dict[str, Any]:
    return {
        "conversation_id": name, "requester_id": f"r-{name}", "agent": "Anna", "channel": "email",
        "created_local": CREATED, "waiting_since_at": None, "open_due_at": None, "missed_targets": 0,
        "sentiment": "neutral", "sentiment_score": 0.0, **more,
    }  # fmt: skip


def ago(minutes: float) -> datetime:
    return AT - timedelta(minutes=minutes)


STORY = [
    opened("calm"),
    opened("nobodys", agent=None, waiting_since_at=ago(90)),
    opened("waits", waiting_since_at=ago(600), agent="Ben", channel="chat"),
    opened("soon", open_due_at=ago(-59)),
    opened("on the hour", open_due_at=ago(-60)),
    opened("overdue", open_due_at=ago(5), agent="Ben"),
    opened("missed", missed_targets=1),
    opened(
        "angry", sentiment="negative", sentiment_score=-0.624, waiting_since_at=ago(30), open_due_at=ago(-10)
    ),
    opened("spam", excluded_because="spam", sentiment="negative"),
    opened("done", last_solved_local=CREATED + timedelta(hours=1), sentiment="negative", open_due_at=ago(10)),
    opened("no status", is_solved=None, status="unknown"),
]


def ids(found: live.OpenList) -> list[str]:
    return [row.conversation_id for row in found.rows]


@pytest.fixture
def look(warehouse: Make, settings: Settings) -> Any:
    def at(
        rows: Any = STORY, kind: Any = None, filters: Filters | None = None, sees: Viewer = EVERYTHING
    ) -> Any:
        reader, chosen = warehouse(rows), filters or Filters()
        if kind is None:
            return live.strip(reader, chosen, AT, settings=settings, viewer=sees)
        return live.listed(reader, chosen, kind, AT, settings=settings, viewer=sees)

    return at


def test_the_numbers_of_an_instant(look: Any) -> None:
    found = look()
    assert (found.open, found.unassigned, found.waiting) == (8, 1, 3)
    assert found.longest_s == 600 * 60
    assert (found.breaching, found.breached) == (2, 2), "due within the hour; overdue or missed"
    assert found.risk == 3
    assert [(one.agent, one.open, one.waiting) for one in found.held_by] == [("Anna", 5, 1), ("Ben", 2, 1)]
    assert found.silent == ()


def test_the_list_of_conversations_means_the_same_by_open(warehouse: Make, settings: Settings) -> None:
    reader = warehouse(STORY)
    found = live.strip(reader, Filters(), AT, settings=settings, viewer=EVERYTHING)
    quick = totals(reader, ListQuestion(Filters()), settings=settings, viewer=EVERYTHING).quick
    assert (quick["open"], quick["unassigned"], quick["waiting"]) == (
        found.open,
        found.unassigned,
        found.waiting,
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("risk", ["angry", "overdue", "soon"]),  # two reasons first, then in the order of their ids
        ("waiting", ["waits", "nobodys", "angry"]),
        ("unassigned", ["nobodys"]),
        ("breaching", ["angry", "soon"]),
        ("breached", ["overdue", "missed"]),
    ],
)
def test_lists_begin_with_the_most_urgent(look: Any, kind: str, expected: list[str]) -> None:
    found = look(kind=kind)
    assert ids(found) == expected
    assert found.total == len(expected)


def test_every_number_is_the_length_of_its_list(warehouse: Make, settings: Settings) -> None:
    reader = warehouse(STORY)
    found = live.strip(reader, Filters(), AT, settings=settings, viewer=EVERYTHING)
    for kind in live.KINDS:
        listed = live.listed(reader, Filters(), kind, AT, settings=settings, viewer=EVERYTHING)
        assert listed.total == getattr(found, kind), kind


def test_a_row_says_how_long_and_why(look: Any) -> None:
    row = look(kind="risk").rows[0]
    assert row.reasons == ("unhappy (-0.62)", "target due in 10 m 00 s")
    assert (row.waited_s, row.due_s, row.age_s) == (1800, 600, 86_400)


def test_filters_apply_and_the_period_does_not(look: Any) -> None:
    long_ago = Period(CREATED.date() - timedelta(days=400), CREATED.date() - timedelta(days=300))
    assert look(filters=Filters.of(long_ago, {"channel": ["chat"]})).open == 1


def test_another_source_is_not_seen(look: Any) -> None:
    assert look(sees=Viewer("x", sources=("other",))).open == 0


@pytest.mark.parametrize(("days_s", "expected"), [(0, [("third", ("contact 3 in 14 days",))]), (1, [])])
def test_the_third_contact_in_two_weeks(look: Any, days_s: int, expected: list[Any]) -> None:
    def of(name: str, days: float, seconds: int = 0, **more: Any) -> dict[str, Any]:
        created = CREATED - timedelta(days=days, seconds=seconds)
        return opened(name, requester_id="eve", created_local=created, **more)

    rows = [
        of("first", 14, days_s, last_solved_local=CREATED),
        of("second", 3),
        of("third", 0),
        of("not counted", 1, excluded_because="spam"),
        opened("another", requester_id="bob"),
        *(opened(f"no name {n}", requester_id="") for n in range(4)),
    ]
    found = look(rows, kind="risk")
    assert [(row.conversation_id, row.reasons) for row in found.rows] == expected


def test_a_contact_that_the_settings_count_besides_is_one(warehouse: Make) -> None:
    def of(name: str, days: float, **more: Any) -> dict[str, Any]:
        return opened(name, requester_id="eve", created_local=CREATED - timedelta(days=days), **more)

    reader = warehouse([of("first", 3), of("ours", 1, excluded_because="outbound"), of("third", 0)])
    for include, expected in (((), []), (("outbound",), ["third"])):
        settings = Settings(counting=Counting(include=include))
        found = live.listed(reader, Filters(), "risk", AT, settings=settings, viewer=EVERYTHING)
        assert ids(found) == expected


def test_at_most_fifty_are_listed_and_all_are_counted(look: Any) -> None:
    found = look([opened(f"c{n:03}") for n in range(60)], kind="open")
    assert (len(found.rows), found.total) == (50, 60)


def test_nothing_is_open_where_no_source_tells_a_status(look: Any) -> None:
    found = look([opened("one", is_solved=None, status="unknown")])
    assert (found.open, found.longest_s, found.load, found.silent) == (0, None, (), ("desk",))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, ()),
        ({"sentiment": "negative"}, ("unhappy",)),
        ({"sentiment": "positive", "sentiment_score": 0.9}, ()),
        ({"contacts": 2}, ()),
        ({"contacts": 7}, ("contact 7 in 14 days",)),
        ({"worth": "MRR 5k and more"}, ("MRR 5k and more",)),
        ({"open_due_at": ago(0)}, ("target due in 0 s",)),
        ({"open_due_at": ago(-60)}, ()),
        ({"open_due_at": ago(125)}, ("target overdue by 2 h 05 m",)),
        (
            {"sentiment": "negative", "sentiment_score": -1.0, "contacts": 3, "worth": "plan vip", "open_due_at": ago(1)},
            ("unhappy (-1.00)", "contact 3 in 14 days", "plan vip", "target overdue by 1 m 00 s"),
        ),
    ],
)  # fmt: skip
def test_reasons_in_words(told: dict[str, Any], expected: tuple[str, ...]) -> None:
    row = {"sentiment": None, "sentiment_score": None, "contacts": None, "worth": None, "open_due_at": None}
    assert live.reasons(row | told, AT) == expected


def attribute(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "title": name.upper(), "kind": kind, "is_dimension": True}


def value(name: str, person: str, told: str) -> dict[str, Any]:
    return {"source_id": "desk", "person_id": person, "name": name, "value": told}


@pytest.mark.parametrize(
    ("name", "kind", "values", "high"),
    [
        ("mrr", "number", ["under 1k", "1k to under 5k", "5k and more"], ("5k and more",)),
        ("mrr", "number", ["49", "199", "1000"], ("1000",)),
        ("mrr", "text", ["9", "80"], ("80",)),
        ("mrr", "number", ["49"], ()),
        ("plan", "text", ["Free", "Pro", "Enterprise (EU)"], ("Enterprise (EU)",)),
        ("customer_tier", "text", ["VIP", "gold", "basic"], ("VIP", "gold")),
        ("plan", "text", ["Free", "Pro"], ()),
        ("region", "text", ["Gold Coast"], ()),
        ("shoe_size", "number", ["under 40", "40 and more"], ()),
    ],
)
def test_which_customers_are_of_high_value(
    warehouse: Make, name: str, kind: str, values: list[str], high: tuple[str, ...]
) -> None:
    told = [value(name, f"p{n}", one) for n, one in enumerate(values)]
    reader = warehouse([opened("one")], attributes=[attribute(name, kind)], requester_attributes=told)
    found = live.large(reader, EVERYTHING)
    assert found == ({f"attribute_{name}": (name.upper(), high)} if high else {})


def test_a_customer_of_high_value_is_a_reason(home: Home, now: datetime, settings: Settings) -> None:
    writer = Writer(home, run_id="test")
    rows = [
        opened(name, attribute_mrr=band) for name, band in (("small", "under 1k"), ("large", "1k and more"))
    ]
    with writer.transaction():
        writer.execute("ALTER TABLE conversation_facts ADD COLUMN attribute_mrr VARCHAR")
        writer.insert("attributes", table_of([attribute("mrr", "number")]))
        bands = [value("mrr", "p1", "under 1k"), value("mrr", "p2", "1k and more")]
        writer.insert("requester_attributes", table_of(bands))
        writer.insert("conversation_facts", table_of([completed(0, row) for row in rows]))
    writer.close()
    generations.publish(home, writer.path, keep=3)
    found = live.listed(open_reader(home), Filters(), "risk", AT, settings=settings, viewer=EVERYTHING)
    assert [(row.conversation_id, row.reasons) for row in found.rows] == [("large", ("MRR 1k and more",))]
