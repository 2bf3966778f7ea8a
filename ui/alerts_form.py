"""The form of an alert rule: only the fields that its kind has, and what it would have done before it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from alerts.rules import (
    MOST_MINUTES,
    MOST_N,
    MOST_TIMES,
    OF_FINDINGS,
    OF_METRICS,
    Against,
    ChangeIn,
    Direction,
    Window,
)
from ui import (
    alerts_only,
    alerts_shown,
    data_alerts,
    data_workspace,
    errors,
    filters,
    navigation,
    resources,
    state,
)
from ui.alerts import EDITED, KINDS
from ui.tables import escaped

if TYPE_CHECKING:
    from store.workspace import AlertRule

WINDOWS = {name: name.capitalize() for name in get_args(Window)}
DIRECTIONS: dict[Direction, str] = {"above": "Above", "below": "Below", "either": "Either way"}
AGAINST: dict[Against, str] = {"previous": "The one before", "week": "A week before", "year": "A year before"}
CHANGES: dict[ChangeIn, str] = {"percent": "Percent", "absolute": "Its own unit"}
LEVELS = "A number, a duration such as 4h, or a share such as 90 %."
_VERSION, _SAVED, _DRAFT = "alert_form_version", "alert_saved", "alert_draft"


def draft(name: str, kind: str, definition: Mapping[str, Any]) -> None:
    """Open the form filled in with a rule that is kept nowhere yet; for callbacks of buttons on other pages."""
    state.put(_DRAFT, (name, kind, dict(definition)))
    state.put(_VERSION, state.value(_VERSION, 0) + 1)
    state.forget(EDITED)
    navigation.go(navigation.ALERTS)


def panel() -> None:
    """A new rule, or the one that was chosen for a change."""
    if not data_alerts.may_change():
        st.caption("Rules are made by those who have the right to alerts.")
        return
    if told := state.value(_SAVED):
        st.success(told, icon=":material/check:")
        state.forget(_SAVED)
    edited = next((rule for rule in data_alerts.rules() if rule.id == state.value(EDITED)), None)
    key = f"alert_{state.value(_VERSION, 0)}_{edited.id if edited else 'new'}"
    name, kind, said = _fields(key, edited)
    with st.container(horizontal=True):
        wants = st.button("Preview on history", icon=":material/history:", key="alert_preview")
        keeps = st.button("Save rule", icon=":material/check:", type="primary", key="alert_save")
        if edited:
            st.button("Leave it", on_click=state.forget, args=(EDITED,), key="alert_leave")
    with errors.boundary("The preview"), errors.refusals():
        if wants:
            _preview(kind, said)
        if keeps:
            data_alerts.save(edited.id if edited else None, name, kind, said)
            state.put(
                _SAVED,
                f"{escaped(name)} is kept. It is judged after the next refresh, and every minute while the timer runs.",
            )
            state.put(_VERSION, state.value(_VERSION, 0) + 1)
            state.forget(EDITED, _DRAFT)
            st.rerun()


def _preview(kind: str, said: Mapping[str, Any]) -> None:
    with st.spinner("Looking back…"):
        st.info(escaped(data_alerts.preview(kind, said).told()), icon=":material/history:")


def _fields(key: str, edited: AlertRule | None) -> tuple[str, str, dict[str, Any]]:
    """What the fields say: a name, a kind and a definition."""
    drafted: tuple[str, str, dict[str, Any]] = state.value(_DRAFT) or ("", next(iter(KINDS)), {})
    named, of_kind, was = (edited.name, edited.kind, edited.definition) if edited else drafted
    if not edited and named:
        st.info("Filled in from an answer. Look at the level, then save it.", icon=":material/edit_note:")
    left, right = st.columns(2)
    name = left.text_input("Name of the rule", named, max_chars=120, key=f"{key}_name")
    kinds = list(KINDS)
    kind = right.selectbox("It tells when", kinds, index=_place(kinds, of_kind),
                           format_func=KINDS.__getitem__, key=f"{key}_kind")  # fmt: skip
    is_kept = edited is not None and kind == of_kind
    said: dict[str, Any] = {}
    before, was = was, alerts_shown.shown(kind, was, is_kept=is_kept, channels=list(data_alerts.channels()),
                                          zone=resources.settings().workspace.reporting_zone)  # fmt: skip
    if kind in OF_METRICS:
        said |= _metric(key, kind, was)
    said |= _level(key, kind, was) if kind not in OF_FINDINGS else _found(key, kind, was)
    if kind in (*OF_METRICS, "sla_soon"):
        said |= _about(key, was)
    if kind == "source_stale":
        said["sources"] = _several(st, "Sources", [s.name for s in resources.settings().sources], was["sources"],
                                   "all", f"{key}_sources")  # fmt: skip
    return name, kind, alerts_shown.whole(before, {**said, **_telling(key, was)}, is_kept=is_kept)


def _metric(key: str, kind: str, was: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    left, middle, right = st.columns(3)
    if kind != "sla_breach":
        said["metric"] = _choice(left, "Number", data_workspace.metric_titles(), was, "metric", key)
    said["window"] = _choice(middle, "Judged when over: each", WINDOWS, was, "window", key)
    if kind == "change":
        said["against"] = _choice(right, "Held against", AGAINST, was, "against", key)
        said["change_in"] = _choice(left, "Change in", CHANGES, was, "change_in", key)
    return said


def _level(key: str, kind: str, was: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    first, second, third, fourth = st.columns(4)
    if kind in ("threshold", "change"):
        ways = DIRECTIONS if kind == "change" else {k: v for k, v in DIRECTIONS.items() if k != "either"}
        said["direction"] = _choice(first, "Direction", ways, was, "direction", key)
    said["level"] = second.text_input("More than" if kind != "threshold" else "Level", str(was["level"]),
                                      help=LEVELS, key=f"{key}_{kind}_level")  # fmt: skip
    gap = "A gap between the level and this keeps a number at the edge from telling twice."
    clear = "" if was["clear"] is None else str(was["clear"])
    said["clear"] = third.text_input(
        "Over at", clear, placeholder="the same level", key=f"{key}_clear", help=gap
    )
    said["times"] = int(
        fourth.number_input("Times in a row", 1, MOST_TIMES, int(was["times"]), key=f"{key}_times")
    )
    if kind == "sla_soon":
        minutes = int(was["within_min"])
        said["within_min"] = int(
            first.number_input("Within minutes", 1, MOST_MINUTES, minutes, key=f"{key}_within")
        )
    return said


def _found(key: str, kind: str, was: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of what the dashboard finds by itself."""
    said: dict[str, Any] = {}
    left, middle, right = st.columns(3)
    if kind in ("anomaly", "off_forecast"):
        said["metric"] = _choice(left, "Number", data_workspace.metric_titles(), was, "metric", key)
    if kind == "off_forecast":
        said["times"] = int(middle.number_input("Days in a row", 1, MOST_TIMES, int(was["times"]), key=f"{key}_days",
                                                help="One day in twenty is outside by chance."))  # fmt: skip
    if kind in ("topic_rising", "answers"):
        label = "More conversations than" if kind == "topic_rising" else "Share above"
        said["level"] = left.text_input(label, str(was["level"]), help=LEVELS, key=f"{key}_{kind}_level")
    if kind == "answers":
        said["min_n"] = int(
            right.number_input("At least so many questions", 0, MOST_N, int(was["min_n"]), key=f"{key}_asked")
        )
    else:
        said["filters"] = alerts_only.fields(key, dict(was["filters"]))
    return said


