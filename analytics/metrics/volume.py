"""Conversations created."""

from analytics.base import AT_CREATION, Metric
from analytics.catalogue import add

VOLUME = add(
    Metric(
        name="volume",
        title="Conversations created",
        unit="count",
        better="neutral",
        kind="count",
        words=(
            "volume",
            "conversations",
            "tickets",
            "contacts",
            "requests",
            "created",
            "incoming",
            "how many",
        ),
        description="Conversations that customers started.",
        population_text="Every counted conversation.",
        bucket="created_local",
        counted_on="creation",
        null_when="never: no conversations is 0",
        source="Chatwoot: conversations count of the reports; Freshdesk: what is merged or spam is left out, "
        "support.freshdesk.com article 50000000041",
        attribution=AT_CREATION,
    )
)
