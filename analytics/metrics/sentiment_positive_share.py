"""Share of conversations with positive customer words."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import yes

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
        measure=lambda facts: yes(facts.sentiment == "positive"),
        null_when="the customer wrote nothing that can be judged",
        missing="no customer words to judge",
        source="Chattermill: share of mentions by sentiment, over conversations instead of mentions",
        needs=("messages",),
    )
)
