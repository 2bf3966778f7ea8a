"""Targets and their clocks: when each began, was due, ended and was missed (table sla_instances).

Definitions: docs/sla.md. The SQL is beside this file, in the order of `gather` and `fill`.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings
from enrich import working_time
from enrich.sla_targets import Targets, targets_of
from store.kept_values import recall, remember

if TYPE_CHECKING:
    import pyarrow as pa

    from store.writer import Writer

logger = logging.getLogger(__name__)
FOLDER = Path(__file__).parent
KEY = "targets"
_MARK = re.compile(r":(fits|policy|zone)\b")


def refresh_targets(writer: Writer, settings: Settings) -> None:
    """Note what each source's targets are, and mark all conversations as dirty where those of the settings changed.

    Changed policies of a source mark its conversations when they are written. Call inside a transaction, after
    `abilities.refresh_capabilities`.
    """
    found = targets_of(writer, settings)
    _say(writer, found)
    told = "\n".join(one.model_dump_json() for one in settings.sla)
    mark = hashlib.sha256(told.encode()).hexdigest() if told else ""
    if mark == (recall(writer, KEY) or ""):
        return
    writer.execute(
        "INSERT INTO dirty_conversations SELECT source_id, conversation_id FROM conversation_facts"
    )
    remember(writer, KEY, mark)


def gather(writer: Writer, settings: Settings) -> None:
    """Find out which clocks ran in the conversations of `batch`, and when each was due, in temporary tables.

    Needs what `timings.gather` leaves behind, batch_joined last. Call outside a transaction, as that.
    """
    found = targets_of(writer, settings)
    _name_targets(writer, found)
    _run(writer, "sla_clocks")
    _run(writer, "sla_applications", {"fits": _fits(found), "policy": _first_policy(found)})
    _run(writer, "sla_pieces")
    working_time.worked_in(writer, "sla_moments")
    _run(writer, "sla_due")
    working_time.due(writer, "sla_wanted")
    _run(writer, "sla_told")


def fill(writer: Writer, zone: str) -> None:
    """Rewrite sla_instances of `batch` from what `gather` found, after the facts. Call inside a transaction."""
    _run(writer, "sla_rows", {"zone": zone})


def _run(writer: Writer, step: str, values: Mapping[str, str] | None = None) -> None:
    """Run a file of SQL; `:name` stands for a value. In one pass: a value may hold what looks like a mark."""
    text = (FOLDER / f"{step}.sql").read_text(encoding="utf-8")
    for_mark = values or {}
    writer.execute(_MARK.sub(lambda found: for_mark[found[1]], text))


def _fits(found: Targets) -> str:
    """SQL: the numbers of the settings' conditions that a state meets."""
    cases = [f"CASE WHEN {condition} THEN {number} END" for number, condition in enumerate(found.conditions)]
    return f"list_filter([{', '.join(cases)}]::INTEGER[], lambda n: n IS NOT NULL)"


def _first_policy(found: Targets) -> str:
    """SQL: the number of the first of the source's policies that fits a state."""
    cases = [f"WHEN {policy.condition} THEN {policy.number}" for policy in found.policies]
    return f"CASE {' '.join(cases)} END::INTEGER" if cases else "NULL::INTEGER"


def _name_targets(writer: Writer, found: Targets) -> None:
    """The temporary tables sla_targets, numbered by precedence, and sla_policy_names."""
    import pyarrow as pa

    goals = found.goals
    pause = pa.array([list(goal.pause) for goal in goals], pa.list_(pa.string()))
    table = {
        "target_no": pa.array(range(len(goals)), pa.int32()),
        "policy": _texts(goal.policy for goal in goals),
        "sla_metric": _texts(goal.metric for goal in goals),
        "priority": _texts(goal.priority for goal in goals),
        "target_us": pa.array([goal.seconds * 1_000_000 for goal in goals], pa.int64()),
        "calendar": _texts(goal.calendar for goal in goals),
        "in_own_hours": pa.array([goal.in_own_hours for goal in goals], pa.bool_()),
        "pause": pause,
        "condition_no": pa.array([goal.condition_no for goal in goals], pa.int32()),
        "policy_no": pa.array([goal.policy_no for goal in goals], pa.int32()),
    }
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE sla_goals (target_no INTEGER, policy VARCHAR, sla_metric VARCHAR,
          priority VARCHAR, target_us BIGINT, calendar VARCHAR, in_own_hours BOOLEAN, pause VARCHAR[],
          condition_no INTEGER, policy_no INTEGER)""")
    writer.insert("sla_goals", pa.table(table))
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE sla_targets AS
        SELECT g.*, g.calendar IS NULL OR coalesce(k.is_usable, false) AS is_measurable
        FROM sla_goals g LEFT JOIN calendars k ON k.calendar = g.calendar""")
    _name_policies(writer, found)


def _name_policies(writer: Writer, found: Targets) -> None:
    """What applications may call a policy; of two of one name the first counts."""
    import pyarrow as pa

    names: dict[tuple[str, str], int] = {}
    for policy in found.policies:
        for name in sorted(policy.names):
            names.setdefault((policy.source_id, name), policy.number)
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE sla_policy_names (source_id VARCHAR, name VARCHAR, policy_no INTEGER)"
    )
    table = {
        "source_id": _texts(source for source, _ in names),
        "name": _texts(name for _, name in names),
        "policy_no": pa.array(names.values(), pa.int32()),
    }
    writer.insert("sla_policy_names", pa.table(table))


def _texts(values: Iterable[str | None]) -> pa.Array:
    import pyarrow as pa

    return pa.array(list(values), pa.string())


def _say(writer: Writer, found: Targets) -> None:
    """The capability `sla_policies` of every source: how many there are, and which of its policies are left out."""
    import pyarrow as pa

    calendars = {
        row["calendar"]: row["reason"]
        for row in writer.query("SELECT calendar, reason FROM calendars WHERE NOT is_usable").to_pylist()
    }
    known = writer.query("SELECT DISTINCT source_id FROM capabilities ORDER BY 1")["source_id"].to_pylist()
    general = sum(goal.policy_no is None for goal in found.goals)
    told = [(source, *_reason(found, source, general, calendars)) for source in known]
    for source, _, reason in told:
        if found.left_out.get(source):
            logger.warning("targets of %s: %s", source, reason)
    columns = {
        "source_id": _texts(source for source, _, _ in told),
        "capability": _texts("sla_policies" for _ in told),
        "available": pa.array([available for _, available, _ in told], pa.bool_()),
        "reason": _texts(reason for _, _, reason in told),
    }
    writer.execute("DELETE FROM capabilities WHERE capability = 'sla_policies'")
    writer.insert("capabilities", pa.table(columns))


def _reason(found: Targets, source: str, general: int, unusable: Mapping[str, str]) -> tuple[bool, str]:
    """Whether a source has targets, and the words that say which count and which do not."""
    policies = [policy for policy in found.policies if policy.source_id == source]
    hours = {goal.calendar for policy in policies for goal in policy.goals} & unusable.keys()
    missing = [
        *found.left_out.get(source, ()),
        *(f"{name}: {unusable[name]}" for name in sorted(filter(None, hours))),
    ]
    parts = [f"{general} targets of the settings"] if general else []
    parts += [f"{len(policies)} policies of the source"] if policies else []
    words = ", ".join(parts) or "no targets: the source brings none, and the settings have no [[sla]]"
    return bool(parts), words + (f"; not used: {'; '.join(missing)}" if missing else "")
