"""Which targets there are, of the settings and of each source, in the order in which they take precedence.

1. settings that name the source, 2. the source's own policies, 3. settings for every source. Among settings, those
with a filter go before those without, those for one priority before those for all, then the order of the file.
Of a source's policies the first that fits counts, in the source's order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from core.schedule import seconds_of
from core.service_levels import CLOCKS, LONGEST_S
from core.settings import PRESET, Settings, Sla
from enrich.sla_conditions import Unreadable, of_policy, of_settings, sql_text

if TYPE_CHECKING:
    from store.writer import Writer

PAUSED: dict[str, tuple[str, ...]] = {"resolution": ("pending", "hold")}
# Nobody waits for a solution while there is one.
ALWAYS_PAUSED: dict[str, tuple[str, ...]] = {"resolution": ("solved", "closed")}
# Zendesk's total resolution time counts pending and on-hold too.
NEVER_PAUSE = frozenset({"zendesk"})
PRIORITIES = {"low", "normal", "high", "urgent"}


@dataclass(frozen=True, slots=True)
class Goal:
    """One target: `policy` in words, `priority` None for all, `calendar` None for all hours or, with
    `in_own_hours`, for the conversation's."""

    policy: str
    metric: str
    priority: str | None
    seconds: int
    calendar: str | None = None
    in_own_hours: bool = False
    pause: tuple[str, ...] = ()
    condition_no: int | None = None
    policy_no: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A source's policy: whom it is for as SQL, when it holds, what applications may call it, its targets."""

    source_id: str
    number: int
    condition: str
    names: frozenset[str]
    goals: tuple[Goal, ...]


@dataclass
class Targets:
    """Everything that `fill` needs: goals by precedence, conditions of the settings, policies, what is left out."""

    goals: list[Goal] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)  # source to reasons


def targets_of(writer: Writer, settings: Settings) -> Targets:
    """All targets. Policies whose conditions cannot be evaluated are left out, with the reason."""
    found = Targets()
    found.goals += _of_settings((one for one in settings.sla if one.sources), found.conditions)
    _add_policies(writer, found)
    found.goals += _of_settings((one for one in settings.sla if not one.sources), found.conditions)
    return found


def in_words(metric: str, target: str, priority: str | None) -> str:
    """What a target of the settings is called, such as "urgent first reply 1h"."""
    return " ".join(filter(None, (priority, metric.replace("_", " "), target.strip())))


def _of_settings(told: Iterable[Sla], conditions: list[str]) -> list[Goal]:
    ranked: list[tuple[tuple[bool, bool], Goal]] = []
    for one in told:
        condition = of_settings(one.sources, one.filter)
        if condition not in conditions:
            conditions.append(condition)
        number = conditions.index(condition)
        for priority, target in (PRESET if one.preset else {one.priority: one.target}).items():
            goal = Goal(
                in_words(one.metric, str(target), priority), one.metric, _priority(priority), seconds_of(str(target)),
                calendar=one.calendar, pause=_pause(one.metric, one.pause_in), condition_no=number,
            )  # fmt: skip
            ranked.append(((not one.filter, priority is None), goal))
    return [goal for _, goal in sorted(ranked, key=lambda pair: pair[0])]


def _priority(text: str | None) -> str | None:
    return (text or "").strip().lower() or None


def _pause(metric: str, told: Sequence[str] | None) -> tuple[str, ...]:
    return (*(PAUSED.get(metric, ()) if told is None else told), *ALWAYS_PAUSED.get(metric, ()))


