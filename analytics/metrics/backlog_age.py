"""How old what is open is."""

from __future__ import annotations

from analytics.base import Variant
from analytics.durations import duration
from analytics.metrics._values import only
from analytics.metrics.backlog import HELD

BACKLOG_AGE = duration(
    stem="backlog_age",
    title="Age of the backlog",
    faster="open conversations were younger",
    kind="level_quantile",
    words=("age of the backlog", "backlog age", "how old", "oldest", "age of open conversations"),
    description="From creation to the end of the bucket, of the conversations open then.",
    population_text="Counted conversations that were unsolved at that moment.",
    table="open_spans",
    bucket="opened_local",
    counted_on="each moment at which it is open",
    measure=lambda spans: spans.created_local,
    null_when="nothing is open, or the source has no status history",
    missing="solved by then",
    source="Supportlens; Zendesk: Backlog, support.zendesk.com article 4408819342490, counts without an age",
    needs=("status_history",),
    attribution=HELD,
    variants=(
        Variant(
            "since_update",
            "Since the last message or solve, of the conversations still open now.",
            "Supportlens",
            lambda spans: only(spans.closed_local.isnull(), spans.last_activity_local),
        ),
        Variant(
            "since_customer",
            "Since the customer spoke last, of the conversations still open now.",
            "Supportlens",
            lambda spans: only(spans.closed_local.isnull(), spans.last_customer_local),
        ),
    ),
)
