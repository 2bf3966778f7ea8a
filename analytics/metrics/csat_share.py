"""Customer satisfaction."""

from analytics.base import Metric, Variant, at
from analytics.catalogue import add
from analytics.metrics._values import yes

GOOD = 0.75  # of scores between 0 and 1: 2 of 2, 3 of 3, 4 and 5 of 5; 1 of 2, 1 and 2 of 3, 1 to 3 of 5 are below

CSAT_SHARE = add(
    Metric(
        name="csat_share",
        title="Customer satisfaction (CSAT)",
        unit="share",
        better="higher",
        kind="share",
        words=("csat", "satisfaction", "customer satisfaction", "rating", "ratings", "happy customers"),
        description="Good ratings of all ratings. Good is 4 or 5 of 5, 3 of 3, or the better of two; on other "
        "scales the upper quarter. The last rating of a conversation counts.",
        population_text="Counted conversations with a rating.",
        bucket="csat_local",
        counted_on="the rating",
        measure=lambda facts: yes(facts.csat_score >= GOOD),
        null_when="nobody rated",
        missing="not rated",
        source="Zendesk: CSAT, good / (good + bad); the mapping of scales by Scorebuddy's help on Zendesk",
        needs=("csat",),
        attribution=at("the rating", "csat"),
        variants=(
            Variant(
                "first_rating",
                "The first rating of a conversation instead of the last.",
                "Supportlens",
                lambda facts: yes(facts.csat_first_score >= GOOD),
            ),
        ),
    )
)
