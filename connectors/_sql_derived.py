"""Conversations of a source that lists messages only, grouped by the database itself."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from connectors._sql_database import Column, Database
from connectors._sql_relation import (
    MESSAGE_COLUMNS,
    NARROW,
    Found,
    Relation,
    author,
    behind_from,
    in_order,
)  # fmt: skip
from connectors._sql_relation import relation as of_messages
from core.stream import ColumnRead, FileRead

_BEGAN, _UNTIL, _OPENER, _CHANGED = "_sl_began", "_sl_until", "_sl_opener", "_sl_changed"


def conversations(database: Database, found: Found, streams: Set[str]) -> Relation:
    """The conversations behind the messages: first and last instant, opener, and the latest attributes."""
    messages = of_messages(database, found, streams)
    told = found.described.read.columns
    ident, created = told["conversation_id"].column or "", told["created_at"]
    attributes = {
        c: r for c, r in told.items() if c not in MESSAGE_COLUMNS and c != "author_role" and r.column
    }
    names = sorted({r.column for r in attributes.values() if r.column})
    source, narrow = (
        _grouped(database, found, messages, ident, created.column or "", names, only)
        for only in (False, True)
    )
    columns = {
        **{c: ColumnRead(constant=r.constant) for c, r in told.items() if r.constant is not None and c not in MESSAGE_COLUMNS},
        **attributes,
        "conversation_id": told["conversation_id"],
        "created_at": replace(created, column=_BEGAN),
        "last_message_at": replace(created, column=_UNTIL),
    }  # fmt: skip
    columns.setdefault("channel", ColumnRead(constant="other"))
    selected = [replace(found.columns[ident]), Column(_BEGAN), Column(_UNTIL), *(Column(n) for n in names)]
    if _customer(database, found) and "requester_id" not in columns:
        columns["requester_id"] = ColumnRead(_OPENER)
        selected.append(Column(_OPENER))
    cursor = replace(messages.cursor, name=_CHANGED) if messages.cursor else None
    header = tuple(c.name for c in selected)
    read = FileRead(
        path="", source_file="conversations", form="tickets", header=header, columns=columns,
        tag_separator=messages.read.tag_separator, complete=False,
        elsewhere=tuple(sorted({*streams, "messages"} - {"conversations"})),
    )  # fmt: skip
    key = found.columns[ident]
    return Relation(
        "conversations", source, tuple(selected), read, found.zone, key, cursor, (key,),
        messages.example, ("grouped from the messages",), narrow=narrow,
        key_source=f"(SELECT DISTINCT m.{database.name(ident)} AS {database.name(ident)} FROM"
        f" {behind_from(database, found.entry, 'm')} WHERE m.{database.name(ident)} IS NOT NULL) q",
        behind=f"m.{database.name(messages.cursor.name)}" if messages.cursor else None,
    )  # fmt: skip


def _customer(database: Database, found: Found) -> str:
    """SQL that is true for a message of the customer; empty when nothing says so."""
    roles, who = found.described.read.roles, author(database, found)
    if not who:
        return ""
    if roles.column:
        text = database.as_text(found.columns[roles.column], f"q.{database.name(roles.column)}")
        natives = [database.text(n) for n, role in roles.values if role == "customer"] + ["'customer'"]
        return f"lower(trim({text})) IN ({', '.join(natives)})"
    if roles.agents:
        agents = ", ".join(database.text(agent.lower()) for agent in roles.agents)
        return f"lower({who}) NOT IN ({agents})"
    return "1 = 1" if roles.first_author == "customer" else ""


def _grouped(
    database: Database,
    found: Found,
    messages: Relation,
    ident: str,
    created: str,
    names: list[str],
    narrowed: bool,
) -> str:
    q = database.name
    customer = _customer(database, found)
    changed = f", q.{q(messages.cursor.name)} AS {q(_CHANGED)}" if messages.cursor else ""
    inner = [f"q.{q(ident)} AS {q(ident)}", f"q.{q(created)} AS {q(_BEGAN)}"]
    inner += [f"{database.as_text(found.columns[n], 'q.' + q(n))} AS {q('a_' + n)}" for n in names]
    outer = [
        f"g.{q(ident)} AS {q(ident)}",
        f"min(g.{q(_BEGAN)}) AS {q(_BEGAN)}",
        f"max(g.{q(_BEGAN)}) AS {q(_UNTIL)}",
    ]
    outer += [f"max(g.{q(_CHANGED)}) AS {q(_CHANGED)}"] if messages.cursor else []
    if names:
        last = f"PARTITION BY q.{q(ident)} ORDER BY {in_order(database, found, 'DESC')}"
        inner.append(f"row_number() OVER ({last}) AS {q('_sl_back')}")
        outer += [f"max(CASE WHEN g.{q('_sl_back')} = 1 THEN g.{q('a_' + n)} END) AS {q(n)}" for n in names]
    if customer:
        is_customer = f"CASE WHEN {customer} THEN 1 ELSE 0 END"
        first = f"PARTITION BY q.{q(ident)}, {is_customer} ORDER BY {in_order(database, found)}"
        inner += [f"{author(database, found)} AS {q('_sl_author')}", f"{is_customer} AS {q('_sl_customer')}"]
        inner.append(f"row_number() OVER ({first}) AS {q('_sl_place')}")
        outer.append(
            f"max(CASE WHEN g.{q('_sl_place')} = 1 AND g.{q('_sl_customer')} = 1 THEN g.{q('_sl_author')} END)"
            f" AS {q(_OPENER)}"
        )
    own = behind_from(database, found.entry, "m")
    usable = f" AND q.{q(created)} >= '1970-01-01' AND q.{q(created)} < '2100-01-01'"
    if found.described.read.columns["created_at"].formats:
        usable = ""  # text that the database cannot compare as a time
    only = f" AND q.{q(ident)} IN (SELECT m.{q(ident)} FROM {own} WHERE {NARROW})" if narrowed else ""
    return (
        f"(SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)}{changed} FROM {found.source}"
        f" WHERE q.{q(ident)} IS NOT NULL{usable}{only}) g GROUP BY g.{q(ident)}) q"
    )
