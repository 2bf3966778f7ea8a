"""How far each stream of a SQL source is read, and the passes that read on from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors._retry import attempts
from connectors._sql_config import SqlConfig
from connectors._sql_database import Database, earlier, instant_of
from connectors._sql_pages import PageRead, Pass, Position
from connectors._sql_relation import Relation
from connectors.base import ReadContext
from core.stream import KEYS, Checkpoint, Item, KeysSeen, Progress

if TYPE_CHECKING:
    import pyarrow as pa

KIND, STATE_VERSION = "keyset", 1


@dataclass
class Lane:
    """One stream: its position, and what is left to read in this run.

    `forward` is the highest position that was read, `backfill` the lowest, None when everything below is read
    too. `high` is the server's clock at the start of the run, less a margin.
    """

    database: Database
    relation: Relation
    config: SqlConfig
    context: ReadContext
    high: datetime
    forward: Position | None = None
    backfill: Position | None = None
    reconciled_at: str | None = None
    is_new: bool = True
    began_new: bool = True
    rows: int = 0
    seen_before: bool = False  # an earlier run read this stream
    keys_read: list[pa.Table] = field(default_factory=list)  # of streams whose keys are made page by page

    def __post_init__(self) -> None:
        known = self.context.state.get(self.relation.stream)
        if known is None or known.get("by") != self._by():
            return
        self.seen_before = True
        self.is_new = known.get("forward") is None
        self.forward, self.backfill = _position(known.get("forward")), _position(known.get("backfill"))
        self.began_new = self.is_new and self.backfill is None
        self.reconciled_at = known.get("reconciled_at")

    @property
    def stream(self) -> str:
        """The stream that the rows are of."""
        return self.relation.stream

    def _by(self) -> list[str | None]:
        cursor, key = self.relation.cursor, self.relation.key
        return [cursor.name if cursor else None, key.name if key else None]

    @property
    def read_whole(self) -> bool:
        """Whether this run has read every row there is, from one snapshot."""
        return self.began_new and self.horizon() is None and self.database.generation == 1

    # what to read

    def changes(self) -> Pass | None:
        """Rows at or after the highest position, the overlap before it included."""
        if self.relation.cursor is None or self.forward is None:
            return None
        low = self._literal(self._overlapped(self.forward[0]))
        return self._pass(low=low, high=self._high(), source=self.relation.where(f"{{}} >= {low}"))

    def history(self) -> Pass | None:
        """Rows below the lowest position, newest first; all rows when nothing was read yet."""
        if self.relation.cursor is None or (not self.is_new and self.backfill is None):
            return None
        return self._pass(high=self._high(), descending=True, last=self.backfill)

    def strangers(self) -> list[Pass]:
        """Rows that no range holds: without a cursor, or with one ahead of the server's clock.

        A clock that goes ahead, or local times read as UTC, must not keep rows away until their time has come: they
        are read in every run, and never move the position.
        """
        cursor = self.relation.cursor
        if cursor is None:
            return []
        name = f"q.{self.database.name(cursor.name)}"
        conditions = ["{} IS NULL"]
        if ahead := self._moment(self.high):
            conditions.append(f"{{}} > {ahead}")
        return [
            self._pass(
                condition=condition.replace("{}", name), source=self.relation.where(condition), ordered=False
            )
            for condition in conditions
        ]

    def everything(self) -> Pass | None:
        """All rows, by key where there is one."""
        if self.relation.cursor is not None:
            return None
        return self._pass(ordered=self.relation.key is not None, last=self.backfill)

    def keyed(self, condition: str) -> Pass:
        """The rows of a condition on the key."""
        return self._pass(condition=condition, ordered=False)

    def _pass(self, **given: Any) -> Pass:
        return Pass(self.database, self.relation, self.context, self.config.page_rows, **given)

    # reading it

    def next_items(self, one: Pass) -> Iterator[Item]:
        """The next page of a pass with its checkpoint; nothing at its end."""
        page = yield from attempts(one.next_page, self.context)
        if page is None:
            yield from self._ended(one)
            return
        self.rows += page.page.rows.num_rows
        if self.stream == "denominators":
            self.keys_read.append(page.page.rows.select(list(KEYS[self.stream])))
        yield from page.rejects
        yield page.page
        self._moved(one, page)
        if one.done:
            yield from self._ended(one)
        elif self.forward is not None or self.backfill is not None:
            yield self.checkpoint()
        yield Progress(f"{self.stream}: {self.rows:,} rows", self.rows)

    def _moved(self, one: Pass, page: PageRead) -> None:
        if page.first is None or page.last is None or one.condition:
            return
        if self.relation.cursor is None:
            self.backfill = page.last
        elif one.descending:
            self.forward = self.forward or page.first
            self.backfill = page.last
        elif self.forward is None or self._is_later(page.last, self.forward):
            self.forward = page.last

    def _ended(self, one: Pass) -> Iterator[Item]:
        if one.condition:
            return
        if self.keys_read:
            import pyarrow as pa

            yield KeysSeen(self.stream, pa.concat_tables(self.keys_read), last=True)
            self.keys_read = []
        if one.descending or self.relation.cursor is None:
            self.backfill, self.is_new = None, False
        if self.forward is not None or self.relation.cursor is None:
            yield self.checkpoint()

    def checkpoint(self) -> Checkpoint:
        """How far the stream is read now."""
        told: dict[str, Any] = {"by": self._by(), "forward": self.forward, "backfill": self.backfill}
        if self.reconciled_at is not None:
            told["reconciled_at"] = self.reconciled_at
        told = {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()}
        return Checkpoint(
            self.stream,
            told,
            KIND,
            STATE_VERSION,
            high_water=self._time(self.forward),
            horizon=self.horizon(),
        )

    def horizon(self) -> datetime | None:
        """Since when everything is read; None when all of it is, or when the cursor is no time."""
        if self.backfill is None or self.relation.cursor is None:
            return None
        return self._time(self.backfill) or self.high

    def at(self, one: Pass) -> datetime | None:
        """The time that a pass has come to."""
        return self._time(one.last)

    # comparing keys

    def due(self) -> bool:
        """Whether all keys are to be compared in this run. New rows have nothing to be compared with."""
        if not self.relation.keys or self.horizon() is not None:
            return False
        if self.context.is_first and self.began_new and self.stream in ("conversations", "messages"):
            return False
        every = self.config.reconcile_every_h
        if every == 0 or self.context.full or self.relation.cursor is None:
            return True
        if self.reconciled_at is None:
            return not self.began_new
        return self.high - datetime.fromisoformat(self.reconciled_at) >= timedelta(hours=every)

    def reconciled(self) -> Checkpoint:
        """The keys were compared."""
        if self.config.reconcile_every_h and self.relation.cursor is not None:
            self.reconciled_at = self.high.isoformat()
        return self.checkpoint()

    # values of the cursor

    def _literal(self, value: str) -> str:
        assert self.relation.cursor is not None  # noqa: S101 - asked of lanes with a cursor only
        return self.database.literal(value, self.relation.cursor)

    def _high(self) -> str:
        return self._moment(self.high)

    def _moment(self, at: datetime) -> str:
        """SQL of an instant as the cursor tells it; empty when the cursor is no time."""
        cursor, example = self.relation.cursor, self.relation.example
        if cursor is None or cursor.kind not in ("instant", "number"):
            return ""
        if cursor.kind == "number":
            scale = _scale(example, at)
            return str(int(at.timestamp() * scale)) if scale else ""
        return self.database.text(self.database.moment(at, self.relation.zone, example, cursor))

    def _overlapped(self, value: str) -> str:
        cursor = self.relation.cursor
        if cursor is not None and cursor.kind == "number":
            scale = _scale(value, self.high)
            back = int(self.config.overlap_s * scale) if scale else self.config.overlap_count
            return str(
                int(float(value)) - back if "." in value or "e" in value.lower() else int(value) - back
            )
        return earlier(value, self.config.overlap_s, keeps_zone=self.database.keeps_zone)

    def _is_later(self, one: Position, other: Position) -> bool:
        cursor = self.relation.cursor
        if cursor is not None and cursor.kind == "number":
            return Decimal(one[0]) >= Decimal(other[0])
        times = self._time(one), self._time(other)
        return times[0] >= times[1] if times[0] and times[1] else one[0] >= other[0]

    def _time(self, position: Position | None) -> datetime | None:
        cursor = self.relation.cursor
        if position is None or cursor is None:
            return None
        if cursor.kind == "number":
            scale = _scale(position[0], self.high)
            return datetime.fromtimestamp(float(position[0]) / scale, self.high.tzinfo) if scale else None
        return instant_of(position[0], "UTC" if cursor.zoned else self.relation.zone)


def _position(known: Any) -> Position | None:
    return (str(known[0]), known[1]) if isinstance(known, (list, tuple)) else None


def _scale(value: str | None, at: datetime) -> int:
    """Units of a second in which a number tells a time near `at`; 0 when it counts something else."""
    try:
        number = abs(float(value or ""))
    except ValueError:
        return 0
    now = at.timestamp()
    return next((unit for unit in (1, 1_000, 1_000_000) if now / 3 < number / unit < now * 2), 0)


def known_state(cursor: Mapping[str, Any], kind: str, version: int) -> Mapping[str, Any] | None:
    """A stored position, None when it was written by something else."""
    return cursor if (kind, version) == (KIND, STATE_VERSION) and "by" in cursor else None
