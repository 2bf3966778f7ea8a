"""The controls over the list: words, what is listed, in which order, filters of one click, columns."""

from __future__ import annotations

import streamlit as st

from analytics.list_question import QUICK
from core import numbers
from ui import errors, kept, state
from ui.charts.spread import ranged
from ui.conversations import asked, columns, evidence_set
from ui.data_conversations import Behind, Listed
from ui.drill import HITS, OF, VALUES

CREATED = "Created in the period"


def draw(listed: Listed, metrics: dict[str, Behind]) -> None:
    """Everything but the quick filters, which need the counts."""
    of = listed.question.of
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="list_controls"):
        state.put("list_q", listed.text)
        st.text_input(
            "Search", key="list_q", placeholder="Words, a customer, or an id", icon=":material/search:",
            label_visibility="collapsed", width=300, type="search", on_change=asked.writes("q", "list_q", ""),
            help="All words must be there: in the subject, the id, the customer's name or public messages. "
            'Words in "quotes" must follow each other.',
        )  # fmt: skip
        titles = {"": CREATED, **{name: metric.title for name, metric in metrics.items()}}
        state.put("list_of", of if of in titles else "")
        st.selectbox(
            "What is listed", list(titles), key="list_of", format_func=lambda name: titles[name], width=250,
            label_visibility="collapsed", on_change=_another_list,
            help="The conversations created in the period, or those behind a number.",
        )  # fmt: skip
        _order(listed)
        _more(listed)
        with errors.boundary("Evidence set"):
            evidence_set.manage(listed)
    if of in metrics and metrics[of].kind == "share":
        _hits(metrics[of])
    if of in metrics and listed.question.span:
        told = ranged(*listed.question.span, metrics[of].unit)
        st.button(
            told, icon=":material/close:", key="list_values", on_click=asked.put, args=(VALUES,),
            help="Only these values are listed. A click takes that away.",
        )  # fmt: skip


def _another_list() -> None:
    """A choice of hits, values and an order of the list before mean nothing to another one."""
    for name in (HITS, VALUES, "sort"):
        asked.put(name)
    asked.put(OF, state.value("list_of") or "")


def _order(listed: Listed) -> None:
    orders = asked.sorts(listed.question.of)
    state.put("list_sort", listed.question.sort if listed.question.sort in orders else "newest")
    st.selectbox(
        "Order", list(orders), key="list_sort", format_func=lambda name: orders[name], width=210,
        label_visibility="collapsed", on_change=asked.writes("sort", "list_sort", "newest"),
        help="The order of the whole list. A click on a column's head sorts what is on screen.",
    )  # fmt: skip


def _more(listed: Listed) -> None:
    with st.popover("Columns and more", icon=":material/view_column:", key="list_more"):
        _columns()
        with errors.boundary("Labels and evidence sets"):
            _kept(listed)
        state.put("list_uncounted", asked.is_on("uncounted"))
        st.toggle(
            "Also what is not counted", key="list_uncounted", disabled=bool(listed.question.of),
            on_change=asked.writes("uncounted", "list_uncounted"),
            help="Spam, merged, test, automatic, outbound and deleted conversations are in no number.",
        )  # fmt: skip
        state.put("list_notes", listed.notes)
        st.toggle(
            "Search private notes too", key="list_notes", on_change=asked.writes("notes", "list_notes"),
            help="Reads every message instead of the index: slower, and finds parts of words.",
        )  # fmt: skip


def _columns() -> None:
    known = columns.offered()
    state.put("list_columns", list(columns.chosen()))
    st.multiselect(
        "Columns", list(known), key="list_columns", format_func=lambda name: known[name].title,
        placeholder="The usual ones", on_change=asked.writes("columns", "list_columns", list(columns.USUAL)),
    )  # fmt: skip


def _kept(listed: Listed) -> None:
    """What people put together: conversations under a label, and those of an evidence set."""
    words = list(dict.fromkeys([*kept.labels(), *([listed.label] if listed.label else [])]))
    if words:
        state.put("list_of_label", listed.label or None)
        st.selectbox(
            "Under a label", words, index=None, key="list_of_label", placeholder="Any",
            on_change=asked.writes(asked.LABEL, "list_of_label"),
        )  # fmt: skip
    sets = {str(one.id): f"{one.name} ({one.size})" for one in kept.evidence_sets()}
    if listed.evidence is not None:
        sets.setdefault(str(listed.evidence), f"set {listed.evidence}, which is not there any more")
    if sets:
        state.put("list_of_set", str(listed.evidence) if listed.evidence is not None else None)
        st.selectbox(
            "In an evidence set", list(sets), index=None, key="list_of_set", format_func=lambda number: sets[number],
            placeholder="Any", on_change=asked.writes(asked.EVIDENCE, "list_of_set"),
        )  # fmt: skip


def _hits(metric: Behind) -> None:
    """Of a share: all that it is made of, its hits, or the others."""
    words = ("Met", "Missed") if metric.rows == "targets" else ("Hits", "The others")
    choices = {"all": f"All {metric.rows}", "1": words[0], "0": words[1]}
    state.put("list_hits", state.link(HITS) if state.link(HITS) in choices else "all")
    st.segmented_control(
        "Which", list(choices), key="list_hits", format_func=lambda name: choices[name], required=True,
        label_visibility="collapsed", on_change=asked.writes(HITS, "list_hits", "all"),
        help=f"{metric.title}: {metric.description}",
    )  # fmt: skip


def quick(chosen: tuple[str, ...], counts: dict[str, int]) -> None:
    """Filters of one click, each with the number of rows it leaves."""
    with st.container(horizontal=True, gap="xsmall", key="list_quick"):
        for name, one in QUICK.items():
            is_on, n = name in chosen, counts[name]
            st.button(
                f"{one.title} · {numbers.count(n)}", key=f"quick_{name}", help=one.text,
                type="primary" if is_on else "secondary", icon=":material/check:" if is_on else None,
                disabled=not (n or is_on), on_click=asked.toggle_quick, args=(name,),
            )  # fmt: skip
