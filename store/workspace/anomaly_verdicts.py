"""What people said of incidents: useful, noise, an expected event, the new normal. Kept with its name, never overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import Connection, delete, insert, select, text, update

from core import clock
from core.filters import Period
from store.workspace import words
from store.workspace.notes import TEXT, noted
from store.workspace.part import Part, owner_of
from store.workspace.tables import ANOMALY_VERDICTS, NOTES

Saying = Literal["useful", "noise", "expected_event", "new_normal"]
SAYINGS: Final[tuple[Saying, ...]] = get_args(Saying)
KEY: Final = 600
EVENT: Final = "expected_event"
NOTED_AS: Final = "incident"  # the kind of note whose days forecasts do not learn from


@dataclass(frozen=True, slots=True)
class AnomalyVerdict:
    """One saying about an incident: its key, metric and slice, and its first and last day.

    `note_id` is of the note that an expected event made; it may be gone. `is_above`: whether the number was above what
    was expected; None where it was said before that was kept.
    """

    id: int
    key: str
    metric: str
    where: tuple[tuple[str, str], ...]
    saying: Saying
    from_day: date
    to_day: date
    viewer: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    note_id: int | None = None
    is_above: bool | None = None


class AnomalyVerdicts(Part):
    """Sayings about incidents, of everybody for everybody; what holds is what was not taken back."""

    def say_of_anomaly(
        self, key: str, saying: str, *, metric: str, where: Sequence[tuple[str, str]], days: tuple[date, date],
        viewer: str, of: str = "", is_above: bool | None = None,
    ) -> int:  # fmt: skip
        """Keep a saying; gives its id. Raises InputError.

        An expected event is noted too, on the charts of the metric and slice: once, however often it is said. `of` is
        what it is of, in words, for the note.
        """
        row: dict[str, Any] = {
            "key": words.exact(key, what="incident", most=KEY),
            "metric": words.line(metric, what="metric", most=100),
            "where": [[words.exact(one, what="slice", most=300) for one in pair] for pair in where],
            "saying": words.one_of(saying, SAYINGS, what="verdict"),
            "from_day": days[0], "to_day": days[1], "viewer": owner_of(viewer), "at": clock.now(),
            "is_above": is_above,
        }  # fmt: skip
        made = insert(ANOMALY_VERDICTS).values(row).returning(ANOMALY_VERDICTS.c.id)
        note = _note_of(row, of) if saying == EVENT else None

        def work(con: Connection) -> int:
            if note:
                _wait_for_others(con)
            id = int(con.execute(made).scalar_one())
            if note:
                note_id = _note_id(con, row)
                if note_id is None:
                    note_id = con.execute(insert(NOTES).values(note).returning(NOTES.c.id)).scalar_one()
                this = ANOMALY_VERDICTS.c.id == id
                con.execute(update(ANOMALY_VERDICTS).where(this).values(note_id=note_id))
            return id

        return self._writing(work)

    def undo_anomaly_verdict(self, id: int, *, viewer: str) -> bool:
        """Take a saying back; whether there was one. The note that it made goes too, unless somebody changed it."""
        change = (
            update(ANOMALY_VERDICTS)
            .where(ANOMALY_VERDICTS.c.id == id, ANOMALY_VERDICTS.c.undone_at.is_(None))
            .values(undone_at=clock.now(), undone_by=owner_of(viewer))
        )
        own = select(ANOMALY_VERDICTS.c.note_id).where(ANOMALY_VERDICTS.c.id == id)
        still = select(ANOMALY_VERDICTS.c.note_id).where(
            ANOMALY_VERDICTS.c.undone_at.is_(None), ANOMALY_VERDICTS.c.note_id.is_not(None)
        )
        unneeded = delete(NOTES).where(
            NOTES.c.id.in_(own), NOTES.c.changed_at.is_(None), NOTES.c.id.not_in(still)
        )

        def work(con: Connection) -> bool:
            is_done = bool(con.execute(change).rowcount)
            if is_done:
                con.execute(unneeded)
            return is_done

        return self._writing(work)

    def anomaly_verdicts(self) -> list[AnomalyVerdict]:
        """What was not taken back, in the order in which it was said."""
        query = (
            select(ANOMALY_VERDICTS)
            .where(ANOMALY_VERDICTS.c.undone_at.is_(None))
            .order_by(ANOMALY_VERDICTS.c.id)
        )
        with self._reading() as con:
            return [
                AnomalyVerdict(**{**row, "where": tuple((name, value) for name, value in row["where"])})
                for row in con.execute(query).mappings()
            ]


def _wait_for_others(con: Connection) -> None:
    """Whoever says the same at this moment is done first. In SQLite the first write keeps all others waiting."""
    if con.dialect.name == "postgresql":
        con.execute(text("LOCK TABLE anomaly_verdicts IN SHARE ROW EXCLUSIVE MODE"))


def _note_of(row: Mapping[str, Any], of: str) -> dict[str, Any]:
    """The row of the note that an expected event makes: limited to its metric and slice. Raises InputError."""
    only: dict[str, list[str]] = {}
    for name, value in row["where"]:
        only.setdefault(name, []).append(value)
    said = f"Expected event: {of or row['metric']}"[:TEXT]
    made = noted(Period(row["from_day"], row["to_day"]), said, NOTED_AS, row["metric"], only)
    return made | {"author": row["viewer"], "created_at": row["at"], "changed_at": None}


def _note_id(con: Connection, row: Mapping[str, Any]) -> int | None:
    """The note that stands for the same event: of a saying that holds, of the metric and slice, on some of its days."""
    said = ANOMALY_VERDICTS.c
    query = select(said.note_id, said.where).where(
        said.saying == EVENT, said.undone_at.is_(None), said.metric == row["metric"],
        said.from_day <= row["to_day"], said.to_day >= row["from_day"], said.note_id.in_(select(NOTES.c.id)),
    )  # fmt: skip
    wanted = sorted(row["where"])
    return next((int(id) for id, where in con.execute(query) if sorted(where) == wanted), None)
