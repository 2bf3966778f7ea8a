"""Addresses of database servers: refused in our own words, because a driver's would repeat parts of a password."""

from __future__ import annotations

import re

from core.errors import ConfigError

_URI = re.compile(r"^[a-z][a-z0-9+]*://", re.IGNORECASE)
HINT = (
    "Write special characters of the password as percent codes, such as %40 for @, %2F for / and %23 for #."
)


def require_readable(dsn: str, source: str) -> None:
    """Raises ConfigError for an address whose password would be taken for a host, a port or a path."""
    start = _URI.match(dsn)
    if start is None:
        return
    rest = dsn[start.end() :]
    place = re.split(r"[/?]", rest, maxsplit=1)[0]
    before_options = rest.split("?", 1)[0]
    port = place.rpartition("@")[2].rpartition(":")[2] if ":" in place.rpartition("@")[2] else ""
    in_brackets = place.endswith("]")
    wrong = (
        "#" in rest
        or place.count("@") > 1
        or "@" in before_options[len(place) :]
        or (bool(port) and not in_brackets and not all(p.isdigit() for p in port.split(",")[-1:]))
    )
    if wrong:
        raise unreadable(source)


def unreadable(source: str) -> ConfigError:
    """The error of an address that cannot be read."""
    return ConfigError("the address (dsn) cannot be read.", hint=HINT, source=source)
