"""What people write about, as the page Topics shows it: sizes and numbers, courses, what rises and what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.filters import Filters, Period
from ui import charts, choose, data, data_topics, drill, evidence, filters, tables
from ui.drill import Drill

if TYPE_CHECKING:
    from analytics.emerging import Emerging
    from analytics.rising import Rising
    from analytics.topic_trends import Measured, TopicTrend, TrendReport

NOT_FOUND = "There are no topics yet: a refresh finds them from 30 conversations on."
MOST = 60  # topics in the table and among the areas
# What a topic is shown with: its title, its unit, the metric whose conversations a click opens.
MEASURES = {
    "volume": ("Conversations", "count", "volume"),
    "share": ("Share", "share", "volume"),
    "negative": ("Negative", "share", "sentiment_negative_share"),
    "first_reply_s": ("First reply, median", "seconds", "first_reply_median"),
    "reopened": ("Reopened", "share", "reopen_rate"),
    "csat": ("Satisfied", "share", "csat_share"),
}
SHADES = {
    name: title
    for name, (title, _, _) in MEASURES.items()
    if name in ("negative", "first_reply_s", "reopened", "csat")
}
FACTOR = {"share": (100.0, "%"), "seconds": (1 / 3600, "hours"), "count": (1.0, "")}


def sizes(chosen: Filters, compare: str | None) -> None:
    """Every topic as an area: how many conversations, and by its shade how they went."""
    report, volume = data_topics.trends(chosen, compare), data.metric("volume", chosen, by=("topic",))
    if not report.topics:
        st.caption(NOT_FOUND)
        return
    shade = choose.one("Shade", SHADES, key="topics_shade")
    groups = {one.label: one.group or "" for one in data_topics.topics().topics}
    title, unit, _ = MEASURES[shade]
    factor, word = FACTOR[unit]
    tiles, rows = [], []
    for one in report.topics[:MOST]:
        measured: Measured = getattr(one, shade)
        told = f"{numbers.count(one.volume.n)} conversations, {title.lower()} {_value(measured, unit)}"
        drilled = Drill((("topic", (one.topic,)),), of="volume")
        shaded = None if measured.value is None else measured.value * factor
        tiles.append(charts.Tile(one.topic, groups.get(one.topic, ""), one.volume.n, shaded, told, drilled))
        rows.append(
            {
                "Topic": one.topic,
                "Group": groups.get(one.topic, ""),
                "Conversations": one.volume.n,
                title: _value(measured, unit),
            }
        )
    drawn = charts.treemap(
        tiles, "Topics by size", shades=f"{title} {word}".strip(), rows=rows, results=(volume,)
    )
    charts.draw(drawn, key="topics_sizes")


def compared(chosen: Filters, compare: str | None) -> None:
    """The same topics as a table: every number with its interval, and what changed beyond chance."""
    report = data_topics.trends(chosen, compare)
    if not report.topics:
        st.caption(NOT_FOUND)
        return
    measure = choose.one(
        "Number", {name: title for name, (title, _, _) in MEASURES.items()}, key="topics_number"
    )
    title, _, of = MEASURES[measure]
    shown = sorted(report.topics, key=lambda one: _order(getattr(one, measure)))[:MOST]
    rows = [_row(one, measure) for one in shown]
    st.markdown(_changed(report))
    tables.plain(
        rows, alt=f"{len(rows)} topics, {title.lower()} highest first", key=f"topics_rows_{measure}", selection_mode="single-row",
        on_select=drill.chosen(f"topics_rows_{measure}", [Drill((("topic", (one.topic,)),), of=of) for one in shown]),
        column_config={"Conversations": st.column_config.NumberColumn(format="localized")},
    )  # fmt: skip
    st.caption(
        "Choose a row to open its conversations. ● marks a change that chance does not explain; one in twenty of them may be false."
    )


def courses() -> None:
    """The largest topics over the period, a small chart each."""
    view = filters.view()
    grain = view.grain if filters.has_own_grain() or view.grain != "day" else "week"
    result = data.metric("volume", view.filters, by=("topic",), grain=grain)
    if not result.groups:
        st.caption(NOT_FOUND)
        return
    charts.draw(charts.multiples(result, "Topics over time"), key="topics_courses")


def rising(chosen: Filters) -> None:
    """Topics with a larger share than in the year before, by a test that claims few falsely."""
    report = data_topics.rising(chosen)
    if report.note or not report.topics:
        st.caption(tables.escaped(report.note) or f"None of {report.tested} topics rises beyond chance.")
        return
    rows = [_risen(one) for one in report.topics]
    drills: list[Drill | None] = [Drill((("topic", (one.topic,)),), of="volume") for one in report.topics]
    tables.plain(rows, alt=f"{len(rows)} rising topics, the surest first", key="topics_rising", selection_mode="single-row",
                 on_select=drill.chosen("topics_rising", drills))  # fmt: skip
    st.caption(
        f"{report.period} against {report.before}, {report.tested} topics tested; of those listed one in a hundred may be false."
    )


def emerging() -> None:
    """Small new groups with their growth and what was written first."""
    found = data_topics.emerging()
    if not found:
        st.caption(
            "No group of the last four weeks is new. What is too rare, or part of a topic, is not listed here."
        )
        return
    for at, one in enumerate(found):
        _group(one, at)


def _group(one: Emerging, at: int) -> None:
    period = Period(one.since.date(), one.until.date())
    about = "about " if one.one_in > 1 else ""
    with st.container(border=True, key=f"emerging_{at}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{tables.escaped(one.label)}** · {about}{numbers.count(one.n * one.one_in)} since {one.since:%-d %b}, "
                        f"{numbers.count(one.before * one.earlier_one_in)} in the year before")  # fmt: skip
            st.space("stretch")
            st.button(
                "Open them", key=f"emerging_open_{at}", icon=":material/inbox:", type="tertiary", on_click=drill.open_behind,
                args=(Drill((("emerging", (one.label,)),), period, "volume", within=Filters(period)),),
            )  # fmt: skip
        weeks = " → ".join(map(str, one.weeks))
        counted = f"; counted under {tables.escaped(one.topic)} so far" if one.topic else ""
        st.caption(f"By week {weeks}{counted}. Words: {tables.escaped(', '.join(one.terms[:5]))}.")
        for example in one.examples:
            _example(example.source, example.conversation_id, example.subject)


def _example(source: str, conversation_id: str, subject: str | None) -> None:
    label = tables.escaped(subject or conversation_id)
    evidence.button(label, source, conversation_id, key=f"example_{source}_{conversation_id}")


def headline(chosen: Filters, compare: str | None) -> str:
    """The first sentence: what is new, what rises, and what is largest."""
    report, rises, new = (
        data_topics.trends(chosen, compare),
        data_topics.rising(chosen).topics,
        data_topics.emerging(),
    )
    if not report.topics:
        return NOT_FOUND
    parts = [f"new: {_names([one.label for one in new])}"] if new else []
    parts += [f"rising: {_names([one.topic for one in rises])}"] if rises else []
    first = report.topics[0]
    part = numbers.percent(first.share.value, first.share.n)
    largest = f"{_quoted(first.topic)} is the largest of {len(report.topics)} topics with {part}"
    told = "; ".join([*parts, largest])
    return told[:1].upper() + told[1:] + "."


def _names(names: list[str], most: int = 3) -> str:
    told = ", ".join(map(_quoted, names[:most]))
    return told + (f" and {len(names) - most} more" if len(names) > most else "")


def _quoted(name: str) -> str:
    return f"“{tables.escaped(name)}”"


def _order(measured: Measured) -> tuple[bool, float]:
    return measured.value is None, -(measured.value or 0)


def _row(one: TopicTrend, measure: str) -> dict[str, Any]:
    """The chosen number with its interval and change, and the others beside it."""
    title, unit, _ = MEASURES[measure]
    measured: Measured = getattr(one, measure)
    found: dict[str, Any] = {"Topic": one.topic, "Conversations": one.volume.n}
    if measure != "volume":
        found[title] = _value(measured, unit)
    found |= {
        "95 % interval": _interval(measured, unit),
        "n": measured.n,
        "Before": _before(measured, unit),
        "Change": _change(measured, unit),
    }
    others = [name for name in MEASURES if name not in (measure, "volume")]
    return found | {MEASURES[name][0]: _cell(getattr(one, name), MEASURES[name][1]) for name in others}


def _value(measured: Measured, unit: str) -> str:
    return numbers.value(measured.value, unit, measured.n) if measured.value is not None else numbers.MISSING


def _cell(measured: Measured, unit: str) -> str:
    """The number, with the way it went where that is beyond chance."""
    arrow = (
        f" {'▲' if (measured.value or 0) > (measured.before or 0) else '▼'}●" if measured.is_marked else ""
    )
    return _value(measured, unit) + arrow


def _interval(measured: Measured, unit: str) -> str:
    if measured.low is None or measured.high is None:
        return numbers.MISSING
    if unit == "share":
        return f"{100 * measured.low:.0f} to {100 * measured.high:.0f} %"
    low, high = (round(end) if unit == "count" else end for end in (measured.low, measured.high))
    return f"{numbers.value(low, unit, measured.n)} to {numbers.value(high, unit, measured.n)}"


def _before(measured: Measured, unit: str) -> str:
    return (
        numbers.MISSING
        if measured.before is None
        else numbers.value(measured.before, unit, measured.before_n)
    )


def _change(measured: Measured, unit: str) -> str:
    if measured.value is None or measured.before is None:
        return numbers.MISSING
    if unit == "share":
        moved, word = round(100 * (measured.value - measured.before)), "pp"
    elif measured.before:
        moved, word = round(100 * (measured.value / measured.before - 1)), "%"
    else:
        return numbers.MISSING
    return f"{moved:+d} {word}" + (" ●" if measured.is_marked else "")


def _changed(report: TrendReport) -> str:
    """What changed beyond chance, in one line."""
    if report.previous_period is None:
        return "Nothing is compared: choose a comparison in the bar."
    marked = [(one.topic, name) for one in report.topics for name in MEASURES if getattr(one, name).is_marked]
    if not marked:
        return f"None of {report.tested} comparisons with {report.previous_period} is beyond chance."
    told = [f"**{tables.escaped(topic)}** ({MEASURES[name][0].lower()})" for topic, name in marked[:4]]
    return f"Changed beyond chance: {', '.join(told)}" + (
        f" and {len(marked) - 4} more." if len(marked) > 4 else "."
    )


def _risen(one: Rising) -> dict[str, Any]:
    top = numbers.MISSING if one.high is None else f"{one.high:.1f}"
    return {
        "Topic": one.topic, "Rare before": "yes" if one.is_rare else "no", "Share": numbers.percent(one.share, one.of),
        "Before": numbers.percent(one.before_share, one.before_of), "Times": "new" if one.ratio is None else f"{one.ratio:.1f}",
        "95 % interval": f"{one.low:.1f} to {top}", "Conversations": one.n,
    }  # fmt: skip
