"""Ratings as bars from low to high, and the words of those who rated badly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from core.filters import NONE, Filters
from ui import charts, data, data_ratings, drill, tables
from ui.drill import Drill

if TYPE_CHECKING:
    from analytics.ratings import Score


ROOM = 1.3  # of the longest bar: what the words beside it need


def scores(chosen: Filters) -> None:
    """One chart for every scale that is in use."""
    found = data_ratings.scores(chosen)
    if not found:
        st.caption("No rating in this period. A source brings them as satisfaction ratings or surveys.")
        return
    behind = data.metric("csat_score", chosen)
    for scale in dict.fromkeys(one.scale for one in found):
        own = [one for one in found if one.scale == scale]
        charts.draw(replace(bars(own, scale), results=(behind,)), key=f"ratings_{scale or 'scale'}")


def bars(found: list[Score], scale: str) -> charts.Chart:
    """Shares of the scores of one scale, low to high; bad ones are hatched."""
    import plotly.graph_objects as go

    whole = sum(one.n for one in found)
    names = [native(one.score, scale) for one in found]
    is_bad = [one.is_bad for one in found]
    figure = go.Figure(
        go.Bar(
            x=[100 * one.n / whole for one in found], y=names, orientation="h",
            text=[f"{numbers.count(one.n)} ({numbers.percent(one.n / whole, whole)})" for one in found],
            customdata=list(range(len(found))), textposition="outside", textfont={"color": charts.TEXT}, cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
            marker={
                "color": [charts.MORE if low else charts.LESS for low in is_bad], "line_width": 0,
                "pattern": {"shape": ["/" if low else "" for low in is_bad], "fillmode": "overlay", "fgcolor": charts.GROUND,
                            "size": 6, "solidity": 0.2},
            },
        )
    )  # fmt: skip
    figure.update_yaxes(title="score", type="category")
    longest = max(100 * one.n / whole for one in found)
    figure.update_xaxes(title="% of ratings", range=[0, longest * ROOM])
    figure.update_layout(showlegend=False, hovermode="closest")
    rows = [
        {"Score": name, "n": one.n, "Share": numbers.percent(one.n / whole, whole)}
        for name, one in zip(names, found, strict=True)
    ]
    said = ", ".join(f"{row['Score']} {row['n']}" for row in rows)
    return charts.Chart(
        figure,
        f"{whole} ratings, {scale or 'one scale'}: {said}",
        rows,
        96 + 34 * len(found),
        drills=tuple(_rated(one) for one in found),
        exact=[{"Share (share)": one.n / whole} for one in found],
    )


def _rated(one: Score) -> Drill:
    """The conversations whose last rating is this one, by the day of the rating."""
    scale = ("csat_kind", (one.scale,)) if one.scale else ("csat_kind", (NONE,))
    return Drill((scale, ("csat_score", (str(one.score),))), of="csat_score")


def native(score: float, scale: str) -> str:
    """A score as its scale has it: 0.75 of five points is 4."""
    points = int(scale) if scale.isdigit() else 0
    return f"{1 + score * (points - 1):.3g} of {points}" if points > 2 else numbers.percent(score)


def comments(chosen: Filters) -> None:
    """A row a comment; choosing one opens its conversation."""
    from ui import evidence

    found = data_ratings.bad_comments(chosen)
    rows = [
        {
            "Rated": one.rated_at, "Score": numbers.percent(one.score), "Comment": one.text, "Agent": one.agent,
            "Conversation": one.subject or one.conversation_id, "Open": evidence.link(one.source, one.conversation_id),
        }
        for one in found
    ]  # fmt: skip
    tables.plain(
        rows, alt=f"{len(rows)} bad ratings with a comment", empty="No bad rating of this period has a comment.",
        column_config={
            "Rated": st.column_config.DatetimeColumn(format="D MMM"),
            "Comment": st.column_config.TextColumn(width="large"),
            "Open": st.column_config.LinkColumn(display_text="open"),
        },
    )  # fmt: skip
    if rows:
        st.button(
            "Open all that were rated", icon=":material/inbox:", key="ratings_open", on_click=drill.open_behind,
            args=(Drill(of="csat_share"),),
        )  # fmt: skip
