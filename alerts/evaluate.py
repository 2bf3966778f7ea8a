"""One evaluation of all rules: each by itself, so that one that fails is seen and stops no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from alerts import words
from alerts.judge import Reading, step
from alerts.owners import ViewerOf, owners_of
from alerts.readings import Asker, Since, Watched
from alerts.rules import Rule, read
from core import log
from core.errors import AppError
from core.home import Home
from core.settings import Settings
from store.workspace import AlertRule, AlertState, AlertStep, Outgoing, Workspace
from store.workspace.incidents import Event

logger = logging.getLogger(__name__)
# A window judged: what is remembered after it, and what began or ended by it.
Walked = tuple[Reading, AlertState, Event]


@dataclass(frozen=True, slots=True)
class Judged:
    """How the evaluation of one rule went: "ok", "failed", "suspended", or "not due" when nothing is new."""

    rule: int
    name: str
    status: str
    segments: int = 0
    opened: int = 0
    resolved: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation of all rules that are switched on. `queries` is how many questions the warehouse was asked."""

    rules: tuple[Judged, ...]
    queries: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether every rule could be judged."""
        return all(one.status in ("ok", "not due") for one in self.rules)


def evaluate(
    home: Home,
    settings: Settings,
    workspace: Workspace,
    *,
    owners: ViewerOf | None = None,
    every: bool = False,
) -> Evaluation:
    """Judge the rules that something new can be said of; with `every`, all that are switched on.

    Incidents and the word to send are kept with the verdict, in one transaction a rule. Nothing is sent here.
    """
    begun, asker, owners = time.monotonic(), Asker(home, settings), owners or owners_of(home, workspace)
    judged, states = [], workspace.alert_states()
    for row in workspace.alert_rules():
        if row.enabled:
            after = max((state.window for state in states.get(row.id, {}).values()), default="")
            since = Since(row.changed_at, after, row.seen)
            judged.append(_judge(row, asker, workspace, owners, every, since))
    return Evaluation(tuple(judged), asker.queries, round(time.monotonic() - begun, 3))


def _judge(
    row: AlertRule, asker: Asker, workspace: Workspace, owners: ViewerOf, every: bool, since: Since
) -> Judged:
    at = asker.at
    try:
        viewer = owners(asker.settings, row.owner)
        if viewer is None:
            told = f"{row.owner} has no access any more, so nothing is looked at in their name."
            workspace.note_alert_rule(row.id, "suspended", told, at=at)
            return Judged(row.id, row.name, "suspended", problem=told)
        rule = read(row.kind, row.definition)
        seen = asker.seen(rule)
        if seen and seen == row.seen and row.status == "ok" and not every:
            return Judged(row.id, row.name, "not due")
        rule.check(asker.settings)
        return _settle(row, rule, asker.watched(rule, viewer, since=since), asker, workspace, seen)
    except Exception as error:  # a rule that fails, for whatever reason, is shown and stops no other
        if not isinstance(error, AppError):
            logger.exception("a rule could not be judged", extra={"rule": row.id})
        told = log.blot(f"{error}" if isinstance(error, AppError) else f"{type(error).__name__}: {error}")
        workspace.note_alert_rule(row.id, "failed", words.one_line(told, 300), at=at)
        return Judged(row.id, row.name, "failed", problem=told)


def _settle(
    row: AlertRule, rule: Rule, watched: Watched, asker: Asker, workspace: Workspace, seen: str
) -> Judged:
    decide = partial(_steps, row, rule, watched, asker.settings, asker.at)
    events = workspace.settle_alert_rule(row.id, decide, changed_at=row.changed_at, at=asker.at, seen=seen)
    if events is None:  # changed or judged by somebody else since it was read
        return Judged(row.id, row.name, "not due")
    return Judged(row.id, row.name, "ok", len(events), events.count("opened"), events.count("resolved"))


def _steps(
    row: AlertRule, rule: Rule, watched: Watched, settings: Settings, at: datetime,
    states: Mapping[str, AlertState],
) -> Sequence[AlertStep]:  # fmt: skip
    """Every window in its turn, the earliest first, as it would have been judged in its time."""
    now, walked = dict(states), dict[str, list[Walked]]()
    for name, window in zip(watched.names, watched.windows, strict=True):
        for reading in _with_missing(rule, watched, name, window, now):
            state, event = step(rule, now.get(reading.segment), reading, at)
            now[reading.segment] = state
            walked.setdefault(reading.segment, []).append((reading, state, event))
    return [one for walk in walked.values() for one in _of_segment(row, rule, watched, settings, at, walk)]


def _of_segment(
    row: AlertRule, rule: Rule, watched: Watched, settings: Settings, at: datetime, walk: Sequence[Walked]
) -> Iterator[AlertStep]:
    """What is kept and told of one segment. What began and ended in this evaluation is told once, as over."""
    begun: Reading | None = None
    is_snoozed = row.snoozed_until is not None and row.snoozed_until > at
    for place, (reading, state, event) in enumerate(walk):
        if event in ("", "updated") and place < len(walk) - 1:
            continue
        if not event:
            yield AlertStep(reading.segment, state)
            continue
        past = begun if event == "resolved" else None
        begun = reading if event == "opened" else None
        lasts = event == "opened" and all(later != "resolved" for _, _, later in walk[place:])
        told = words.message(
            row.name, rule, watched, past or reading, event, settings=settings, until=reading if past else None, lasts=lasts,
        )  # fmt: skip
        ends = event == "resolved" and (not is_snoozed if past else rule.tell_end)
        outgoing = _outgoing(row, rule, told, at) if lasts or ends else ()
        yield AlertStep(reading.segment, state, event, told.plain(), outgoing)


def _with_missing(
    rule: Rule, watched: Watched, name: str, window: Sequence[Reading], states: Mapping[str, AlertState]
) -> Sequence[Reading]:
    """A window's readings; of segments that were beyond and are not there now, that nothing is there."""
    there = {reading.segment for reading in window}
    if not (watched.is_zero_without or rule.kind == "source_stale"):
        return window
    gone = [
        Reading(segment, name, 0.0, max(rule.min_n, 0))
        for segment, state in states.items()
        if segment not in there and state.level == "firing"
    ]
    return (*window, *gone)


def _outgoing(row: AlertRule, rule: Rule, told: words.Message, at: datetime) -> tuple[Outgoing, ...]:
    due_at = max(at, row.snoozed_until or at)
    due_at = rule.quiet.ends_after(due_at) if rule.quiet else due_at
    return tuple(Outgoing(channel, told.plain(), due_at) for channel in rule.channels)
