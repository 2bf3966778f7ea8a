"""First reply SLA."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import only
from analytics.sla_states import is_met, with_state

SLA_FIRST_REPLY = add(
    Metric(
        name="sla_first_reply",
        title="First reply SLA",
        unit="share",
        better="higher",
        kind="share",
        words=(
            "first reply sla",
            "sla for first replies",
            "first response sla",
        ),
        description="Met targets of all finished targets for the first reply. "
        "Running and cancelled targets are shown beside, never inside.",
        population_text="Finished targets for the first reply, of counted conversations.",
        table="sla_instances",
        bucket="judged_local",
        counted_on="the day on which it was due",
        measure=lambda targets: only(targets.sla_metric == "first_reply", is_met(targets)),
        null_when="no finished target",
        missing="running or cancelled, or a target of another kind",
        source="Zendesk: SLA achievement rate; developer.zendesk.com ticket metric events",
        needs=("sla_targets",),
        attribution=Attribution("the fulfilment, or when it was due", OF_THE_ROW),
        extend=with_state,
    )
)
