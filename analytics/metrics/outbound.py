"""Conversations that the team began."""

from analytics.base import AT_CREATION, Metric
from analytics.catalogue import add
from analytics.metrics._values import counted_if

OUTBOUND = add(
    Metric(
        name="outbound",
        title="Outbound conversations",
        unit="count",
        better="neutral",
        kind="count",
        words=("outbound", "outbound conversations", "started by agents", "started by us", "proactive"),
        description="Conversations that begin with a public message by an agent. No other metric counts them.",
        population_text="Conversations left out elsewhere because they are outbound; no spam, tests or copies.",
        bucket="created_local",
        counted_on="creation",
        null_when="the source does not tell who wrote a message",
        missing="begun by the customer",
        source="Zendesk: First reply time (conversations created by an agent), "
        "support.zendesk.com article 4408834848154",
        measure=lambda facts: counted_if(facts.is_outbound),
        needs=("roles",),
        attribution=AT_CREATION,
        admits=("outbound",),
    )
)
