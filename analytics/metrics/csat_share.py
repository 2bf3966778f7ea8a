"""Customer satisfaction."""

from analytics.base import Metric
from analytics.catalogue import add

GOOD = 0.75  # 4 and 5 of a 5-point scale, 3 of a 3-point scale, good of good/bad

CSAT_SHARE = add(
    Metric(
        name="csat_share",
        title="Customer satisfaction (CSAT)",
        unit="share",
        better="higher",
        kind="share",
        words=("csat", "satisfaction", "customer satisfaction", "rating", "ratings", "happy customers"),
        description="Good ratings of all ratings. Good is 4 or 5 of 5; "
        "the last rating of a conversation counts.",
        population_text="Counted conversations with a rating.",
        bucket="csat_local",
        counted_on="the rating",
        measure=lambda facts: facts.csat_score.isnull().ifelse(None, (facts.csat_score >= GOOD).ifelse(1, 0)),
        null_when="nobody rated",
        source="Zendesk: CSAT score, support.zendesk.com; 5-point scale as published by Scorebuddy",
        missing="not rated",
        needs=("csat",),
    )
)
