"""Open conversations that no agent has answered yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import Metric
from analytics.catalogue import add
from analytics.metrics.backlog import HELD
from core.keys import KEYS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import Scope


def until_first_reply(spans: ir.Table, scope: Scope) -> ir.Table:
    """The stretches in which conversations were open, each cut where an agent first replied: the `extend` of this metric."""
    import ibis

    facts = scope.tables("conversation_facts").select(*KEYS, replied_local="first_reply_local")
    spans = spans.inner_join(facts, KEYS)
    spans = spans.filter(spans.replied_local.isnull() | (spans.opened_local < spans.replied_local))
    is_first = spans.replied_local < ibis.coalesce(spans.closed_local, spans.replied_local)
    cut = (spans.closed_local.isnull() | is_first).ifelse(spans.replied_local, spans.closed_local)
    return spans.mutate(closed_local=cut).drop("replied_local")


UNANSWERED = add(
    Metric(
        name="unanswered",
        title="Open and unanswered",
        unit="count",
        better="lower",
        kind="level",
        words=("unanswered", "open and unanswered", "no first reply yet"),
        description="Conversations not solved, and without a public message by a human agent, at the end of the bucket; "
        "now, where the bucket is still open. Those that wait for a further reply are not in it.",
        population_text="Counted conversations, for the stretches of time in which they were unsolved and without a first reply.",
        table="open_spans",
        bucket="opened_local",
        counted_on="each moment at which it is open without a first reply",
        null_when="the source has no status history, or does not tell who wrote a message",
        missing="solved or answered by then",
        source="Supportlens: the backlog until its first reply; Zendesk: First reply time, article 4408834848154",
        needs=("status_history", "roles", "agent_replies"),
        attribution=HELD,
        extend=until_first_reply,
    )
)
