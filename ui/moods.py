"""Moods on Satisfaction: who scored them, how conversations begin and end, and the sentences that carry them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.filters import NONE, Filters
from core.moods import MOODS
from ui import charts, data, data_moods, evidence, navigation, tables

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

SHARES = tuple(f"sentiment_{mood}_share" for mood in MOODS)  # the metrics of their shares
NAMES = {mood: mood.capitalize() for mood in MOODS} | {NONE: "Not scored"}


def who() -> None:
    """Whose scores these are, what nobody could score, and the way to the model card."""
    found = data_moods.report()
    missing = found.n - found.scored
    languages = ", ".join(
        f"{one.language} {numbers.count(one.n - one.scored)}"
        for one in found.languages
        if one.language and one.n > one.scored
    )
    left = (
        f" **{numbers.count(missing)} of {numbers.count(found.n)} conversations of all time are not scored**"
        if missing
        else ""
    )
    of = f" ({tables.escaped(languages)})" if languages else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"Moods by **{tables.escaped(found.label)}**.{left}{of}{', and in no share.' if missing else ''}"
        )
        st.page_link(
            navigation.SETTINGS,
            label="Model card",
            icon=":material/fact_check:",
            query_params={"tab": "Models"},
        )


def start_to_end(chosen: Filters) -> None:
    """Bars by the mood of the first message, cut by that of the last; every part opens its conversations."""
    result = data.metric("volume", chosen, by=("mood_start", "mood_end"))
    if not any(row.group[0] != NONE for row in result.groups):
        st.caption("No conversation of this period has a mood.")
        return
    st.caption(_said(result))
    order = [*MOODS, NONE]
    groups = sorted(result.groups, key=lambda row: order.index(row.group[0]))
    groups = [row for row in groups if row.n]
    chart = charts.stacked(
        replace(result, groups=tuple(groups)),
        "How conversations that began so ended",
        order=(*MOODS, NONE),
        names=NAMES,
    )
    charts.draw(chart, key="moods_start_end")


def _said(result: MetricResult) -> str:
    began = [row for row in result.groups if row.group[0] == MOODS[0]]
    whole = sum(row.n for row in began)
    if not whole:
        return "No conversation began negative."
    turned, stayed = _n(began, MOODS[2]), _n(began, MOODS[0])
    soured = sum(row.n for row in result.groups if row.group[0] in MOODS[1:] and row.group[1] == MOODS[0])
    share = numbers.percent(turned / whole, whole)
    return (
        f"{numbers.count(whole)} began negative: {numbers.count(turned)} ended positive ({share}), "
        f"{numbers.count(stayed)} stayed negative. {numbers.count(soured)} turned negative on the way."
    )


def _n(rows: list[Row], end: str) -> int:
    return sum(row.n for row in rows if row.group[1] == end)


def carrying(chosen: Filters) -> None:
    """The strongest sentences on both sides; each opens its conversation at the message."""
    for mood, tab in zip(("negative", "positive"), st.tabs(["Negative", "Positive"]), strict=True):
        with tab:
            rows = [
                {
                    "Sentence": one.text, "Open": evidence.link(one.source, one.conversation_id, one.message_id),
                    "Score": one.score, "Like it": one.like_it, "Topic": one.topic, "When": one.at,
                }
                for one in data_moods.carrying(mood, chosen)
            ]  # fmt: skip
            tables.plain(
                rows, alt=f"{len(rows)} sentences that carry the {mood} mood",
                empty=f"No sentence of this period carries a {mood} mood.",
                column_config={
                    "Sentence": st.column_config.TextColumn(width=270),
                    "Score": st.column_config.NumberColumn(format="%.2f", help="From -1 to 1, of this sentence."),
                    "Like it": st.column_config.NumberColumn(help="More messages that say the same, of the 300 strongest."),
                    "When": st.column_config.DatetimeColumn(format="D MMM"),
                    "Open": st.column_config.LinkColumn(display_text="open", width=60),
                },
            )  # fmt: skip
