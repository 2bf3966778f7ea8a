"""Conversations as evidence: the list, one thread with its computed facts, and links to both."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.filters import Filters
from ui import data, resources, state, tables

if TYPE_CHECKING:
    from ui.rows import Conversation

LINK = "conversation"
PAGE_SIZE = 50
plain = tables.escaped
ROLES = {
    "customer": ("Customer", ":material/person:"),
    "agent": ("Agent", ":material/support_agent:"),
    "bot": ("Bot", ":material/smart_toy:"),
    "system": ("System", ":material/settings:"),
    "unknown": ("Author", ":material/chat_bubble:"),
}
MOODS = {"negative": "🙁 negative", "neutral": "😐 neutral", "positive": "🙂 positive"}


def wanted() -> tuple[str, str] | None:
    """The conversation that the address names as ?conversation=source/id, or None."""
    named = state.link(LINK)
    source, found, native = (named or "").partition("/")
    return (source, native) if found and native else None


def address(source_id: str, conversation_id: str) -> str:
    """The value of the address's parameter for a conversation."""
    return f"{source_id}/{conversation_id}"


def link(source_id: str, conversation_id: str) -> str:
    """The address of a conversation's page, below the dashboard's own."""
    from urllib.parse import quote

    return f"/conversations?{LINK}={quote(address(source_id, conversation_id))}"


