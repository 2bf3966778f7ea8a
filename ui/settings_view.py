"""What is set and what it means: every option with its value, hours and targets, and the catalogue of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st
from pydantic import BaseModel, SecretStr

from core import hours_file, numbers
from core.filters import Filters
from core.settings import Settings, settings_path
from ui import audit, breakdown, data_catalogue, resources, sheet, state, tables, trail

EXAMPLE = """\
[[calendars]]
name = "office"
zone = "Europe/London"
hours = { mon-fri = "09:00-17:30" }
holidays = "GB-ENG"

[[sla]]
metric = "first_reply"
preset = "4/8/24/72h"          # urgent, high, normal, low
calendar = "office"

[[targets]]
metric = "csat_share"
value = 0.9
"""
HIDDEN = "set, not shown"


def place() -> None:
    """Where the settings are written, and when they count."""
    if not trail.allows("manage"):
        st.markdown(
            "What is in force, and the definition of every number. Settings are written by who runs this."
        )
        return
    found = settings_path(resources.home())
    told = (
        f"`{found}`" if found else f"no file yet: `{resources.home().settings_file}` is read when it exists"
    )
    st.markdown(
        f"Settings are read from {told}. A change counts with the next look at a page; what the refresh computes "
        "(hours, targets of SLA, reporting zone) counts from the next refresh on. Secrets are never shown."
    )
    if hours_file.is_saved(resources.home()):
        st.caption(
            f"Calendars and SLA targets were saved here, in `{resources.home().hours_file}`: they count in the place of others."
        )


def wanted(tabs: Sequence[str]) -> str:
    """The tab that the address names, or the first one."""
    named = state.link("tab")
    return named if named is not None and named in tabs else tabs[0]


def options() -> None:
    """Every option of the tables that stand once: what it is now, what it would be, what it means."""
    if not trail.allows("manage"):
        st.caption("Options are shown to who may change them.")
        return
    settings = resources.settings()
    rows = [
        row
        for name in Settings.model_fields
        if not isinstance(getattr(settings, name), tuple)
        for row in _section(name, settings)
    ]
    only = st.toggle("Only what differs from the default", key="settings_changed", bind="query-params")
    shown = [row for row in rows if row["Now"] != row["Default"]] if only else rows
    tables.plain(
        shown, alt=f"{len(shown)} options", empty="Every option has its default.",
        column_config={"Meaning": st.column_config.TextColumn(width="large")},
    )  # fmt: skip


def _section(name: str, settings: Settings) -> Iterator[dict[str, Any]]:
    section = getattr(settings, name)
    default = type(section)()
    for option, field in type(section).model_fields.items():
        yield {
            "Option": f"{name}.{option}", "Now": told(getattr(section, option)), "Default": told(getattr(default, option)),
            "Meaning": field.description or "",
        }  # fmt: skip


def told(value: Any) -> str:
    """A value in words; a secret only as set or not."""
    if isinstance(value, SecretStr):
        return HIDDEN
    if value is None or value in ((), {}):
        return numbers.MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {told(one)}" for name, one in value if one not in (None, (), {}))
    if isinstance(value, tuple | list):
        return ", ".join(told(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{name} {told(one)}" for name, one in value.items())
    return str(value)


def hours_and_targets() -> None:
    """Calendars, SLA targets and goals as they are in force, and how to write them."""
    settings = resources.settings()
    for title, found, empty in (
        (
            "Calendars",
            settings.calendars,
            "No calendar: business hours are those that a helpdesk brings, or none.",
        ),
        ("SLA targets", settings.sla, "No target of your own: those that a helpdesk brings are used."),
        ("Goals of metrics", settings.targets, "No goal: charts have no target line."),
        ("Own metrics", settings.metrics, "No metric of your own."),
    ):
        st.markdown(f"**{title}**")
        tables.plain(_rows(found), alt=title, empty=empty)
    with st.expander("How to write them", icon=":material/code:"):
        st.code(EXAMPLE, language="toml")


def _rows(sections: Sequence[BaseModel]) -> list[dict[str, str]]:
    """One row a section; a column for every option that any of them gives."""
    given = dict.fromkeys(
        name for section in sections for name, value in section if value not in (None, (), {})
    )
    return [
        {name.replace("_", " ").capitalize(): _word(told(getattr(section, name))) for name in given}
        for section in sections
    ]


def _word(text: str) -> str:
    return breakdown.WORDS.get(text, text)  # the clocks of SLA, as the pages call them


def catalogue() -> None:
    """Every number of the product with its definition; choosing one opens it."""
    rows = data_catalogue.metrics()
    wanted = st.text_input(
        "Find a metric", key="metric_q", bind="query-params", icon=":material/search:", label_visibility="collapsed",
        placeholder="Name or words of a definition", width=420,
    )  # fmt: skip
    words = (wanted or "").lower().split()
    shown = [row for row in rows if all(word in " ".join(map(str, row.values())).lower() for word in words)]
    sheet.table(shown, f"{len(shown)} metrics")
    picked = st.dataframe(
        tables.frame(shown), hide_index=True, key="metric_rows", on_select="rerun", selection_mode="single-row",
        alt=f"{len(shown)} metrics", column_config={"Definition": st.column_config.TextColumn(width="large")},
    )["selection"]["rows"] if shown else []  # fmt: skip
    if not shown:
        st.caption("No metric has these words.")
    if picked and picked[0] < len(shown) and resources.generation() is not None:
        audit.drawer(shown[picked[0]]["Name"], Filters())


def capabilities() -> None:
    """What each source can tell, metric by metric."""
    if resources.generation() is None:
        st.caption("Nothing is loaded yet.")
        return
    tables.plain(
        data_catalogue.capabilities(), alt="What each source can tell", empty="No source has been read."
    )
