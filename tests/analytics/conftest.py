"""A warehouse with facts written by hand, and one with many made from a seed."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from analytics.base import ROWS
from analytics.compute import compute
from analytics.result import MetricResult
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store import generations
from store.reader import Reader, open_reader
from store.writer import Writer
from tests.analytics import plenty

INSTANTS = ("created", "last_activity", "first_reply", "first_solved", "last_solved", "first_reopened")
Rows = Sequence[Mapping[str, Any]]
Make = Callable[..., Reader]


def completed(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """A facts row with what the given values imply: instants in UTC, counted unless excluded."""
    row: dict[str, Any] = {
        "source_id": "desk",
        "conversation_id": f"c{number}",
        "subject": f"subject {number}",
        "channel": "email",
        "status": "solved" if given.get("last_solved_local") else "open",
        "is_solved": given.get("last_solved_local") is not None,
        "excluded_because": None,
        "tags": [],
        "created_local": datetime(2026, 11, 2, 10),
        **given,
    }
    for name in ("team", "priority"):
        row.setdefault(f"created_{name}", row.get(name))
    row.setdefault("is_counted", row["excluded_because"] is None)
    known = [row[f"{name}_local"] for name in (*INSTANTS, "csat") if row.get(f"{name}_local")]
    row.setdefault("last_activity_local", max(known))
    for name in INSTANTS:
        if row.get(f"{name}_local"):
            row.setdefault(f"{name}_at", row[f"{name}_local"].replace(tzinfo=UTC))
    row["first_reopened_s"] = _seconds(row.get("first_solved_at"), row.get("first_reopened_at"))
    row["next_contact_s"] = _seconds(row.get("last_solved_at"), row.get("next_contact_at"))
    return row


def _seconds(earlier: datetime | None, later: datetime | None) -> int | None:
    return int((later - earlier).total_seconds()) if earlier and later else None


def table_of(rows: Rows) -> pa.Table:
    columns = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: _column([row.get(name) for row in rows], name) for name in columns})


def _column(values: list[Any], name: str) -> pa.Array:
    return pa.array(values, pa.list_(pa.string())) if name == "tags" else pa.array(values)


def inherited(of: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of a conversation has from its facts, where the test does not say otherwise."""
    facts = of[row["conversation_id"]]
    names = ("source_id", "is_counted", "excluded_because", "team", "agent", "priority")
    return {name: facts.get(name) for name in names}


def publish(home: Home, facts: Rows, spans: Rows = (), **others: Rows) -> Reader:
    writer = Writer(home, run_id="test")
    complete = [completed(i, row) for i, row in enumerate(facts)]
    of = {row["conversation_id"]: row for row in complete}
    with writer.transaction():
        writer.insert("conversation_facts", table_of(complete))
        for name, rows in {"open_spans": spans, **others}.items():
            if name in ROWS and rows:
                rows = [{**inherited(of, row), **row} for row in rows]
            if rows:
                writer.insert(name, table_of(rows))
    writer.close()
    generations.publish(home, writer.path, keep=3)
    return open_reader(home)


@pytest.fixture
def warehouse(home: Home, now: datetime) -> Make:
    """Make a published warehouse from facts, spans, and rows of other tables; give its reader."""
    return partial(publish, home)


@pytest.fixture
def settings() -> Settings:
    return Settings()


def span_of(conversation: str, opened: datetime, closed: datetime | None, number: int = 1) -> dict[str, Any]:
    return {
        "source_id": "desk",
        "conversation_id": conversation,
        "span_no": number,
        "opened_at": opened.replace(tzinfo=UTC),
        "opened_local": opened,
        "created_local": opened,
        "closed_at": closed.replace(tzinfo=UTC) if closed else None,
        "closed_local": closed,
    }


def many(count: int, seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Facts and spans over 100 days up to 2026-11-15, with every kind of gap."""
    dice = random.Random(seed)
    facts, spans = [], []
    for number in range(count):
        created = datetime(2026, 11, 15, 23, 59, 59) - timedelta(seconds=dice.randrange(100 * 86_400))
        reply = dice.randrange(90_000) if dice.random() < 0.9 else None
        solve = dice.randrange(400_000) if dice.random() < 0.8 else None
        ends = datetime(2026, 11, 16)
        replied = created + timedelta(seconds=reply) if reply is not None else None
        solved = created + timedelta(seconds=solve) if solve is not None else None
        replied, solved = (at if at and at < ends else None for at in (replied, solved))
        comes_back = solved is not None and solved + timedelta(days=12) < ends and dice.random() < 0.2
        again = solved + timedelta(days=dice.choice((2, 9))) if comes_back and solved else None
        rated = solved + timedelta(hours=5) if solved and dice.random() < 0.4 else None
        rated = rated if rated and rated < ends else None
        row = {
            "conversation_id": f"c{number}",
            "source_id": "desk",
            "channel": dice.choice(["email", "chat", "web", None]),
            "product": dice.choice(["Payments", "Cloud Backup", "Mobile App"]),
            "team": dice.choice(["Billing", "Front Line", ""]),
            "topic": dice.choice(["refund", "login", "outage", None]),
            "priority": dice.choice(["low", "high", None]),
            "tags": dice.choice([[], ["vip"], ["vip", "bug"]]),
            "created_local": created,
            "first_reply_local": replied,
            "first_reply_s": reply if replied else None,
            "first_solved_local": solved,
            "last_solved_local": solved,
            "full_resolution_s": solve if solved else None,
            "reopens": (1 if again else 0) if dice.random() < 0.95 else None,
            "csat_score": dice.choice([0.0, 0.25, 0.5, 0.75, 1.0]) if rated else None,
            "csat_local": rated,
            "first_reopened_local": again,
            "sentiment": dice.choice(["negative", "neutral", "positive", None]),
            "excluded_because": dice.choice([*[None] * 9, "spam"]),
        }
        facts.append(row)
        spans.append(span_of(row["conversation_id"], created, solved))
        if again:
            spans.append(span_of(row["conversation_id"], again, again + timedelta(days=1), 2))
    return facts, spans


@pytest.fixture(scope="session")
def _big(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", "2026-11-16T09:00:00+00:00")
        facts, spans = many(800, seed=11)
        plenty.filled(facts, random.Random(12))
        more = plenty.children(facts, random.Random(13))
        customers = [
            {"source_id": "shop", "day": date(2026, 8, 1) + timedelta(days=n), "name": "active_customers",
             "value": 500.0 + n, "is_deleted": False} for n in range(110)
        ]  # fmt: skip
        return publish(Home(tmp_path_factory.mktemp("big")), facts, spans, denominators=customers, **more)


@pytest.fixture
def big(_big: Reader, now: datetime) -> Reader:
    """800 conversations over 100 days; read only."""
    return _big


@pytest.fixture
def span() -> Callable[..., dict[str, Any]]:
    """A row of open_spans: conversation, opened, closed, number."""
    return span_of


@pytest.fixture
def ask(settings: Settings, now: datetime) -> Callable[..., MetricResult]:
    """Compute a metric of a reader over a period, everything visible unless a viewer is given."""

    def asked(reader: Reader, name: str, period: Period | None, **more: Any) -> MetricResult:
        filters = Filters.of(period, more.pop("where", {}), groups=more.pop("groups", ()))
        arguments = {"settings": settings, "viewer": EVERYTHING, **more}
        return compute(reader, name, filters, **arguments)

    return asked
