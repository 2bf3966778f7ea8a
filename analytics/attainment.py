"""Shares of targets that were met: what the metrics of all targets and of one kind of target share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.base import OF_THE_ROW, Attribution, Metric
from analytics.catalogue import add
from analytics.metrics._values import only
from analytics.sla_states import is_met, with_state

if TYPE_CHECKING:
    import ibis.expr.types as ir


def attainment(
    name: str, *, title: str, words: tuple[str, ...], of: str, told: str, kind: str | None = None
) -> Metric:
    """Add the share of met among finished targets, of one `sla_metric` where a `kind` is named.

    `of` says in the description which targets are all, `told` in the population which are counted. Source of the
    formula: Zendesk, SLA achievement rate.
    """

    def measure(targets: ir.Table) -> ir.Column:
        return is_met(targets) if kind is None else only(targets.sla_metric == kind, is_met(targets))

    return add(
        Metric(
            name=name,
            title=title,
            unit="share",
            better="higher",
            kind="share",
            words=words,
            description=f"Met targets of all finished targets {of}. "
            "Running and cancelled targets are shown beside, never inside.",
            population_text=f"{told} of counted conversations.",
            table="sla_instances",
            bucket="judged_local",
            counted_on="the day on which it was due",
            measure=measure,
            null_when="no finished target",
            missing="running or cancelled" + (", or a target of another kind" if kind else ""),
            source="Zendesk: SLA achievement rate; developer.zendesk.com ticket metric events",
            needs=("sla_targets",),
            attribution=Attribution("the fulfilment, or when it was due", OF_THE_ROW),
            extend=with_state,
        )
    )
