"""The catalogue once more in plain Python: what each metric says of one conversation (see `told`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.analytics.told import Holder, Reply, Told, instant, local, seconds

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Hit:
    """One row of a metric: when it counts, its value, and who held it then where that is not now."""

    at: datetime
    value: float
    held: Holder | None = None
    divisor: object = None


Rows = Callable[[Told, datetime], Iterable[Hit]]


def created(value: Callable[[Told], float | None]) -> Rows:
    """A metric that counts on creation and is split as things are now."""

    def hits(told: Told, _: datetime) -> Iterable[Hit]:
        if (found := value(told)) is not None:
            yield Hit(told.created, float(found))

    return hits


def at_creation(told: Told) -> Holder:
    then = told.held(told.began)
    return {"team": then["team"], "priority": then["priority"]}


def solved(value: Callable[[Told], float | None], *, first: bool = False, ripe: bool = False) -> Rows:
    """A metric that counts on the last (or first) solve and belongs to its solver."""

    def hits(told: Told, as_of: datetime) -> Iterable[Hit]:
        if not told.solves or not (first or told.is_solved):
            return
        solve = told.solves[0 if first else -1]
        at, found = local(solve.at), value(told)
        if found is not None and not (ripe and at > as_of - WEEK):
            yield Hit(at, float(found), told.solver(solve))

    return hits


def waited(*statuses: str) -> Rows:
    def hits(told: Told, _: datetime) -> Iterable[Hit]:
        length = told.seconds_in(*statuses)
        if length is not None and told.solves:
            yield Hit(local(told.statuses[-1][0]), length, told.solver(told.solves[-1]))

    return hits


def replied(value: Callable[[Reply], float | None], *, hourly: bool = False) -> Rows:
    def hits(told: Told, _: datetime) -> Iterable[Hit]:
        for reply in told.replies:
            found = value(reply) if reply.counts or reply.asked else None
            if found is not None:
                at = local(reply.at)
                hour = (reply.agent, at.replace(minute=0, second=0, microsecond=0)) if hourly else None
                yield Hit(at, float(found), {**told.held(reply.at), "agent": reply.agent}, hour)

    return hits


def rated(value: Callable[[float], float]) -> Rows:
    def hits(told: Told, _: datetime) -> Iterable[Hit]:
        if told.rating:
            at = local(instant(told.rating["rated_at"]))
            yield Hit(at, value(float(told.rating["score"])), told.rated_by)

    return hits


def judged(value: Callable[[str, str], float | None], *, state_time: bool = False) -> Rows:
    """Targets as the refresh wrote them: their state is decided here."""

    def hits(told: Told, as_of: datetime) -> Iterable[Hit]:
        for target in told.targets:
            late = target["due_local"] is not None and target["due_local"] < as_of
            state = "breached" if target["breached_at"] else "met" if target["ended_at"] else ""
            state = (
                "cancelled" if target["cancelled_because"] else state or ("breached" if late else "running")
            )
            due = target["due_local"] or target["breached_local"] or target["ended_local"]
            at = target["ended_local"] if state_time and state == "met" else due
            if state_time and state == "running":
                at = as_of - timedelta(microseconds=1)  # what runs, runs now
            found = value(state, target["sla_metric"])
            if found is not None and at is not None:
                yield Hit(at, found, {name: target[name] or "" for name in ("agent", "team", "priority")})

    return hits


def is_met(only: str = "") -> Callable[[str, str], float | None]:
    return lambda state, kind: {"met": 1.0, "breached": 0.0}.get(state) if only in ("", kind) else None


def first_reply(told: Told, _: datetime) -> Iterable[Hit]:
    if told.first_reply:
        at, author = told.first_reply
        yield Hit(local(at), seconds(at - told.began), {**told.held(at), "agent": author})


def reopened_reply(told: Told, _: datetime) -> Iterable[Hit]:
    reopened = [s.reopened for s in told.solves if s.reopened and not s.by_thanks]
    if reopened and (after := next((r for r in told.replies if r.at >= reopened[-1]), None)):
        yield Hit(
            local(after.at), seconds(after.at - reopened[-1]), {**told.held(after.at), "agent": after.agent}
        )


def reopened(by_thanks: bool) -> Rows:
    def hits(told: Told, _: datetime) -> Iterable[Hit]:
        for solve in told.solves:
            if solve.reopened and solve.by_thanks == by_thanks:
                yield Hit(local(solve.reopened), 1.0, told.solver(solve))

    return hits


def net_flow(told: Told, _: datetime) -> Iterable[Hit]:
    yield Hit(told.created, 1.0, at_creation(told))
    for solve in told.solves:
        yield Hit(local(solve.at), -1.0, told.solver(solve))


def soon_reopened(told: Told) -> float:
    first = next((s.reopened for s in told.solves if s.reopened and not s.by_thanks), None)
    return float(first is not None and first <= told.solves[0].at + WEEK)


def stayed_away(told: Told) -> bool:
    return told.reopens == 0 and not (told.came_back and told.came_back <= told.solves[-1].at + WEEK)


def changes(told: Told, *kinds: str) -> int:
    """At how many instants the team or the agent went from one to another."""
    last: dict[str, str] = {}
    moved = 0
    for _, holder in told.states:
        moved += any(holder[k] and last.get(k, holder[k]) != holder[k] for k in kinds)
        last |= {k: holder[k] for k in kinds if holder[k]}
    return moved


def reassigned(told: Told) -> float | None:
    assigned = any(holder["agent"] for _, holder in told.states)
    return float(changes(told, "agent") > 0) if assigned else None


def experience(told: Told, as_of: datetime) -> Iterable[Hit]:
    at = told.last_activity
    if not told.customer_texts or not told.reply_count or told.last_mood is None or at > as_of - WEEK:
        return
    resolution = (2 if stayed_away(told) else 1) if told.is_solved else 0
    missed = any(hit.value == 0 for hit in judged(is_met())(told, as_of))
    service = 2 - missed - (changes(told, "team", "agent") >= 2)
    score = 1 + 4 * (0.4 * resolution / 2 + 0.35 * (2 * told.last_mood + 2) / 4 + 0.25 * service / 2)
    yield Hit(
        at,
        score,
        told.solver(told.solves[-1]) if told.solves else dict.fromkeys(("agent", "team", "priority"), ""),
    )


def surveyed(told: Told, _: datetime) -> Iterable[Hit]:
    if told.asked_to_rate:
        yield Hit(local(told.asked_to_rate), float(told.rating is not None))


def handled(told: Told, _: datetime) -> Iterable[Hit]:
    if told.row["channel"] == "chat" and told.gaps_s is not None and told.reply_count:
        yield Hit(told.last_activity, told.gaps_s)


def mood(points: dict[str, float]) -> Rows:
    return created(lambda told: points.get(told.mood, 0.0) if told.mood else None)


def resolution(told: Told) -> float:
    return seconds(told.solves[-1].at - told.began)


MEASURES: dict[str, Rows] = {
    "volume": lambda told, _: [Hit(told.created, 1.0, at_creation(told))],
    "outbound": lambda told, _: (
        [Hit(told.created, 1.0, at_creation(told))] if told.why_not == "outbound" else []
    ),
    "solved": solved(lambda told: 1.0),
    "net_flow": net_flow,
    "reopens": reopened(by_thanks=False),
    "thanks_reopens": reopened(by_thanks=True),
    "replies": replied(lambda reply: 1.0 if reply.counts else None),
    "replies_per_agent_hour": replied(lambda reply: 1.0 if reply.counts else None, hourly=True),
    "first_reply": first_reply,
    "reopened_reply": reopened_reply,
    "next_reply": replied(lambda reply: seconds(reply.at - reply.asked) if reply.asked else None),
    "first_resolution": solved(lambda told: seconds(told.solves[0].at - told.began), first=True),
    "resolution": solved(resolution),
    "requester_wait": waited("new", "open", "hold"),
    "agent_work": waited("new", "open"),
    "agent_wait": waited("pending"),
    "on_hold": waited("hold"),
    "handling": handled,
    "reopen_rate": solved(soon_reopened, first=True, ripe=True),
    "one_touch_rate": solved(lambda told: told.reply_count == 1 and told.reopens == 0),
    "fcr_rate": solved(
        lambda told: float(stayed_away(told)) if told.row["requester_id"] else None, ripe=True
    ),
    "replies_per_conversation": solved(lambda told: told.reply_count),
    "handoffs": solved(lambda told: changes(told, "team", "agent")),
    "reassigned_rate": created(reassigned),
    "csat_share": rated(lambda score: float(score >= 0.75)),
    "csat_score": rated(lambda score: score),
    "csat_response_rate": surveyed,
    "bot_involvement_rate": created(lambda told: told.bot_texts > 0),
    "bot_handoff_rate": created(lambda told: told.handed_off if told.bot_texts else None),
    "bot_resolution_rate": created(
        lambda told: told.is_solved and not told.reply_count if told.bot_texts else None
    ),
    "sentiment_negative_share": mood({"negative": 1.0}),
    "sentiment_neutral_share": mood({"neutral": 1.0}),
    "sentiment_positive_share": mood({"positive": 1.0}),
    "net_sentiment": mood({"negative": -100.0, "positive": 100.0}),
    "experience_score": experience,
    "sla_targets": judged(lambda state, kind: 1.0, state_time=True),
    "sla_breaches": judged(lambda state, kind: 1.0 if state == "breached" else None),
    "sla_compliance": judged(is_met()),
    "sla_first_reply": judged(is_met("first_reply")),
    "sla_next_reply": judged(is_met("next_reply")),
    "sla_resolution": judged(is_met("resolution")),
}
