"""On-hold time."""

from analytics.base import at
from analytics.durations import duration
from analytics.metrics._values import only

ON_HOLD = duration(
    stem="on_hold",
    title="On-hold time",
    faster="solved conversations took less",
    words=("on-hold time", "on hold time", "time on hold"),
    description="How long a solved conversation was on hold: everybody waited for somebody else."
    " The times in these statuses are added up.",
    population_text="Counted conversations whose present status is solved or closed.",
    bucket="last_status_local",
    counted_on="the last change of status",
    measure=lambda facts: only(facts.is_solved, facts.on_hold_s),
    business=lambda facts: only(facts.is_solved, facts.on_hold_business_s),
    null_when="not solved, or the source tells no status changes",
    missing="not solved, or the source tells no status changes",
    source="Zendesk: On-hold time, handbook.gitlab.com, Zendesk metric definitions",
    needs=("status_changes",),
    attribution=at("the last solve", "last_solve"),
)
