"""The verdict on one reading, and what it does to what is remembered. Pure: the preview runs the same functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from alerts.rules import Rule
from store.workspace.incidents import AlertState, Event

Verdict = Literal["beyond", "between", "back", "too few", "no value"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One segment in one window. `value` in the metric's unit, `previous` that of the window compared with.

    `window` orders windows as text: the ISO day (hour, minute) it begins with. `n` is what the value rests on, of a
    comparison the smaller of the two.
    """

    segment: str
    window: str
    value: float | None
    n: int
    previous: float | None = None
    previous_n: int = 0
    note: str = ""


def measure(rule: Rule, reading: Reading) -> float | None:
    """What is held against the level: the value, or its change in percent or in the metric's unit."""
    if rule.kind != "change":
        return reading.value
    if reading.value is None or reading.previous is None:
        return None
    change = reading.value - reading.previous
    if rule.change_in == "percent":
        if not reading.previous:
            return None
        change = change / abs(reading.previous) * 100
    return {"above": change, "below": -change, "either": abs(change)}[rule.direction]


def verdict(rule: Rule, reading: Reading) -> Verdict:
    """Beyond the level, back at the clear level, or between the two; or why nothing can be said."""
    n = min(reading.n, reading.previous_n) if rule.kind == "change" else reading.n
    if n < rule.min_n:
        return "too few"
    found = measure(rule, reading)
    if found is None:
        return "no value"
    sign = -1 if rule.direction == "below" and rule.kind != "change" else 1
    if sign * found > sign * rule.level:
        return "beyond"
    return "back" if sign * found <= sign * rule.back_at else "between"


def step(rule: Rule, before: AlertState | None, reading: Reading, at: datetime) -> tuple[AlertState, Event]:
    """What is remembered after a reading, and what has begun or ended by it.

    A window that is judged again replaces its own verdict. One that is older than what was judged changes nothing.
    """
    if before is not None and (reading.window < before.window or at < before.at):
        return before, ""
    found = verdict(rule, reading)
    level = before.level if before else "ok"
    base = 0 if before is None else before.base if before.window == reading.window else before.streak
    streak = base
    if found == "beyond":
        streak = base + 1
    elif found in ("between", "back"):
        streak = 0
    event: Event = "updated" if level == "firing" else ""
    if level == "ok" and found == "beyond" and streak >= rule.times:
        level, event = "firing", "opened"
    elif level == "firing" and found == "back":
        level, event = "ok", "resolved"
    said = found if found in ("too few", "no value") else level
    state = AlertState(level, said, streak, base, reading.window, reading.value, reading.n, at)
    return state, event
