"""SLA targets that were missed."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import counted_if
from analytics.sla_states import with_state

SLA_BREACHES = add(
    Metric(
        name="sla_breaches",
        title="SLA breaches",
        unit="count",
        better="lower",
        kind="count",
        words=("sla breaches", "breaches", "breached", "missed targets", "sla violations", "overdue targets"),
        description="Targets fulfilled too late, or not yet fulfilled and past due.",
        population_text="Breached targets of counted conversations.",
        table="sla_instances",
        bucket="judged_local",
        counted_on="the day on which it was due",
        measure=lambda targets: counted_if(targets.sla_met == 0),
        null_when="the source has no targets",
        missing="met, running or cancelled",
        source="Zendesk: breach events per ticket, metric and instance, developer.zendesk.com ticket metric events",
        needs=("sla_targets",),
        attribution=Attribution("the fulfilment, or when it was due", OF_THE_ROW),
        extend=with_state,
    )
)
