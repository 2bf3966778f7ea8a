"""Alert rules: what is watched for whom. What a definition means is decided in `alerts`, not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from core import clock
from core.errors import InputError
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import ALERT_RULES, ALERT_STATES, DELIVERIES, INCIDENTS

RuleKind = Literal[
    "threshold", "change", "sla_breach", "sla_soon", "source_stale", "job_failed", "anomaly", "off_forecast", "topic_rising",
    "answers",
]  # fmt: skip
RULE_KINDS: Final[tuple[RuleKind, ...]] = get_args(RuleKind)
RuleStatus = Literal["new", "ok", "failed", "suspended"]
MOST: Final = 1_000  # rules of one owner


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule. `status` and `problem` say how its last evaluation went, `seen` what that was based on.

    An evaluation that judged is "ok", one that could not is "failed"; "suspended" is a rule whose owner may see
    nothing any more.
    """

    id: int
    owner: str
    name: str
    kind: RuleKind
    definition: dict[str, Any]
    enabled: bool
    created_at: datetime
    changed_at: datetime
    snoozed_until: datetime | None
    status: RuleStatus
    problem: str | None
    evaluated_at: datetime | None
    seen: str


class AlertRules(Part):
    """Rules. Only their owner changes them; the evaluation reads all of them."""

    def add_alert_rule(self, name: str, kind: RuleKind, definition: Mapping[str, Any], *, owner: str) -> int:
        """Keep a rule; returns its id. Raises InputError, also for a name that the owner uses already."""
        now = clock.now()
        row = {
            "owner": owner_of(owner), "name": words.line(name, what="name of the rule"),
            "kind": words.one_of(kind, RULE_KINDS, what="rule"),
            "definition": words.definition(definition, what="rule"), "enabled": True, "created_at": now, "changed_at": now,
            "status": "new", "seen": "",
        }  # fmt: skip

        def work(con: Connection) -> int:
            mine = list(con.execute(select(ALERT_RULES.c.name).where(ALERT_RULES.c.owner == owner)).scalars())
            if len(mine) >= MOST:
                raise InputError(f"there are {MOST:,} rules already.", hint="Delete one first.")
            _free(row["name"], mine)
            return int(con.execute(insert(ALERT_RULES).values(row).returning(ALERT_RULES.c.id)).scalar_one())

        return self._writing(work)

    def change_alert_rule(
        self, id: int, name: str, kind: RuleKind, definition: Mapping[str, Any], *, owner: str
    ) -> bool:
        """Write a rule of the owner anew; whether there was one. It starts afresh: open incidents end without word.

        Raises InputError.
        """
        values = {
            "name": words.line(name, what="name of the rule"), "seen": "", "status": "new",
            "kind": words.one_of(kind, RULE_KINDS, what="rule"), "changed_at": clock.now(), "problem": None,
            "definition": words.definition(definition, what="rule"), "evaluated_at": None,
        }  # fmt: skip

        def work(con: Connection) -> bool:
            mine = ALERT_RULES.c.owner == owner
            _free(values["name"], list(con.execute(
                select(ALERT_RULES.c.name).where(mine, ALERT_RULES.c.id != id)).scalars()))  # fmt: skip
            if not con.execute(
                update(ALERT_RULES).where(ALERT_RULES.c.id == id, mine).values(values)
            ).rowcount:
                return False
            _start_afresh(con, id, "the rule was changed")
            return True

        return self._writing(work)

    def give_alert_rule(self, id: int, *, owner: str, to: str) -> bool:
        """Let a rule of the owner be somebody else's; whether there was one. It starts afresh. Raises InputError."""
        values = {
            "owner": owner_of(to), "changed_at": clock.now(), "seen": "", "status": "new", "problem": None,
            "evaluated_at": None,
        }  # fmt: skip

        def work(con: Connection) -> bool:
            name = con.execute(select(ALERT_RULES.c.name).where(ALERT_RULES.c.id == id)).scalar()
            theirs = select(ALERT_RULES.c.name).where(ALERT_RULES.c.owner == to, ALERT_RULES.c.id != id)
            _free(name, list(con.execute(theirs).scalars()))
            mine = (ALERT_RULES.c.id == id, ALERT_RULES.c.owner == owner)
            if not con.execute(update(ALERT_RULES).where(*mine).values(values)).rowcount:
                return False
            _start_afresh(con, id, "the rule was given to somebody else")
            return True

        return self._writing(work)

    def alert_rules(self, owner: str | None = None) -> list[AlertRule]:
        """The rules of an owner, or of everybody, in the order they were made."""
        query = select(ALERT_RULES).order_by(ALERT_RULES.c.id)
        if owner is not None:
            query = query.where(ALERT_RULES.c.owner == owner)
        with self._reading() as con:
            return [_rule(row) for row in con.execute(query).mappings()]

    def enable_alert_rule(self, id: int, *, owner: str, enabled: bool) -> bool:
        """Switch a rule on or off; whether there was one. Off, its incidents end without word."""
        change = update(ALERT_RULES).where(ALERT_RULES.c.id == id, ALERT_RULES.c.owner == owner)

        def work(con: Connection) -> bool:
            done = con.execute(change.values(enabled=enabled, changed_at=clock.now(), seen="")).rowcount
            if done and not enabled:
                _start_afresh(con, id, "the rule was switched off")
            return bool(done)

        return self._writing(work)

    def snooze_alert_rule(self, id: int, until: datetime | None, *, owner: str) -> bool:
        """Keep a rule's word back until an instant (None: no longer); whether there was one."""
        mine = (ALERT_RULES.c.id == id, ALERT_RULES.c.owner == owner)

        def work(con: Connection) -> bool:
            before = con.execute(select(ALERT_RULES.c.snoozed_until).where(*mine)).first()
            if before is None:
                return False
            con.execute(update(ALERT_RULES).where(*mine).values(snoozed_until=until))
            waiting = DELIVERIES.c.incident_id.in_(select(INCIDENTS.c.id).where(INCIDENTS.c.rule_id == id))
            pending = update(DELIVERIES).where(waiting, DELIVERIES.c.status == "waiting")
            if until is not None:
                con.execute(pending.where(DELIVERIES.c.due_at < until).values(due_at=until))
                con.execute(pending.where(DELIVERIES.c.until < until).values(until=until))
            elif before.snoozed_until is not None:
                con.execute(
                    pending.where(DELIVERIES.c.due_at == before.snoozed_until).values(due_at=clock.now())
                )
            return True

        return self._writing(work)

    def delete_alert_rule(self, id: int, *, owner: str) -> bool:
        """Forget a rule of the owner; whether there was one. Its incidents and deliveries stay in their logs."""

        def work(con: Connection) -> bool:
            gone = delete(ALERT_RULES).where(ALERT_RULES.c.id == id, ALERT_RULES.c.owner == owner)
            done = bool(con.execute(gone).rowcount)
            if done:
                _start_afresh(con, id, "the rule was deleted")
            return done

        return self._writing(work)

    def note_alert_rule(self, id: int, status: RuleStatus, problem: str | None, *, at: datetime) -> None:
        """Say how an evaluation went that judged nothing: what the last verdict rested on stays as it was."""
        change = update(ALERT_RULES).where(ALERT_RULES.c.id == id)
        self._writing(lambda con: con.execute(change.values(status=status, problem=problem, evaluated_at=at)))


def _start_afresh(con: Connection, rule_id: int, because: str) -> None:
    con.execute(delete(ALERT_STATES).where(ALERT_STATES.c.rule_id == rule_id))
    theirs = select(INCIDENTS.c.id).where(INCIDENTS.c.rule_id == rule_id)
    con.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.incident_id.in_(theirs), DELIVERIES.c.status == "waiting")
        .values(status="dropped", problem=f"{because}.", finished_at=clock.now())
    )
    con.execute(
        update(INCIDENTS)
        .where(INCIDENTS.c.rule_id == rule_id, INCIDENTS.c.open_key.is_not(None))
        .values(open_key=None, ended_at=clock.now(), ended_because=because)
    )


def _rule(row: RowMapping) -> AlertRule:
    return AlertRule(**{**row, "enabled": bool(row["enabled"])})


def _free(name: object, taken: list[str]) -> None:
    if name in taken:
        raise InputError(f"there is a rule called {name!r} already.", hint="Choose another name.")
