"""Incidents as numbers: what anomaly detection found in the days of a question, with what it goes with."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from core.errors import NotEnoughData, QuestionError
from core.filters import Filters
from rag.answer import MetricFact, QueryPlan, Span
from rag.numbers import Ledger, Stratum

if TYPE_CHECKING:
    from analytics.anomalies.causes import Cause
    from analytics.anomalies.grouping import Card
    from analytics.anomalies.incidents import Incident

MOST, MOST_CAUSES = 2, 2  # incidents that an answer tells, and causes of each
LONGEST_DAYS = 92  # of a period in which single days are looked for
USUAL = "usual"


def note_incidents(ledger: Ledger, plan: QueryPlan) -> None:
    """Write down the incidents of the plan's metric, and of volume, that cover days of its period, each with its causes.

    A fact's `incident` is the id under which the incident is known elsewhere; its filters and period are those of its
    conversations, its baseline what was expected. Incidents that people dismissed are left out.
    """
    period = ledger.book.period
    if period.days > LONGEST_DAYS:
        return
    from analytics.anomalies.words import headline

    cards = []
    for name in dict.fromkeys((*plan.metrics[:1], "volume")):
        with suppress(QuestionError, NotEnoughData):  # a metric that is not judged by days
            cards += _cards(ledger, name, plan.scope().over(period))
    covering = [one for one in cards if one.headline.start <= period.end and one.headline.end >= period.start]
    for card in covering[:MOST]:
        fact = _incident(ledger, plan, card.headline)
        if fact is None:
            ledger.book.notes.append(f"Unusual: {headline(card.headline)}")
            continue
        for cause in card.causes[:MOST_CAUSES]:
            _cause(ledger, plan, card, cause)


def _cards(ledger: Ledger, name: str, filters: Filters) -> list[Card]:
    from analytics.anomalies.context import events_of
    from analytics.anomalies.report import anomalies
    from analytics.anomalies.verdicts import told_by
    from store.workspace import Workspace

    context, workspace = ledger.context, Workspace(ledger.context.home)
    found = anomalies(
        context.reader, filters, settings=context.settings, viewer=ledger.viewer, metrics=(name,),
        events=events_of(workspace.notes()),
        verdicts=told_by(workspace.anomaly_verdicts(), context.settings.workspace.zone), shown=False,
    )  # fmt: skip
    return list(found.cards)


def _incident(ledger: Ledger, plan: QueryPlan, one: Incident) -> MetricFact | None:
    """The number of the incident's peak; None where its days do not add up to what was judged."""
    from analytics.anomalies.causes import behind, days_of, hours_of
    from analytics.anomalies.words import hour_words, slice_words

    days = days_of(one)
    filters = behind(plan.scope(), one).over(days)
    result = ledger.ask(one.metric, filters)
    value = result.total.value
    if value is None or abs(value - one.actual) > 0.005 * max(abs(value), abs(one.actual)):
        return None  # a mean over days, or of times that are compared channel by channel
    parts = (slice_words(one.where), str(days), hour_words(one) if hours_of(one) else "")
    label = "incident of " + ", ".join(part for part in parts if part)
    return ledger.note(
        "incident", result, result.total, label, incident=one.key, baseline=one.expected, baseline_label=USUAL,
        delta=value - one.expected, period=Span.of(days), group=tuple(part for _, part in one.where),
    )  # fmt: skip


def _cause(ledger: Ledger, plan: QueryPlan, card: Card, cause: Cause) -> None:
    """A slice that the incident goes with: its number, and its conversations as a part of the evidence."""
    from analytics.anomalies.causes import behind, days_of

    one, days = card.headline, days_of(card.headline)
    filters = behind(plan.scope(), one, cause.where).over(days)
    result, label = ledger.ask(one.metric, filters), ", ".join(value for _, value in cause.where)
    if not cause.where or result.total.value is None or (result.unit != "count" and result.total.small):
        return
    weight = max(abs((cause.actual or 0.0) - (cause.expected or 0.0)), cause.share or 0.0, 0.01)
    ledger.book.strata.append(Stratum(label, filters, weight, None))
    if cause.where == one.where:  # it is of that slice alone, as its own number says
        return
    more: dict[str, object] = {"group": tuple(value for _, value in cause.where), "incident": one.key}
    if cause.expected is not None and result.unit == "count":
        more |= {
            "baseline": cause.expected,
            "baseline_label": USUAL,
            "delta": result.total.value - cause.expected,
        }
    ledger.note("incident_cause", result, result.total, label, **more)
