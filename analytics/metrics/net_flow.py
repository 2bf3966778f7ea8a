"""What comes in minus what is solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import Attribution, Metric, Scope
from analytics.catalogue import add
from core.keys import KEYS

if TYPE_CHECKING:
    import ibis.expr.types as ir

HELD = {"team": "flow_team", "agent": "flow_agent", "priority": "flow_priority"}


def _with_solves(facts: ir.Table, scope: Scope) -> ir.Table:
    """A row a creation (1) and a row a solve (-1), each on its own time and with who held it then."""
    import ibis

    created = facts.mutate(
        flow=ibis.literal(1, "int64"), flow_local=facts.created_local, flow_team=facts.created_team,
        flow_agent=facts.agent, flow_priority=facts.created_priority,
    )  # fmt: skip
    solves = scope.tables("solves")
    solves = solves.filter(solves.solved_local >= ibis.timestamp(scope.since.isoformat(" ")))
    left = solves.select(
        *KEYS, flow=ibis.literal(-1, "int64"), flow_local=solves.solved_local, flow_team=solves.team,
        flow_agent=solves.agent, flow_priority=solves.priority,
    )  # fmt: skip
    # A solve comes about when it happens, not when its conversation was created.
    solved = facts.drop("created_local").inner_join(left, KEYS).mutate(created_local=left.flow_local)
    solved = solved.select(*created.columns)
    return ibis.union(created, solved)


NET_FLOW = add(
    Metric(
        name="net_flow",
        title="Net flow",
        unit="count",
        better="lower",
        kind="sum",
        words=("net flow", "net inflow", "created minus solved", "inflow", "growth of the backlog"),
        description="Conversations created minus solves, each on its own day; above 0 the backlog grows. "
        "A conversation solved twice counts twice on the way out, and its reopens are not counted back in.",
        population_text="Creations and solves of counted conversations.",
        bucket="flow_local",
        counted_on="the creation or the solve",
        measure=lambda flow: flow.flow,
        null_when="the source has no status history",
        missing="neither created nor solved then",
        source="Zammad: created minus closed, lib/report/ticket_backlog.rb (called backlog there)",
        needs=("status_history",),
        attribution=Attribution("the creation or the solve", HELD),
        extend=_with_solves,
    )
)
