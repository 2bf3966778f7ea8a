"""SLA compliance."""

from analytics.attainment import attainment

SLA_COMPLIANCE = attainment(
    "sla_compliance",
    title="SLA compliance",
    words=(
        "sla compliance",
        "sla",
        "sla achievement",
        "within sla",
        "targets met",
        "service level",
    ),
    of="(met or breached)",
    told="Finished targets",
)
