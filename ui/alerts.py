"""The parts of Alerts: what is beyond its level now, the rules, the channels, and what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import data_alerts, data_workspace, errors, navigation, state, tables
from ui.doing import safely
from ui.sources_view import local
from ui.tables import escaped

if TYPE_CHECKING:
    from store.workspace import AlertRule, AlertState, Incident

KINDS = {
    "threshold": "A number is above or below a level", "change": "A number has changed",
    "sla_breach": "Targets were breached", "sla_soon": "Targets are about to be breached",
    "source_stale": "A source is not read any more", "job_failed": "Refreshes fail",
    "anomaly": "Something is unusual", "off_forecast": "A number left its forecast",
    "topic_rising": "A topic is new or rising", "answers": "Questions get no good answer",
}  # fmt: skip
SNOOZES = {1: "1 hour", 4: "4 hours", 24: "1 day", 168: "1 week"}
EDITED = "alert_edited"
_STATES = {
    "sent": "✅ sent", "waiting": "🕒 waiting", "sending": "🔄 sending", "unknown": "❔ unknown", "gave up": "❌ gave up",
    "dropped": "⏭ dropped",
}  # fmt: skip
_WHEN = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
_MOST, _MOST_IN_BELL = 20, 6


def bell() -> None:
    """In the header of every page: how many of the viewer's incidents are open; nothing where none is."""
    with errors.boundary("Alerts"):
        found = data_alerts.open_incidents()
        if not found:
            return
        label = f"{len(found)} {'alert' if len(found) == 1 else 'alerts'}"
        unseen = any(one.acknowledged_at is None for one in found)
        icon = ":material/notifications_active:" if unseen else ":material/notifications:"
        with st.popover(label, icon=icon, type="tertiary", key="frame_alerts"):
            for one in found[:_MOST_IN_BELL]:
                st.markdown(f"{escaped(str(one.message.get('title', one.rule_name)))}  \n"
                            f":small[:gray[since {local(one.opened_at):%-d %b %H:%M}]]")  # fmt: skip
            st.page_link(navigation.ALERTS, label="All alerts", icon=":material/arrow_forward:")


def incidents() -> None:
    """What is beyond its level now, with buttons to say that it was seen or may wait."""
    found = data_alerts.open_incidents()
    if not found:
        st.caption(":green[:material/check_circle:] Nothing is beyond its level.")
    for one in found[:_MOST]:
        _incident(one)
    if len(found) > _MOST:
        st.caption(f"And {len(found) - _MOST} more. A rule with fewer segments says more.")
    ended = data_alerts.ended_incidents()
    if ended:
        with st.expander(f"{len(ended)} that are over"):
            tables.plain([_ended(one) for one in ended], alt="Incidents that are over",
                         column_config={"Began": _WHEN, "Ended": _WHEN})  # fmt: skip


def _incident(one: Incident) -> None:
    lines = [f"{label} {text}" for label, text in one.message.get("lines", [])]
    seen = f" · seen by {escaped(one.acknowledged_by)}" if one.acknowledged_by else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":material/warning: **{escaped(str(one.message.get('title', one.rule_name)))}**  \n"
            f":small[:gray[since {local(one.opened_at):%-d %b %H:%M}{seen} · {escaped(' · '.join(lines))}]]",
            width="stretch",
        )
        if data_alerts.may_change():
            if not one.acknowledged_by:
                st.button("Seen", icon=":material/done:", type="tertiary", key=f"alert_seen_{one.id}",
                          on_click=safely(data_alerts.acknowledge), args=(one.id,))  # fmt: skip
            st.button("Snooze a day", icon=":material/snooze:", type="tertiary", key=f"alert_snooze_{one.id}",
                      on_click=safely(data_alerts.snooze), args=(one.rule_id, 24))  # fmt: skip


def _ended(one: Incident) -> dict[str, Any]:
    return {"Began": local(one.opened_at), "Ended": local(one.ended_at), "Rule": one.rule_name,
            "Segment": one.segment, "What": one.message.get("title", ""), "Why it ended": one.ended_because}  # fmt: skip


def rules() -> None:
    """The viewer's rules with their state, and what can be done with each."""
    found, states = data_alerts.rules(), data_alerts.states()
    titles = data_workspace.metric_titles()
    tables.plain(
        [_rule_row(rule, states.get(rule.id, {}), titles) for rule in found], alt=f"{len(found)} rules",
        empty="No rule is made yet. Below is the form for one.",
        column_config={"Judged": _WHEN, "Snoozed until": _WHEN},
    )  # fmt: skip
    for rule in found:
        if rule.problem:
            st.warning(f"**{escaped(rule.name)}** {rule.status}: {escaped(errors.sentence(rule.problem))}",
                       icon=":material/error:")  # fmt: skip
    if found and data_alerts.may_change():
        _manage({rule.id: rule for rule in found})


