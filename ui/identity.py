"""Who is looking, as the identity provider or the proxy says. The only place that reads either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from core import clock
from core.access import SignIn
from core.errors import AppError


class NotSignedIn(AppError):
    """Nobody is signed in, or no longer."""

    code = "not_signed_in"


class NoAccess(AppError):
    """Somebody is signed in who may not see or do this."""

    code = "no_access"


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in."""

    name: str
    groups: tuple[str, ...] = ()


# Whoever runs a command on this machine has all of its files: nothing is kept from them.
OPERATOR = Person("everyone")
_reader: Person | None = None  # of this whole process: a page is drawn in a thread of its own


@contextmanager
def reading_for(who: Person) -> Iterator[None]:
    """Pages of this process are drawn for somebody who is not here: a digest, for who will read it.

    Only `python -m ui.report` says so, in a process of its own; no request reaches it.
    """
    global _reader
    before, _reader = _reader, who
    try:
        yield
    finally:
        _reader = before


def is_operator() -> bool:
    """Whether pages are drawn for whoever runs a command on this machine."""
    return _reader is OPERATOR


def is_here() -> bool:
    """Whether whoever is named is looking themselves."""
    return _reader is None


def person(sign_in: SignIn) -> Person:
    """Who is looking. Raises NotSignedIn."""
    if _reader is not None:
        return _reader
    if sign_in.by == "proxy":
        # Streamlit gives no address for this machine itself.
        return of_headers(sign_in, st.context.headers, st.context.ip_address or "127.0.0.1")
    return of_claims(sign_in, st.user.to_dict(), clock.wall())


def of_claims(sign_in: SignIn, claims: Mapping[str, Any], now: datetime) -> Person:
    """The person of an identity token, which was checked when it was taken. Raises NotSignedIn.

    The session lasts `hours` from when the provider issued the token, whatever the browser's cookie says.
    """
    if claims.get("is_logged_in") is not True:
        raise NotSignedIn("you are not signed in.")
    issued = claims.get("iat")
    if not isinstance(issued, int | float) or now - _moment(issued) > timedelta(hours=sign_in.hours):
        raise NotSignedIn("your session has ended.", hint="Sign in again.")
    email = claims.get("email")
    if not isinstance(email, str) or not email or claims.get("email_verified") is False:
        raise NotSignedIn(
            "the identity provider did not give a verified e-mail address.",
            hint="Ask whoever runs it to send the claims email and email_verified.",
        )
    groups = claims.get(sign_in.groups_claim)
    named = groups if isinstance(groups, list) else [groups] if isinstance(groups, str) else []
    return Person(email, tuple(group for group in named if isinstance(group, str)))


def of_headers(sign_in: SignIn, headers: Mapping[str, str], address: str) -> Person:
    """The person a proxy names; only a proxy of the list is believed. Raises NotSignedIn."""
    if not sign_in.believes(address):
        raise NotSignedIn(
            "this dashboard is reached through its proxy only.",
            hint=f"Open {sign_in.address or 'its address'}.",
        )
    name = (headers.get(sign_in.header) or "").strip()
    if not name:
        raise NotSignedIn("the proxy did not say who you are.", hint="Sign in there.")
    groups = (headers.get(sign_in.groups_header) or "").split(",")
    return Person(name, tuple(group.strip() for group in groups if group.strip()))


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
