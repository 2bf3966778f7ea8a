"""The numbers of an answer as cards, its chart, and the queries that gave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui import charts
from ui.tables import escaped, told

if TYPE_CHECKING:
    from rag.answer import Answer, MetricFact

MOST_NUMBERS = 4


def cards(facts: Sequence[MetricFact]) -> None:
    """The first numbers, each with what it is of, its n and what it was before."""
    if not facts:
        return
    with st.grid(MOST_NUMBERS, min_column_width=110):
        for fact in facts[:MOST_NUMBERS]:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(fact.title, fact.text, help=_behind(fact))
                st.caption(_small_print(fact))


def chart(answer: Answer, key: str) -> None:
    """The answer's first series, with its table."""
    for number, series in enumerate(answer.series[:1]):
        charts.draw(charts.series(series), key=f"{key}_series{number}")


def drawer(answer: Answer, key: str) -> None:
    """Every number with the query that gave it."""
    if not answer.metrics:
        return
    with st.expander("Numbers and the queries that gave them", icon=":material/function:"):
        for number, series in enumerate(answer.series[1:], start=1):
            charts.draw(charts.series(series), key=f"{key}_series{number}")
        for fact in answer.metrics:
            st.caption(f"**{fact.title}**, {escaped(fact.label)}: {fact.text}, n {fact.n:,}")
            if fact.sql:
                st.code(fact.sql, language="sql", wrap_lines=True)


def _behind(fact: MetricFact) -> str:
    return "\n\n".join(told(text) for text in (fact.label, " ".join(fact.notes)) if text)


def _small_print(fact: MetricFact) -> str:
    from core import numbers

    parts = [escaped(fact.label), f"n {fact.n:,}"]
    if fact.baseline is not None:
        before = numbers.value(fact.baseline, fact.unit, fact.baseline_n)
        parts.append(f"{fact.baseline_label or 'before'}: {before}")
    return " · ".join(parts)
