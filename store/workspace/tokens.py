"""Tokens for machines that ask the server without signing in: kept as a hash, for named scopes, until a day.

A token is 256 random bits, so that one round of SHA-256 is enough to keep it: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import RowMapping, insert, select, update

from core import clock
from core.errors import InputError
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import TOKENS

SCOPES: Final[Mapping[str, str]] = {"metrics": "read /metrics"}
MOST_DAYS = 366
PREFIX = "sl_"  # by which scanners for lost secrets, and our own masking, know one
_USED_EVERY = timedelta(minutes=1)  # how exactly the last use is kept: not every scrape is a write


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; the token itself is not."""

    id: int
    name: str
    scopes: tuple[str, ...]
    owner: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None

    def opens(self, scope: str, at: datetime) -> bool:
        """Whether it opens what the scope stands for at an instant."""
        return scope in self.scopes and self.revoked_at is None and at < self.expires_at


class Tokens(Part):
    """Tokens of the workspace."""

    def make_token(self, name: str, *, scopes: Sequence[str], days: int, owner: str) -> str:
        """A new token, which nobody can read again. Raises InputError."""
        unknown = sorted(set(scopes) - SCOPES.keys())
        if unknown or not scopes:
            raise InputError(
                f"a token cannot open {', '.join(unknown) or 'nothing'}.", hint=f"Known: {', '.join(SCOPES)}."
            )
        if not 1 <= days <= MOST_DAYS:
            raise InputError(f"a token lasts from 1 to {MOST_DAYS} days.")
        made, now = PREFIX + secrets.token_urlsafe(32), clock.now()
        row = {
            "name": words.line(name, what="name of the token"), "scopes": sorted(set(scopes)), "hash": _hash(made),
            "owner": owner_of(owner), "created_at": now, "expires_at": now + timedelta(days=days),
        }  # fmt: skip
        self._writing(lambda con: con.execute(insert(TOKENS).values(row)))
        return made

    def tokens(self) -> list[Token]:
        """Every token that was made, the newest first."""
        with self._reading() as con:
            return [
                _token(row) for row in con.execute(select(TOKENS).order_by(TOKENS.c.id.desc())).mappings()
            ]

    def revoke_token(self, id: int) -> bool:
        """Let a token open nothing any more; whether there was one that did."""
        change = update(TOKENS).where(TOKENS.c.id == id, TOKENS.c.revoked_at.is_(None))
        return bool(self._writing(lambda con: con.execute(change.values(revoked_at=clock.now())).rowcount))

    def token_opens(self, token: str, scope: str) -> bool:
        """Whether a token opens a scope now; notes that it was used."""
        now = clock.now()
        with (
            self._reading() as con
        ):  # found by its hash: the time of a comparison says nothing about the token
            row = con.execute(select(TOKENS).where(TOKENS.c.hash == _hash(token))).mappings().one_or_none()
        found = _token(row) if row else None
        if found is None or not found.opens(scope, now):
            return False
        if found.used_at is None or now - found.used_at > _USED_EVERY:
            self._writing(
                lambda con: con.execute(update(TOKENS).where(TOKENS.c.id == found.id).values(used_at=now))
            )
        return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _token(row: RowMapping) -> Token:
    known = {key: value for key, value in row.items() if key != "hash"}
    return Token(**{**known, "scopes": tuple(row["scopes"])})
