"""Resolution SLA."""

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import only
from analytics.sla_states import is_met, with_state

SLA_RESOLUTION = add(
    Metric(
        name="sla_resolution",
        title="Resolution SLA",
        unit="share",
        better="higher",
        kind="share",
        words=(
            "resolution sla",
            "sla for resolution",
            "resolution targets",
        ),
        description="Met targets of all finished targets for the resolution. "
        "Running and cancelled targets are shown beside, never inside.",
        population_text="Finished targets for the resolution, of counted conversations.",
        table="sla_instances",
        bucket="judged_local",
        counted_on="the day on which it was due",
        measure=lambda targets: only(targets.sla_metric == "resolution", is_met(targets)),
        null_when="no finished target",
        missing="running or cancelled, or a target of another kind",
        source="Zendesk: SLA achievement rate; developer.zendesk.com ticket metric events",
        needs=("sla_targets",),
        attribution=Attribution("the fulfilment, or when it was due", OF_THE_ROW),
        extend=with_state,
    )
)
