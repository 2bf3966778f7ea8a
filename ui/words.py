"""Numbers of a metric as people read them: by unit, with the rules of core/numbers.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import numbers

if TYPE_CHECKING:
    from analytics.result import MetricResult, Value
    from core.filters import Period


def value(result: MetricResult, item: Value | None = None) -> str:
    """The total of a result (or another value of it) in its unit; a dash where there is none."""
    item = item or result.total
    return amount(result.unit, item.value, item.n)


def amount(unit: str, number: float | None, n: int) -> str:
    """A number in its unit; a share of fewer than five says its n instead."""
    return numbers.value(number, unit, n)


def change(result: MetricResult) -> str | None:
    """The change against the period before: per cent, for shares points; None where not comparable."""
    if result.change is None or result.total.small or (result.previous and result.previous.small):
        return None
    if result.unit == "share":
        points = round(result.change.absolute * 100)
        return f"{points:+d} pp" if points else "0 pp"
    if result.unit == "points":
        return numbers.change(
            result.total.value, result.previous.value if result.previous else None, "points"
        )
    if result.change.relative is None:
        return None
    percent = round(result.change.relative * 100)
    return f"{percent:+d} %" if percent else "0 %"


def days(period: Period) -> str:
    """Days by their dates: "18 Oct to 16 Nov 2025"."""
    first, last = period.start, period.end
    if first == last:
        return f"{last:%-d %b %Y}"
    return f"{first:%-d %b}{'' if first.year == last.year else f' {first.year}'} to {last:%-d %b %Y}"


def judged(result: MetricResult) -> bool | None:
    """Whether the change is a good one; None where neither way is, or nothing changed that is shown."""
    told = change(result)
    return None if result.change is None or told is None or told.startswith("0 ") else result.change.good
