"""Open conversations."""

from analytics.base import Metric
from analytics.catalogue import add

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
        bucket="opened_local",
        counted_on="each moment at which it is open",
        null_when="the source has no status history",
        source="Zendesk: Unsolved tickets, support.zendesk.com article 4408827693594, at any moment",
        needs=("status_history",),
    )
)
