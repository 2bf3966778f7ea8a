"""What trying a source gave: the connection, the mapping that can be corrected, the first rows, warnings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core import numbers
from ui import errors, state, tables

STATES = {
    "ok": (":green[:material/check_circle:]", "works"),
    "optional_missing": (":gray[:material/remove_circle:]", "left out"),
    "denied": (":orange[:material/lock:]", "not allowed"),
    "error": (":red[:material/error:]", "does not work"),
}
SKIP = "(none)"
ORDER = ("conversations", "messages", "people")
WANTED = (
    "conversation_id",
    "message_id",
    "created_at",
    "author_id",
    "author_role",
    "body_text",
    "subject",
    "status",
)
MOST_CHECKS = 12
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00:00")

Chosen = Callable[[str, dict[str, str]], None]


def show(trial: Mapping[str, Any], *, chosen: Chosen | None, key: str) -> None:
    """The whole answer of `jobs sources try`; `chosen(place, columns)` is called with corrected columns."""
    _checks(trial)
    if trial["problem"]:
        problem = trial["problem"]
        st.error(
            tables.told(f"{errors.sentence(problem['message'])} {problem['hint']}"), icon=":material/error:"
        )
    said = {f"{check['name']}: {check['message']}" for check in trial["checks"]}
    for note in [note for note in trial["notes"] if note not in said][:MOST_CHECKS]:
        st.caption(f":material/info: {tables.escaped(note)}")
    for place, columns in trial["mapping"].items():
        _mapping(place, columns, trial["headers"].get(place) or [], chosen, key)
    _offered(trial)
    _rows(trial)
    _set_aside(trial)


def _checks(trial: Mapping[str, Any]) -> None:
    with st.container(gap="xsmall"):
        for check in trial["checks"][:MOST_CHECKS]:
            icon, word = STATES.get(check["status"], STATES["error"])
            told = " ".join(part for part in (check["message"], check["hint"]) if part)
            st.markdown(
                f"{icon} **{tables.escaped(check['name'])}** {word}. {tables.escaped(errors.sentence(told))}"
            )
        if len(trial["checks"]) > MOST_CHECKS:
            st.caption(f"and {len(trial['checks']) - MOST_CHECKS} more")


def _mapping(
    place: str, columns: Mapping[str, str], header: list[str], chosen: Chosen | None, key: str
) -> None:
    """How the columns were understood; the second column can be changed."""
    ours = list(dict.fromkeys([*columns, *WANTED]))
    # What a connector makes of several columns has a name that is in no header.
    options = list(dict.fromkeys([SKIP, *header, *columns.values()]))
    name = f"{key}_{place}"
    with st.expander(
        f"How the columns of {tables.escaped(place)} were understood",
        icon=":material/table_convert:",
        key=f"{name}_box",
    ):
        if chosen is not None:
            st.caption("Correct the column where the proposal is wrong, then test again.")
        st.data_editor(
            tables.frame([{"Ours": one, "Column of the source": columns.get(one, SKIP)} for one in ours]),
            hide_index=True, key=name, disabled=["Ours"] if chosen else True, width=640,
            alt=f"Proposed mapping of the columns of {place}", on_change=_edited if chosen else "rerun",
            args=(name, place, ours, chosen) if chosen else None,
            column_config={
                "Column of the source": st.column_config.SelectboxColumn(options=options, required=True)
            },
        )  # fmt: skip


def _edited(name: str, place: str, ours: list[str], chosen: Chosen) -> None:
    changes = (state.value(name) or {}).get("edited_rows", {})
    picked = {ours[int(row)]: cells.get("Column of the source") for row, cells in changes.items()}
    chosen(place, {one: column for one, column in picked.items() if column and column != SKIP})


def _offered(trial: Mapping[str, Any]) -> None:
    if trial["offered"]:
        with st.expander("What the source offers", icon=":material/list:"):
            tables.plain(
                [
                    {"Stream": one["name"], "Columns": ", ".join(one["columns"]), "Rows": one["rows"], "Note": one["note"]}
                    for one in trial["offered"]
                ],
                alt="Streams of the source",
            )  # fmt: skip


def _rows(trial: Mapping[str, Any]) -> None:
    """The first rows of each stream, as they would be stored."""
    found = {stream: rows for stream, rows in trial["streams"].items() if rows}
    if not found:
        if trial["works"]:
            st.info("The source can be reached and has no rows yet.", icon=":material/inbox:")
        return
    streams = sorted(
        found, key=lambda stream: (ORDER.index(stream) if stream in ORDER else len(ORDER), stream)
    )
    for tab, stream in zip(st.tabs([_name(stream) for stream in streams]), streams, strict=True):
        with tab:
            rows = found[stream]
            st.caption(f"The first {len(rows)} of {numbers.count(trial['counts'][stream], exact=True)} rows looked at, "
                       "as they would be stored; times are in UTC.")  # fmt: skip
            filled = [k for k in rows[0] if any(row.get(k) not in (None, "", []) for row in rows)]
            tables.plain(
                [{_name(k): _cell(row.get(k)) for k in filled} for row in rows],
                alt=f"Preview of {_name(stream)}",
            )
    if "messages" not in found:
        st.info("These rows hold no messages: they can be counted, but Ask cannot quote them.",
                icon=":material/speaker_notes_off:")  # fmt: skip


def _set_aside(trial: Mapping[str, Any]) -> None:
    if not trial["reject_count"]:
        return
    st.warning(
        f"{numbers.count(trial['reject_count'], exact=True)} of the rows looked at would be set aside.",
        icon=":material/warning:",
    )
    tables.plain(
        [
            {"Where": row.get("stream"), "Line": row.get("line"), "Reason": row.get("reason"),
             "Field": row.get("field"), "Id": row.get("native_id")}
            for row in trial["rejects"]
        ],
        alt="Rows that would be set aside",
    )  # fmt: skip


def _cell(value: Any) -> Any:
    """Instants of a preview are in UTC and say so once, in the caption."""
    return value.removesuffix("+00:00") if isinstance(value, str) and _INSTANT.fullmatch(value) else value


def _name(word: str) -> str:
    return word.replace("_", " ").capitalize()
