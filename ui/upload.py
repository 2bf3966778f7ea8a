"""Loading a file: see how it was understood, correct the mapping, look at twenty rows, then load it.

The work is done by `python -m jobs upload` in a process of its own, which answers with one JSON document.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import AppError
from core.home import Home
from core.written import scratch
from store.leftovers import forget_uploads
from ui import command, errors, refresh, resources, state, tables, trail

TYPES = ("csv", "tsv", "psv", "txt", "gz", "json", "jsonl", "ndjson", "xlsx", "xlsm", "parquet")
_FILE = "upload_file"
_ROUND = "upload_round"
SKIP = "(none)"
FORMS = {
    "messages": "a message of a conversation",
    "tickets": "a whole ticket",
    "rows": "a row of one stream",
}


def run(home: Home, arguments: list[str]) -> dict[str, Any]:
    """The answer of `python -m jobs upload …`. Raises AppError with its message when it has none."""
    return command.answer(home, ["upload", *arguments])


def panel() -> None:
    """The whole way of one file, step by step."""
    with errors.boundary("Load a file"):
        if not trail.allows("manage"):
            st.caption("Files are loaded by who looks after the sources.")
            return
        sent = st.file_uploader(
            "A CSV, Excel, JSON or Parquet file", type=list(TYPES), key=f"{_FILE}_{state.value(_ROUND, 0)}",
            help="One message or one ticket per row. Nothing is loaded before you have seen it.",
        )  # fmt: skip
        if sent is None:
            _loaded()
            return
        path = _keep(sent.file_id, sent.name, sent.getbuffer())
        mapping = state.value(f"mapping_{sent.file_id}") or {}
        _steps(sent.name, sent.file_id, path, _proposal(path, sent.name, mapping), mapping)


def _loaded() -> None:
    message = state.value("upload_message")
    if message and refresh.is_active():
        st.success(tables.told(message), icon=":material/check_circle:")


def _keep(file_id: str, name: str, content: memoryview) -> Path:
    """The sent file in the home's scratch space: `jobs upload` reads a path."""
    scratch(resources.home())
    folder = resources.home().pending
    folder.mkdir(exist_ok=True)
    forget_uploads(resources.home())
    path = folder / f"{file_id}-{len(content)}{_suffix(name)}"
    if not path.is_file():
        path.write_bytes(content)
    return path


def _suffix(name: str) -> str:
    """The ending that says what the file is, such as `.csv.gz`; never anything else of a stranger's name."""
    found = re.search(r"(\.[A-Za-z0-9]{1,10})?\.[A-Za-z0-9]{1,10}$", name)
    return found[0].lower() if found else ""


def _proposal(path: Path, name: str, mapping: dict[str, Any]) -> dict[str, Any]:
    """The preview under a mapping, asked for once per mapping."""
    key, chosen = "upload_preview", (str(path), json.dumps(mapping, sort_keys=True))
    kept = state.value(key)
    if kept is None or kept[0] != chosen:
        with st.spinner("Reading the file …"):
            state.put(key, (chosen, run(resources.home(), [*_arguments(path, name, mapping), "--preview"])))
    found: dict[str, Any] = state.value(key)[1]
    return found


def _arguments(path: Path, name: str, mapping: dict[str, Any]) -> list[str]:
    return [str(path), "--file-name", name] + (["--mapping", json.dumps(mapping)] if mapping else [])


def _steps(name: str, file_id: str, path: Path, found: dict[str, Any], mapping: dict[str, Any]) -> None:
    file = found["file"]
    _findings(file)
    changed = _editor(file, file_id, mapping)
    if changed != mapping:
        state.put(f"mapping_{file_id}", changed)
        st.rerun()
    problem = file.get("problem")
    if problem:
        st.error(
            tables.told(f"{errors.sentence(problem['message'])} {problem['hint']}"), icon=":material/error:"
        )
        return
    _preview(found)
    source = st.text_input("Name of the source", value=found["name"], key=f"name_{file_id}", width=320)
    st.button(
        "Load this file", type="primary", icon=":material/upload:", on_click=_load,
        args=(path, name, source or found["name"], mapping),
    )  # fmt: skip


