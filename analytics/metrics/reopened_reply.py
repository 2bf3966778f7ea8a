"""First reply after a reopen."""

from analytics.base import at
from analytics.durations import duration

REOPENED_REPLY = duration(
    stem="reopened_reply",
    title="First reply after a reopen",
    faster="first replies after a reopen came faster",
    words=("reply after reopen", "first reply after a reopen", "reply time after reopening"),
    description="From the last reopen to the next public message by a human agent; "
    "a reopen that only brought thanks does not count.",
    population_text="Counted conversations that were reopened and answered afterwards.",
    bucket="reopened_reply_local",
    counted_on="the reply after the reopen",
    measure=lambda facts: facts.reopened_reply_s,
    business=lambda facts: facts.reopened_reply_business_s,
    null_when="never reopened, or not answered since",
    missing="not reopened, or not answered since",
    source="Supportlens; Chatwoot measures from creation even after a reopen (chatwoot/chatwoot pull 12058)",
    needs=("roles", "agent_replies", "status_history"),
    attribution=at("the reply after the reopen", "reopened_reply"),
)
