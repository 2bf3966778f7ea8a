"""First reply SLA."""

from analytics.attainment import attainment

SLA_FIRST_REPLY = attainment(
    "sla_first_reply",
    kind="first_reply",
    title="First reply SLA",
    words=("first reply sla", "sla for first replies", "first response sla"),
    of="for the first reply",
    told="Finished targets for the first reply,",
)
