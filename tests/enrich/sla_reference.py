"""The rules of docs/sla.md once more, minute by minute, without a database. Minutes count from a Monday 09:00."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DAY, OPEN_MIN, SOLVED = 1440, 480, ("solved", "closed")  # open 09:00 to 17:00, Monday to Friday


@dataclass(frozen=True)
class Rule:
    """One target."""

    metric: str
    minutes: int
    priority: str | None = None
    in_hours: bool = False
    pause: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """What happened, each list in the order of time; nothing of one list happens in the same minute."""

    messages: Sequence[tuple[int, str, bool]]  # minute, role, only thanks
    statuses: Sequence[tuple[int, str]]
    priorities: Sequence[tuple[int, str | None]]  # the first at minute 0

    def status(self, minute: int) -> str:
        return next((s for at, s in reversed(self.statuses) if at <= minute), "new")

    def solves(self) -> list[int]:
        return [at for at, s in self.statuses if s in SOLVED and self.status(at - 1) not in SOLVED]


Clock = tuple[str, int, int | None]
Told = tuple[str, int, int | None, int | None, int | None, str]


def clocks(story: Story) -> list[Clock]:
    spoken = [one for one in story.messages if one[1] != "bot"]
    solves = story.solves()
    is_solved = bool(story.statuses) and story.statuses[-1][1] in SOLVED
    acts = sorted(
        [(at, 0, role, thanks) for at, role, thanks in spoken] + [(at, 1, "solve", False) for at in solves]
    )
    found: list[Clock] = []
    waiting: int | None = None
    answered = False
    for at, _, kind, thanks in acts:
        if kind == "customer":
            if answered and waiting is None and not thanks:
                waiting = at
            continue
        if waiting is not None:
            found.append(("next_reply", waiting, at))
        answered, waiting = True, None
    if waiting is not None and not is_solved:
        found.append(("next_reply", waiting, None))
    ends = [at for at, _, kind, _ in acts if kind != "customer"]
    if not (spoken and spoken[0][1] == "agent") and (ends or not is_solved):
        found.append(("first_reply", 0, ends[0] if ends else None))
    found.append(("resolution", 0, solves[-1] if is_solved else None))
    return sorted(found, key=lambda clock: clock[:2])


def due(story: Story, rule: Rule, start: int, end: int | None) -> int | None:
    """The end of the minute in which the target is full; None while the clock stands still."""
    passed, minute = 0, start
    last = max([at for at, _ in story.statuses], default=0)
    while passed < rule.minutes:
        paused = (end is None or minute < end) and story.status(minute) in rule.pause
        if paused and end is None and minute >= last:
            return None
        works = not rule.in_hours or (minute % DAY < OPEN_MIN and minute // DAY % 7 < 5)
        passed += works and not paused
        minute += 1
    return minute


def choose(rules: Sequence[Rule], metric: str, priority: str | None) -> Rule | None:
    fit = [r for r in rules if r.metric == metric and r.priority in (None, priority)]
    return min(fit, key=lambda r: (r.priority is None, rules.index(r)), default=None)


def applications(story: Story, rules: Sequence[Rule], clock: Clock) -> list[tuple[int, Rule | None]]:
    metric, start, end = clock
    found: list[tuple[int, Rule | None]] = []
    for at, priority in story.priorities:
        rule = choose(rules, metric, priority)
        if at <= start:
            found = [(start, rule)]
        elif not found or rule != found[-1][1]:
            found.append((at, rule))
    if end is None:
        return found
    early = [one for one in found if one[0] < end or one[0] == start]
    return early if any(rule for _, rule in early) else [one for one in found if one[0] <= end]


def expected(story: Story, rules: Sequence[Rule], now: int) -> list[Told]:
    """(metric, started, due, ended, breached, state) of every clock that had a target."""
    found: list[Told] = []
    for clock in clocks(story):
        metric, start, end = clock
        held = applications(story, rules, clock)
        breached, due_at, last = None, None, None
        for number, (at, rule) in enumerate(held):
            last = rule
            if rule is None:
                continue
            due_at = due(story, rule, start, end)
            due_at = None if due_at is None else max(due_at, at)
            nexts = [later for later, _ in held[number + 1 : number + 2]]
            over = min([*nexts, *([] if end is None else [end])], default=None)
            if breached is None and due_at is not None and over is not None and due_at < over:
                breached = due_at
        if not any(rule for _, rule in held):
            continue
        if last is None and breached is None:
            state = "cancelled"
        elif breached is not None or (end is None and due_at is not None and due_at < now):
            state = "breached"
        else:
            state = "running" if end is None else "met"
        found.append((metric, start, due_at, end, breached, state))
    return found
