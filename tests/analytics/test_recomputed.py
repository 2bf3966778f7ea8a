"""Every metric of the catalogue once more, from the sample's CSV files with plain Python.

Written from docs/metrics.md, without the product's SQL: files, lists and dictionaries. Only the mood of a single
message is taken as the model gave it; what follows from it is computed here.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analytics.catalogue import METRICS, find
from analytics.compute import MetricResult, compute
from core.effective import effective_settings
from core.filters import Filters, Period
from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import open_reader

LONDON = ZoneInfo("Europe/London")
WHOLE = Period(date(2025, 9, 1), date(2026, 11, 15))
MIDNIGHT = datetime.combine(WHOLE.until, time.min)
DIMENSIONS = ("channel", "product", "team")
# What the sample has nothing for, with the reason.
NOT_IN_THE_SAMPLE = {"contact_rate": "the sample brings no daily numbers to divide by"}
SOLVED = ("solved", "closed")
STATUSES = ("new", "open", "pending", "hold", *SOLVED)  # "deleted" is no status of the work

Row = dict[str, str]


@dataclass
class Told:
    """One conversation as its rows tell it. Times are wall-clock times in London."""

    row: Row
    created: datetime
    counted: bool = True
    status: str = ""
    reply: datetime | None = None
    reply_s: int | None = None
    turns: list[tuple[datetime, bool]] = field(default_factory=list)  # into and out of the solved set
    real_reopens: int = 0
    rating: float | None = None
    rated: datetime | None = None
    mood: str | None = None
    groups: dict[str, str] = field(default_factory=dict)

    @property
    def first_solve(self) -> datetime | None:
        return next((local(at) for at, solved in self.turns if solved), None)

    @property
    def last_solve(self) -> datetime | None:
        return next((local(at) for at, solved in reversed(self.turns) if solved), None)

    @property
    def resolution_s(self) -> int | None:
        if self.status not in SOLVED:
            return None
        last = next((at for at, solved in reversed(self.turns) if solved), None)
        return int((last - instant(self.row["created_at"])).total_seconds()) if last else None

    def open_stretches(self) -> list[tuple[datetime, datetime | None]]:
        """From the creation, and from every reopening, to the next solve."""
        edges = [(instant(self.row["created_at"]), False), *self.turns]
        found = []
        for (at, solved), after in zip(edges, [*edges[1:], None], strict=True):
            if not solved and (after is None or after[0] > at):
                found.append((local(at), local(after[0]) if after else None))
        return found


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def local(at: datetime) -> datetime:
    return at.astimezone(LONDON).replace(tzinfo=None)


def rows_of(home: Home, name: str) -> list[Row]:
    with (home.sample / "data" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert found, name
    return found


def by_conversation(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["conversation_id"]].append(row)
    return found


@cache
def tell(home: Home) -> tuple[Told, ...]:
    """All conversations of the sample."""
    conversations = rows_of(home, "conversations")
    messages, events = (
        by_conversation(rows_of(home, "messages")),
        by_conversation(rows_of(home, "conversation_events")),
    )
    ratings, teams = (
        by_conversation(rows_of(home, "csat")),
        {r["team_id"]: r["name"] for r in rows_of(home, "teams")},
    )
    automatic, moods = acknowledgements(conversations, messages), moods_of(home)
    found = []
    for row in conversations:
        told = Told(row, local(instant(row["created_at"])))
        spoken = sorted(
            messages[row["conversation_id"]], key=lambda m: (instant(m["created_at"]), m["message_id"])
        )
        _replies(told, spoken, automatic)
        _statuses(told, events[row["conversation_id"]], spoken)
        _rating(told, ratings[row["conversation_id"]])
        told.mood = mood_of(
            [moods.get(m["message_id"]) for m in spoken if m["author_role"] == "customer" and public(m)]
        )
        flags = ("is_spam", "is_automatic", "is_test", "is_outbound")
        told.counted &= not row["merged_into"] and not any(row[flag] == "true" for flag in flags)
        told.counted &= row["status"] != "deleted"
        told.groups = {
            "channel": row["channel"],
            "product": row["product"],
            "team": teams.get(row["team_id"], ""),
        }
        found.append(told)
    return tuple(found)


def public(message: Row) -> bool:
    return message["is_public"] != "false" and message["kind"] in ("", "message", "voice")


def acknowledgements(conversations: list[Row], messages: dict[str, list[Row]]) -> set[str]:
    """Texts that answer within a minute of the creation in twenty conversations or more: a machine wrote them."""
    where: dict[str, set[str]] = defaultdict(set)
    for row in conversations:
        for message in messages[row["conversation_id"]]:
            late = abs((instant(message["created_at"]) - instant(row["created_at"])).total_seconds())
            if message["author_role"] != "customer" and message["is_public"] != "false" and late <= 60:
                where[message["body_text"].strip()].add(row["conversation_id"])
    return {text for text, ids in where.items() if len(ids) >= 20}


def _replies(told: Told, spoken: list[Row], automatic: set[str]) -> None:
    people = []
    for message in spoken:
        machine = message["author_role"] in ("bot", "system")
        if message["author_role"] != "customer" and message["body_text"].strip() in automatic:
            late = abs((instant(message["created_at"]) - instant(told.row["created_at"])).total_seconds())
            machine |= late <= 60
        if public(message) and not machine:
            people.append(message)
    if people and people[0]["author_role"] == "agent":
        told.counted = False  # the team began it
        return
    created = instant(told.row["created_at"])
    replies = [instant(m["created_at"]) for m in people if m["author_role"] == "agent"]
    first = min((at for at in replies if at >= created), default=None)
    if first:
        told.reply, told.reply_s = local(first), int((first - created).total_seconds())


def _statuses(told: Told, events: list[Row], spoken: list[Row]) -> None:
    changes = sorted(
        (e for e in events if e["field"] == "status" and e["new_value"] in STATUSES),
        key=lambda e: (instant(e["occurred_at"]), e["event_id"]),
    )
    told.status, solved = told.row["status"], False
    latest = instant(told.row["created_at"])
    for change in changes:
        latest, told.status = max(latest, instant(change["occurred_at"])), change["new_value"]
        if (told.status in SOLVED) != solved:
            solved = not solved
            told.turns.append((latest, solved))
    for number, (_, into) in enumerate(told.turns):
        if not into:
            before = told.turns[number - 1][0]
            after = told.turns[number + 1][0] if number + 1 < len(told.turns) else None
            said = [m["body_text"] for m in spoken if m["author_role"] == "customer" and public(m)
                    and before < instant(m["created_at"]) and (after is None or instant(m["created_at"]) <= after)]  # fmt: skip
            told.real_reopens += not (said and all(only_thanks(text) for text in said))


def only_thanks(text: str) -> bool:
    """Short, thanks, and nothing that asks for more."""
    thanks = re.search(
        r"\b(thank|thanks|cheers|appreciate\w*|danke|dank|gracias|merci|it works|perfect)\b", text, re.I
    )
    more = re.search(r"\?|\b(but|still|again|not|aber|noch|nicht|pero|mais|encore|n't)\b|n't", text, re.I)
    return bool(thanks) and not more and len(text.split()) <= 14


def _rating(told: Told, ratings: list[Row]) -> None:
    rated = [r for r in ratings if r["score"] and r["rated_at"]]
    if rated:
        last = max(rated, key=lambda r: (instant(r["rated_at"]), r["csat_id"]))
        told.rating, told.rated = float(last["score"]), local(instant(last["rated_at"]))


def moods_of(home: Home) -> dict[str, float | None]:
    sql = "SELECT message_id, sentiment_score FROM {message_enrichment}"
    found = open_reader(home).query(sql, viewer=EVERYTHING).to_pylist()
    return {row["message_id"]: row["sentiment_score"] for row in found}


def mood_of(scores: list[float | None]) -> str | None:
    """The mean of the messages that show any mood, cut into three."""
    from enrich.sentiment import NEGATIVE_UP_TO, POSITIVE_FROM

    given = [score for score in scores if score is not None]
    if not given:
        return None
    shown = [score for score in given if score] or given
    mean = sum(shown) / len(shown)
    return "negative" if mean <= NEGATIVE_UP_TO else "positive" if mean >= POSITIVE_FROM else "neutral"


# --- the metrics: (moment, value) of a conversation, or None where it is outside ---

Counted = tuple[datetime, float] | None


def _mood_share(mood: str) -> Callable[[Told, datetime], Counted]:
    return lambda told, _: (told.created, float(told.mood == mood)) if told.mood else None


def _resolution(told: Told, _: datetime) -> Counted:
    return (
        (told.last_solve, float(told.resolution_s))
        if told.last_solve and told.resolution_s is not None
        else None
    )


def _reopened(told: Told, as_of: datetime) -> Counted:
    first = told.first_solve
    if first is None or first > as_of - timedelta(days=7):
        return None
    # Solved again in the very instant is no stretch of time in which it was open.
    back = next((start for start, _ in told.open_stretches() if start >= first), None)
    return first, float(told.real_reopens > 0 and back is not None and back <= first + timedelta(days=7))


MEASURES: dict[str, Callable[[Told, datetime], Counted]] = {
    "volume": lambda told, _: (told.created, 1.0),
    "solved": lambda told, _: (told.last_solve, 1.0) if told.last_solve and told.status in SOLVED else None,
    "first_reply_median": lambda told, _: (told.reply, float(told.reply_s or 0)) if told.reply else None,
    "first_reply_p90": lambda told, _: (told.reply, float(told.reply_s or 0)) if told.reply else None,
    "first_reply_mean": lambda told, _: (told.reply, float(told.reply_s or 0)) if told.reply else None,
    "resolution_mean": _resolution,
    "resolution_median": _resolution,
    "resolution_p90": _resolution,
    "reopen_rate": _reopened,
    "csat_share": lambda told, _: (told.rated, float(told.rating >= 0.75)) if told.rated and told.rating is not None else None,
    "sentiment_negative_share": _mood_share("negative"),
    "sentiment_neutral_share": _mood_share("neutral"),
    "sentiment_positive_share": _mood_share("positive"),
}  # fmt: skip


def number(name: str, values: list[float]) -> float | None:
    """The metric of these conversations."""
    if name in ("volume", "solved"):
        return float(len(values))
    if not values:
        return None
    if name.endswith(("_median", "_p90")):
        ordered, place = sorted(values), (0.5 if name.endswith("_median") else 0.9) * (len(values) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return sum(values) / len(values)


def asked(home: Home, name: str, **more: Any) -> MetricResult:
    settings = effective_settings(home, load_settings(home))
    return compute(open_reader(home), name, Filters.of(WHOLE), settings=settings, viewer=EVERYTHING, **more)


def close(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)


def test_every_metric_is_recomputed_or_says_why_not() -> None:
    assert {*MEASURES, *NOT_IN_THE_SAMPLE, "backlog"} >= set(METRICS.names())


def test_the_sample_holds_what_the_rules_are_about(sample_home: Home, now: datetime) -> None:
    told = tell(sample_home)
    assert len(told) == 600 and 0 < sum(not t.counted for t in told) < 100
    reopened = [t for t in told if any(not into for _, into in t.turns)]
    assert reopened and any(t.real_reopens == 0 for t in reopened), "no reopening that only says thanks"
    assert any(t.reply is None for t in told) and any(t.status not in SOLVED for t in told)


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_metric_is_what_the_files_say(sample_home: Home, now: datetime, name: str) -> None:
    daily = asked(sample_home, name, grain="day")
    until = min(daily.as_of, MIDNIGHT)
    inside = [
        (told, *found)
        for told in tell(sample_home)
        if told.counted and (found := MEASURES[name](told, daily.as_of)) and found[0] < until
    ]
    values = [value for _, _, value in inside]
    assert (daily.total.n, daily.total.value) == (len(values), close(number(name, values)))
    days: dict[date, list[float]] = defaultdict(list)
    for _, at, value in inside:
        days[at.date()].append(value)
    shown = {row.bucket: (row.n, row.value) for row in daily.rows}
    assert len(shown) == WHOLE.days - find(name).ripe_days and set(days) <= set(shown)
    for day, (n, value) in shown.items():
        assert (n, value) == (len(days[day]), close(number(name, days[day]))), day  # type: ignore[index]
    for dimension in DIMENSIONS:
        groups: dict[str, list[float]] = defaultdict(list)
        for told, _, value in inside:
            groups[told.groups[dimension] or "(none)"].append(value)
        rows = asked(sample_home, name, by=(dimension,)).groups
        assert len(rows) > 1
        assert {row.group[0]: (row.n, row.value) for row in rows} == {
            group: (len(found), close(number(name, found))) for group, found in groups.items()
        }, dimension


def test_the_backlog_is_what_the_files_say(sample_home: Home, now: datetime) -> None:
    daily = asked(sample_home, "backlog", grain="day")
    stretches = [(told, *s) for told in tell(sample_home) if told.counted for s in told.open_stretches()]

    def open_at(moment: datetime) -> list[Told]:
        return [told for told, start, end in stretches if start < moment and (end is None or end >= moment)]

    opened = sorted(start for _, start, _ in stretches)
    closed = sorted(end for _, _, end in stretches if end)
    for row in daily.rows:
        assert isinstance(row.bucket, date)
        midnight = datetime.combine(row.bucket + timedelta(days=1), time.min)
        moment = min(midnight, daily.as_of) - timedelta(microseconds=1)
        assert row.n == bisect_right(opened, moment) - bisect_right(closed, moment), row.bucket
    until = min(daily.as_of, MIDNIGHT)
    still = open_at(until)
    assert daily.total.n == len(still) > 0
    for dimension in DIMENSIONS:
        rows = asked(sample_home, "backlog", by=(dimension,)).groups
        expected = Counter(told.groups[dimension] or "(none)" for told in still)
        assert {row.group[0]: row.n for row in rows} == dict(expected), dimension
