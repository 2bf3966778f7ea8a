"""Share of conversations with neutral customer words."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import yes

SENTIMENT_NEUTRAL_SHARE = add(
    Metric(
        name="sentiment_neutral_share",
        title="Neutral sentiment",
        unit="share",
        better="neutral",
        kind="share",
        words=("neutral sentiment", "neutral"),
        description="Share of conversations whose customer's words read as neutral, "
        "of those that hold words to judge.",
        population_text="Counted conversations with a sentiment.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: yes(facts.sentiment == "neutral"),
        null_when="the customer wrote nothing that can be judged",
        missing="no customer words to judge",
        source="Chattermill: share of mentions by sentiment, over conversations instead of mentions",
        needs=("messages",),
    )
)
