"""Settings → Hours and targets: calendars and SLA targets as two sheets; what would change is told before it is saved."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core import clock, hours_file, numbers
from core.errors import AppError, ConfigError
from core.hours_file import Goals
from core.service_levels import CLOCKS
from ui import goals_rows, resources, state, tables, trail

_SAID = "goals_said"
HELP = {
    "Zone": "IANA zone of the hours, such as Europe/London.",
    "Hours": "mon-fri 09:00-17:30; sat 10:00-14:00",
    "From": "The first day these hours hold, such as 2027-01-01. Two rows of one name are one calendar that changed.",
    "Holidays": "Country or country-region, such as GB-ENG.",
    "Closed": "Further days without work, parted by commas.",
    "Target": "A duration such as 1h, 30m or 2d, or 4/8/24/72h for urgent, high, normal and low.",
    "Priority": "Empty: all, and those without one.",
    "Calendar": "Empty: around the clock.",
    "Stands still in": "Statuses, parted by commas; none for no status. Empty: pending and hold for resolution.",
    "Sources": "Empty: all.",
    "Teams": "Parted by commas; a comma in a name is written \\\\,. Empty: all.",
    "Only for": "channel = email, chat; team = Billing. A backslash stands before a sign that is part of a name.",
}


def panel() -> None:
    """Both sheets with what they would change, for who may manage."""
    if not trail.allows("manage"):
        return
    with st.expander("Change calendars and SLA targets", icon=":material/edit:", key="goals_editor"):
        now = hours_file.in_force(resources.settings())
        st.caption(
            "Change a cell, add a row at the end, or tick rows and delete them. Of two targets that fit a conversation those "
            "with a filter count first, then those for one priority, then the upper one. Nothing is kept before you save."
        )
        try:
            wanted = hours_file.proposed(*_sheets(now))
        except ConfigError as error:
            st.error(tables.escaped(str(error)), icon=":material/error:")
            wanted = now
        _before_saving(now, wanted)


def _sheets(now: Goals) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What both sheets say, as tables of settings."""
    calendars, targets = goals_rows.calendar_rows(now.calendars), goals_rows.target_rows(now.sla)
    st.markdown("**Calendars**")
    calendars = _sheet(calendars, goals_rows.CALENDAR_COLUMNS, {}, key="goals_calendars")
    st.markdown("**SLA targets**")
    options = {"Clock": st.column_config.SelectboxColumn(options=CLOCKS, required=True)}
    targets = _sheet(targets, goals_rows.TARGET_COLUMNS, options, key="goals_targets")
    return goals_rows.calendar_tables(calendars), goals_rows.target_tables(targets)


def _sheet(
    rows: list[dict[str, str]], columns: Mapping[str, str], options: Mapping[str, Any], *, key: str
) -> list[dict[str, str]]:
    """One sheet; a key of its own for what is in force, so that nothing typed outlives a save."""
    import pandas as pd

    told: dict[str, Any] = {title: st.column_config.TextColumn(help=HELP.get(title)) for title in columns}
    edited = st.data_editor(
        pd.DataFrame(rows, columns=list(columns), dtype="string"), num_rows="dynamic", hide_index=True,
        key=f"{key}_{zlib.crc32(repr(rows).encode())}", column_config=told | dict(options),
    )  # fmt: skip
    return [
        {str(title): str(cell) for title, cell in row.items()} for row in edited.fillna("").to_dict("records")
    ]


def _before_saving(now: Goals, wanted: Goals) -> None:
    from analytics.goals_changes import changes

    found = changes(now, wanted, clock.now())
    tables.plain(
        [{"What": one.what, "Now": one.before or numbers.MISSING, "Then": one.after or numbers.MISSING} for one in found],
        alt=f"{len(found)} changes", empty="Nothing is changed yet.",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Save", key="goals_save", type="primary", disabled=not found,
            on_click=_saver(wanted, [f"{one.what}: {one.before or 'nothing'} → {one.after or 'nothing'}" for one in found]),
        )  # fmt: skip
        if hours_file.is_saved(resources.home()):
            st.button(
                "Back to settings.toml", key="goals_withdraw", on_click=_withdrawn, icon=":material/undo:",
                help="Takes away what was saved here; what settings.toml says counts again.",
            )  # fmt: skip
    if said := state.value(_SAID):
        state.forget(_SAID)
        st.info(said, icon=":material/info:")


def _saver(wanted: Goals, told: list[str]) -> Callable[[], None]:
    return lambda: _done("hours and targets", told, lambda: hours_file.save(resources.home(), wanted))


def _withdrawn() -> None:
    _done("hours and targets", ["back to settings.toml"], lambda: hours_file.withdraw(resources.home()))


def _done(what: str, told: list[str], write: Callable[[], None]) -> None:
    try:
        with trail.changing("manage", what, changes="; ".join(told)):
            write()
        state.put(_SAID, "Saved. It counts from the next refresh on.")
    except AppError as error:
        state.put(_SAID, str(error))
