"""Share of conversations with a bot that no person had to answer."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import only, yes

BOT_RESOLUTION_RATE = add(
    Metric(
        name="bot_resolution_rate",
        title="Bot resolution rate",
        unit="share",
        better="higher",
        kind="share",
        words=("bot resolution rate", "bot resolutions", "solved by bots", "resolved by bots", "deflection"),
        description="Share of the conversations with a bot that are solved without a reply by a human agent.",
        population_text="Counted conversations in which a bot wrote a public message and whose status is known.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: only(facts.bot_messages > 0, yes(facts.is_solved & (facts.agent_replies == 0))),
        null_when="no bot spoke, or the source tells neither statuses nor who wrote a message",
        missing="no bot spoke, or the status is unknown",
        source="Chatwoot: bot resolution rate, resolved by a bot / handled by a bot",
        needs=("roles", "bots", "status_history"),
    )
)
