"""Next reply SLA."""

from analytics.attainment import attainment

SLA_NEXT_REPLY = attainment(
    "sla_next_reply",
    kind="next_reply",
    title="Next reply SLA",
    words=("next reply sla", "sla for next replies", "follow-up sla"),
    of="for later replies",
    told="Finished targets for a next reply,",
)
