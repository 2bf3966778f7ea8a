"""Opening a number: a drawer with its definition, what is in it and what is not, and conversations that show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core import conditions, numbers
from core.filters import Filters
from ui import errors, sheet, tables, words

if TYPE_CHECKING:
    from analytics.result import Audit, MetricResult

LABEL = "How computed"
ICON = ":material/fact_check:"


def button(result: MetricResult, *, key: str, label: str = "") -> None:
    """A button that opens one number."""
    if st.button(
        label, icon=ICON, type="tertiary", key=key, help=f"How {result.title.lower()} is computed, and from what.",
    ):  # fmt: skip
        drawer(result.name, result.filters)


def menu(results: Sequence[MetricResult], *, key: str) -> None:
    """A button that opens the number of a chart, or a choice where it shows several."""
    found = {result.name: result for result in results}
    if len(found) == 1:
        button(next(iter(found.values())), key=key, label=LABEL)
    elif found:
        chosen = st.menu_button(
            LABEL,
            list(found),
            icon=ICON,
            type="tertiary",
            key=key,
            format_func=lambda name: found[name].title,
        )
        if chosen:
            drawer(chosen, found[chosen].filters)


@st.dialog("How this number is computed", width="large", position="right", icon=ICON)
def drawer(name: str, chosen: Filters) -> None:
    """Everything there is to know about a number under some filters."""
    from ui import data

    with errors.boundary("The audit"), sheet.quiet():
        result = data.audited(name, chosen)
        _head(result)
        _definition(result)
        _left_out(result)
        _spread(result)
        if result.audit:
            _variants(result)
            _vendor(result, result.audit)
            _conversations(result, result.audit)
        _query(result)


def _head(result: MetricResult) -> None:
    st.markdown(f"#### {result.title}: {words.value(result)}")
    parts = [f"n {numbers.count(result.total.n, exact=True)} {result.counts}"]
    if result.unit == "share" and result.total.low is not None:
        parts.append(f"95 % interval {numbers.interval(result.total.low, result.total.high, result.total.n)}")
    parts += [
        f"{result.period.start:%-d %b %Y} to {result.period.end:%-d %b %Y}",
        result.zone,
        f"{result.hours} hours",
    ]
    st.caption(" · ".join(parts))
    for name, values in result.filters.where:
        st.caption(f"Only {tables.escaped(name)}: {tables.escaped(' or '.join(values))}")
    if result.filters.groups:
        st.caption(f"Only where {tables.escaped(conditions.told(result.filters.groups))}")


def _definition(result: MetricResult) -> None:
    st.markdown(result.description)
    opened = result.audit
    if opened is None:
        return
    lines = {
        "Who is in it": opened.population,
        "Counted on": opened.counted_on,
        "No number when": opened.null_when,
        "Whose it is": "; ".join(f"{one.dimension} as of {one.as_of}" for one in opened.attribution),
        "A source must tell": ", ".join(opened.needs),
        "Definition from": opened.source,
    }
    tables.plain(
        [{"What": name, "Rule": text} for name, text in lines.items() if text],
        alt=f"Rules of {result.title.lower()}", column_config={"Rule": st.column_config.TextColumn(width="large")},
    )  # fmt: skip


def _left_out(result: MetricResult) -> None:
    st.markdown("**Not in it**")
    rows = [
        {"n": item.n, "Why": errors.sentence(item.reason), "Kind": item.kind} for item in result.excluded if item.n
    ]  # fmt: skip
    tables.plain(
        rows, alt="What is not in the number, by reason", empty="Nothing of this period is left out."
    )
    for note in result.notes:
        st.caption(tables.told(errors.sentence(note)))
    if result.coverage:
        st.caption(tables.told(errors.sentence(result.coverage.text)))


def _spread(result: MetricResult) -> None:
    told = result.statistics
    if told is None or told.n < numbers.SMALL_N:
        return
    st.markdown("**How the values lie**")
    row = {
        "Lowest": told.low,
        "Median": told.median,
        "Mean": told.mean,
        "90th percentile": told.p90,
        "Highest": told.high,
    }
    tables.plain(
        [{name: numbers.value(at, result.unit, told.n) for name, at in row.items()}],
        alt=f"How {told.n} values of {result.title.lower()} lie",
    )
    rows = [
        {
            "From": numbers.value(one.low, result.unit), "Up to": numbers.value(one.high, result.unit),
            "n": one.n, "Share": one.n / told.n,
        }
        for one in result.distribution
    ]  # fmt: skip
    tables.plain(rows, alt="Values by range", column_config={
        "Share": st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent")})  # fmt: skip


def _variants(result: MetricResult) -> None:
    if not result.audit or not result.audit.variants:
        return
    st.markdown("**By other published definitions**")
    rows = [
        {"Definition": one.description, "Value": words.amount(result.unit, one.value, one.n), "n": one.n, "From": one.source}
        for one in result.audit.variants
    ]  # fmt: skip
    tables.plain(rows, alt="The same number by other definitions")


def _vendor(result: MetricResult, opened: Audit) -> None:
    """The vendor's own value beside ours, and why they differ."""
    theirs = opened.vendor
    if theirs is None:
        return
    st.markdown(f"**{tables.escaped(theirs.title)}, as the helpdesk itself says**")
    ours, value = (words.amount(result.unit, one, theirs.n) for one in (theirs.ours, theirs.value))
    st.caption(
        f"Ours {ours}, theirs {value}, over the {numbers.count(theirs.n, exact=True)} {result.counts} that have both; "
        f"{numbers.count(theirs.equal, exact=True)} are equal."
    )
    rows = [{"Why they differ": cause.words, "n": cause.n} for cause in theirs.causes]
    tables.plain(rows, alt="Why ours and theirs differ, by cause", empty="None of them differs.")


def _conversations(result: MetricResult, opened: Audit) -> None:
    from ui import drill, evidence, filters

    st.markdown("**Conversations it was computed from**, the latest first")
    rows = [
        {
            "Conversation": one.subject or one.conversation_id, "Counted on": one.at,
            "Own value": words.amount(result.unit, one.value, 10**6) if one.value is not None else numbers.MISSING,
            "Then and now": "; ".join(f"{m.dimension} {m.then}, now {m.now}" for m in one.moved),
            "Open": evidence.link(one.source, one.conversation_id),
        }
        for one in opened.conversations
    ]  # fmt: skip
    tables.plain(
        rows, alt="Conversations behind the number", empty="None in this period.",
        column_config={
            "Counted on": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Open": st.column_config.LinkColumn(display_text="open"),
        },
    )  # fmt: skip
    st.button(
        "Open all of them", icon=":material/inbox:", key=f"audit_all_{result.name}",
        on_click=drill.open_behind, args=(drill.of_result(result, within=None if filters.is_here() else result.filters),),
    )  # fmt: skip


def _query(result: MetricResult) -> None:
    with st.expander("The query", icon=":material/code:"):
        st.code(
            result.sql or "This number is one number over another: open those.",
            language="sql",
            wrap_lines=True,
        )
        st.caption(f"Generation {result.generation}, published {numbers.moment(result.published_at)} UTC.")
