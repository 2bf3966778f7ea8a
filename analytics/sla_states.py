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
    import ibis

    ended, breached = table.ended_at.notnull(), table.breached_at.notnull()
    overdue = (table.due_local < ibis.timestamp(known.isoformat(" "))).fill_null(False)
    finished = ended.ifelse("met", overdue.ifelse("breached", "running"))
    state: ir.StringColumn = table.cancelled_because.notnull().ifelse(
        "cancelled", breached.ifelse("breached", finished)
    )
    return state


def with_state(table: ir.Table, scope: Scope) -> ir.Table:
    """sla_instances with sla_state, state_local and judged_local: the `extend` of metrics about targets.

    `state_local` is the fulfilment of what was met, else when it was due; what still runs counts at the last
    known moment, like a backlog. `judged_local` is when it was due, for compliance; where the clock stood still
    at the end, so that nothing was due, when it ended.
    """
    import ibis

    since = ibis.timestamp(scope.since.isoformat(" "))
    # What was over before the earliest moment asked about is in no number; the rest costs a state each.
    running = ibis.coalesce(table.ended_local, ibis.timestamp("9999-12-31"))
    table = table.filter(ibis.greatest(running, table.due_local, table.breached_local) >= since)
    table = table.mutate(sla_state=sla_state(table, scope.known))
    judged = ibis.coalesce(table.due_local, table.breached_local, table.ended_local)
    now = ibis.timestamp((scope.known - timedelta(microseconds=1)).isoformat(" "))
    state_local = table.sla_state.cases(("met", table.ended_local), ("running", now), else_=judged)
    return table.mutate(state_local=state_local, judged_local=judged)


def is_met(table: ir.Table) -> ir.Column:
    """1 for met, 0 for breached; NULL for running and cancelled, which are shown beside and never inside."""
    import ibis

    null = ibis.null("int64")
    return (table.sla_state == "met").ifelse(1, (table.sla_state == "breached").ifelse(0, null))
