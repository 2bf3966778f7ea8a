"""The state of a target: met, breached, running or cancelled, as far as the data is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import Scope

STATES = ("met", "breached", "running", "cancelled")


def sla_state(table: ir.Table, known: datetime) -> ir.StringColumn:
    """The state of each row of sla_instances at `known`, a wall-clock time of the reporting zone.

    A clock that ended without a breach was met; one that did not end is breached once a target has passed.
    """
    met = _met(table, known)
    unfinished = table.cancelled_because.notnull().ifelse("cancelled", "running")
    state: ir.StringColumn = met.isnull().ifelse(unfinished, (met == 1).ifelse("met", "breached"))
    return state


def with_state(table: ir.Table, scope: Scope) -> ir.Table:
    """sla_instances with sla_state, sla_met, state_local and judged_local: the `extend` of metrics about targets.

    `state_local` is the fulfilment of what was met, else when it was due; what still runs counts at the last
    known moment, like a backlog. `judged_local` is when it was due, for compliance; where the clock stood still
    at the end, so that nothing was due, when it ended. `sla_met` is the state as a number, for measures.
    """
    import ibis

    judged = ibis.coalesce(table.due_local, table.breached_local, table.ended_local)
    now = ibis.timestamp((scope.known - timedelta(microseconds=1)).isoformat(" "))
    # Moments and numbers alone: a comparison of words for every row would be half of the time.
    unfinished = _overdue(table, scope.known).ifelse(table.due_local, now)
    undecided = table.cancelled_because.isnull() & table.breached_at.isnull()
    state_local = undecided.ifelse(ibis.coalesce(table.ended_local, unfinished), judged)
    return table.mutate(
        sla_state=sla_state(table, scope.known),
        sla_met=_met(table, scope.known),
        state_local=state_local,
        judged_local=judged,
    )


def is_met(table: ir.Table) -> ir.Column:
    """1 for met, 0 for breached; NULL for running and cancelled, which are shown beside and never inside."""
    met: ir.Column = table.sla_met
    return met


def _met(table: ir.Table, known: datetime) -> ir.Column:
    import ibis

    null = ibis.null("int64")
    unfinished = _overdue(table, known).ifelse(0, null)
    finished = table.breached_at.notnull().ifelse(0, table.ended_at.notnull().ifelse(1, unfinished))
    met: ir.Column = table.cancelled_because.notnull().ifelse(null, finished)
    return met


def _overdue(table: ir.Table, known: datetime) -> ir.BooleanValue:
    import ibis

    overdue: ir.BooleanValue = (table.due_local < ibis.timestamp(known.isoformat(" "))).fill_null(False)
    return overdue
