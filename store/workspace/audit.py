"""Who signed in, saw, asked, exported and changed what. Rows are added; the database refuses to alter or remove one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, MetaData, event, insert, select, text

from core import clock
from core.errors import InputError
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import AUDIT, metadata

Action = Literal[
    "signed in", "signed out", "turned away", "saw", "asked", "exported", "changed", "sent", "erased", "removed",
]  # fmt: skip
ACTIONS: tuple[Action, ...] = get_args(Action)
_MOST = 500  # characters of a value in the detail
_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS audit_log_{0} BEFORE {0} ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
)
_POSTGRES = (
    "CREATE OR REPLACE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()",
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what."""

    id: int
    at: datetime
    viewer: str
    action: str
    detail: dict[str, Any] | None


class Audit(Part):
    """Who did what."""

    def audit(self, action: Action, *, viewer: str, detail: dict[str, Any] | None = None) -> None:
        """Note who did what. Long values of the detail are cut. Raises InputError, StoreError."""
        if action not in ACTIONS:
            raise InputError(f"{action!r} is nothing that the audit log knows.")
        row = {"at": clock.now(), "viewer": owner_of(viewer), "action": action, "detail": _kept(detail or {})}
        self._writing(lambda con: con.execute(insert(AUDIT).values(row)))

    def audit_log(
        self,
        n: int = 100,
        *,
        viewer: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
    ) -> list[AuditEntry]:
        """The newest entries: of one person, of one action, since an instant, older than an entry's id."""
        query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(n)
        if viewer:
            query = query.where(AUDIT.c.viewer == viewer)
        if action:
            query = query.where(AUDIT.c.action == action)
        if since:
            query = query.where(AUDIT.c.at >= since)
        if before is not None:
            query = query.where(AUDIT.c.id < before)
        with self._reading() as con:
            return [AuditEntry(**row) for row in con.execute(query).mappings()]

    def audited_people(self) -> list[str]:
        """Everybody the log speaks of, by name."""
        with self._reading() as con:
            return list(con.execute(select(AUDIT.c.viewer).distinct().order_by(AUDIT.c.viewer)).scalars())


def _kept(detail: dict[str, Any]) -> dict[str, Any]:
    return {
        key: words.readable(value)[:_MOST] if isinstance(value, str) else value
        for key, value in detail.items()
    }


def unprotect(con: Connection) -> None:
    """Allow changes within the transaction: only for what an erasure has to take out. `protect` ends it."""
    if con.dialect.name == "sqlite":
        con.execute(text("DROP TRIGGER IF EXISTS audit_log_UPDATE"))
    elif con.dialect.name == "postgresql":
        con.execute(text("DROP TRIGGER IF EXISTS audit_log_append_only ON audit_log"))


def protect(con: Connection) -> None:
    """Have the database refuse every change of an entry."""
    if con.dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            con.execute(text(_SQLITE.format(change)))
    elif con.dialect.name == "postgresql":
        for statement in _POSTGRES:
            con.execute(text(statement))


def _protect(_: MetaData, con: Connection, **_options: Any) -> None:
    protect(con)


event.listen(metadata, "after_create", _protect)
