"""What is unusual, as the page Anomalies & events shows it: lines, cards with what they go with, and what people say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.anomalies.verdicts import DECAYS
from core import numbers
from core.filters import Filters, Period
from ui import charts, choose, data, data_anomalies, errors, evidence, tables, trail
from ui.doing import safely
from ui.drill import Drill, chosen

if TYPE_CHECKING:
    from analytics.anomalies.grouping import Card
    from analytics.anomalies.incidents import Incident
    from analytics.anomalies.report import AnomalyReport

SAYINGS = {
    "useful": ("Useful", ":material/thumb_up:", "Such incidents of this slice are told a little earlier."),
    "noise": (
        "Noise",
        ":material/thumb_down:",
        f"Hides it, and raises the threshold of this slice for {DECAYS} days.",
    ),
    "expected_event": (
        "Expected event",
        ":material/event:",
        "Hides what touches these days in this slice, and notes them on its charts as an incident: forecasts do not "
        "learn from up to two weeks of it. Taken back, the note goes too, unless somebody changed it.",
    ),
    "new_normal": ("New normal", ":material/check:", "What is usual begins anew on its first day."),
}
MOST_SUPPRESSED = 50
NOT_JUDGED = "Not judged yet"
NO_SLICE = (
    "What is said of an incident is kept for its slice. The filters of this page are none: a slice has one value of each "
    "dimension, no conditions, and the usual clock and kinds of conversations."
)


def headline(filters: Filters) -> str:
    """How much of the period was unusual."""
    report = data_anomalies.report(filters)
    alerts = sum(card.headline.status == "alert" for card in report.cards)
    if report.missing:
        return f"{NOT_JUDGED}."
    if not report.cards:
        return f"Nothing left what its past leads one to expect, in {report.judged} series."
    said = "One thing was" if alerts == 1 else f"{alerts} things were"
    return f"{said} unusual, in {report.judged} series."


def course(filters: Filters) -> None:
    """One metric over the period, with its band and its unusual days."""
    report = data_anomalies.report(filters)
    titles = {line.metric: line.title for line in report.lines}
    metric = choose.one("Number", titles, key="anomalies_metric")
    line = next(one for one in report.lines if one.metric == metric)
    if not any(point.value is not None for point in line.points):
        st.caption("There is nothing to draw in this period.")
        return
    flagged = {
        one.peak
        for card in report.cards
        for one in card.incidents
        if one.metric == metric and one.span == 1 and not one.is_burst  # of its hours the line says nothing
    }
    result = data.metric(metric, filters, grain="day")
    charts.draw(charts.band(line, flagged, charts.axis(result), results=(result,)), key="anomalies_course")


def listed(filters: Filters) -> None:
    """A card each, the most unlikely first, and the one of this month that was kept quiet."""
    report = data_anomalies.report(filters)
    for note in report.notes:
        st.caption(tables.escaped(note))
    if report.missing:
        st.info(tables.escaped(f"{NOT_JUDGED}: {report.missing}."), icon=":material/hourglass_empty:")
    elif not report.cards:
        st.info(
            "Nothing unusual in this period. Choose a longer one to look further back.",
            icon=":material/check:",
        )
    for place, card in enumerate(report.cards):
        with st.container(border=True), errors.boundary(card.headline.title):
            _card(card, f"anomaly_{place}")
    if report.again:
        with st.container(border=True), errors.boundary(report.again.headline.title):
            _card(report.again, "anomaly_again")


def _card(card: Card, key: str) -> None:
    from analytics.anomalies.words import sentences

    first, *more = sentences(card)
    mark = ":material/trending_up:" if card.headline.is_above else ":material/trending_down:"
    st.markdown(f"{mark} **{tables.escaped(first)}**")
    if card.headline.status == "again":
        st.info(tables.escaped(f"{card.headline.reason}."), icon=":material/visibility:")
    elif card.headline.reason:
        st.caption(tables.escaped(f"For the digest: {card.headline.reason}."))
    for sentence in more:
        st.markdown(tables.escaped(sentence))
    _contributions(card, key)
    for number, cause in enumerate(card.causes):
        evidence.buttons(cause.evidence.examples, key=f"{key}_{number}")
    _similar(card, key)
    _buttons(card.headline, key)


def _contributions(card: Card, key: str) -> None:
    """Each slice against the expected, as bars; choosing one opens its conversations."""
    from analytics.anomalies.words import part_words

    own = [one for one in card.incidents if one.metric == card.headline.metric]
    named = {part_words(one): one for one in own}
    if card.headline.unit != "count" or len(named) < 2:
        drills = [drill_of(one) for one in own]
        rows = [{"Slice": name, "n": one.n} for name, one in named.items()]
    else:
        drawn = charts.excess(
            [(name, one.actual, one.expected, drill_of(one)) for name, one in named.items()],
            card.headline.title,
        )
        about = {
            "Filters": "those of each row",
            "Period": f"{drill_of(card.headline).period}, both days included",
            "Definition": f"{card.headline.title} of each slice on these days, beside what was expected of it.",
        }
        charts.draw(replace(drawn, about=about), key=f"{key}_bars")
        return
    tables.plain(
        rows, alt="Slices of this incident", key=f"{key}_slices", selection_mode="single-row",
        on_select=chosen(f"{key}_slices", drills),
    )  # fmt: skip


def _similar(card: Card, key: str) -> None:
    """Earlier weeks that went like this one; choosing one opens the conversations of its last day."""
    from analytics.anomalies.similar import is_compared

    one = card.headline
    if not card.similar:
        if is_compared(one):
            st.caption("No earlier week was like it.")
        return
    st.markdown("Earlier weeks most like the one up to this day:")
    rows = [
        {
            "Up to": f"{then.day:%Y-%m-%d}",
            one.title: numbers.value(then.actual, one.unit, then.n),
            "Usual": numbers.value(then.expected, one.unit),
        }
        | ({"Noted then": "; ".join(then.noted)} if any(other.noted for other in card.similar) else {})
        for then in card.similar
    ]
    drills = [Drill(drill_of(one).where, Period(then.day, then.day), of=one.metric) for then in card.similar]
    tables.plain(
        rows, alt="Earlier weeks like this one", key=f"{key}_similar", selection_mode="single-row",
        on_select=chosen(f"{key}_similar", drills),
    )  # fmt: skip


def drill_of(one: Incident) -> Drill:
    """The conversations of an incident: its slice on the days of its peak, and of a burst in its hours alone."""
    from analytics.anomalies.causes import days_of, hours_of

    drill = Drill(tuple((name, (value,)) for name, value in one.where), days_of(one), of=one.metric)
    return drill.adding("hour", *hours_of(one)) if one.is_burst else drill


def _buttons(incident: Incident, key: str) -> None:
    if not trail.allows("share"):
        return
    if incident.whole is None:
        st.caption(NO_SLICE)
        return
    with st.container(horizontal=True, gap="small"):
        for saying, (title, icon, help_) in SAYINGS.items():
            if saying == "new_normal" and not incident.is_shift:
                continue
            if st.button(title, icon=icon, help=help_, key=f"{key}_{saying}"):
                with errors.refusals():
                    data_anomalies.say(incident, saying)
                    st.rerun()


def quiet(filters: Filters) -> None:
    """What was found and is not told, why, what people said, and how often they called it useful."""
    report = data_anomalies.report(filters)
    if report.verdicts:
        st.markdown(f"{report.useful} of {report.verdicts} incidents that people judged were useful.")
    else:
        st.caption("Nobody has judged an incident yet: the buttons on each card do.")
    _suppressed(report)
    for one in reversed(data_anomalies.said()):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(tables.escaped(_verdict(one)), width="stretch")
            if trail.allows("share"):
                st.button(
                    "Take back", key=f"anomaly_back_{one.id}", type="tertiary", icon=":material/undo:",
                    on_click=safely(data_anomalies.take_back), args=(one.id,),
                )  # fmt: skip


def _suppressed(report: AnomalyReport) -> None:
    from analytics.anomalies.words import part_words

    if not report.suppressed:
        st.caption("Nothing is suppressed in this period.")
        return
    shown = report.suppressed[:MOST_SUPPRESSED]
    rows = [
        {
            "Day": f"{one.peak:%Y-%m-%d}",
            "Number": one.title,
            "Slice": part_words(one) if one.where or one.is_burst else "",
            "Why": one.reason,
        }
        for one in shown
    ]
    tables.plain(
        rows, alt="Incidents that are not told", key="anomalies_suppressed", selection_mode="single-row",
        on_select=chosen("anomalies_suppressed", [drill_of(one) for one in shown]),
    )  # fmt: skip


def _verdict(one: Any) -> str:
    from analytics.anomalies.words import slice_words

    title = SAYINGS[one.saying][0].lower()
    of = f" {slice_words(one.where)}" if one.where else ""
    return f"{one.viewer} called {one.metric}{of} of {one.from_day:%-d %b %Y} {title}."
