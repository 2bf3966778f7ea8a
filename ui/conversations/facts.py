"""The computed facts of a conversation: every duration with the events it lies between, targets, ratings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import resources
from ui.conversations.columns import SLA_NAMES
from ui.tables import escaped

if TYPE_CHECKING:
    from analytics.dossier import Dossier, Duration

STATES = {
    "met": ":green-badge[:material/check: met]",
    "breached": ":red-badge[:material/close: missed]",
    "running": ":blue-badge[:material/timer: running]",
    "cancelled": ":gray-badge[:material/block: cancelled]",
}
KINDS = {
    "tracked": "as the agents tracked it",
    "average": "the average of the channel for each reply",
    "gaps": "the time between their messages",
}


def draw(opened: Dossier) -> None:
    """Cards of times, targets, ratings and counts."""
    zone = resources.settings().workspace.reporting_zone
    if opened.targets:
        with st.container(border=True, gap="xsmall"):
            st.markdown("**SLA targets**")
            for target in opened.targets:
                st.markdown(_target(target, opened.known))
    with st.container(border=True, gap="xsmall"):
        st.markdown("**Times**")
        st.caption(f"Wall-clock times in {zone}; each from one event to another.")
        _times(opened)
    with st.container(border=True):
        st.markdown("**Ratings**")
        _ratings(opened)
    with st.container(border=True):
        st.markdown("**Counts**")
        _counts(opened.facts)


def _times(opened: Dossier) -> None:
    if not opened.durations:
        st.caption(
            "Nothing to measure yet: no reply and no solve, or the source does not say who wrote and when."
        )
    for one in opened.durations:
        st.markdown(_duration(one, bool(opened.facts["calendar"])))
    row = opened.facts
    if row["handling_s"] is not None:
        how = KINDS.get(row["handling_kind"] or "", "estimated")
        st.markdown(_line("Handling", numbers.duration(row["handling_s"]), f"work of the agents: {how}"))
    waits = [reply for reply in opened.replies if reply["waited_s"] is not None]
    if waits:
        with st.expander(f"Each reply ({len(waits)})"):
            for reply in waits:
                st.markdown(_reply(reply))


def _duration(one: Duration, has_hours: bool) -> str:
    value = numbers.duration(one.seconds)
    if one.business_s is not None:
        value += f" · {numbers.duration(one.business_s)} in business hours"
    elif has_hours and one.end is None:
        value += ", running"
    course = f"from {escaped(one.begins)}{_at(one.start)} to {escaped(one.ends)}{_at(one.end)}"
    return _line(one.title, value, course)


def _reply(reply: dict[str, Any]) -> str:
    value = numbers.duration(reply["waited_s"])
    if reply["waited_business_s"] is not None:
        value += f" · {numbers.duration(reply['waited_business_s'])} in business hours"
    who = escaped(reply["agent"] or "an agent")
    return _line(
        f"Reply {reply['reply_no']}", value,
        f"from the oldest unanswered message{_at(reply['asked_local'])} to the reply by {who}{_at(reply['replied_local'])}",
    )  # fmt: skip


def _target(target: dict[str, Any], known: datetime) -> str:
    name = SLA_NAMES.get(target["sla_metric"], target["sla_metric"]).capitalize()
    hours = f"hours of {escaped(target['calendar'])}" if target["calendar"] else "calendar hours"
    parts = [
        f"{escaped(target['policy'] or 'target')}, {hours}",
        f"begun{_on(target['started_local'])}" if target["started_local"] else "",
        f"due{_on(target['due_local'])}{_left(target, known)}"
        if target["due_local"]
        else "the clock stands still",
        f"ended{_on(target['ended_local'])}" if target["ended_local"] else "",
        f"passed{_on(target['breached_local'])}" if target["breached_local"] else "",
        f"cancelled: {escaped(target['cancelled_because'])}" if target["cancelled_because"] else "",
    ]
    state = STATES.get(target["state"], target["state"])
    value = numbers.duration(target["target_s"])
    return f"{name} within **{value}** {state}  \n:small[:gray[{'; '.join(part for part in parts if part)}]]"


def _left(target: dict[str, Any], known: datetime) -> str:
    if target["state"] != "running" or target["due_local"] < known:
        return ""
    return f" (in {numbers.duration((target['due_local'] - known).total_seconds())})"


def _ratings(opened: Dossier) -> None:
    if not opened.ratings:
        st.caption("Nobody rated it, or the source brings no ratings.")
    for rating in opened.ratings:
        is_rated = rating["score"] is not None or rating["rated_local"]
        native = f" ({escaped(rating['native_score'])})" if rating["native_score"] else ""
        value = f"{numbers.percent(rating['score'])}{native}" if is_rated else "offered, no answer"
        when = [f"offered{_on(rating['offered_local'])}" if rating["offered_local"] else ""]
        when.append(f"given{_on(rating['rated_local'])}" if rating["rated_local"] else "")
        st.markdown(
            _line(_scale(rating["scale"]), value, "; ".join(part for part in when if part) or "no time")
        )
        if rating["comment"]:
            st.text(f"“{rating['comment']}”")


def _scale(scale: str | None) -> str:
    return f"Rating, {escaped(scale)}" if scale else "Rating"


def _counts(row: dict[str, Any]) -> None:
    lines = (
        ("Reopened", row["reopens"], "times it was open again after a solve; not by thanks"),
        ("Reopened by thanks", row["thanks_reopens"], "times the customer only said thanks"),
        ("Agent replies", row["agent_replies"], "public messages by human agents; a chat session is one"),
        ("Customer messages", row["customer_messages"], "messages written by the customer"),
        ("Handoffs", row["handoffs"], "changes of agent or team"),
        ("Bot messages", row["bot_messages"], "public messages by bots"),
        ("Missed targets", row["missed_targets"], "SLA targets breached for good"),
    )
    shown = [
        (name, value, why) for name, value, why in lines
        if value is not None and (value or name in ("Agent replies", "Customer messages", "Reopened"))
    ]  # fmt: skip
    with st.grid(2, min_column_width=150, gap="xsmall"):
        for name, value, why in shown:
            st.markdown(f"{name} **{numbers.count(value)}**", help=why)
    if row["clamped_events"]:
        st.caption(f":material/warning: {row['clamped_events']} events had a clock that ran backwards.")
    if row["contradicts"]:
        st.caption(
            f":material/warning: The source calls it {escaped(row['contradicts'])}; its last event says otherwise."
        )


def _line(name: str, value: str, why: str) -> str:
    return f"{name}: **{value}**  \n:small[:gray[{why}]]"


def _at(moment: datetime | None) -> str:
    return f", {numbers.moment(moment)}" if moment else ""


def _on(moment: datetime) -> str:
    return f" {numbers.moment(moment)}"
