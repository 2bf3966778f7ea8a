"""One setting of a source as an input, and what was typed as a value of its table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from core.errors import ConfigError
from ui import state

NOT_SET = "as it is found"
YES_NO = {NOT_SET: None, "yes": True, "no": False}
PAIRS_HINT = "one a line: ours = theirs"
_SELECT = re.compile(r"(?is)\s*(select|with)\b")

Field = Mapping[str, Any]


def draw(field: Field, key: str, current: Any) -> None:
    """Draw the input; `current` is what the source has now (None in a new one)."""
    _DRAWN[field["type"]](field, key, current, field["title"] + (" *" if field["required"] else ""))


def value(field: Field, key: str, current: Any) -> Any:
    """What was typed; None where nothing was, or the default. Raises ConfigError when it cannot be read."""
    typed = state.value(key)
    if field["type"] == "secret":
        return str(typed) if typed else current
    read = _READ.get(field["type"], _text)
    found = read(field, typed, current)
    return None if found in (None, "", [], {}) or found == field.get("default") else found


def table(fields: list[dict[str, Any]], prefix: str, current: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a source as its table; None takes out what it had before. Raises ConfigError."""
    found: dict[str, Any] = {}
    for field in fields:
        name, _, inner = field["name"].partition(".")
        if inner:
            nested = found.setdefault(name, dict(current.get(name) or {}))
            _set(nested, inner, value(field, f"{prefix}{field['name']}", nested.get(inner)))
        else:
            found[name] = value(field, f"{prefix}{name}", current.get(name))
    return {
        name: new or None if isinstance(new, dict) else new
        for name, new in found.items()
        if new not in (None, {}) or name in current
    }


def pairs_text(pairs: Mapping[str, Any]) -> str:
    """Pairs as lines that can be edited."""
    return "\n".join(f"{ours} = {theirs}" for ours, theirs in pairs.items())


def _set(table_: dict[str, Any], name: str, new: Any) -> None:
    if new is None:
        table_.pop(name, None)
    else:
        table_[name] = new


def _draw_text(field: Field, key: str, current: Any, label: str) -> None:
    default = field.get("default")
    st.text_input(
        label, value=str(current or ""), key=key, help=field["description"],
        placeholder=str(default) if default not in (None, "") else None,
    )  # fmt: skip


def _draw_secret(field: Field, key: str, current: Any, label: str) -> None:
    kept = str(current or "")
    told = "kept; type only to replace it" if kept.startswith("secret:") else kept or None
    st.text_input(
        # Committed while typing: on leaving by Tab, for the eye beside it, the browser would keep it to itself.
        label, key=key, type="password", live=True, on_change="ignore", placeholder=told, autocomplete="new-password",
        help=f"{field['description']} It goes to the secrets file of the workspace, which only its owner may "
        "read. `env:NAME` takes it from an environment variable instead.",
    )  # fmt: skip


def _draw_number(field: Field, key: str, current: Any, label: str) -> None:
    whole = field["type"] == "whole"
    kind: Callable[[Any], Any] = int if whole else float
    shown = current if current is not None else field.get("default")
    least, most = (None if field.get(k) is None else kind(field[k]) for k in ("least", "most"))
    st.number_input(
        label, value=None if shown is None else kind(shown), min_value=least, max_value=most,
        step=1 if whole else None, key=key, help=field["description"],
    )  # fmt: skip


def _draw_switch(field: Field, key: str, current: Any, label: str) -> None:
    st.toggle(
        label,
        value=bool(field.get("default") if current is None else current),
        key=key,
        help=field["description"],
    )


def _draw_yes_no(field: Field, key: str, current: Any, label: str) -> None:
    options = list(YES_NO)
    now = next(
        word for word, meaning in YES_NO.items() if meaning is (None if current is None else bool(current))
    )
    st.selectbox(label, options, index=options.index(now), key=key, help=field["description"])


