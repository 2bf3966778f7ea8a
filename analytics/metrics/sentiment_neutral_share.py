"""Share of conversations with neutral customer words."""

from analytics.base import Metric
from analytics.catalogue import add

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
        measure=lambda facts: facts.sentiment.isnull().ifelse(
            None, (facts.sentiment == "neutral").ifelse(1, 0)
        ),
        null_when="the customer wrote nothing that can be judged",
        source="Supportlens",
        missing="no customer words to judge",
        needs=("messages",),
    )
)
