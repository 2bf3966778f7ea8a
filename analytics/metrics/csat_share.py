"""Customer satisfaction."""

from analytics.base import Metric, Variant, at
from analytics.catalogue import add
from analytics.metrics._values import yes
from analytics.ratings import GOOD, GOOD_TOLD

CSAT_SHARE = add(
    Metric(
        name="csat_share",
        title="Customer satisfaction (CSAT)",
        unit="share",
        better="higher",
        kind="share",
        words=("csat", "satisfaction", "customer satisfaction", "rating", "ratings", "happy customers"),
        description=f"Good ratings of all ratings. Good is {GOOD_TOLD}; on other scales the upper quarter. "
        "The last rating of a conversation counts.",
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
