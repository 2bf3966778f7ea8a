"""How much of the backlog each agent holds."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import counted_if
from analytics.metrics.backlog import HELD

OPEN_PER_AGENT = add(
    Metric(
        name="open_per_agent",
        title="Open per agent",
        unit="number",
        better="lower",
        kind="ratio",
        words=("open per agent", "open conversations per agent", "backlog per agent", "workload", "load"),
        description="Open conversations with an assignee, divided by the agents who hold at least one, at the "
        "end of the bucket. It is load, not occupancy: when agents are at work is not known.",
        population_text="Counted conversations that were unsolved and assigned at that moment.",
        table="open_spans",
        bucket="opened_local",
        counted_on="each moment at which it is open",
        measure=lambda spans: counted_if(spans.agent.notnull()),
        null_when="nothing open is assigned, or the source has no status history",
        missing="solved by then, or nobody's",
        source="Supportlens; occupancy needs the agents' working times (Genesys: occupancy)",
        needs=("status_history", "agent"),
        per=("agent",),
        attribution=HELD,
    )
)
