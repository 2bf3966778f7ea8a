"""What people said of incidents: useful, noise, an expected event, the new normal. Kept with its name, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import insert, select, update

from core import clock
from store.workspace import words
from store.workspace.part import Part, owner_of
from store.workspace.tables import ANOMALY_VERDICTS

Saying = Literal["useful", "noise", "expected_event", "new_normal"]
SAYINGS: Final[tuple[Saying, ...]] = get_args(Saying)
KEY: Final = 600


@dataclass(frozen=True, slots=True)
class AnomalyVerdict:
    """One saying about an incident: its key, metric and slice, and its first and last day."""

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


class AnomalyVerdicts(Part):
    """Sayings about incidents, of everybody for everybody; what holds is what was not taken back."""

    def say_of_anomaly(
        self,
        key: str,
        saying: str,
        *,
        metric: str,
        where: Sequence[tuple[str, str]],
        days: tuple[date, date],
        viewer: str,
    ) -> int:
        """Keep a saying; gives its id. Raises InputError."""
        row: dict[str, Any] = {
            "key": words.exact(key, what="incident", most=KEY),
            "metric": words.line(metric, what="metric", most=100),
            "where": [[words.exact(one, what="slice", most=300) for one in pair] for pair in where],
            "saying": words.one_of(saying, SAYINGS, what="verdict"),
            "from_day": days[0], "to_day": days[1], "viewer": owner_of(viewer), "at": clock.now(),
        }  # fmt: skip
        made = insert(ANOMALY_VERDICTS).values(row).returning(ANOMALY_VERDICTS.c.id)
        return self._writing(lambda con: int(con.execute(made).scalar_one()))

    def undo_anomaly_verdict(self, id: int, *, viewer: str) -> bool:
        """Take a saying back; whether there was one."""
        change = (
            update(ANOMALY_VERDICTS)
            .where(ANOMALY_VERDICTS.c.id == id, ANOMALY_VERDICTS.c.undone_at.is_(None))
            .values(undone_at=clock.now(), undone_by=owner_of(viewer))
        )
        return self._writing(lambda con: bool(con.execute(change).rowcount))

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
