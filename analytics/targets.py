"""Targets of the settings beside a number: the line to reach, and how many periods reached it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from analytics import catalogue, dimensions
from analytics.periods import day_of
from analytics.result import MetricResult, Row, TargetLine, TargetPoint
from core import numbers
from core.errors import ConfigError, QuestionError
from core.schedule import seconds_of
from core.settings import Settings, Target

_PERCENT = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*%\s*")
Segment = frozenset[tuple[str, tuple[str, ...]]]


def with_targets(result: MetricResult, settings: Settings) -> MetricResult:
    """The result with the targets that hold for exactly its filters, or for its filters and one group.

    A bucket is held against the target that was in force when it began. Raises ConfigError for a target that
    cannot be understood.
    """
    ours = [target for target in settings.targets if target.metric == result.name]
    if not ours or result.filters.groups:  # a target is of a segment, which conditions cut through
        return result
    for target in ours:
        _check_names(target)
    lines = [_line(result, found, ()) for found in [_for_segment(ours, _segment(result))] if found]
    if result.by:
        lines = []
        for group in dict.fromkeys(row.group for row in (*result.groups, *result.rows)):
            if found := _for_segment(ours, _segment(result, group)):
                lines.append(_line(result, found, group))
    return replace(result, targets=tuple(line for line in lines if line.points))


def told(line: TargetLine, result: MetricResult) -> str:
    """ "Target 4 h 00 m: reached in 7 of 9 weeks (78 %)", or whether the one period reached it."""
    if result.grain:
        if line.share is None:
            return f"{line.label}: no {result.grain} can be judged yet"
        share = numbers.percent(line.share)
        return f"{line.label}: reached in {line.reached} of {line.judged} {result.grain}s ({share})"
    reached = line.points[0].reached
    return f"{line.label}: {'not judged' if reached is None else 'reached' if reached else 'not reached'}"


def check(settings: Settings) -> None:
    """Raise ConfigError for a target of a metric or dimension that does not exist, or without a sense."""
    for target in settings.targets:
        try:
            unit = catalogue.find(target.metric, settings).unit
        except QuestionError as error:
            raise ConfigError(f"[[targets]]: {error.message}", hint=error.hint) from None
        _check_names(target)
        value_of(target, unit)


def value_of(target: Target, unit: str) -> float:
    """The target as a number in the metric's unit: seconds, a share from 0 to 1, a count. Raises ConfigError."""
    value = target.value
    if isinstance(value, str):
        value = _read(target, value, unit)
    if unit == "share" and not 0 <= value <= 1:
        raise _wrong(target, "a share lies between 0 and 1", 'Write 0.9 or "90 %".')
    if unit == "seconds" and value < 0:
        raise _wrong(target, "a duration cannot be negative", 'Write "4h".')
    return float(value)


def _read(target: Target, text: str, unit: str) -> float:
    if unit == "seconds":
        try:
            return seconds_of(text)
        except ValueError as error:
            raise _wrong(target, str(error), 'Write "4h", or a number of seconds.') from None
    percent = _PERCENT.fullmatch(text)
    if percent and unit == "share":
        return float(percent[1].replace(",", ".")) / 100
    try:
        return float(text)
    except ValueError:
        hint = 'Write 0.9 or "90 %".' if unit == "share" else "Write a number."
        raise _wrong(target, f"{text!r} is not a number", hint) from None


def _wrong(target: Target, reason: str, hint: str) -> ConfigError:
    return ConfigError(f"[[targets]]: the value of {target.metric} makes no sense: {reason}.", hint=hint)


def _check_names(target: Target) -> None:
    for name in target.where:
        try:
            dimensions.find(name)
        except QuestionError as error:
            raise ConfigError(f"[[targets]] of {target.metric}: {error.message}", hint=error.hint) from None


def _segment(result: MetricResult, group: tuple[str, ...] = ()) -> Segment | None:
    """What a number is about: the filters, and the values of its group; None where that is no segment."""
    filters = result.filters
    for name, value in zip(result.by, group, strict=False):
        filters = filters.narrowed(name, value)
    return None if filters.groups else frozenset(filters.where)


def _for_segment(targets: Sequence[Target], segment: Segment | None) -> list[Target]:
    """The targets of a segment, the earliest first; without a day first of all."""
    found = [
        target
        for target in targets
        if frozenset((name, tuple(sorted(set(values)))) for name, values in target.where.items() if values)
        == segment
    ]
    return sorted(found, key=lambda target: target.valid_from or date.min)


def _line(result: MetricResult, targets: Sequence[Target], group: tuple[str, ...]) -> TargetLine:
    rows: Sequence[Row] = [row for row in result.rows if row.group == group]
    if not result.grain:
        found = [row for row in result.groups if row.group == group] if group else [_whole(result)]
        rows = [replace(row, partial=result.in_progress) for row in found]
    points = []
    for row in rows:
        begins = day_of(row.bucket) if row.bucket else result.period.start
        held = [target for target in targets if (target.valid_from or date.min) <= begins]
        if held:  # the last of one day wins
            value = value_of(held[-1], result.unit)
            points.append(TargetPoint(row.bucket, value, _reached(row, value, result)))
    judged = [point.reached for point in points if point.reached is not None]
    reached = sum(judged)
    label = _label(result, points, group)
    share = reached / len(judged) if judged else None
    return TargetLine(label, group, tuple(points), reached, len(judged), share)


def _whole(result: MetricResult) -> Row:
    """The total as the one period there is."""
    total = result.total
    return Row(None, (), total.value, total.n, small=total.small)


def _reached(row: Row, target: float, result: MetricResult) -> bool | None:
    """Whether a closed period reached it; no better way, no judgement, as for a share of too few."""
    says_nothing = row.small and result.unit == "share"
    if row.value is None or row.partial or row.immature or says_nothing or result.better == "neutral":
        return None
    return row.value <= target if result.better == "lower" else row.value >= target


def _label(result: MetricResult, points: Sequence[TargetPoint], group: tuple[str, ...]) -> str:
    """ "Target 4 h 00 m", or "Target of Billing 90 %"; of several in force one after another the last."""
    if not points:
        return ""
    of = f" of {', '.join(group)}" if group else ""
    return f"Target{of} {numbers.value(points[-1].value, result.unit)}"
