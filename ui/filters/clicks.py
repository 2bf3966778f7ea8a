"""What a click on a mark does to the filters: it narrows them to what the mark counts; the same click takes that back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import conditions
from core.conditions import Condition
from core.filters import Period
from ui import state
from ui.filters import any_of, choices

Where = Sequence[tuple[str, tuple[str, ...]]]
_DONE, _DAYS_BEFORE = "filters_clicks", "filters_days_before"
_MOST_KEPT = 50  # clicks that are remembered, the latest


@dataclass(frozen=True, slots=True)
class _Done:
    """What a click has changed: lists of the bar as they were, conditions before and after, and whether the days."""

    lists: tuple[tuple[str, tuple[str, ...]], ...]
    before: str
    after: str
    days: bool


def narrow(where: Where, period: Period | None = None) -> None:
    """Leave only what has these values and lies in these days; only from a callback, as all below."""
    offered = choices.offered()
    for name, values in where:
        kept = conditions.both(name, state.value(name) or (), values) if name in offered else None
        if kept is None:
            any_of.narrow([(name, values)])
        else:
            state.put(name, list(kept))
    if period is not None and _days() != period:
        _remember_days(period)
        state.put("period", "custom")
        state.put("dates", (period.start, period.end))


def toggle(where: Where, period: Period | None = None) -> None:
    """Narrow; the same click again takes back what it changed, and nothing else."""
    mark = (tuple(where), period)
    done: dict[Any, _Done] = state.value(_DONE) or {}
    if all(_holds(name, values) for name, values in where) and period in (None, _days()):
        _take_back(where, period, done.get(mark))
        done = {key: one for key, one in done.items() if key != mark}
    else:
        lists = {name: tuple(state.value(name) or ()) for name, _ in where if name in choices.offered()}
        before, days = state.value(choices.ANY) or "", period not in (None, _days())
        narrow(where, period)
        changed = tuple((name, was) for name, was in lists.items() if tuple(state.value(name) or ()) != was)
        done = {**done, mark: _Done(changed, before, state.value(choices.ANY) or "", days)}
    state.put(_DONE, dict([*done.items()][-_MOST_KEPT:]))


def forget_period() -> None:
    """Back to the days before the click that chose these, or to the usual ones."""
    before: dict[Any, tuple[str, Any]] = dict(state.value(_DAYS_BEFORE) or {})
    period, dates = before.pop(_days(), (choices.USUAL_PERIOD, None))
    state.put(_DAYS_BEFORE, before)
    state.put("period", period)
    if period == "custom":
        state.put("dates", dates)


def forget_clicks() -> None:
    """Nothing of earlier clicks is taken back any more."""
    state.forget(_DONE, _DAYS_BEFORE)


def _days() -> Period:
    """The days that are chosen now."""
    chosen = choices.current().period
    assert chosen is not None  # noqa: S101 - the bar always has days
    return chosen


def _remember_days(new: Period) -> None:
    before = dict(state.value(_DAYS_BEFORE) or {})
    before[new] = (state.value("period") or choices.USUAL_PERIOD, state.value("dates"))
    state.put(_DAYS_BEFORE, dict([*before.items()][-_MOST_KEPT:]))


def _holds(name: str, values: tuple[str, ...]) -> bool:
    """Whether only these values of a dimension pass already."""
    chosen = set(state.value(name) or ()) if name in choices.offered() else set()
    groups = any_of.chosen()
    return (bool(chosen) and chosen <= set(values)) or (
        bool(groups) and all(Condition.of(name, values) in group for group in groups)
    )


def _take_back(where: Where, period: Period | None, done: _Done | None) -> None:
    """Undo what a click changed; of one that is not remembered, as from a link, all that it says."""
    lists = done.lists if done else tuple((name, ()) for name, _ in where if name in choices.offered())
    for name, values in lists:
        state.put(name, list(values))
    if done and (state.value(choices.ANY) or "") == done.after:
        state.put(choices.ANY, done.before)
    else:
        any_of.drop([Condition.of(name, values) for name, values in where])
    if period is not None and (done is None or done.days):
        forget_period()
