"""Share of conversations with positive customer words."""

from analytics.base import Metric
from analytics.catalogue import add

SENTIMENT_POSITIVE_SHARE = add(
    Metric(
        name="sentiment_positive_share",
        title="Positive sentiment",
        unit="share",
        better="higher",
        kind="share",
        words=("positive sentiment", "happy", "positive", "pleased"),
        description="Share of conversations whose customer's words read as positive, "
        "of those that hold words to judge.",
        population_text="Counted conversations with a sentiment.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: facts.sentiment.isnull().ifelse(
            None, (facts.sentiment == "positive").ifelse(1, 0)
        ),
        null_when="the customer wrote nothing that can be judged",
        source="Supportlens",
        missing="no customer words to judge",
        needs=("messages",),
    )
)
