"""Conversations created."""

from analytics.base import Metric
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
        source="Zendesk: Created tickets, support.zendesk.com article 4408827693594",
    )
)
