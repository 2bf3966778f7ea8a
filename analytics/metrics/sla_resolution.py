"""Resolution SLA."""

from analytics.attainment import attainment

SLA_RESOLUTION = attainment(
    "sla_resolution",
    kind="resolution",
    title="Resolution SLA",
    words=("resolution sla", "sla for resolution", "resolution targets"),
    of="for the resolution",
    told="Finished targets for the resolution,",
)
