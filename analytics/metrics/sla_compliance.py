"""SLA compliance."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.sla_states import is_met, with_state

SLA_COMPLIANCE = add(
    Metric(
        name="sla_compliance",
        title="SLA compliance",
        unit="share",
        better="higher",
        kind="share",
        words=(
            "sla compliance",
            "sla",
            "sla achievement",
            "within sla",
            "targets met",
            "service level",
        ),
        description="Met targets of all finished targets (met or breached). "
        "Running and cancelled targets are shown beside, never inside.",
        population_text="Finished targets of counted conversations.",
        table="sla_instances",
        bucket="judged_local",
        counted_on="the day on which it was due",
        measure=is_met,
        null_when="no finished target",
        missing="running or cancelled",
        source="Zendesk: SLA achievement rate; developer.zendesk.com ticket metric events",
        needs=("sla_targets",),
        attribution=Attribution("the fulfilment, or when it was due", OF_THE_ROW),
        extend=with_state,
    )
)
