"""What rules of the newer kinds look at: what the dashboard finds by itself, and how good its answers are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from alerts.judge import Reading
from alerts.readings import MOST_WINDOWS, Asker, Since, Watched
from alerts.rules import Rule
from core import numbers
from core.errors import NotEnoughData
from core.filters import Filters, Period
from core.viewer import EVERYTHING, Viewer

if TYPE_CHECKING:
    from analytics.anomalies.grouping import Card
    from analytics.anomalies.incidents import Incident
    from analytics.anomalies.report import AnomalyReport
    from store.workspace import Workspace

LOOKED_AT_DAYS = 28  # whose incidents are searched, so that the beginning of a long one is known
FRESH_DAYS = 2  # an incident whose last day is older is over
ANSWER_DAYS = 7


def watched(rule: Rule, asker: Asker, viewer: Viewer, days: Sequence[date] = ()) -> Watched:
    """What the rule's kind finds, one reading each; `days` as `missed` gives them.

    Raises QuestionError, NotEnoughData, NothingPublished.
    """
    if rule.kind == "anomaly":
        return _unusual(rule, asker, viewer, days or (_last_day(asker),))
    if rule.kind == "off_forecast":
        return _off_forecast(rule, asker, viewer, days or missed(rule, asker, None))
    return {"topic_rising": _topics, "answers": _answers}[rule.kind](rule, asker, viewer)


def missed(rule: Rule, asker: Asker, since: Since | None) -> tuple[date, ...]:
    """The days that a rule has to judge, the earliest first and the newest always: of kinds that judge days alone.

    What is rising, and answers, look at more than a week each time: a few nights without a verdict hide nothing.
    """
    if rule.kind == "off_forecast":
        from analytics import catalogue

        ripe = catalogue.find(rule.metric, asker.settings).ripe_days
        return tuple(start.date() for start in asker.unjudged(rule, since, ripe))
    if rule.kind != "anomaly":
        return ()
    last, before = _last_day(asker), re.search(r" d(\d{4}-\d\d-\d\d)", since.seen if since else "")
    count = (last - date.fromisoformat(before[1])).days if before else 1
    return tuple(last - timedelta(days=back) for back in reversed(range(min(max(count, 1), MOST_WINDOWS))))


def seen(rule: Rule, asker: Asker) -> str:
    """What a verdict would rest on now: the generation, of anomalies the last day and what people said; of answers the hour."""
    if rule.kind == "answers":
        return f"{asker.at:%Y-%m-%dT%H}"
    said = f" d{_last_day(asker)} s{_said(asker)}" if rule.kind == "anomaly" else ""
    return f"g{asker.reader.number}{said}"


def _last_day(asker: Asker) -> date:
    from analytics import periods

    return periods.default_period(asker.reader, asker.settings).end


def _said(asker: Asker) -> str:
    """Changes with every saying, also with one that is taken back."""
    ids = [one.id for one in _workspace(asker).anomaly_verdicts()]
    return f"{len(ids)}-{max(ids, default=0)}"


def _unusual(rule: Rule, asker: Asker, viewer: Viewer, days: Sequence[date]) -> Watched:
    """A reading for each card of a metric that lasts and is within the day's budget: the slice of its headline.

    A day that nobody judged in its time is a window of its own, named by a second before this minute.
    """
    report = _report(rule, asker, viewer)
    cards = [
        card for card in sorted(report.cards, key=lambda one: one.headline.end)
        if card.headline.status == "alert" and not _is_noise(card.headline, report.suppressed)
    ]  # fmt: skip
    minute = datetime.fromisoformat(asker.minute)
    names = [(minute - timedelta(seconds=len(days) - 1 - place)).isoformat() for place in range(len(days))]
    windows = [
        {found.segment: found for card in cards if _is_news(card.headline, day, days[-1])
         for found in (_of_card(card, name),)}
        for day, name in zip(days, names, strict=True)
    ]  # fmt: skip
    return Watched("Unusual", "count", tuple(tuple(one.values()) for one in windows), tuple(names), "conversations")  # fmt: skip


def _is_news(one: Incident, day: date, newest: date) -> bool:
    """Whether an incident lasted on a day, or was over for no longer than is told; of days past, if it had begun."""
    return one.opened <= day and (
        (one.is_open and day == newest) or one.end >= day - timedelta(days=FRESH_DAYS - 1)
    )


def _is_noise(incident: Incident, suppressed: Sequence[Incident]) -> bool:
    """Whether a part of it, or what it is a part of, was called noise on these days: the rest is no further news."""
    inside = set(incident.where)
    return any(
        other.reason.startswith("called noise") and other.start <= incident.end and other.end >= incident.start
        and (set(other.where) <= inside or inside <= set(other.where))
        for other in suppressed
    )  # fmt: skip


def _report(rule: Rule, asker: Asker, viewer: Viewer) -> AnomalyReport:
    from analytics.anomalies.context import events_of
    from analytics.anomalies.report import anomalies
    from analytics.anomalies.verdicts import told_by

    workspace, settings = _workspace(asker), asker.settings
    end = _last_day(asker)
    filters = rule.filters.over(Period(end - timedelta(days=LOOKED_AT_DAYS - 1), end))
    return anomalies(
        asker.reader, filters, settings=settings, viewer=viewer, metrics=(rule.metric,),
        events=events_of(workspace.notes()), verdicts=told_by(workspace.anomaly_verdicts(), settings.workspace.zone),
    )  # fmt: skip


def _of_card(card: Card, minute: str) -> Reading:
    from analytics.anomalies.words import sentences, slice_words

    return Reading(
        slice_words(card.headline.where), minute, 1.0, card.headline.n, note="\n".join(sentences(card))
    )


def _off_forecast(rule: Rule, asker: Asker, viewer: Viewer, days: Sequence[date]) -> Watched:
    """Each day beside its 95 % band. A day past that cannot be held against one is left out; the newest is an error."""
    readings = []
    for day in days:
        try:
            readings.append(_of_day(rule, asker, viewer, day))
        except NotEnoughData:
            if day == days[-1]:
                raise
    return Watched("Outside the forecast", "count", tuple((one,) for one in readings),
                   tuple(one.window for one in readings))  # fmt: skip


def _of_day(rule: Rule, asker: Asker, viewer: Viewer, day: date) -> Reading:
    """A closed day beside its 95 % band, forecast from the days before it alone: 1 outside, 0 within."""
    from analytics import catalogue
    from analytics.anomalies.context import concerning
    from analytics.compute import compute
    from analytics.forecasting.of_metric import LONGEST_DAYS, forecast_metric

    settings, metric = asker.settings, catalogue.find(rule.metric, asker.settings)
    before = Period(day - timedelta(days=LONGEST_DAYS), day - timedelta(days=1))
    result = compute(
        asker.reader, rule.metric, rule.filters.over(Period(day, day)), settings=settings, viewer=viewer, grain="day",
    )  # fmt: skip
    row = next((one for one in result.rows if not (one.partial or one.immature)), None)
    value = row.value if row else None
    found = forecast_metric(
        asker.reader, rule.metric, rule.filters.over(before), settings=settings, viewer=viewer, horizon=3,
        events=concerning(_workspace(asker).notes(), rule.metric, rule.filters), as_of=day,
    )  # fmt: skip
    ahead = (
        next((one for one in found.forecasts[0].days if one.day == day), None) if found.forecasts else None
    )
    if row is None or value is None or ahead is None or ahead.low_95 is None or ahead.high_95 is None:
        raise NotEnoughData(f"{metric.title.lower()} of {day:%-d %b %Y} cannot be held against a forecast.",
                            hint="It takes a number of that day, and some weeks of days before it.")  # fmt: skip
    outside = not ahead.low_95 <= value <= ahead.high_95
    low, middle, high = (
        numbers.value(one, metric.unit) for one in (ahead.low_95, ahead.value, ahead.high_95)
    )
    note = f"{metric.title}, {day:%-d %b}: {numbers.value(value, metric.unit, row.n)}, forecast {middle} (95 %: {low} to {high})"
    return Reading("", day.isoformat(), float(outside), row.n, note=note)


def _topics(rule: Rule, asker: Asker, viewer: Viewer) -> Watched:
    """Topics whose share rose, and small new groups of conversations that fit none, by how many there are."""
    from analytics.emerging import emerging_groups
    from analytics.rising import rising_topics

    told: dict[str, Reading] = {}
    for new in emerging_groups(asker.reader, viewer) if rule.filters == Filters() else ():
        n, before = numbers.count(new.n), numbers.count(new.before)
        note = f"New: {new.label}, {n} conversations since {new.since:%-d %b}, {before} before"
        told[new.label] = Reading(new.label, asker.minute, float(new.n), new.n, note=note)
    found = rising_topics(asker.reader, rule.filters, settings=asker.settings, viewer=viewer)
    for one in found.topics:
        times = "none before" if one.ratio is None else f"{one.ratio:.1f} times its share before"
        note = f"Rising: {one.topic}, {numbers.count(one.n)} conversations, {times}"
        told.setdefault(one.topic, Reading(one.topic, asker.minute, float(one.n), one.n, note=note))
    return Watched("Conversations", "count", (tuple(told.values()),), (asker.minute,))


def _answers(rule: Rule, asker: Asker, viewer: Viewer) -> Watched:
    """The share of the last week's questions that got no answer from the data, or one that somebody called bad."""
    from rag.quality import is_bad, last_verdicts

    since = asker.at - timedelta(days=ANSWER_DAYS)
    mine = None if viewer == EVERYTHING else viewer.name
    questions, verdicts = _workspace(asker).questions_since(since.astimezone(UTC).date(), viewer=mine)
    asked, said = [one for one in questions if one.asked_at >= since], last_verdicts(verdicts)
    bad = sum(is_bad(one.answer_json, said.get(one.id, ())) for one in asked)
    reading = Reading("", asker.minute, bad / len(asked) if asked else None, len(asked))
    return Watched("Questions without a good answer", "share", ((reading,),), (asker.minute,), "questions")


def _workspace(asker: Asker) -> Workspace:
    from store.workspace import Workspace

    return Workspace(asker.home)