def _rule_row(rule: AlertRule, states: dict[str, AlertState], titles: dict[str, str]) -> dict[str, Any]:
    firing = sum(one.level == "firing" for one in states.values())
    said = next(iter(states.values())).said if len(states) == 1 else ""
    told = {"failed": "❌ failed", "suspended": "⏸ suspended", "new": "🕒 not judged yet"}.get(
        rule.status, "✅ ok"
    )
    if rule.status == "ok" and firing:
        told = f"⚠️ {firing} of {len(states)}" if len(states) > 1 else "⚠️ beyond"
    elif rule.status == "ok" and said in ("too few", "no value"):
        told = f"💤 {said}"
    metric = rule.definition.get("metric")
    return {
        "Rule": rule.name, "State": told if rule.enabled else "⏹ off", "Watches": titles.get(str(metric), KINDS[rule.kind]),
        "Last value": _last(rule, states), "Judged": local(rule.evaluated_at),
        "Tells": ", ".join(rule.definition.get("channels") or []),
        "Snoozed until": local(rule.snoozed_until),
    }  # fmt: skip


def _last(rule: AlertRule, states: dict[str, AlertState]) -> str:
    if len(states) != 1:
        return f"{len(states)} segments" if states else numbers.MISSING
    ((segment, one),) = states.items()
    unit = data_alerts.unit_of(rule)
    return f"{segment} {numbers.value(one.value, unit, one.n)}".strip()


def _manage(found: dict[int, AlertRule]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        id = st.selectbox("Rule", list(found), format_func=lambda one: found[one].name, key="alert_chosen")
        rule = found[id]
        st.button("Change", icon=":material/edit:", on_click=state.put, args=(EDITED, id), key="alert_change")
        on = "Switch off" if rule.enabled else "Switch on"
        st.button(on, key="alert_enable", on_click=safely(data_alerts.enable), args=(id,),
                  kwargs={"enabled": not rule.enabled})  # fmt: skip
        hours = st.selectbox("For", SNOOZES, format_func=SNOOZES.__getitem__, key="alert_hours", width=120)
        st.button(
            "Snooze",
            icon=":material/snooze:",
            on_click=safely(data_alerts.snooze),
            args=(id, hours),
            key="alert_snooze",
        )
        if rule.snoozed_until:
            st.button("Wake", on_click=safely(data_alerts.snooze), args=(id, None), key="alert_wake")
        st.button(
            "Delete",
            icon=":material/delete:",
            on_click=safely(_delete),
            args=(id, rule.name),
            key="alert_delete",
        )


def _delete(id: int, name: str) -> None:
    data_alerts.delete(id, name)
    state.forget(EDITED, "alert_chosen")


def channels() -> None:
    """The channels of the settings, each with a test."""
    found = data_alerts.channels()
    if not found:
        st.caption("No channel is set. [[channels]] in the settings names them: see docs/alerts.md. Without one, "
                   "incidents stand here alone.")  # fmt: skip
    for name, kind in found.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escaped(name)}** :small[:gray[{kind}]]", width="stretch")
            if data_alerts.may_change() and st.button(
                "Send a test", icon=":material/send:", key=f"alert_test_{name}"
            ):
                with errors.boundary(name):
                    _say(name)


def _say(name: str) -> None:
    with st.spinner("Sending…"):
        done = data_alerts.test(name)
    if done.status == "sent":
        st.success(f"{escaped(name)} took it.", icon=":material/check:")
    else:
        st.warning(
            f"{escaped(name)}: {done.status}. {escaped(errors.sentence(done.problem or ''))}",
            icon=":material/error:",
        )


def log() -> None:
    """What was sent, what waits and what was given up, the newest first."""
    found = data_alerts.deliveries()
    tables.plain(
        [
            {"When": local(one.created_at), "State": _STATES[one.status], "Channel": one.channel, "Event": one.event,
             "What": one.message.get("title", ""), "Attempts": one.attempts, "Next attempt": local(one.due_at)
             if one.status == "waiting" else None, "Why": one.problem}
            for one in found
        ],
        alt=f"The {len(found)} newest deliveries", empty="Nothing was sent yet.",
        column_config={"When": _WHEN, "Next attempt": _WHEN},
    )  # fmt: skip
    lost = {one.id: one for one in found if one.status in ("unknown", "gave up")}
    if lost and data_alerts.may_change():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            id = st.selectbox("Did not arrive, or perhaps", list(lost), key="alert_lost",
                              format_func=lambda one: f"{lost[one].channel}: {lost[one].message.get('title', '')}")  # fmt: skip
            st.button("Send it again", icon=":material/replay:", on_click=safely(data_alerts.send_again), args=(id,),
                      key="alert_again")  # fmt: skip