def _draw_date(field: Field, key: str, current: Any, label: str) -> None:
    shown = date.fromisoformat(str(current)[:10]) if current else None
    st.date_input(label, value=shown, key=key, help=field["description"], format="YYYY-MM-DD")


def _draw_choice(field: Field, key: str, current: Any, label: str) -> None:
    options = list(field["choices"])
    now = current or field.get("default")
    st.selectbox(
        label, options, index=options.index(now) if now in options else None, key=key, placeholder=NOT_SET,
        help=field["description"],
    )  # fmt: skip


def _draw_lines(field: Field, key: str, current: Any, label: str) -> None:
    kind = field["type"]
    hint = {
        "pairs": PAIRS_HINT,
        "list": "one a line",
        "json": "as JSON",
        "relation": "a table, or a select",
    }.get(kind)
    st.text_area(
        label, value=_lines(kind, current), key=key, help=field["description"], placeholder=hint,
        height="content",
    )  # fmt: skip


def _lines(kind: str, current: Any) -> str:
    if current in (None, "", [], {}):
        return ""
    if kind == "pairs" and isinstance(current, Mapping):
        return pairs_text(current)
    if kind == "list" and isinstance(current, list | tuple):
        return "\n".join(str(one) for one in current)
    if kind == "relation" and isinstance(current, Mapping):
        return str(current.get("query") or current.get("table") or "")
    return current if isinstance(current, str) else json.dumps(current, ensure_ascii=False, indent=1)


_DRAWN: dict[str, Callable[[Field, str, Any, str], None]] = {
    "text": _draw_text, "secret": _draw_secret, "whole": _draw_number, "number": _draw_number,
    "switch": _draw_switch, "yes_no": _draw_yes_no, "date": _draw_date, "choice": _draw_choice,
    "long_text": _draw_lines, "list": _draw_lines, "pairs": _draw_lines, "relation": _draw_lines, "json": _draw_lines,
}  # fmt: skip


def _text(field: Field, typed: Any, current: Any) -> Any:
    return typed.strip() if isinstance(typed, str) else typed


def _date(field: Field, typed: Any, current: Any) -> Any:
    return typed.isoformat() if isinstance(typed, date) else typed


def _list(field: Field, typed: Any, current: Any) -> list[str]:
    return [line.strip() for line in str(typed or "").splitlines() if line.strip()]


def _pairs(field: Field, typed: Any, current: Any) -> dict[str, str]:
    found = {}
    for line in _list(field, typed, current):
        ours, equals, theirs = line.partition("=")
        if not equals or not ours.strip():
            raise ConfigError(f"{field['title']}: {line!r} is no pair.", hint=f"Write {PAIRS_HINT}.")
        found[ours.strip()] = theirs.strip()
    return found


def _json(field: Field, typed: Any, current: Any) -> Any:
    try:
        return json.loads(typed) if str(typed or "").strip() else None
    except (ValueError, RecursionError):
        raise ConfigError(f"{field['title']} is not valid JSON.", hint="Check brackets and quotes.") from None


def _relation(field: Field, typed: Any, current: Any) -> Any:
    """A table or a select; what else the source was told about it stays."""
    text = str(typed or "").strip()
    more = (
        {k: v for k, v in current.items() if k not in ("table", "query")}
        if isinstance(current, Mapping)
        else {}
    )
    if not text:
        return more or None  # a table that was proposed, with corrected columns
    if text.startswith("{"):
        return _json(field, text, current)
    return {**more, "query" if _SELECT.match(text) else "table": text} if more else text


_READ: dict[str, Callable[[Field, Any, Any], Any]] = {
    "yes_no": lambda field, typed, current: YES_NO.get(str(typed)),
    "switch": lambda field, typed, current: bool(typed), "date": _date, "list": _list, "pairs": _pairs,
    "json": _json, "relation": _relation,
}  # fmt: skip
