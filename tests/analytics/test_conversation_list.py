"""The list of conversations: pages from a key hold every row once, and a list is as long as its number says."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from analytics import catalogue, conversation_list
from analytics.compute import compute
from analytics.conversation_list import Totals
from analytics.list_question import CREATED_SORTS, METRIC_SORTS, QUICK, ListQuestion, Place
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader
from tests.analytics.kinds import one_of_each
from tests.shared import seldom

Make = Callable[..., Reader]
ALL = Filters.of(Period(date(2026, 8, 1), date(2026, 11, 15)))
MONTH = Filters.of(Period(date(2026, 10, 1), date(2026, 10, 31)))
Rows = list[dict[str, Any]]


def walked(reader: Reader, asked: ListQuestion, size: int = 37, viewer: Viewer = EVERYTHING) -> Rows:
    """All rows, page by page forwards; and backwards from the end they are the same."""
    options: dict[str, Any] = {"settings": Settings(), "viewer": viewer, "size": size}
    found = conversation_list.page(reader, asked, **options)
    assert not found.has_previous
    rows, places = list(found.rows), list(found.places)
    while found.has_next:
        found = conversation_list.page(reader, asked, after=found.places[-1], **options)
        assert found.has_previous and found.rows
        rows += found.rows
        places += found.places
    back: list[Place] = list(found.places)
    while found.has_previous:
        found = conversation_list.page(reader, asked, before=found.places[0], **options)
        assert found.has_next
        back = [*found.places, *back]
    # The last step back fills the first page up, so it may hold rows of the second.
    assert list(dict.fromkeys(back)) == places
    assert len(set(places)) == len(places)
    return rows


def totals(reader: Reader, asked: ListQuestion, viewer: Viewer = EVERYTHING) -> Totals:
    return conversation_list.totals(reader, asked, settings=Settings(), viewer=viewer)


def all_facts(reader: Reader) -> Rows:
    rows: Rows = reader.query("SELECT * FROM {conversation_facts}", viewer=EVERYTHING).to_pylist()
    return rows


@pytest.mark.parametrize("name", sorted(CREATED_SORTS))
def test_every_conversation_is_on_one_page_in_order(big: Reader, name: str) -> None:
    order = CREATED_SORTS[name]
    rows = walked(big, ListQuestion(ALL, sort=name))
    facts = {row["conversation_id"]: row for row in all_facts(big) if row["is_counted"]}
    assert sorted(row["conversation_id"] for row in rows) == sorted(facts)
    values = [facts[row["conversation_id"]][order.column] for row in rows]
    there = [value for value in values if value is not None]
    assert values == sorted(there, reverse=order.descending) + [None] * (len(values) - len(there))


@pytest.mark.parametrize("name", sorted(METRIC_SORTS))
@pytest.mark.parametrize(
    "of", ["csat_share", "replies", "first_reply_median", "sla_compliance", "backlog_age_median"]
)
def test_rows_of_a_metric_are_each_on_one_page(big: Reader, of: str, name: str) -> None:
    asked = ListQuestion(MONTH, of=of, sort=name)
    rows = walked(big, asked, size=11)
    assert len(rows) == totals(big, asked).rows > 20
    values = [row[METRIC_SORTS[name].column] for row in rows]
    assert values == sorted(values, reverse=METRIC_SORTS[name].descending)


@pytest.mark.parametrize("name", seldom((metric.name for metric in catalogue.every()), often=one_of_each()))
def test_a_list_is_as_long_as_its_number_says(big: Reader, name: str) -> None:
    for filters in (MONTH, replace(MONTH, where=(("team", ("Billing", "(none)")),))):
        result = compute(big, name, filters, settings=Settings(), viewer=EVERYTHING)
        found = totals(big, ListQuestion(filters, of=name))
        assert found.rows == result.total.n
        assert found.conversations <= found.rows


@pytest.mark.parametrize(
    "name", ["first_reply_median", "backlog_age_median", "replies_per_conversation", "next_reply_median"]
)
def test_each_range_of_a_distribution_has_the_rows_it_says(big: Reader, name: str) -> None:
    result = compute(big, name, MONTH, settings=Settings(), viewer=EVERYTHING, detail=True)
    filled = [one for one in result.distribution if one.n]
    assert len(filled) >= 3
    for one in filled:
        asked = ListQuestion(MONTH, of=name, span=(one.low or None, one.high))
        assert totals(big, asked).rows == one.n
        low, high = one.low if asked.span and asked.span[0] else float("-inf"), one.high or float("inf")
        assert all(low <= row["value"] < high for row in walked(big, asked, size=500))


def test_replies_are_rows_of_fewer_conversations(big: Reader) -> None:
    asked = ListQuestion(ALL, of="replies")
    found = totals(big, asked)
    rows = walked(big, asked, size=100)
    assert found.rows == len(rows)
    assert found.conversations == len({row["conversation_id"] for row in rows}) < found.rows
    assert all(row["then_agent"] for row in rows)


def test_hits_and_the_others_make_up_a_share(big: Reader) -> None:
    every, hits, others = (ListQuestion(ALL, of="sla_compliance", hits=hits) for hits in (None, True, False))
    assert totals(big, hits).rows + totals(big, others).rows == totals(big, every).rows
    share = compute(big, "sla_compliance", ALL, settings=Settings(), viewer=EVERYTHING).total
    assert totals(big, hits).rows == pytest.approx((share.value or 0) * share.n)
    assert {row["value"] for row in walked(big, others, size=100)} == {0.0}
    # What is missed is what the count of breaches counts, too.
    assert totals(big, others).rows == totals(big, ListQuestion(ALL, of="sla_breaches")).rows


KNOWN = datetime(2026, 11, 16)
MEANT: dict[str, Callable[[dict[str, Any]], bool]] = {
    "open": lambda row: row["is_solved"] is False,
    "unassigned": lambda row: not row["is_solved"] and not row["agent"],
    "waiting": lambda row: not row["is_solved"] and row["waiting_since_at"] is not None,
    "breached": lambda row: (
        bool(row["missed_targets"])
        or (not row["is_solved"] and row["open_due_local"] is not None and row["open_due_local"] < KNOWN)
    ),
    "low_rating": lambda row: row["csat_score"] is not None and row["csat_score"] < 0.75,
    "reopened": lambda row: bool(row["reopens"]),
    "negative": lambda row: row["sentiment"] == "negative",
}


@pytest.mark.parametrize("of", ["", "volume", "csat_share", "sla_targets"])
def test_a_quick_filter_leaves_what_it_says(big: Reader, of: str) -> None:
    facts = {row["conversation_id"]: row for row in all_facts(big)}
    rows = [facts[row["conversation_id"]] for row in walked(big, ListQuestion(ALL, of=of), size=300)]
    assert set(MEANT) == set(QUICK)
    counted = totals(big, ListQuestion(ALL, of=of))
    for name, meant in MEANT.items():
        left = [row["conversation_id"] for row in rows if meant(row)]
        assert counted.quick[name] == len(left), name
        found = walked(big, ListQuestion(ALL, of=of, quick=(name,)), size=300)
        assert sorted(row["conversation_id"] for row in found) == sorted(left), name
    both = totals(big, ListQuestion(ALL, of=of, quick=("open", "negative")))
    assert both.rows == sum(MEANT["open"](row) and MEANT["negative"](row) for row in rows)
    assert both.quick["reopened"] == sum(
        MEANT["open"](row) and MEANT["negative"](row) and MEANT["reopened"](row) for row in rows
    )


def test_unassigned_waiting_and_overdue(warehouse: Make) -> None:
    overdue, later = datetime(2026, 11, 3), datetime(2026, 12, 1)
    reader = warehouse(
        [
            {"conversation_id": "free"},
            {
                "conversation_id": "unknown",
                "is_solved": None,
                "status": None,
                "waiting_since_at": datetime(2026, 11, 2),
            },
            {"conversation_id": "held", "agent": "Anna", "waiting_since_at": datetime(2026, 11, 2)},
            {"conversation_id": "late", "agent": "Anna", "open_due_local": overdue},
            {"conversation_id": "due", "agent": "Anna", "open_due_local": later},
            {
                "conversation_id": "done",
                "last_solved_local": datetime(2026, 11, 4),
                "open_due_local": overdue,
            },
        ]
    )
    for quick, expected in {"unassigned": ["free"], "waiting": ["held"], "breached": ["late"]}.items():
        rows = walked(reader, ListQuestion(Filters(), quick=(quick,)))
        assert [row["conversation_id"] for row in rows] == expected


def test_a_list_in_working_hours_is_ordered_by_them(warehouse: Make) -> None:
    reader = warehouse(
        [
            {"conversation_id": "night", "first_reply_s": 900, "first_reply_business_s": 5},
            {"conversation_id": "day", "first_reply_s": 600, "first_reply_business_s": 600},
        ]
    )
    for hours, expected in (("calendar", ["night", "day"]), ("business", ["day", "night"])):
        rows = walked(reader, ListQuestion(Filters.of(hours=hours), sort="slow_reply"))
        assert [row["conversation_id"] for row in rows] == expected


def test_what_is_not_counted_is_there_on_request(big: Reader) -> None:
    counted, everything = (totals(big, ListQuestion(ALL, counted=counted)).rows for counted in (True, False))
    sql = "SELECT count(*) AS n FROM {conversation_facts}"
    assert everything == big.query(sql, viewer=EVERYTHING)["n"][0].as_py() > counted
    spam = totals(big, ListQuestion(Filters.of(ALL.period, include=["spam"]))).rows
    assert counted < spam <= everything
    volume = compute(
        big, "volume", Filters.of(ALL.period, include=["spam"]), settings=Settings(), viewer=EVERYTHING
    )
    assert spam == volume.total.n


@pytest.mark.parametrize(
    "viewer", [Viewer(teams=("Billing",)), Viewer(sources=()), Viewer(sources=("desk",), teams=())]
)
@pytest.mark.parametrize("of", ["", "replies", "backlog", "first_reply_median"])
def test_a_viewer_sees_their_own_part(big: Reader, viewer: Viewer, of: str) -> None:
    asked = ListQuestion(ALL, of=of)
    rows = walked(big, asked, size=100, viewer=viewer)
    team = {row["conversation_id"]: row["team"] for row in all_facts(big)}
    assert {team[row["conversation_id"]] for row in rows} <= set(viewer.teams or ())
    expected = [
        row for row in walked(big, asked, size=300) if team[row["conversation_id"]] in (viewer.teams or ())
    ]
    assert len(rows) == len(expected) == totals(big, asked, viewer).rows


def test_a_search_limits_list_and_counts(big: Reader) -> None:
    keys = pa.table({"source_id": ["desk"] * 3 + ["shop"], "conversation_id": ["c1", "c2", "nobody", "c3"]})
    options: dict[str, Any] = {"settings": Settings(), "viewer": EVERYTHING, "matched": keys}
    asked = ListQuestion(ALL, counted=False)
    found = conversation_list.page(big, asked, size=10, **options)
    assert sorted(row["conversation_id"] for row in found.rows) == ["c1", "c2"]
    assert conversation_list.totals(big, asked, **options).rows == 2
    replies = conversation_list.page(big, ListQuestion(ALL, of="replies"), size=100, **options)
    assert {row["conversation_id"] for row in replies.rows} <= {"c1", "c2"}


@pytest.mark.parametrize("sort", ["slow_reply", "newest"])
def test_a_conversation_has_neighbours_in_the_list(big: Reader, sort: str) -> None:
    asked = ListQuestion(ALL, sort=sort)
    options: dict[str, Any] = {"settings": Settings(), "viewer": EVERYTHING}
    keys = [(row["source_id"], row["conversation_id"]) for row in walked(big, asked, size=300)]
    for at in (0, 1, 400, len(keys) - 1):
        found = conversation_list.neighbours(big, asked, keys[at], **options)
        named = [(place.source_id, place.conversation_id) if place else None for place in found]
        assert named == [keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None]
    assert conversation_list.neighbours(big, asked, ("desk", "nobody"), **options) == (None, None)


def test_going_on_from_row_to_row_ends(big: Reader) -> None:
    """Replies of two conversations take turns; who goes on and on still comes to the end."""
    asked = ListQuestion(Filters.of(Period(date(2026, 11, 9), date(2026, 11, 15))), of="replies")
    options: dict[str, Any] = {"settings": Settings(), "viewer": EVERYTHING}
    rows = walked(big, asked, size=300)
    here = conversation_list.page(big, asked, size=1, **options).places[0]
    seen = [here]
    while True:
        _, after = conversation_list.neighbours(
            big, asked, (here.source_id, here.conversation_id), here, **options
        )
        if after is None:
            break
        here = after
        seen.append(here)
        assert len(seen) <= len(rows)
    assert {(row["source_id"], row["conversation_id"]) for row in rows} == {
        (place.source_id, place.conversation_id) for place in seen
    }


def test_names_that_do_not_exist_are_said(big: Reader) -> None:
    with pytest.raises(QuestionError, match="no quick filter"):
        totals(big, ListQuestion(ALL, quick=("nonsense",)))
    with pytest.raises(QuestionError, match="no metric"):
        totals(big, ListQuestion(ALL, of="nonsense"))
    assert ListQuestion(ALL, sort="nonsense").order == CREATED_SORTS["newest"]


def test_ties_and_gaps_fall_on_any_border(warehouse: Make) -> None:
    """Equal and missing values at the end of a page neither hide nor repeat a row."""
    dice = random.Random(3)
    lists = [
        [dice.choice([None, -0.5, 0.0, 0.0, 0.1, 0.5]) for _ in range(dice.randrange(1, 10))]
        for _ in range(12)
    ]
    lists += [[None] * 5, [0.0] * 5]
    reader = warehouse(
        [
            {"conversation_id": f"{at}-{n}", "channel": f"list{at}", "sentiment_score": score}
            for at, scores in enumerate(lists) for n, score in enumerate(scores)
        ]
    )  # fmt: skip
    for at, scores in enumerate(lists):
        for size, name in product((1, 2, 3), ("happy", "unhappy")):
            sign = -1 if CREATED_SORTS[name].descending else 1
            asked = ListQuestion(Filters.of(where={"channel": [f"list{at}"]}), sort=name)
            expected = sorted(
                range(len(scores)), key=lambda n: (scores[n] is None, sign * (scores[n] or 0), n)
            )
            rows = walked(reader, asked, size=size)
            assert [row["conversation_id"] for row in rows] == [f"{at}-{n}" for n in expected]
