"""Share of conversations with negative customer words."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import yes

SENTIMENT_NEGATIVE_SHARE = add(
    Metric(
        name="sentiment_negative_share",
        title="Negative sentiment",
        unit="share",
        better="lower",
        kind="share",
        words=("sentiment", "negative sentiment", "mood", "unhappy", "angry", "frustrated", "negative"),
        description="Share of conversations whose customer's words read as negative, "
        "of those that hold words to judge.",
        population_text="Counted conversations with a sentiment.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: yes(facts.sentiment == "negative"),
        null_when="the customer wrote nothing that can be judged",
        missing="no customer words to judge",
        source="Chattermill: share of mentions by sentiment, over conversations instead of mentions",
        needs=("messages",),
    )
)
