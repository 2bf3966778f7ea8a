"""Positive minus negative."""

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics._values import balance

NET_SENTIMENT = add(
    Metric(
        name="net_sentiment",
        title="Net sentiment",
        unit="points",
        better="higher",
        kind="mean",
        words=("net sentiment", "sentiment balance", "positive minus negative"),
        description="% of conversations whose customer's words read as positive minus % that read as negative, "
        "from -100 to 100.",
        population_text="Counted conversations with a sentiment.",
        bucket="created_local",
        counted_on="creation",
        measure=lambda facts: balance(
            facts.sentiment, facts.sentiment == "positive", facts.sentiment == "negative"
        ),
        null_when="the customer wrote nothing that can be judged",
        missing="no customer words to judge",
        source="Chattermill: net sentiment, % positive - % negative, over conversations instead of mentions",
        needs=("messages",),
    )
)