_ROWS = """
    WITH told AS (
      SELECT p.source_id, p.policy_id, nullif(trim(p.name), '') AS title, lower(trim(p.metric)) AS metric,
        lower(trim(p.priority)) AS priority, p.target_seconds, coalesce(p.business_hours, false) AS business_hours,
        nullif(trim(p.schedule_id), '') AS schedule_id, p.filter::VARCHAR AS filter, p.position, s.kind,
        epoch_us(p.valid_from) AS valid_from_us, epoch_us(p.valid_to) AS valid_to_us,
        -- Zendesk's rows are <policy>:<metric>:<priority>.
        CASE WHEN s.kind = 'zendesk' THEN split_part(p.policy_id, ':', 1)
             ELSE coalesce(nullif(trim(p.name), ''), p.policy_id) END AS number
      FROM sla_policies p LEFT JOIN sources s ON s.source_id = p.source_id
      WHERE NOT coalesce(p.is_deleted, false) AND coalesce(isfinite(p.valid_from), true)
        AND coalesce(isfinite(p.valid_to), true))
    SELECT * FROM told
    WINDOW policy AS (PARTITION BY source_id, number, filter)
    ORDER BY source_id, min(position) OVER policy NULLS LAST, min(valid_from_us) OVER policy NULLS FIRST,
      try_cast(number AS HUGEINT) NULLS LAST, number, filter NULLS LAST, valid_from_us, policy_id"""
_FIELDS = "SELECT source_id, native_id, field_key FROM field_definitions WHERE native_id IS NOT NULL"


def _add_policies(writer: Writer, found: Targets) -> None:
    fields: dict[str, dict[str, str]] = {}
    for row in writer.query(_FIELDS).to_pylist():
        fields.setdefault(row["source_id"], {})[row["native_id"]] = row["field_key"]
    rows = writer.query(_ROWS).to_pylist()
    for key, group in groupby(rows, key=lambda row: (row["source_id"], row["number"], row["filter"])):
        try:
            policy = _policy(list(group), len(found.policies), fields.get(key[0], {}))
        except Unreadable as reason:
            title = next(row["title"] or key[1] for row in rows if row["number"] == key[1])
            found.left_out.setdefault(key[0], []).append(f"{title}: {reason}")
            continue
        found.policies.append(policy)
        found.goals += policy.goals


def _policy(rows: Sequence[Mapping[str, Any]], number: int, fields: Mapping[str, str]) -> Policy:
    """Raises Unreadable when its filter cannot be evaluated or none of its targets is one."""
    first = rows[0]
    condition = of_policy(first["filter"], fields)
    goals = [goal for row in rows if (goal := _goal(row, number)) is not None]
    if not goals:
        raise Unreadable("no target for a first reply, a next reply or a resolution")
    names = {first["number"], *(row["policy_id"] for row in rows), *(row["title"] for row in rows)}
    return Policy(
        first["source_id"], number, f"{_holds(first)}({condition})",
        frozenset(name.strip().lower() for name in names if name),
        tuple(sorted(goals, key=lambda goal: goal.priority is None)),
    )  # fmt: skip


def _holds(row: Mapping[str, Any]) -> str:
    """A policy is for states that begin while it holds."""
    begins, ends = row["valid_from_us"], row["valid_to_us"]
    return "".join(
        (
            f"s.source_id = {sql_text(row['source_id'])} AND ",
            "" if begins is None else f"epoch_us(s.from_at) >= {begins} AND ",
            "" if ends is None else f"epoch_us(s.from_at) < {ends} AND ",
        )
    )


def _goal(row: Mapping[str, Any], number: int) -> Goal | None:
    """The target of a row, or None where it is of another metric, or no length of time."""
    metric, seconds = row["metric"], row["target_seconds"]
    if metric not in CLOCKS or seconds is None or not 0 < seconds <= LONGEST_S:
        return None
    schedule = row["schedule_id"] if row["business_hours"] else None
    never = row["kind"] in NEVER_PAUSE
    return Goal(
        row["title"] or row["policy_id"], metric, row["priority"] or None, seconds,
        calendar=f"{row['source_id']}/{schedule}" if schedule else None,
        in_own_hours=row["business_hours"] and not schedule,
        pause=_pause(metric, () if never else None), policy_no=number,
    )  # fmt: skip
