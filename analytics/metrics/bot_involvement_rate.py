"""Share of conversations in which a bot spoke."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import yes

BOT_INVOLVEMENT_RATE = add(
    Metric(
        name="bot_involvement_rate",
        title="Bot involvement",
        unit="share",
        better="neutral",
        kind="share",
        words=("bot involvement", "bot involvement rate", "handled by bots", "with a bot", "bots"),
        description="Share of the conversations in which a bot wrote at least one public message.",
        population_text="Counted conversations of sources that tell who wrote a message.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: yes(facts.bot_messages > 0),
        null_when="the source does not tell who wrote a message",
        missing="the source cannot tell bots",
        source="Intercom: Fin AI Agent involvement rate, intercom.com article 7837533",
        needs=("roles",),
    )
)
