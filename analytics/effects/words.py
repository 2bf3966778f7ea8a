"""What an effect says, its numbers from the effect alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.effects.measure import LEAST_AFTER, LEAST_BEFORE
from analytics.trends.words import amount

if TYPE_CHECKING:
    from analytics.effects.of_event import Effect, Off


def too_short(before: int, after: int) -> str:
    """What is missing before anything can be said."""
    if before < LEAST_BEFORE:
        return f"Need {LEAST_BEFORE} days with a value before the event, have {before}."
    more = LEAST_AFTER - after
    return f"Need {more} more {'day' if more == 1 else 'days'} with a value after the event."


def sentences(one: Effect, kind: str) -> tuple[str, ...]:
    """The answer, what it is measured against, and what the untouched did."""
    if one.effect is None or one.verdict == "unknown":
        return (
            "Too little came before the event to test a forecast on: an effect cannot be told from chance.",
        )
    said = [_answer(one, one.effect, kind)]
    counted = sum(day.counted for day in one.days)
    if one.actual is not None and one.expected is not None:
        said.append(
            f"{amount(one.actual, one.unit)} a day came in the {counted} days from {one.at:%-d %b %Y}, "
            f"{amount(one.expected, one.unit)} were forecast from the days before."
            if kind == "count"
            else f"{amount(one.actual, one.unit)} in the {counted} days from {one.at:%-d %b %Y}, "
            f"{amount(one.expected, one.unit)} was forecast from the days before."
        )
    if off := len(one.days) - counted:
        said.append(
            f"{off} {'day' if off == 1 else 'days'} off of a calendar in between {'is' if off == 1 else 'are'} left out."
        )
    said += _single(one)
    said.append(_beside(one, kind))
    said.append(f"Measured alike on {one.placebos} windows before the event.")
    return tuple(said)


def _answer(one: Effect, effect: Off, kind: str) -> str:
    band = f"95 %: {signed(effect.low, kind)} to {signed(effect.high, kind)}"
    if one.verdict != "none":
        return f"{one.title} went {one.verdict} by {signed(abs(effect.value), kind).lstrip('+')} ({band})."
    reach = ((effect.high or 0) - (effect.low or 0)) / 2
    return (
        f"No measurable effect: {signed(effect.value, kind)} ({band}). Less than about "
        f"{signed(reach, kind).lstrip('+')} cannot be told from chance in these days."
    )


def _single(one: Effect) -> list[str]:
    """A day that makes up more than half of what came beyond the forecast: it may be another thing."""
    apart = {
        day.day: day.actual - day.expected
        for day in one.days
        if day.counted and day.actual is not None and day.expected is not None
    }
    whole = sum(apart.values())
    if one.verdict == "none" or len(apart) < 3 or not whole:
        return []
    most = max(apart, key=lambda day: apart[day] / whole)
    if apart[most] / whole <= 0.5:
        return []
    return [f"More than half of that is {most:%-d %b} alone: look whether it was something else."]


def _beside(one: Effect, kind: str) -> str:
    if one.untouched is None:
        return "Nothing was left untouched to compare with: whatever else happened in these days is in the effect."
    off = one.untouched
    moved = off.low is not None and off.high is not None and (off.low > 0 or off.high < 0)
    if not moved:
        return f"The untouched did as expected ({signed(off.value, kind)}), and the effect is measured against them."
    return (
        f"The untouched moved too ({signed(off.value, kind)}): something else happened in these days, or the change "
        "spilled over to them. The effect is what the touched did beyond that."
    )


def signed(value: float | None, kind: str) -> str:
    """A share as +12 %, a difference of ratios as +0.12 or in points."""
    if value is None:
        return "unknown"
    return f"{value * 100:+.1f} pp" if kind == "ratio" else f"{value * 100:+.0f} %"