def _about(key: str, was: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    left, right = st.columns(2)
    offered = filters.offered() if resources.generation() is not None else {}
    cuts: dict[Any, str] = {None: "the total", **offered}
    said["by"] = _choice(left, "Each by itself", cuts, was, "by", key)
    said["min_n"] = int(right.number_input("At least n", 0, MOST_N, int(was["min_n"]), key=f"{key}_min",
                                           help="Under so many it says too few, and tells nobody."))  # fmt: skip
    said["filters"] = alerts_only.fields(key, dict(was["filters"]))
    return said


def _telling(key: str, was: Mapping[str, Any]) -> dict[str, Any]:
    left, middle, right, end = st.columns(4)
    told = _several(
        left,
        "Tell",
        list(data_alerts.channels()),
        was["channels"],
        "nobody: it stands here",
        f"{key}_channels",
    )
    quiet = middle.text_input("Quiet hours", str(was["quiet"]), placeholder="22:00-07:00", key=f"{key}_quiet")
    zone = right.text_input("Their zone", str(was["quiet_zone"]), key=f"{key}_zone")
    ends = end.checkbox("Tell the end too", bool(was["tell_end"]), key=f"{key}_end")
    return {"channels": told, "quiet": quiet, "quiet_zone": zone, "tell_end": ends}


def _several(
    place: Any, label: str, known: Sequence[str], chosen: Sequence[str], empty: str, key: str
) -> list[str]:
    """A list of names; what was chosen and is not known any more stays, and is refused with words."""
    options = [*known, *(one for one in chosen if one not in known)]
    found: list[str] = place.multiselect(label, options, list(chosen), placeholder=empty, key=key)
    return found


def _choice(
    place: Any, label: str, choices: Mapping[Any, str], was: Mapping[str, Any], name: str, key: str
) -> Any:
    """One of the choices; what a rule names and is not offered any more is one too."""
    names = list(choices) if was[name] in choices else [*choices, was[name]]
    return place.selectbox(label, names, index=names.index(was[name]), key=f"{key}_{name}",
                           format_func=lambda one: choices.get(one, str(one)))  # fmt: skip


def _place(names: list[Any], wanted: Any) -> int:
    return names.index(wanted) if wanted in names else 0
