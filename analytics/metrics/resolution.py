"""Full resolution time."""

from analytics.base import at
from analytics.durations import duration
from analytics.metrics._values import only

RESOLUTION = duration(
    stem="resolution",
    title="Full resolution time",
    faster="solved conversations took less",
    words=("resolution time", "full resolution time", "time to resolve", "time to solve", "handle time"),
    description="From creation to the last solve, only while the conversation is solved.",
    population_text="Counted conversations whose present status is solved or closed.",
    bucket="last_solved_local",
    counted_on="the last solve",
    measure=lambda facts: only(facts.is_solved, facts.full_resolution_s),
    business=lambda facts: only(facts.is_solved, facts.full_resolution_business_s),
    null_when="not solved, or the source has no status history",
    missing="not solved",
    source="Zendesk: Full resolution time; fivetran/dbt_zendesk, "
    "int_zendesk__ticket_resolution_times_calendar.sql",
    needs=("status_history",),
    takes_dates=True,
    attribution=at("the last solve", "last_solve"),
    p90_words=("slowest resolutions",),
    mean_words=("mttr", "mean time to resolution", "average time to resolve"),
)
