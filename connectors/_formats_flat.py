"""Nested records to flat rows of text: objects by dotted names, arrays as tags, messages as rows of their own."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from connectors._formats_write import LIST_SEPARATOR
from connectors._mapping import plain
from connectors._synonyms import CONVERSATION, MESSAGE

MAX_DEPTH = 6
MAX_KEYS = 200  # an object with more is a dictionary of data, not a set of fields
IDS = ("conversation id", *CONVERSATION["conversation_id"].split("|"))
_TAGS = frozenset(CONVERSATION["tags"].split("|"))
_TEXTS = frozenset(CONVERSATION["body_text"].split("|"))
_ROLES = frozenset(MESSAGE["author_role"].split("|"))
_AUTHORS = ("author id", "user id", "sender id", "from id", "author", "author email", "from email")
_REQUESTERS = ("requester id", "customer id", "contact id", "requester", "requester email", "customer email")
_ASSIGNEES = ("assignee id", "agent id", "responder id", "assignee", "assignee email")
# Arrays of objects that are rows of their own, and what those rows are.
CHILDREN: Mapping[str, str] = {
    **dict.fromkeys(
        ("comments", "messages", "conversations", "replies", "notes", "posts", "thread", "threads", "transcript",
         "conversation parts", "parts", "responses", "interactions", "turns", "utterances", "dialog", "dialogue",
         "emails", "chat", "entries", "public comments"), "messages"),
    **dict.fromkeys(
        ("events", "audits", "history", "status history", "status changes", "changes", "changelog", "assignments"),
        "conversation events"),
    **dict.fromkeys(("ratings", "satisfaction ratings", "surveys", "csat"), "csat"),
}  # fmt: skip


@dataclass(slots=True)
class Flat:
    """One record: its own cells, and the rows that belong to it by the name of their array."""

    cells: dict[str, str | None] = field(default_factory=dict)
    children: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)


def flatten(record: Mapping[str, Any], *, id_column: str | None = None, nested: bool = False) -> Flat:
    """A record's cells. Rows of its own only come from a record that has an id and is not `nested` itself."""
    flat = Flat()
    _into(flat, "", record, 0, apart=not nested)
    if flat.children:
        ident = native_id(flat.cells, id_column)
        if ident is None:
            for key, rows in flat.children.items():
                flat.cells[key] = as_json(rows)
            flat.children = {}
        else:
            for rows in flat.children.values():
                for row in rows:
                    if native_id_key(row) is None:
                        row["conversation_id"] = ident
            _drop_repeated_text(flat)
    return flat


def native_id(cells: Mapping[str, str | None], id_column: str | None = None) -> str | None:
    """The record's own id by the usual names, or by the name in the settings."""
    if id_column is not None and cells.get(id_column):
        return cells[id_column]
    names = {plain(column): column for column in reversed(list(cells))}
    return next((cells[names[word]] for word in IDS if word in names and cells[names[word]]), None)


def native_id_key(row: Mapping[str, Any]) -> str | None:
    """The key of a nested row that names its conversation, if it has one."""
    own = set(IDS) - {"id", "key", "number", "nr", "#"}
    return next((key for key, value in row.items() if plain(key) in own and value is not None), None)


def _into(flat: Flat, name: str, value: Any, depth: int, *, apart: bool) -> None:
    if isinstance(value, Mapping):
        if depth > MAX_DEPTH or (name and len(value) > MAX_KEYS):
            flat.cells[name] = as_json(value)
            return
        for key, inner in value.items():
            below = f"{name}.{key}" if name else str(key)
            if inner is None or type(inner) is str:
                flat.cells[below] = inner
            else:
                _into(flat, below, inner, depth + 1, apart=apart)
    elif isinstance(value, list | tuple):
        _array(flat, name, value, apart=apart)
    else:
        flat.cells[name] = as_text(value)


def _array(flat: Flat, name: str, value: Any, *, apart: bool) -> None:
    if not value:
        flat.cells.setdefault(name, None)
    elif not any(isinstance(one, Mapping | list | tuple) for one in value):
        texts = (as_text(one) for one in value)
        if is_tags(name):
            flat.listed.add(name)
        flat.cells[name] = (LIST_SEPARATOR if is_tags(name) else ", ").join(text for text in texts if text)
    elif apart and all(isinstance(one, Mapping) for one in value) and child_stream(name):
        flat.children.setdefault(name.rpartition(".")[2], []).extend(dict(one) for one in value)
    else:
        flat.cells[name] = as_json(value)


def is_tags(name: str) -> bool:
    """Whether an array under this name holds tags."""
    return plain(name.rpartition(".")[2]) in _TAGS


def give_role(message: dict[str, str | None], ticket: Mapping[str, str | None]) -> None:
    """Who wrote, where the message does not say it: the ticket's requester is a customer, its assignee an agent."""
    names = {plain(column): column for column in reversed(list(message))}
    if names.keys() & _ROLES:
        return
    author = next((message[names[word]] for word in _AUTHORS if word in names), None)
    known = {plain(column): text for column, text in ticket.items() if text}
    customers = {known[word] for word in _REQUESTERS if word in known}
    agents = {known[word] for word in _ASSIGNEES if word in known} - customers
    message["author_role"] = "customer" if author in customers else "agent" if author in agents else None


def child_stream(name: str) -> str | None:
    """What the rows under a name are, in words that name a stream; None when they are not rows."""
    return CHILDREN.get(plain(name.rpartition(".")[2]))


def _drop_repeated_text(flat: Flat) -> None:
    """Helpdesks repeat a ticket's description as its first comment; one of them is enough."""
    said = {
        text.strip()
        for rows in flat.children.values()
        for row in rows
        for text in row.values()
        if isinstance(text, str)
    }
    for column, text in flat.cells.items():
        if text and plain(column) in _TEXTS and text.strip() in said:
            flat.cells[column] = None


def as_text(value: Any) -> str | None:
    """A scalar as text: whole numbers without a point, instants in ISO 8601, true and false in words."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def as_json(value: Any) -> str:
    """A nested value as JSON text."""
    return json.dumps(value, ensure_ascii=False, default=as_text)
