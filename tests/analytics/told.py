"""The sample's CSV files as plain Python tells them: conversations with their replies, solves, waits and holders.

Written from docs/metrics.md, without the product's SQL. Only the mood of a single message and the targets are taken
as the refresh wrote them. Times are wall-clock times in London unless they are called instants.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise, zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from core.home import Home
from core.viewer import EVERYTHING
from store.reader import open_reader

LONDON = ZoneInfo("Europe/London")
SOLVED = ("solved", "closed")
STATUSES = ("new", "open", "pending", "hold", *SOLVED)  # "deleted" is no status of the work
HELD = {"team": "team_id", "assignee": "assignee_id", "priority": "priority"}
CHAT_SILENCE = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)

Row = dict[str, str]
Holder = dict[str, str]  # team, agent, priority as people read them; empty: nobody


@dataclass
class Reply:
    at: datetime  # an instant
    agent: str
    counts: bool  # false: a further message of a chat session
    asked: datetime | None


@dataclass
class Solve:
    at: datetime  # an instant
    solver: str | None
    reopened: datetime | None = None
    by_thanks: bool = False


@dataclass
class Told:
    """One conversation as its rows tell it."""

    row: Row
    began: datetime  # an instant
    counted: bool = True
    why_not: str = ""
    status: str = ""
    statuses: list[tuple[datetime, str]] = field(default_factory=list)  # instants, in order
    states: list[tuple[datetime, Holder]] = field(default_factory=list)
    solves: list[Solve] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    first_reply: tuple[datetime, str] | None = None  # an instant, the author
    customer_texts: int = 0
    bot_texts: int = 0
    handed_off: bool = False
    gaps_s: int | None = None
    rating: Row | None = None
    asked_to_rate: datetime | None = None  # the first survey, an instant
    surveyed: datetime | None = None  # an instant
    mood: str | None = None
    last_mood: float | None = None
    came_back: datetime | None = None  # the requester's next conversation, an instant
    last_activity: datetime = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock, filled in by tell
    targets: list[dict[str, Any]] = field(default_factory=list)
    rated_by: Holder = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    @property
    def created(self) -> datetime:
        return local(self.began)

    @property
    def is_solved(self) -> bool:
        return self.status in SOLVED

    @property
    def reopens(self) -> int:
        return sum(solve.reopened is not None and not solve.by_thanks for solve in self.solves)

    @property
    def reply_count(self) -> int:
        return sum(reply.counts for reply in self.replies)

    def held(self, at: datetime) -> Holder:
        """Who held it at an instant, after everything of that instant."""
        return next(holder for since, holder in reversed(self.states) if since <= at)

    def solver(self, solve: Solve) -> Holder:
        holder = self.held(solve.at)
        return {**holder, "agent": solve.solver or holder["agent"]}

    def seconds_in(self, *statuses: str) -> int | None:
        """How long a solved conversation was in these statuses; the running stretch never counts."""
        if not self.is_solved or not self.statuses:
            return None
        edges = [(self.began, "new"), *self.statuses]
        lengths = [after[0] - at for (at, status), after in pairwise(edges) if status in statuses]
        return seconds(sum(lengths, timedelta()))

    def open_stretches(self) -> list[tuple[datetime, datetime | None]]:
        """From the creation, and from every reopening, to the next solve; instants."""
        found: list[tuple[datetime, datetime | None]] = []
        since = self.began
        for solve in self.solves:
            if solve.at > since:
                found.append((since, solve.at))
            if solve.reopened is None:
                return found
            since = solve.reopened
        return [*found, (since, None)]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def local(at: datetime) -> datetime:
    return at.astimezone(LONDON).replace(tzinfo=None)


def seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)


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
    messages = by_conversation(rows_of(home, "messages"))
    events = by_conversation(rows_of(home, "conversation_events"))
    ratings = by_conversation(rows_of(home, "csat"))
    names = {r["team_id"]: r["name"] for r in rows_of(home, "teams")}
    names |= {r["person_id"]: r["name"] for r in rows_of(home, "people")}
    automatic = acknowledgements(conversations, messages, names)
    moods, targets = moods_of(home), targets_of(home)
    found = []
    for row in conversations:
        told = Told(row, instant(row["created_at"]))
        spoken = sorted(
            messages[row["conversation_id"]], key=lambda m: (instant(m["created_at"]), m["message_id"])
        )
        changes = sorted(
            events[row["conversation_id"]], key=lambda e: (instant(e["occurred_at"]), e["event_id"])
        )
        _history(told, changes, names)
        _solves(told, changes, spoken, names)
        _words(told, spoken, automatic, names)
        _population(told)
        _rating(told, ratings[row["conversation_id"]], names)
        told.targets = targets[row["conversation_id"]]
        theirs = [moods.get(m["message_id"]) for m in spoken if m["author_role"] == "customer" and public(m)]
        told.mood = mood_of(theirs)
        told.last_mood = next((mood for mood in reversed(theirs) if mood is not None), None)
        last = max([instant(m["created_at"]) for m in spoken], default=told.began)
        told.last_activity = local(max([last, *(solve.at for solve in told.solves)]))
        told.groups = {
            "channel": row["channel"], "product": row["product"], "team": names.get(row["team_id"], ""),
            "agent": names.get(row["assignee_id"], ""), "priority": row["priority"],
        }  # fmt: skip
        found.append(told)
    _next_contacts(found)
    return tuple(found)


def public(message: Row) -> bool:
    return message["is_public"] != "false" and message["kind"] in ("", "message", "voice")


def acknowledgements(
    conversations: list[Row], messages: dict[str, list[Row]], names: dict[str, str]
) -> set[str]:
    """Messages within a minute of the creation whose words came so in twenty conversations or more."""
    where: dict[str, dict[str, str]] = defaultdict(dict)
    for row in conversations:
        for message in messages[row["conversation_id"]]:
            late = abs((instant(message["created_at"]) - instant(row["created_at"])).total_seconds())
            if message["author_role"] != "customer" and message["is_public"] != "false" and late <= 60:
                ids = (row["requester_id"], row["assignee_id"], message["author_id"])
                theirs = {letters(part) for key in ids for part in names.get(key, "").split()}
                words = comparable(message["body_text"].strip(), theirs)
                where[words][message["message_id"]] = row["conversation_id"]
    return {key for told in where.values() if len(set(told.values())) >= 20 for key in told}


def letters(word: str) -> str:
    return "".join(c for c in word if c.isalpha())


def comparable(text: str, names: set[str]) -> str:
    """The words without references and names, where four words or more are left; else the text as it is."""
    kept: list[str] = []
    other = 0
    for word in text.split():
        amount = any(c in "$€£¥%" for c in word)
        if "@" in word or (any(c.isdigit() for c in word) and not amount) or letters(word) in names:
            kept += [] if kept and kept[-1] == "…" else ["…"]
        elif bare := "".join(c for c in word.lower() if c.isalnum() or c in "$€£¥%"):
            kept.append(bare)
            other += 1
    return " ".join(kept) if other >= 4 else text


def _history(told: Told, changes: list[Row], names: dict[str, str]) -> None:
    """Who held the conversation since when. What held before the first event of a kind is its old value."""
    holder = {}
    for kind, column in HELD.items():
        first = next((e for e in changes if e["field"] == kind), None)
        holder[kind] = first["old_value"] if first else told.row[column]
    latest, by_instant = told.began, {told.began: dict(holder)}
    for change in changes:
        latest = max(latest, instant(change["occurred_at"]))
        if change["field"] in HELD:
            holder[change["field"]] = change["new_value"]
        by_instant[latest] = dict(holder)
    told.states = [
        (at, {"team": names.get(h["team"], h["team"]), "agent": names.get(h["assignee"], h["assignee"]),
              "priority": h["priority"]})
        for at, h in by_instant.items()
    ]  # fmt: skip


def _solves(told: Told, changes: list[Row], spoken: list[Row], names: dict[str, str]) -> None:
    told.status, latest = told.row["status"], told.began
    for change in changes:
        latest = max(latest, instant(change["occurred_at"]))
        if change["field"] != "status" or change["new_value"] not in STATUSES:
            continue
        told.status = change["new_value"]
        told.statuses.append((latest, told.status))
        solved = bool(told.solves) and told.solves[-1].reopened is None
        if told.is_solved and not solved:
            by_agent = change["actor_role"] == "agent"
            told.solves.append(Solve(latest, names.get(change["actor_id"], "") if by_agent else None))
        elif solved and not told.is_solved:
            told.solves[-1].reopened = latest
    for solve, after in zip_longest(told.solves, told.solves[1:]):
        if solve.reopened:
            said = [
                m["body_text"] for m in spoken
                if m["author_role"] == "customer" and public(m) and solve.at < instant(m["created_at"])
                and (after is None or instant(m["created_at"]) <= after.at)
            ]  # fmt: skip
            solve.by_thanks = bool(said) and all(only_thanks(text) for text in said)


def only_thanks(text: str) -> bool:
    """Short, thanks, and nothing that asks for more."""
    thanks = re.search(
        r"\b(thank|thanks|cheers|appreciate\w*|danke|dank|gracias|merci|it works|perfect)\b", text, re.I
    )
    more = re.search(
        r"\?|\b(but|still|again|not|no|need|aber|noch|nicht|pero|mais|encore|n't)\b|n't", text, re.I
    )
    return bool(thanks) and not more and len(text.split()) <= 14


def _words(told: Told, spoken: list[Row], automatic: set[str], names: dict[str, str]) -> None:
    people, before, bots = [], None, 0
    session, told_session = 0, -1
    for message in spoken:
        at, role = instant(message["created_at"]), message["author_role"]
        acknowledges = message["message_id"] in automatic
        machine = role in ("bot", "system") or acknowledges
        if not public(message):
            continue
        bots += role == "bot" and not acknowledges
        told.handed_off |= role == "agent" and not machine and bots > 0
        if machine:
            continue
        if before is not None:
            solved_between = any(before <= s.at < at for s in told.solves)
            session += at - before > CHAT_SILENCE or solved_between
            if role == "agent":
                told.gaps_s = (told.gaps_s or 0) + min(at - before, QUARTER) // timedelta(microseconds=1)
        before = at
        people.append(message)
        if role == "agent":
            begins = len(people) == 1
            one_a_session = told.row["channel"] != "chat" or session != told_session
            if not begins:
                told_session = session
            told.replies.append(
                Reply(at, names.get(message["author_id"], ""), one_a_session and not begins, _asked(people))
            )
    told.bot_texts = bots
    told.gaps_s = told.gaps_s // 1_000_000 if told.gaps_s is not None else None
    told.customer_texts = sum(m["author_role"] == "customer" for m in people)
    if people and people[0]["author_role"] == "agent":
        told.why_not = "outbound"
        return
    if told.replies:
        first = min(told.replies, key=lambda reply: reply.at)
        told.first_reply = (first.at, first.agent)


def _asked(people: list[Row]) -> datetime | None:
    """The oldest customer message, more than thanks, between the last two agent messages of the list."""
    agents = [place for place, message in enumerate(people) if message["author_role"] == "agent"]
    if len(agents) < 2:
        return None
    between = people[agents[-2] + 1 : agents[-1]]
    asking = [m for m in between if m["author_role"] == "customer" and not only_thanks(m["body_text"])]
    return min((instant(m["created_at"]) for m in asking), default=None)


def _population(told: Told) -> None:
    reasons = {"spam": "is_spam", "test": "is_test", "automatic": "is_automatic", "outbound": "is_outbound"}
    found = [reason for reason, column in reasons.items() if told.row[column] == "true"]
    if told.row["status"] == "deleted":
        found.insert(0, "deleted")
    elif told.row["merged_into"]:
        found.insert(0, "merged")
    told.why_not = next(iter([*found, told.why_not]))
    told.counted = not told.why_not


def _rating(told: Told, ratings: list[Row], names: dict[str, str]) -> None:
    told.surveyed = min((instant(r["offered_at"] or r["rated_at"]) for r in ratings), default=None)
    told.asked_to_rate = min((instant(r["offered_at"]) for r in ratings if r["offered_at"]), default=None)
    rated = [r for r in ratings if r["score"] and r["rated_at"]]
    if rated:
        last = max(rated, key=lambda r: (instant(r["rated_at"]), r["csat_id"]))
        told.rating = last
        told.rated_by = {"agent": names.get(last["agent_id"], ""), "team": names.get(last["team_id"], ""),
                         "priority": told.held(instant(last["rated_at"]))["priority"]}  # fmt: skip


def _next_contacts(found: list[Told]) -> None:
    theirs: dict[str, list[datetime]] = defaultdict(list)
    for told in found:
        if told.counted and told.row["requester_id"]:
            theirs[told.row["requester_id"]].append(told.began)
    for told in found:
        if told.is_solved and told.solves:
            later = [at for at in theirs[told.row["requester_id"]] if at > told.solves[-1].at]
            told.came_back = min(later, default=None)


def moods_of(home: Home) -> dict[str, float | None]:
    sql = "SELECT message_id, sentiment_score FROM {message_enrichment}"
    found = open_reader(home).query(sql, viewer=EVERYTHING).to_pylist()
    return {row["message_id"]: row["sentiment_score"] for row in found}


def targets_of(home: Home) -> dict[str, list[dict[str, Any]]]:
    """The SLA targets of each conversation, as the refresh wrote them."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in open_reader(home).query("SELECT * FROM {sla_instances}", viewer=EVERYTHING).to_pylist():
        found[row["conversation_id"]].append(row)
    return found


def mood_of(scores: list[float | None]) -> str | None:
    """The mean of the messages that show any mood, cut into three."""
    from enrich.sentiment import NEGATIVE_UP_TO, POSITIVE_FROM

    given = [score for score in scores if score is not None]
    if not given:
        return None
    shown = [score for score in given if score] or given
    mean = sum(shown) / len(shown)
    return "negative" if mean <= NEGATIVE_UP_TO else "positive" if mean >= POSITIVE_FROM else "neutral"