def _findings(file: dict[str, Any]) -> None:
    """How the file was read, in words."""
    what = FORMS.get(file.get("form") or "", "")
    if what:
        st.markdown(f"Every row is **{what}**{_because(file)}.")
    findings = [str(finding) for finding in file.get("findings") or []]
    if findings:
        st.caption(f":material/info: {tables.escaped(' · '.join(findings))}")


def _because(file: dict[str, Any]) -> str:
    return f" ({file['reason'].rstrip('.')})" if file.get("reason") else ""


def _editor(file: dict[str, Any], file_id: str, mapping: dict[str, Any]) -> dict[str, Any]:
    """The proposed mapping as a table whose third column can be changed; gives the mapping chosen."""
    columns = file.get("columns") or []
    headers = [header["name"] for header in file.get("header") or []]
    if not columns or not headers:
        return mapping
    st.markdown("**Mapping**: correct the column where the proposal is wrong.")
    rows = [
        {
            "Ours": column["canonical"] + (" *" if column["required"] else ""),
            "Column of the file": column["column"] or SKIP,
            "Sure": column["confidence"], "Why": column["reason"],
        }
        for column in columns
    ]  # fmt: skip
    edited = st.data_editor(
        tables.frame(rows), hide_index=True, key=f"editor_{file_id}_{len(json.dumps(mapping))}",
        disabled=["Ours", "Sure", "Why"], alt="Proposed mapping of the file's columns",
        column_config={
            "Column of the file": st.column_config.SelectboxColumn(options=[SKIP, *headers], required=True),
            "Sure": st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent"),
        },
    )  # fmt: skip
    chosen = dict(mapping.get("columns") or {})
    for column, picked in zip(columns, edited["Column of the file"], strict=True):
        if picked not in (SKIP, column["column"]):
            chosen[column["canonical"]] = str(picked)
    return _options({**mapping, **({"columns": chosen} if chosen else {})}, file_id)


def _options(mapping: dict[str, Any], file_id: str) -> dict[str, Any]:
    """What a file cannot tell by itself: who opens a conversation, and which number is the day."""
    left, right = st.columns(2)
    first = left.selectbox(
        "Who writes first", ["as the file says", "customer", "agent"], key=f"first_{file_id}",
        help="For files without roles: whoever opens a conversation has this role, everybody else the other.",
    )  # fmt: skip
    days = right.selectbox(
        "03/04/2026 is", ["as detected", "3 April", "4 March"], key=f"days_{file_id}",
        help="Dates that can be read both ways are never guessed.",
    )  # fmt: skip
    chosen = {key: kept for key, kept in mapping.items() if key not in ("roles", "day_first")}
    if first != "as the file says":
        chosen["roles"] = {"first_author": first}
    if days != "as detected":
        chosen["day_first"] = days == "3 April"
    return chosen


def _preview(found: dict[str, Any]) -> None:
    for stream, rows in (found.get("preview") or {}).items():
        count = (found.get("preview_counts") or {}).get(stream)
        st.markdown(f"**{stream.replace('_', ' ').capitalize()}**: the first {len(rows)}"
                    + (f" of {count:,} in the part that was read" if count else ""))  # fmt: skip
        filled = [k for k in (rows[0] if rows else {}) if any(row[k] not in (None, "", []) for row in rows)]
        tables.plain([{k: row[k] for k in filled} for row in rows], alt=f"Preview of {stream}")
    if found.get("rejects"):
        st.warning(
            f"{len(found['rejects'])} rows of the preview would be set aside.", icon=":material/warning:"
        )
        tables.plain(found["rejects"], alt="Rows that would be set aside")
    if not any(row for row in (found.get("preview") or {}).get("messages", [])):
        st.info("This file brings no messages: it can be counted, but Ask cannot quote it.",
                icon=":material/speaker_notes_off:")  # fmt: skip


def _load(path: Path, file_name: str, source: str, mapping: dict[str, Any]) -> None:
    """Put the file into the workspace and start the refresh that loads it."""
    try:
        with trail.changing("manage", "file loaded", source=source, file=file_name):
            answer = run(resources.home(), [*_arguments(path, file_name, mapping), "--name", source])
    except AppError as error:
        state.put("upload_message", None)
        st.toast(tables.told(str(error)), icon=":material/error:")
        return
    path.unlink(missing_ok=True)
    state.put("upload_message", answer["message"])
    state.put(_ROUND, state.value(_ROUND, 0) + 1)
    refresh.begin()
