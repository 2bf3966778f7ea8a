"""SLA targets in their four states."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.sla_states import with_state

SLA_TARGETS = add(
    Metric(
        name="sla_targets",
        title="SLA targets",
        unit="count",
        better="neutral",
        kind="count",
        words=("sla targets", "number of targets", "targets", "sla states", "sla status"),
        description="Targets met, breached, running or cancelled: split by sla_state. "
        "A breach stays a breach; a merge, a deletion or spam cancels.",
        population_text="Targets of counted conversations, and those of merged, deleted and spam ones as cancelled.",
        table="sla_instances",
        bucket="state_local",
        counted_on="the fulfilment, or the day on which it was or is due",
        null_when="the source has no targets",
        missing="the clock stands still, so nothing is due",
        source="Zendesk: SLA metric events, developer.zendesk.com ticket metric events",
        needs=("sla_targets",),
        attribution=Attribution("the fulfilment, or when it was due", OF_THE_ROW),
        admits=("merged", "deleted", "spam"),
        extend=with_state,
    )
)
