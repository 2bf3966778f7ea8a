"""What happens in public: posts that moved people, hashtags with their mood, and how fast mentions are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.filters import NONE, Filters
from core.moods import MOODS
from ui import cards, charts, data, data_moods, data_social, errors, filters, navigation, state, tables
from ui.drill import Drill

if TYPE_CHECKING:
    from analytics.result import MetricResult
    from analytics.social import Post

MOST_TAGS = 10
ROLES = {"agent": "us", "customer": "customer"}


def section() -> None:
    """The block of X, where there is a source of it; nothing at all where there is none."""
    with errors.boundary("Social media"):
        known = data_social.sources()
        if not known:
            return
        named = filters.current().values("source")
        wanted = tuple(name for name in known if name in named or not named)
        with cards.section("In public, on X", "Engagement is what X counted when a post was last read."):
            if not wanted:
                st.info("The filters leave no source of X.", icon=":material/info:")
                return
            _block(filters.current().narrowed("source", *wanted), wanted)


def _block(chosen: Filters, sources: tuple[str, ...]) -> None:
    posts, tags, replies = st.tabs(["Top posts", "Hashtags", "Response time"])
    with posts, errors.boundary("Top posts"):
        _posts(data_social.posts(chosen))
    with tags, errors.boundary("Hashtags"):
        _hashtags(chosen, sources)
    with replies, errors.boundary("Response time"):
        _response(chosen, sources)


def _posts(found: Sequence[Post]) -> None:
    if not found:
        st.info(
            "No post of this period moved anybody: widen the period, or take a filter away.",
            icon=":material/info:",
        )
        return
    st.caption(
        f"Likes, reposts, quotes and replies added up; {data_moods.note()}. Choose a row to open its conversation."
    )
    tables.plain(
        [shown(post) for post in found], alt=f"The {len(found)} posts that moved most people", key="social_posts",
        on_select=_opened("social_posts", found), selection_mode="single-row",
        column_config={
            "Post": st.column_config.TextColumn(width="large"),
            "When": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
        },
    )  # fmt: skip


def shown(post: Post) -> dict[str, Any]:
    """One post as the table shows it."""
    return {
        "Post": " ".join(post.text.split()),
        "Engagement": post.engagement,
        "By": post.author,
        "Who": ROLES.get(post.role, post.role),
        "When": post.at,
        "Likes": post.likes,
        "Reposts": post.reposts,
        "Quotes": post.quotes,
        "Replies": post.replies,
        "Seen": numbers.count(post.impressions),
        "Mood": numbers.score(post.sentiment_score),
    }


def _opened(key: str, found: Sequence[Post]) -> Callable[[], None]:
    def callback() -> None:
        for place in (state.value(key) or {}).get("selection", {}).get("rows", []):
            if place < len(found):
                navigation.open_conversation(found[place].source, found[place].conversation_id)

    return callback


def _hashtags(chosen: Filters, sources: tuple[str, ...]) -> None:
    by_tag = _tagged(data.metric("volume", chosen, compare=filters.view().compare, by=("tag",)))
    if not by_tag.groups:
        st.info("No post of this period has a hashtag.", icon=":material/info:")
        return
    largest = {row.group[0] for row in by_tag.groups[:MOST_TAGS]}
    mood = data.metric("volume", chosen, by=("tag", "sentiment"))
    mood = replace(mood, groups=tuple(row for row in mood.groups if row.group[0] in largest))
    left, right = st.columns(2)
    with left:
        st.caption("Conversations by hashtag. Click a bar to open them.")
        _draw(
            charts.parts(by_tag, "Conversations by hashtag", most=MOST_TAGS), sources, key="social_hashtags"
        )
    with right:
        st.caption("The mood of their customers' words.")
        names = {**{mood: mood.capitalize() for mood in MOODS}, NONE: "No words to judge"}
        chart = charts.stacked(mood, "Mood by hashtag", order=(*MOODS, NONE), names=names)
        _draw(chart, sources, key="social_moods")


def _tagged(result: MetricResult) -> MetricResult:
    return replace(result, groups=tuple(row for row in result.groups if row.group[0] != NONE))


def _response(chosen: Filters, sources: tuple[str, ...]) -> None:
    view = filters.view()
    median = data.metric("first_reply_median", chosen, compare=view.compare, grain=view.grain)
    if median.total.value is None:
        st.info("No mention of this period was answered.", icon=":material/info:")
        return
    p90 = data.metric("first_reply_p90", chosen, grain=view.grain)
    st.caption(
        f"From a mention to our first answer: half within {numbers.duration(median.total.value)}, "
        f"nine of ten within {numbers.duration(p90.total.value)}; n {numbers.count(median.total.n)}."
    )
    _draw(charts.trend([median, p90], "First reply to mentions"), sources, key="social_response")


def _draw(chart: charts.Chart, sources: tuple[str, ...], *, key: str) -> None:
    """A chart whose clicks stay on the sources of X."""
    charts.draw(
        replace(chart, drills=_within(chart.drills, sources), row_drills=_within(chart.row_drills, sources)),
        key=key,
    )


def _within(drills: Sequence[Drill | None], sources: tuple[str, ...]) -> tuple[Drill | None, ...]:
    return tuple(drill and drill.adding("source", *sources) for drill in drills)
