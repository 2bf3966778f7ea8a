"""Adding and changing a source, step by step: kind, settings, test and preview, save, first refresh.

The fields come from the connector's own settings schema. What is typed as a secret lives in its input until
it is saved, and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.errors import AppError
from ui import (
    command,
    data,
    errors,
    refresh,
    resources,
    sources_fields,
    sources_trial,
    state,
    tables,
    trail,
)
from ui.doing import safely

_FORM, _ROUND, _SAID = "source_form", "source_round", "source_said"
TRY_S = 20
# Whoever reaches the page may use the form where nobody signs in: what starts a program is not in it.
STARTS_PROGRAMS = ("command", "args", "env")
# Tables of a database that the mapping names by the stream they fill.
STREAM_FIELDS = {"conversation_events": "events", "csat": "ratings", "conversation_tags": "tags"}


@dataclass
class Form:
    """A source that is being added (`name` is empty) or changed."""

    kind: str
    number: int
    name: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    trial: dict[str, Any] | None = None
    tried: str = ""
    problem: str = ""

    @property
    def prefix(self) -> str:
        """The beginning of the keys of its inputs."""
        return f"source_{self.number}_"


def is_open() -> bool:
    """Whether somebody adds or changes a source now."""
    return state.value(_FORM) is not None


def open_new() -> None:
    """Begin with the choice of a kind; for callbacks."""
    _open(Form("", _next()))


def open_edit(source: Mapping[str, Any]) -> None:
    """Begin with a source as it is; for callbacks."""
    _open(Form(source["kind"], _next(), source["name"], dict(source["settings"])))


def said() -> str:
    """What saving or changing a source said last."""
    return str(state.value(_SAID) or "")


def say(text: str) -> None:
    """Keep a sentence for the next drawing of the page."""
    state.put(_SAID, text)


def quoted(sentence: str, name: str) -> str:
    """A sentence about a source, whose name stands out."""
    return tables.escaped(sentence).replace(tables.escaped(name), f"**{tables.escaped(name)}**", 1)


def panel() -> None:
    """The step at which the form is."""
    form: Form | None = state.value(_FORM)
    if form is None:
        return
    with errors.boundary("Source"):
        kinds = data.source_kinds()
        chosen = next((_without_programs(kind) for kind in kinds if kind["kind"] == form.kind), None)
        if chosen is None:
            _cards(kinds)
        else:
            _settings(form, chosen)


def _without_programs(kind: dict[str, Any]) -> dict[str, Any]:
    fields = [one for one in kind["fields"] if one["name"] not in STARTS_PROGRAMS]
    told = " The program that it starts is set in settings.toml." if len(fields) < len(kind["fields"]) else ""
    return {**kind, "fields": fields, "sentence": kind["sentence"] + told}


def _cards(kinds: list[dict[str, Any]]) -> None:
    st.markdown("**What do you want to read?**")
    with st.grid(4, min_column_width=200, gap="small"):
        for kind in kinds:
            with st.container(border=True, height="stretch", gap="small"):
                st.markdown(f"**{kind['title']}**")
                st.caption(kind["sentence"])
                st.button("Choose", key=f"kind_{kind['kind']}", on_click=_choose, args=(kind["kind"],))  # fmt: skip
    st.button("Cancel", key="source_cancel", on_click=safely(_close))


def _settings(form: Form, kind: dict[str, Any]) -> None:
    st.markdown(f"**{f'Change {form.name}' if form.name else 'New source'}: {kind['title']}**")
    st.caption(f"{kind['sentence']} Nothing is kept before you save.")
    if not form.name:
        st.text_input(
            "Name *", value=kind["kind"], key=f"{form.prefix}#name", width=420, max_chars=64,
            help="Letters, digits, - and _. It becomes a part of every conversation's id and cannot be changed.",
        )  # fmt: skip
    for group, title in kind["groups"].items():
        fields = [one for one in kind["fields"] if one["group"] == group]
        if fields and _is_asked(group, fields):
            st.markdown(f"**{title}**")
            _fields(form, fields)
        elif fields:
            told = f"{title}: what is not found by itself" if group == "read" else title
            with st.expander(told, key=f"{form.prefix}#{group}"):
                _fields(form, fields)
    _steps(form, kind)


def _is_asked(group: str, fields: list[dict[str, Any]]) -> bool:
    """Whether a group is open from the start: somebody has to say something in it."""
    return group == "connection" or (
        group == "read" and any(one["required"] or one["type"] in ("relation", "switch") for one in fields)
    )


def _fields(form: Form, fields: list[dict[str, Any]]) -> None:
    with st.grid(2, min_column_width=260):
        for one in fields:
            outer, _, inner = one["name"].partition(".")
            current = form.settings.get(outer)
            if inner:
                current = current.get(inner) if isinstance(current, Mapping) else None
            sources_fields.draw(one, f"{form.prefix}{one['name']}", current)


def _steps(form: Form, kind: dict[str, Any]) -> None:
    works = bool(form.trial and form.trial["works"])
    with st.container(horizontal=True):
        asked = st.button("Test again" if form.trial else "Test and preview", icon=":material/lan:", key="source_try",
                          type="secondary" if works else "primary")  # fmt: skip
        st.button(
            "Save and load" if works else "Save without a working test", icon=":material/save:", key="source_save",
            type="primary" if works else "tertiary", on_click=_save, args=(form, kind),
        )  # fmt: skip
        st.button("Cancel", key="source_cancel", on_click=safely(_close), type="tertiary")
    if asked:
        _try(form, kind)
        st.rerun()
    if form.problem:
        st.error(tables.told(form.problem), icon=":material/error:")
    if form.trial:
        if _mark(form, kind) != form.tried:
            st.info("Something was changed since this test.", icon=":material/edit:")
        sources_trial.show(form.trial, chosen=_chooser(form, kind), key=f"{form.prefix}#map{len(form.tried)}")


def _chooser(form: Form, kind: dict[str, Any]) -> sources_trial.Chosen | None:
    """What happens with a corrected mapping; None where this kind has none that can be corrected."""
    names = {one["name"]: one["type"] for one in kind["fields"]}

    def chosen(place: str, columns: dict[str, str]) -> None:
        target = STREAM_FIELDS.get(place, place)
        if names.get(target) == "relation":
            form.columns[target] = {**form.columns.get(target, {}), **columns}
        elif names.get("columns") == "pairs":
            key = f"{form.prefix}columns"
            lines = [
                line
                for line in str(state.value(key) or "").splitlines()
                if line.partition("=")[0].strip() not in columns
            ]
            state.put(key, "\n".join([*lines, sources_fields.pairs_text(columns)]).strip())

    return chosen if names.get("columns") == "pairs" or "relation" in names.values() else None


def _table(form: Form, kind: dict[str, Any]) -> dict[str, Any]:
    """The source as it stands in the inputs. Raises ConfigError."""
    current = dict(form.settings)
    for name, columns in form.columns.items():
        entry = current.get(name)
        kept = dict(entry) if isinstance(entry, Mapping) else {}
        current[name] = {**kept, "columns": {**kept.get("columns", {}), **columns}}
    found = sources_fields.table(kind["fields"], form.prefix, current)
    if form.name:
        return found
    name = str(state.value(f"{form.prefix}#name") or "").strip()
    return {
        "name": name,
        "kind": form.kind,
        **{key: value for key, value in found.items() if value is not None},
    }


def _try(form: Form, kind: dict[str, Any]) -> None:
    """Test the connection and read the first rows, in a process of its own."""
    form.problem = ""
    try:
        trail.require("manage")
        table = _table(form, kind)
        with st.spinner(f"Connecting, then reading the first rows for {TRY_S} seconds at most …"):
            form.trial = command.answer(
                resources.home(),
                ["sources", "try", *([form.name] if form.name else []), "--table", "-"],
                table,
            )
        form.tried = _mark(form, kind)
    except AppError as error:
        form.trial, form.problem = None, errors.plain(error)


def _save(form: Form, kind: dict[str, Any]) -> None:
    """Keep the source, forget what was typed, and start its first refresh."""
    words = ["edit", form.name] if form.name else ["add"]
    try:
        table = _table(form, kind)
        with trail.changing("manage", f"source: {words[0]}", source=form.name or str(table["name"])):
            done = command.answer(resources.home(), ["sources", *words, "--table", "-"], table)
    except AppError as error:
        form.problem = errors.plain(error)
        return
    _close()
    say(quoted(f"{done['name']} is kept, and read now.", done["name"]))
    refresh.begin(done["name"])


def _mark(form: Form, kind: dict[str, Any]) -> str:
    """Tells one state of the inputs from another; what is secret goes in only as a digest."""
    try:
        table = json.dumps(_table(form, kind), default=str, sort_keys=True)
    except AppError:
        return "unreadable"
    return hashlib.sha256(table.encode()).hexdigest()


def _choose(kind: str) -> None:
    state.put(_FORM, Form(kind, _next()))


def _open(form: Form) -> None:
    _close()
    state.put(_SAID, "")
    state.put(_FORM, form)


def _close() -> None:
    """Let go of everything that was typed."""
    form: Form | None = state.value(_FORM)
    if form is not None:
        kind = next((k for k in data.source_kinds() if k["kind"] == form.kind), None)
        names = [one["name"] for one in kind["fields"]] if kind else []
        state.forget(*(f"{form.prefix}{name}" for name in (*names, "#name")))
    state.forget(_FORM)


def _next() -> int:
    state.put(_ROUND, int(state.value(_ROUND, 0)) + 1)
    return int(state.value(_ROUND))
