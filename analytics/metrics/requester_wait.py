"""Requester wait time."""

from analytics.base import at
from analytics.durations import duration
from analytics.metrics._values import only

REQUESTER_WAIT = duration(
    stem="requester_wait",
    title="Requester wait time",
    faster="solved conversations took less",
    words=("requester wait time", "customer wait time", "customer waiting time", "how long customers wait"),
    description="How long a solved conversation was new, open or on hold."
    " The times in these statuses are added up.",
    population_text="Counted conversations whose present status is solved or closed.",
    bucket="last_status_local",
    counted_on="the last change of status",
    measure=lambda facts: only(facts.is_solved, facts.requester_wait_s),
    business=lambda facts: only(facts.is_solved, facts.requester_wait_business_s),
    null_when="not solved, or the source tells no status changes",
    missing="not solved, or the source tells no status changes",
    source="Zendesk: Requester wait time, handbook.gitlab.com, Zendesk metric definitions; fivetran/dbt_zendesk",
    needs=("status_changes",),
    attribution=at("the last solve", "last_solve"),
)
