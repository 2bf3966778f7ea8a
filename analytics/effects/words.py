"""What an effect says, its numbers from the effect alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.effects.measure import LEAST_AFTER, LEAST_BEFORE
from analytics.trends.words import amount
from core import numbers

if TYPE_CHECKING:
    from analytics.effects.of_event import Effect, Off

MANY_TIMES = 10


def too_short(before: int, after: int) -> str:
    """What is missing before anything can be said."""
    if before < LEAST_BEFORE:
        return f"Need {LEAST_BEFORE} days with a value before the event, have {before}."
    more = LEAST_AFTER - after
    return f"Need {more} more {'day' if more == 1 else 'days'} with a value after the event."


def sentences(one: Effect) -> tuple[str, ...]:
    """The answer, what it is measured against, and what the untouched did."""
    if one.effect is None or one.effect.low is None or one.effect.high is None:
        return (
            "Too little came before the event to test a forecast on: an effect cannot be told from chance.",
        )
    counted = sum(day.counted for day in one.days)
    said = [_answer(one, one.effect), *_came(one, counted)]
    if off := len(one.days) - counted:
        said.append(
            f"{off} {'day' if off == 1 else 'days'} off of a calendar in between {'is' if off == 1 else 'are'} left out."
        )
    said += _single(one)
    said.append(_beside(one))
    said.append(f"Measured alike on {one.placebos} windows before the event.")
    return tuple(said)


def _answer(one: Effect, effect: Off) -> str:
    band = f"95 %: {signed(effect.low, one)} to {signed(effect.high, one)}"
    if one.verdict in ("higher", "lower"):
        by = signed(effect.value, one)
        by = f"to {by} what was to come" if by.endswith("times") else f"by {by.lstrip('+-')}"
        return f"{one.title} went {one.verdict} {by} ({band})."
    if one.verdict == "unknown":
        return (
            f"Too little to tell: {signed(effect.value, one)} ({band}). In these days only a change of more than "
            f"{_reach(effect)[1]:,.0f} times would stand out from chance."
        )
    said = f"No measurable effect: {signed(effect.value, one)} ({band})."
    if one.kind == "ratio":
        reach = signed(((effect.high or 0) - (effect.low or 0)) / 2, one).lstrip("+")
        return f"{said} Less than about {reach} cannot be told from chance in these days."
    low, high = (signed(times - 1, one) for times in _reach(effect))
    return f"{said} What is between about {low} and {high} cannot be told from chance in these days."


def _reach(effect: Off) -> tuple[float, float]:
    """The smallest fall and rise, in times, that would leave nothing outside the band: half of it, of logarithms."""
    low, high = (max(1 + (end or 0.0), 1e-12) for end in (effect.low, effect.high))
    times = (high / low) ** 0.5
    return 1 / times, times


def _came(one: Effect, counted: int) -> list[str]:
    """What was and what was forecast, which apart are what the touched alone did."""
    if one.actual is None or one.expected is None:
        return []
    actual, expected = (amount(value, one.unit) for value in (one.actual, one.expected))
    was = f"{actual} a day" if one.a_day else f"It stood at {actual}" if one.kind == "count" else actual
    mean = ", the geometric mean of the days" if one.kind == "duration" else ""
    apart = f" ({signed(one.alone.value, one)})" if one.alone else ""
    return [
        f"{was} in the {counted} days from {one.at:%-d %b %Y}, {expected} {'were' if one.a_day else 'was'} forecast from "
        f"the days before{apart}{mean}."
    ]


def _single(one: Effect) -> list[str]:
    """A day that makes up more than half of what came beyond the forecast: it may be another thing."""
    apart = {
        day.day: day.actual - day.expected
        for day in one.days
        if day.counted and day.actual is not None and day.expected is not None
    }
    whole = sum(apart.values())
    if one.verdict not in ("higher", "lower") or len(apart) < 3 or not whole:
        return []
    most = max(apart, key=lambda day: apart[day] / whole)
    if apart[most] / whole <= 0.5:
        return []
    return [f"More than half of that is {most:%-d %b} alone: look whether it was something else."]


def _beside(one: Effect) -> str:
    if one.untouched is None:
        return "Nothing was left untouched to compare with: whatever else happened in these days is in the effect."
    off = one.untouched
    moved = off.low is not None and off.high is not None and (off.low > 0 or off.high < 0)
    if not moved:
        return f"The untouched did as expected ({signed(off.value, one)}), and the effect is measured against them."
    return (
        f"The untouched moved too ({signed(off.value, one)}): something else happened in these days, or the change "
        "spilled over to them. The effect is what the touched did beyond that."
    )


def signed(value: float | None, of: Effect) -> str:
    """A share as +12 %, from ten times on as 12 times; a difference of ratios in points, of others in the unit."""
    if value is None:
        return "unknown"
    if of.kind != "ratio":
        return f"{1 + value:,.0f} times" if 1 + value >= MANY_TIMES else f"{value * 100:+.0f} %"
    if of.unit == "share":
        return f"{numbers.signed(value * 100, 1)} pp"
    text = amount(abs(value), of.unit).lstrip("+")
    sign = ("+" if value > 0 else "-") if text.strip("0.") else ""
    return f"{sign}{text}" + (" points" if of.unit == "points" else "")
