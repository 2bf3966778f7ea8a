"""First resolution time."""

from analytics.base import at
from analytics.durations import duration

FIRST_RESOLUTION = duration(
    stem="first_resolution",
    title="First resolution time",
    faster="first solves came faster",
    words=("first resolution time", "time to first solve", "time to first resolution"),
    description="From creation to the first solve, whether or not the conversation came back.",
    population_text="Counted conversations that were ever solved.",
    bucket="first_solved_local",
    counted_on="the first solve",
    measure=lambda facts: facts.first_resolution_s,
    business=lambda facts: facts.first_resolution_business_s,
    null_when="never solved, or the source has no status history",
    missing="never solved",
    source="Zendesk: First resolution time, support.zendesk.com article 4408834848154",
    needs=("status_history",),
    takes_dates=True,
    attribution=at("the first solve", "first_solve"),
)
