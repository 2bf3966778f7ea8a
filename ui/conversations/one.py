"""One conversation: what it comes to, its course, its thread beside its facts, and what is like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import streamlit as st

from core import numbers
from core.keys import Key
from ui import charts, data_moods, errors, resources, state
from ui import data_conversations as found
from ui.conversations import actions, asked, course, facts, findings, five_lines, thread, told
from ui.conversations.listing import open_place
from ui.data_conversations import Listed
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.dossier import Dossier

BADGES = (
    "channel",
    "priority",
    "product",
    "team",
    "agent",
    "topic",
    "language",
    "organization",
    "brand",
    "type",
)


def draw(source_id: str, conversation_id: str) -> None:
    """The conversation that the address names."""
    key = (source_id, conversation_id)
    listed = _list()
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="one_way"):
        st.button(
            "Back to the list",
            icon=":material/arrow_back:",
            type="tertiary",
            key="one_back",
            on_click=asked.visit,
            args=(None,),
        )
        if listed:
            with errors.boundary("The list"):
                _beside(listed, key)
    opened = found.dossier(*key)
    if opened is None:
        st.warning(
            f"There is no conversation **{escaped(conversation_id)}** in the source **{escaped(source_id)}** "
            "in this generation. It may have been deleted at the source, or you may not see it.",
            icon=":material/search_off:",
        )
        return
    _head(opened)
    five_lines.draw(opened)
    _course(opened)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        thread.draw(opened)
        _similar(key)
    with right:
        told.draw(opened)
        findings.draw(opened)
        facts.draw(opened)


def _list() -> Listed | None:
    """The list it was opened from, as the address and the filters of this tab have it."""
    view = state.value("filters_view")
    return asked.listed(view.filters) if view else None


def _beside(listed: Listed, key: Key) -> None:
    """The way to the conversations before and after it in the list."""
    if not state.link(asked.ROW):
        return
    before, after = found.neighbours(listed, key, asked.row_of(listed))
    for word, icon, place, name in (
        ("Previous", ":material/chevron_left:", before, "one_previous"),
        ("Next", ":material/chevron_right:", after, "one_next"),
    ):
        st.button(
            word, icon=icon, key=name, disabled=place is None, on_click=open_place if place else None,
            args=(place, listed) if place else (), icon_position="right" if word == "Next" else "left",
        )  # fmt: skip


def _head(opened: Dossier) -> None:
    row = opened.facts
    st.markdown(f"#### {escaped(row['subject'] or row['conversation_id'])}")
    st.markdown(_sentence(opened))
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        _badge(f"{row['source_id']}/{row['conversation_id']}", "gray", ":material/tag:", "Source and id")
        for name in BADGES:
            if row.get(name):
                _badge(str(row[name]), "blue", help=name.capitalize())
        if row.get("sentiment"):
            _badge(
                row["sentiment"],
                "gray",
                findings.ICONS[row["sentiment"]],
                f"Mood of the customer's words, by {data_moods.label()}",
            )
        if not row["is_counted"]:
            _badge(
                f"not counted: {row['excluded_because']}", "orange", ":material/block:", "It is in no number"
            )
        for tag in row.get("tags") or []:
            _badge(tag, "gray", ":material/sell:", "Tag of the source")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="one_actions"):
        _at_the_source(opened.url)
        actions.on([(row["source_id"], row["conversation_id"])], "one")
    actions.said(key="one_said")


def _badge(text: str, color: str, icon: str = "", help: str = "") -> None:
    """Words of others on a badge; Streamlit's own would escape them a second time, and only in part."""
    st.markdown(
        f":{color}-badge[{icon} {escaped(text)}]".replace("[ ", "["), help=help or None, width="content"
    )


def _sentence(opened: Dossier) -> str:
    """How it stands, in one line: what a manager wants to know first."""
    row, parts = opened.facts, []
    customer = escaped(row["requester"] or "A customer")
    if row["is_solved"]:
        took = row["full_resolution_s"]
        parts.append(
            f"**{row['status'].capitalize()}**"
            + (f" after {numbers.duration(took)}" if took is not None else "")
        )
    else:
        age = (opened.known - row["created_local"]).total_seconds() if row["created_local"] else None
        parts.append(f"**{(row['status'] or 'open').capitalize()}** for {numbers.duration(age)}")
        if row["waiting_since_local"]:
            waited = numbers.duration((opened.known - row["waiting_since_local"]).total_seconds())
            parts.append(f":orange[**{customer} has waited {waited} for a reply**]")
        if not row["agent"]:
            parts.append(":orange[**nobody holds it**]")
    parts.append(
        f"first reply after {numbers.duration(row['first_reply_s'])}"
        if row["first_reply_s"] is not None
        else "no reply yet"
    )
    missed = sum(target["state"] == "breached" for target in opened.targets)
    if missed:
        parts.append(f":red[**{missed} SLA target{'s' if missed > 1 else ''} missed**]")
    if row["reopens"]:
        parts.append(
            f"reopened {'once' if row['reopens'] == 1 else numbers.count(row['reopens']) + ' times'}"
        )
    if row["csat_score"] is not None:
        parts.append(f"rated {numbers.percent(row['csat_score'])}")
    return " · ".join(parts)


def _at_the_source(url: str | None) -> None:
    """A link for web addresses only: anything else is shown as text and cannot be followed."""
    if not url:
        return
    if is_web(url):
        st.link_button("Open in the source", url, icon=":material/open_in_new:")
    else:
        st.text(f"At the source: {url}")


def is_web(url: str) -> bool:
    """Whether an address is one of the web, with a host and nothing hidden in it."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        return False


def _course(opened: Dossier) -> None:
    with st.container(border=True):
        st.markdown("**Who held it, and in which status**")
        with errors.boundary("The course"):
            if not opened.stretches:
                st.caption("The source brings no history of status, team or agent.")
            else:
                charts.draw(course.chart(opened), key="one_course")
        with st.expander(f"Everything that happened ({len(opened.events)})", icon=":material/history:"):
            course.events(opened)


def _similar(key: Key) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown("**Similar conversations**")
        with errors.boundary("Similar conversations"):
            near = found.similar(*key)
            if not near:
                st.caption("None: nothing was said here in public, or the search index is not there yet.")
            for one in near:
                _near(one.hit)
                if one.same:
                    with st.expander(f"and {len(one.same)} like it"):
                        for hit in one.same:
                            _near(hit)


def _near(hit: Any) -> None:
    when = (
        f"{hit.created_at.astimezone(resources.settings().workspace.zone):%-d %b %Y}"
        if hit.created_at
        else None
    )
    told = " · ".join(
        part for part in (when, hit.channel, f"{numbers.percent(max(0.0, hit.similarity))} alike") if part
    )
    st.button(
        escaped(hit.subject or hit.conversation_id), key=f"near_{hit.source_id}_{hit.conversation_id}", type="tertiary",
        icon=":material/forum:", help=escaped(told), on_click=asked.visit, args=((hit.source_id, hit.conversation_id),),
    )  # fmt: skip
    st.caption(escaped(told))
