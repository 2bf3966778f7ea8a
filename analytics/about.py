"""What has to be known to read numbers that left the screen: the head of an exported table and of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics import metric_rows
from analytics.result import MetricResult
from core import conditions, numbers
from core.conditions import Condition
from core.filters import Filters, Period
from core.settings import Settings

TEXTS = "In CSV and Excel a text that a spreadsheet would take for a formula begins with an apostrophe."
OPEN = "The last bucket or the period is not over: what is partial is not to be compared with what is full."
UNITS = {
    "seconds": "seconds", "share": "a share from 0 to 1", "score": "a score from -1 to 1", "points": "points from -100 to 100",
}  # fmt: skip


def of_results(
    title: str, results: Sequence[MetricResult], settings: Settings, *, in_words: bool = False
) -> dict[str, Any]:
    """The head of what shows these numbers: title, filters, period, comparison, zone, freshness; then each number.

    Every value is a text or, under a number's title, a table of texts. Numbers are exact, or as people read them.
    """
    shown = list({(result.name, result.filters): result for result in results}.values())
    told: dict[str, Any] = {"Title": title}
    if shown:
        told |= _common(shown[0]) | {"Compared with": _before(shown)}
        if not_over := [result.title for result in shown if is_open(result)]:
            names = ", ".join(dict.fromkeys(not_over))
            told["Attention"] = OPEN + (f" Here: {names}." if len(not_over) < len(shown) else "")
    told["Texts"] = TEXTS
    for result in shown:
        told[_label(result, shown)] = _number(result, shown[0], settings, in_words)
    return told


def is_open(result: MetricResult) -> bool:
    """Whether a part of it is not over."""
    return result.in_progress or any(row.partial for row in result.rows)


def filters_told(filters: Filters) -> str:
    """The filters as a sentence: "channel is email or chat, team is Billing; and any of: priority is not low"."""
    alone = tuple(Condition.of(name, values) for name, values in filters.where)
    parts = [conditions.words(one, _name) for one in alone]
    every = " and ".join(parts)
    either = f"any of: {conditions.told(filters.groups, _name)}" if filters.groups else ""
    return "; and ".join(part for part in (every, either) if part) or "none"


def _name(dimension: str) -> str:
    return dimension.replace("_", " ")


def _common(result: MetricResult) -> dict[str, Any]:
    told = {
        "Filters": filters_told(result.filters),
        "Period": f"{result.period}, both days included",
        "Compared with": "",
        "Zone": result.zone,
        "Generation": str(result.generation),
        "Published": f"{result.published_at:%Y-%m-%d %H:%M} UTC",
        "Data until": f"{result.as_of:%Y-%m-%d %H:%M} {result.zone}",
    }
    if result.included:
        told["Counted also"] = ", ".join(result.included)
    return told


def _before(shown: Sequence[MetricResult]) -> str:
    """The period before, where at least one of the numbers is compared with it."""
    return next((str(one.previous_period) for one in shown if one.previous_period), "nothing")


def _number(result: MetricResult, first: MetricResult, settings: Settings, in_words: bool) -> dict[str, str]:
    """One number: definition, whose it is, what it rests on, and what is not in it; nothing that says nothing."""
    told = metric_rows.about(result, settings)
    found = {
        "definition": result.description,
        "definition from": told["definition_from"],
        "unit": UNITS.get(result.unit, result.counts if result.unit == "count" else ""),
        "hours": f"{result.hours} hours" if result.unit == "seconds" else "",
        **(_in_words(result) if in_words else _in_full(result)),
        "n": f"{result.total.n} {result.counts}" + (", too few to judge" if result.total.small else ""),
        "not in it": "; ".join(told["left_out"]),
        "targets": "; ".join(told["targets"]),
        "notes": " ".join(told["notes"]),
        "coverage": result.coverage.text if result.coverage else "",
    }
    if (result.filters, result.period) != (first.filters, first.period):
        found |= {"filters": filters_told(result.filters), "period": str(result.period)}
    return {name: text for name, text in found.items() if text}


def _in_full(result: MetricResult) -> dict[str, str]:
    total, before = result.total, result.previous.value if result.previous else None
    return {
        "total": _exact(total.value),
        "95 % interval": f"{_exact(total.low)} to {_exact(total.high)}" if total.low is not None else "",
        "before": _exact(before) if before is not None else "",
    }


def _in_words(result: MetricResult) -> dict[str, str]:
    total, before = result.total, result.previous
    return {
        "total": numbers.value(total.value, result.unit, total.n),
        "95 % interval": numbers.interval(total.low, total.high, total.n),
        "before": numbers.value(before.value, result.unit, before.n) if before else "",
    }


def _exact(value: float | None) -> str:
    """Full precision; a dash where there is no number."""
    return "no number" if value is None else repr(int(value) if float(value).is_integer() else value)


def _label(result: MetricResult, shown: Sequence[MetricResult]) -> str:
    """The title; with its filters where another of the same title is shown beside it."""
    alike = [other for other in shown if other.title == result.title]
    return (
        result.title
        if len(alike) == 1
        else f"{result.title} ({filters_told(result.filters)}, {result.period})"
    )


def file_name(title: str, period: Period | None, zone: str, ending: str) -> str:
    """A name of a file that every system takes: what, which days, which zone."""
    days = [f"{period.start}_{period.end}"] if period else []
    return "_".join(["supportlens", *(_plain(part) for part in (title, *days, zone))])[:120] + f".{ending}"


def _plain(text: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else " " for c in text.lower())
    return "-".join(kept.split())
