"""A rule on the past: what it would have said, by the same functions and with the data as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerts import words
from alerts.judge import step
from alerts.readings import Asker
from alerts.rules import OF_FINDINGS, Rule
from core import numbers
from core.errors import InputError
from core.viewer import Viewer
from store.workspace.incidents import AlertState

DAYS: Final = 30
LONGEST: Final = 730


@dataclass(frozen=True, slots=True)
class Fired:
    """One incident that would have been: from which window to which (empty: it lasts), with its value in words."""

    segment: str
    window: str
    when: str
    value: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done. `windows` were judged, `too_few` readings rested on fewer than the rule wants."""

    days: int
    fired: tuple[Fired, ...]
    windows: int
    too_few: int
    no_value: int

    def told(self) -> str:
        """In a sentence: "would have fired 3 times in the last 30 days: 2 Nov 2026 (143), …"."""
        times = len(self.fired)
        often = {0: "not have fired", 1: "have fired once", 2: "have fired twice"}.get(
            times, f"have fired {times} times"
        )
        found = f"It would {often} in the last {self.days} days"
        dates = ", ".join(
            f"{one.when}{f' in {words.one_line(one.segment, 40)}' if one.segment else ''} ({one.value})"
            for one in self.fired[:20]
        )
        more = f" and {times - 20} more" if times > 20 else ""
        told = f"{found}: {dates}{more}." if dates else f"{found}."
        small = f" {self.too_few} times there were too few to judge." if self.too_few else ""
        return f"{told}{small} By the data as it is now."


def preview(rule: Rule, asker: Asker, viewer: Viewer, *, days: int = DAYS) -> Preview:
    """What the rule would have done in the last days: all windows from one question to the warehouse.

    Raises InputError for a kind that knows only the present, QuestionError.
    """
    if rule.kind in OF_FINDINGS:
        raise InputError(
            f"there is no history for a rule of the kind {rule.kind}: it judges what is found in the newest data.",
            hint="It is judged after every refresh once it is kept.",
        )
    if not rule.is_of_metric:
        raise InputError(
            f"there is no history for a rule of the kind {rule.kind}: it judges what is so at the minute.",
            hint="It is judged every minute once it is kept.",
        )
    if not 1 <= days <= LONGEST:
        raise InputError(f"{days} days cannot be looked at.", hint=f"From 1 to {LONGEST}.")
    rule.check(asker.settings)
    watched = asker.watched(rule, viewer, days)
    states: dict[str, AlertState] = {}
    open_ones: dict[str, Fired] = {}
    fired: list[Fired] = []
    said: list[str] = []
    for window in watched.windows:
        for reading in window:
            at = datetime.fromisoformat(reading.window).replace(tzinfo=asker.at.tzinfo) + timedelta(days=1)
            state, event = step(rule, states.get(reading.segment), reading, at)
            states[reading.segment] = state
            said.append(state.said)
            if event == "opened":
                value = numbers.value(reading.value, watched.unit, reading.n)
                when = words.window_words(rule, reading.window)
                open_ones[reading.segment] = Fired(reading.segment, reading.window, when, value, None)
            elif event == "resolved":
                begun = open_ones.pop(reading.segment)
                fired.append(Fired(begun.segment, begun.window, begun.when, begun.value, reading.window))
    fired = sorted([*fired, *open_ones.values()], key=lambda one: (one.window, one.segment))
    return Preview(days, tuple(fired), len(watched.windows), said.count("too few"), said.count("no value"))