def listing(chosen: Filters) -> None:
    """The conversations behind the numbers, newest first; a click on a row opens one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="q", bind="query-params", placeholder="Words in a message, subject or id",
            icon=":material/search:", label_visibility="collapsed", width=420, type="search",
        )  # fmt: skip
        everything = st.toggle(
            "Also what is not counted", key="uncounted", bind="query-params",
            help="Spam, merged, test, automatic, outbound and deleted conversations are in no number.",
        )  # fmt: skip
    # A key of its own for each question: page 3 of one list is not page 3 of another.
    pager = f"list_page_{zlib.crc32(repr((chosen, text, everything)).encode())}"
    page = int(state.value(pager) or 1)
    found = data.conversations(chosen, text=text or "", counted=not everything, page=page, size=PAGE_SIZE)
    if not found.total:
        st.info(
            "No conversation matches. Take a filter away, widen the period, or search for fewer words.",
            icon=":material/search_off:",
        )
        return
    first = (page - 1) * PAGE_SIZE + 1
    st.caption(
        f"**{numbers.count(found.total, exact=True)}** conversations · {first:,} to "
        f"{first + len(found.rows) - 1:,}, newest first · times in {resources.settings().workspace.reporting_zone}"
    )
    _table(found.rows)
    if found.total > PAGE_SIZE:
        st.pagination(-(-found.total // PAGE_SIZE), key=pager)


def _table(rows: list[dict[str, Any]]) -> None:
    shown = [
        {
            "Created": row["created_local"], "Subject": row["subject"] or row["conversation_id"],
            "Customer": row["requester"], "Channel": row["channel"], "Product": row["product"],
            "Team": row["team"], "Status": row["status"], "Priority": row["priority"], "Topic": row["topic"],
            "Mood": MOODS.get(row["sentiment"] or ""), "First reply": _seconds(row["first_reply_s"]),
            "Resolution": _seconds(row["full_resolution_s"]), "Messages": row["message_count"],
            "Not counted": row["excluded_because"],
        }
        for row in rows
    ]  # fmt: skip
    filled = [name for name in shown[0] if any(row[name] not in (None, "") for row in shown)]
    chosen = st.dataframe(
        tables.frame(shown), hide_index=True, key="conversation_rows", on_select="rerun",
        selection_mode="single-row", column_order=filled, alt=f"{len(rows)} conversations, newest first",
        height=min(640, 38 + 35 * len(rows)),
        column_config={
            "Created": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", pinned=True),
            "Subject": st.column_config.TextColumn(width="medium"),
        },
    )  # fmt: skip
    picked = chosen["selection"]["rows"]
    if picked:
        row = rows[picked[0]]
        state.set_link(LINK, address(row["source_id"], row["conversation_id"]))
        st.rerun()


def _seconds(value: int | None) -> str | None:
    return None if value is None else numbers.duration(value)


def one(source_id: str, conversation_id: str) -> None:
    """One conversation: its thread beside its computed facts, its events below."""
    st.button(
        "All conversations",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=state.set_link,
        args=(LINK, None),
    )
    found = data.conversation(source_id, conversation_id)
    if found is None:
        st.warning(
            f"There is no conversation **{conversation_id}** in the source **{source_id}** "
            "in this generation. It may have been deleted at the source.",
            icon=":material/search_off:",
        )
        return
    facts = found.facts
    st.markdown(f"#### {plain(facts['subject'] or conversation_id)}")
    _badges(found)
    left, right = st.columns([3, 2])
    with left:
        thread(found)
    with right:
        with st.container(border=True):
            st.markdown("**Computed facts**")
            _facts(found)
        with st.container(border=True):
            st.markdown("**What happened**")
            _events(found)


def _badges(found: Conversation) -> None:
    facts = found.facts
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(f"{facts['source_id']}/{facts['conversation_id']}", icon=":material/tag:", color="gray")
        for name in (
            "channel",
            "status",
            "priority",
            "product",
            "team",
            "agent",
            "topic",
            "language",
            "organization",
        ):
            if facts.get(name):
                st.badge(str(facts[name]), color="blue", help=name.capitalize())
        if facts.get("sentiment"):
            st.badge(MOODS[facts["sentiment"]], color="gray", help="Mood of the customer's words")
        if not facts["is_counted"]:
            st.badge(f"not counted: {facts['excluded_because']}", icon=":material/block:", color="orange")
        for tag in facts.get("tags") or []:
            st.badge(tag, icon=":material/sell:", color="gray")
    if found.url:
        st.caption(f"At the source: {found.url}")


def thread(found: Conversation) -> None:
    """The messages in order, one bubble each; private notes are marked."""
    if not found.messages:
        st.info(
            f"The source **{found.facts['source_id']}** brings no messages, only the conversation's own fields.",
            icon=":material/speaker_notes_off:",
        )
        return
    zone = resources.settings().workspace.zone
    for message in found.messages:
        word, icon = ROLES.get(message["author_role"] or "unknown", ROLES["unknown"])
        with st.chat_message("user" if word == "Customer" else "assistant", avatar=icon):
            private = message["is_public"] is False or message["kind"] == "note"
            when = (
                f"{message['created_at'].astimezone(zone):%-d %b %Y, %H:%M}"
                if message["created_at"]
                else "no time"
            )
            note = " · :orange-badge[:material/lock: private note]" if private else ""
            st.caption(f"**{plain(message['author'] or word)}** · {word.lower()} · {when}{note}")
            # Words of customers are shown as they are: never read as markdown or HTML.
            st.text(message["body_text"] or "(no text)")


def _facts(found: Conversation) -> None:
    facts = found.facts
    zone = resources.settings().workspace.reporting_zone
    created = facts["created_local"]
    lines = [
        ("Created", _when(created), f"wall-clock time in {zone}"),
        ("First reply", numbers.duration(facts["first_reply_s"]), _reply_words(facts)),
        ("Full resolution", numbers.duration(facts["full_resolution_s"]), _solve_words(facts)),
        ("Reopened", _number(facts["reopens"]), "times it was open again after a solve"),
        ("Agent replies", _number(facts["agent_replies"]), "public messages by human agents"),
        ("Customer messages", _number(facts["customer_messages"]), "messages written by the customer"),
        ("Mood", _mood(facts), "of the customer's words, from -1 to 1; first message → last message"),
    ]
    for rating in found.ratings:
        lines.append(("Rating", numbers.percent(rating["score"]), plain(rating["comment"] or "no comment")))
    for name, value, why in lines:
        st.markdown(f"{name}: **{value}**  \n:small[:gray[{why}]]")


def _reply_words(facts: dict[str, Any]) -> str:
    if not facts["first_reply_local"]:
        return "no agent has replied, or the source does not say who wrote"
    by = f" by {plain(facts['first_reply_agent'])}" if facts["first_reply_agent"] else ""
    return f"{_when(facts['first_reply_local'])}{by}: the first public message by a human agent"


def _solve_words(facts: dict[str, Any]) -> str:
    if not facts["last_solved_local"]:
        return "not solved, or the source has no status history"
    return f"until the last solve, {_when(facts['last_solved_local'])}"


def _mood(facts: dict[str, Any]) -> str:
    if facts["sentiment_score"] is None:
        return numbers.MISSING
    course = [numbers.score(facts[name]) for name in ("sentiment_start", "sentiment_end")]
    return f"{numbers.score(facts['sentiment_score'])} ({' → '.join(course)})"


def _events(found: Conversation) -> None:
    if not found.events:
        st.caption("The source brings no history of status, team or priority.")
        return
    zone = resources.settings().workspace.zone
    rows = [
        {
            "When": event["occurred_at"].astimezone(zone).replace(tzinfo=None), "What": event["field"],
            "From": event["old_value"], "To": event["new_value"],
            "Told by": "inferred from dates" if event["is_derived"] else "the source",
        }
        for event in found.events
    ]  # fmt: skip
    tables.plain(rows, alt=f"{len(rows)} events of this conversation", column_config={
        "When": st.column_config.DatetimeColumn(format="D MMM, HH:mm")})  # fmt: skip


def _when(moment: Any) -> str:
    return f"{moment:%-d %b %Y, %H:%M}" if moment else numbers.MISSING


def _number(value: int | None) -> str:
    return numbers.count(value)
