"""Incidents of alert rules, and the memory of every segment that a rule watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from core import clock
from store.workspace.deliveries import Outgoing, queue
from store.workspace.part import Part, owner_of
from store.workspace.tables import ALERT_RULES, ALERT_STATES, DELIVERIES, INCIDENTS

Level = Literal["ok", "firing"]
Said = Literal["ok", "firing", "too few", "no value"]
Event = Literal["", "opened", "updated", "resolved"]


@dataclass(frozen=True, slots=True)
class AlertState:
    """What a rule remembers of one segment (empty: the total).

    `said` is the last verdict. `streak` counts windows in a row beyond the level, `base` as it was before `window`,
    so that a window that is judged again is not counted again. `at` is when it was judged (UTC).
    """

    level: Level
    said: Said
    streak: int
    base: int
    window: str
    value: float | None
    n: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertStep:
    """What one evaluation does to one segment. `words` go out with the event; `message` is what the incident says."""

    segment: str
    state: AlertState
    event: Event = ""
    message: Mapping[str, Any] | None = None
    words: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that lasted, or lasts, beyond a rule's level. `message` is what was last said of it."""

    id: int
    rule_id: int
    rule_name: str
    owner: str
    segment: str
    opened_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    ended_because: str | None
    message: dict[str, Any]
    acknowledged_at: datetime | None
    acknowledged_by: str | None

    @property
    def is_open(self) -> bool:
        """Whether it lasts."""
        return self.ended_at is None


Decide = Callable[[Mapping[str, AlertState]], Sequence[AlertStep]]


class Incidents(Part):
    """Incidents. One evaluation of a rule is one transaction: states, incidents and word to send, or nothing."""

    def settle_alert_rule(
        self, id: int, decide: Decide, *, changed_at: datetime, at: datetime, seen: str
    ) -> tuple[Event, ...] | None:
        """Take an evaluation over: `decide` gets what is remembered and gives what is new.

        None when the rule was changed, switched off or deleted since it was read, or judged later than `at`.
        """

        def work(con: Connection) -> tuple[Event, ...] | None:
            # The write comes first: it locks the rule, so that a second evaluation waits and then sees this one.
            rule = con.execute(
                update(ALERT_RULES)
                .where(
                    ALERT_RULES.c.id == id, ALERT_RULES.c.changed_at == changed_at, ALERT_RULES.c.enabled.is_(True),
                    ALERT_RULES.c.evaluated_at.is_(None) | (ALERT_RULES.c.evaluated_at <= at),
                )
                .values(evaluated_at=at, status="ok", problem=None, seen=seen)
                .returning(ALERT_RULES)
            ).mappings().first()  # fmt: skip
            if rule is None:
                return None
            steps = decide(_states(con, id))
            for step in steps:
                _take(con, rule, step, at)
            return tuple(step.event for step in steps)

        return self._writing(work)

    def alert_states(self, owner: str | None = None) -> dict[int, dict[str, AlertState]]:
        """What the rules of an owner, or of everybody, remember: by rule, then by segment."""
        query = select(ALERT_STATES).join(ALERT_RULES, ALERT_RULES.c.id == ALERT_STATES.c.rule_id)
        if owner is not None:
            query = query.where(ALERT_RULES.c.owner == owner)
        found: dict[int, dict[str, AlertState]] = {}
        with self._reading() as con:
            for row in con.execute(query.order_by(ALERT_STATES.c.rule_id, ALERT_STATES.c.segment)).mappings():
                found.setdefault(row["rule_id"], {})[row["segment"]] = _state(row)
        return found

    def incidents(
        self, owner: str | None = None, *, only_open: bool = False, limit: int = 100
    ) -> list[Incident]:
        """Incidents of an owner, or of everybody, the newest first."""
        query = select(INCIDENTS).order_by(INCIDENTS.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(INCIDENTS.c.owner == owner)
        if only_open:
            query = query.where(INCIDENTS.c.open_key.is_not(None))
        with self._reading() as con:
            return [_incident(row) for row in con.execute(query).mappings()]

    def acknowledge_incident(self, id: int, *, owner: str) -> bool:
        """Note that the owner has seen an open incident; whether there was one."""
        change = (
            update(INCIDENTS)
            .where(INCIDENTS.c.id == id, INCIDENTS.c.owner == owner, INCIDENTS.c.open_key.is_not(None))
            .values(acknowledged_at=clock.now(), acknowledged_by=owner_of(owner))
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))


def _take(con: Connection, rule: RowMapping, step: AlertStep, at: datetime) -> None:
    here = (ALERT_STATES.c.rule_id == rule["id"], ALERT_STATES.c.segment == step.segment)
    con.execute(delete(ALERT_STATES).where(*here))
    con.execute(insert(ALERT_STATES).values(rule_id=rule["id"], segment=step.segment, **asdict(step.state)))
    if step.event == "opened":
        _open(con, rule, step, at)
    elif step.event:
        _go_on(con, rule, step, at)


def _open(con: Connection, rule: RowMapping, step: AlertStep, at: datetime) -> None:
    row = {
        "rule_id": rule["id"], "rule_name": rule["name"], "owner": rule["owner"], "segment": step.segment,
        "open_key": _key(rule, step), "opened_at": at, "updated_at": at, "message": dict(step.message or {}),
    }  # fmt: skip
    incident = int(con.execute(insert(INCIDENTS).values(row).returning(INCIDENTS.c.id)).scalar_one())
    _tell(con, rule, incident, step)


def _go_on(con: Connection, rule: RowMapping, step: AlertStep, at: datetime) -> None:
    opened = INCIDENTS.c.open_key == _key(rule, step)
    incident = con.execute(select(INCIDENTS.c.id).where(opened)).scalar()
    if incident is None:
        return
    values: dict[str, Any] = {"updated_at": at, "message": dict(step.message or {})}
    if step.event == "resolved":
        values |= {"open_key": None, "ended_at": at, "ended_because": "back within the level"}
    con.execute(update(INCIDENTS).where(opened).values(values))
    if step.event == "resolved" and not _drop_unsaid(con, rule, incident, at):
        _tell(con, rule, incident, step)


def _drop_unsaid(con: Connection, rule: RowMapping, incident: int, at: datetime) -> bool:
    """Whether an incident began and ended while its rule was snoozed: then there is nothing to tell any more."""
    if rule["snoozed_until"] is None or rule["snoozed_until"] <= at:
        return False
    unsaid = update(DELIVERIES).where(
        DELIVERIES.c.incident_id == incident, DELIVERIES.c.status == "waiting", DELIVERIES.c.attempts == 0
    )
    change = unsaid.values(status="dropped", problem="it ended while the rule was snoozed.", finished_at=at)
    return bool(con.execute(change).rowcount)


def _tell(con: Connection, rule: RowMapping, incident: int, step: AlertStep) -> None:
    for word in step.words:
        key = f"incident/{incident}/{step.event}/{word.channel}"
        queue(con, word, key=key, owner=rule["owner"], event=step.event, incident_id=incident)


def _key(rule: RowMapping, step: AlertStep) -> str:
    return f"{rule['id']}/{step.segment}"


def _states(con: Connection, rule_id: int) -> dict[str, AlertState]:
    rows = con.execute(select(ALERT_STATES).where(ALERT_STATES.c.rule_id == rule_id)).mappings()
    return {row["segment"]: _state(row) for row in rows}


def _state(row: RowMapping) -> AlertState:
    return AlertState(**{key: value for key, value in row.items() if key not in ("rule_id", "segment")})


def _incident(row: RowMapping) -> Incident:
    return Incident(**{key: value for key, value in row.items() if key != "open_key"})
