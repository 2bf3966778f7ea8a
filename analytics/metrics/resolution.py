"""Full resolution time."""

from analytics.durations import duration

RESOLUTION = duration(
    stem="resolution",
    title="Full resolution time",
    faster="solved conversations took less",
    description="From creation to the last solve, only while the conversation is solved.",
    population_text="Counted conversations whose present status is solved or closed.",
    bucket="last_solved_local",
    counted_on="the last solve",
    measure=lambda facts: facts.is_solved.ifelse(facts.full_resolution_s, None),
    business=lambda facts: facts.is_solved.ifelse(facts.full_resolution_business_s, None),
    null_when="not solved, or the source has no status history",
    source="Zendesk: Full resolution time, support.zendesk.com article 4408834848154",
    missing="not solved",
    needs=("status_history",),
    takes_dates=True,
    words=("resolution time", "full resolution time", "time to resolve", "time to solve", "handle time"),
    median_words=("median resolution",),
    p90_words=("p90 resolution", "slowest resolutions"),
)
