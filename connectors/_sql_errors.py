"""Sentences for what can go wrong between us and a database server."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import (
    AppError,
    AuthError,
    ConfigError,
    PermissionRefused,
    SchemaError,
    SourceDataError,
    SourceNotFound,
    SourceUnavailable,
)

_CLASSES: Mapping[str, type[AppError]] = {
    "auth": AuthError, "permission": PermissionRefused, "missing": SourceNotFound, "schema": SchemaError,
    "writes": ConfigError, "data": SourceDataError, "gone": SourceUnavailable, "slow": SourceUnavailable,
    "tls": AuthError, "refused": SourceUnavailable,
}  # fmt: skip
_SAID: Mapping[str, tuple[str, str]] = {
    "auth": (
        "the server refuses the account or its password.",
        "Check user and password, and from where the account may connect.",
    ),
    "permission": (
        "the account may not read what was asked for.",
        "Grant it SELECT on the tables of this source, and nothing else.",
    ),
    "missing": (
        "a table, view, schema or database does not exist.",
        "Check the names, with their schema, and that the account may see them.",
    ),
    "schema": (
        "the server does not understand the query, or it has no such column.",
        "Run the query in a client first; give every column a name of its own.",
    ),
    "writes": (
        "the query tries to write, and this connection is read only.",
        "Use a query that only selects.",
    ),
    "data": (
        "the server could not compute a value of the query.",
        "Leave the row or column out, or convert it with care in the query.",
    ),
    "gone": (
        "the connection to the server was lost.",
        "It is tried again; check the network and the server's log.",
    ),
    "slow": (
        "the query took longer than the test allows.",
        "Add an index, or raise statement_timeout_s for this source.",
    ),
    "refused": (
        "the server cannot be reached or takes no connections now.",
        "Check host and port, the firewall, and that the server runs.",
    ),
}


def said(what: str, source: str, told: str, *, message: str = "", hint: str = "") -> AppError:
    """Our error of a kind, with the server's own first line behind our sentence."""
    general, cure = _SAID.get(what, ("", ""))
    first = told.strip().splitlines()[0].strip() if told.strip() else ""
    sentence = (message or general).rstrip(".")
    text = f"{sentence} ({first})." if first else f"{sentence}."
    return _CLASSES[what](text, hint=hint or cure, source=source)
