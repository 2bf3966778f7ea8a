"""Open conversations."""

from analytics.base import Attribution, Metric
from analytics.catalogue import add

HELD = Attribution(
    "the moment that is counted",
    {"team": "team", "agent": "agent", "priority": "priority", "status": "status"},
)

BACKLOG = add(
    Metric(
        name="backlog",
        title="Backlog",
        unit="count",
        better="lower",
        kind="level",
        words=("backlog", "open", "unsolved", "queue", "open conversations", "open tickets", "waiting"),
        description="Conversations not solved at the end of the bucket; now, where the bucket is still open.",
        population_text="Counted conversations, for the stretches of time in which they were unsolved.",
        table="open_spans",
        bucket="opened_local",
        counted_on="each moment at which it is open",
        null_when="the source has no status history",
        missing="solved by then",
        source="Zendesk: Backlog, support.zendesk.com article 4408819342490, at any hour and not once a night",
        needs=("status_history",),
        attribution=HELD,
    )
)
