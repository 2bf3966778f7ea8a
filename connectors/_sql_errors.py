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
# What no encrypted connection can be made for, with the settings that cure it in the words of the kind.
_TLS: Mapping[str, tuple[str, str]] = {
    "another_name": (
        "the server's certificate is made for another name.",
        "Connect by the name in the certificate, or have one made for this name.",
    ),
    "not_trusted": (
        "the server's certificate is not signed by an authority that is trusted here.",
        "Set {authority} to the authority's file.",
    ),
    "not_offered": (
        "the server offers no encryption, and this source asks for it.",
        'Turn TLS on at the server, or set {off} for a network you trust.',
    ),
    "failed": (
        "no encrypted connection could be made.", "Check {mode}, {authority} and the server's certificate.",
    ),
}  # fmt: skip


def tls(what: str, *, mode: str, authority: str, off: str) -> tuple[str, str]:
    """The sentence and the cure for TLS that fails: `mode` and `authority` are names of settings, `off` ends TLS."""
    message, hint = _TLS[what]
    return message, hint.format(mode=mode, authority=authority, off=f'{mode} = "{off}"')


def not_valid(source: str) -> AppError:
    """The server sent a text that its own encoding does not allow."""
    return said("data", source, "", message="a text is not valid in the encoding of the database.")


def said(what: str, source: str, told: str, *, message: str = "", hint: str = "") -> AppError:
    """Our error of a kind, with the server's own first line behind our sentence."""
    general, cure = _SAID.get(what, ("", ""))
    first = told.strip().splitlines()[0].strip() if told.strip() else ""
    sentence = (message or general).rstrip(".")
    text = f"{sentence} ({first})." if first else f"{sentence}."
    return _CLASSES[what](text, hint=hint or cure, source=source)
