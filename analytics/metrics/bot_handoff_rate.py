"""Share of conversations with a bot that a person took over."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import only, yes

BOT_HANDOFF_RATE = add(
    Metric(
        name="bot_handoff_rate",
        title="Bot handoff rate",
        unit="share",
        better="lower",
        kind="share",
        words=("bot handoff", "bot handoff rate", "handed off by bots", "handed over by bots"),
        description="Share of the conversations with a bot in which a human agent replied after it.",
        population_text="Counted conversations in which a bot wrote a public message.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: only(facts.bot_messages > 0, yes(facts.bot_handoff)),
        null_when="no bot spoke, or the source does not tell who wrote a message",
        missing="no bot spoke",
        source="Chatwoot: bot handoff rate, handed off / handled by a bot",
        needs=("roles", "bots"),
    )
)
