"""What a trend says: one to three sentences, their numbers from the trend alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from core import numbers

if TYPE_CHECKING:
    from analytics.base import Metric
    from analytics.trends.of_metric import Change, Trend

ADDED = ("count", "sum")  # kinds whose number is so many a day
DIRECTIONS = {
    "rising": "rising", "falling": "falling", "up": "went up", "down": "went down", "mixed": "up and down",
    "none": "no change", "unknown": "too few days",
}  # fmt: skip


def with_sentence(trend: Trend, metric: Metric) -> Trend:
    """The same trend with what it says."""
    return replace(trend, sentence=" ".join(_sentences(trend, metric)))


def written(value: float | None, metric: Metric) -> str:
    """A level: "12.4 a day", "38 %", "2 h 05 m"."""
    said = amount(value, metric.unit)
    return f"{said} a day" if metric.kind in ADDED and value is not None else said


def amount(value: float | None, unit: str) -> str:
    """A number of a fitted line: a count with as many digits as say something."""
    if value is None or unit != "count" or abs(value) >= 100:
        return numbers.value(None if value is None else round(value) if unit == "count" else value, unit)
    return f"{value:.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2f}"


def size(difference: float, unit: str) -> str:
    """How far apart two levels are, without a sign."""
    if unit == "share":
        return f"{abs(difference) * 100:.1f} pp"
    return amount(abs(difference), unit).lstrip("+")


def between(first: date, last: date) -> str:
    """Days as a reader says them."""
    return f"{first:%-d %b}" if first == last else f"{first:%-d %b} to {last:%-d %b}"


def _sentences(trend: Trend, metric: Metric) -> list[str]:
    said = [_step(change, metric) for change in trend.changes]
    if trend.direction in ("rising", "falling") or (trend.direction == "mixed" and _is_sloped(trend)):
        said.append(_slope(trend, metric))
    if not said:
        said.append("No change beyond chance.")
    return [*said, f"Now about {written(trend.level, metric)}{_interval(trend, metric)}."]


def _is_sloped(trend: Trend) -> bool:
    low, high = trend.per_week_low, trend.per_week_high
    return low is not None and high is not None and (low > 0 or high < 0)


def _step(change: Change, metric: Metric) -> str:
    way = "Up" if change.after > change.before else "Down"
    apart = change.after - change.before
    share = "" if metric.unit == "share" or change.before <= 0 else f" ({apart / change.before * 100:+.0f} %)"
    days = "" if change.first == change.last else f", 95 %: {between(change.first, change.last)}"
    return (
        f"{way} on {change.day:%-d %b %Y}{days}, from {written(change.before, metric)} "
        f"to {written(change.after, metric)}{share}."
    )


def _slope(trend: Trend, metric: Metric) -> str:
    slope = trend.per_week or 0.0
    low, high = sorted((abs(trend.per_week_low or 0.0), abs(trend.per_week_high or 0.0)))
    low = low if _is_sloped(trend) else 0.0
    share = (
        f", {abs(slope) / trend.level * 100:.0f} % of its level"
        if trend.level and metric.unit != "share"
        else ""
    )
    way = "Rising" if slope > 0 else "Falling"
    return (
        f"{way} by {size(slope, metric.unit)} a week (95 %: {size(low, metric.unit)} to "
        f"{size(high, metric.unit)}{share})."
    )


def _interval(trend: Trend, metric: Metric) -> str:
    if trend.level_low is None or trend.level_high is None or trend.level_low == trend.level_high:
        return ""
    return f" (95 %: {amount(trend.level_low, metric.unit)} to {amount(trend.level_high, metric.unit)})"
