"""The single writer of the work file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import SourceDataError, StoreError
from core.home import Home
from core.stream import KEYS, Batch, Checkpoint, FileGone, FileRead, KeysSeen, Page, Reject
from store import fields, migrations, state, whole
from store.connection import connect
from store.covered import MaskFor, cover
from store.faults import in_our_words
from store.merge import Counts, merge, merge_away, retire
from store.state import Mask
from store.tables import columns, required_keys

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from store.barred import Barred
    from store.retention import Retired

_WHOLE = "SELECT COLUMNS('^(conversation_id|source_version)$') FROM stage_conversations"


def unmasked(text: str) -> str:
    """The mask that changes nothing."""
    return text


@dataclass(frozen=True, slots=True)
class Applied:
    """What one page or file did to the store."""

    read: int = 0
    rejected: int = 0
    streams: Mapping[str, Counts] = field(default_factory=dict)
    new_rejects: bool = False
    new_columns: tuple[str, ...] = ()

    def __add__(self, other: Applied) -> Applied:
        streams = dict(self.streams)
        for stream, counts in other.streams.items():
            streams[stream] = streams.get(stream, Counts()) + counts
        return Applied(
            self.read + other.read, self.rejected + other.rejected, streams,
            self.new_rejects or other.new_rejects, (*self.new_columns, *other.new_columns),
        )  # fmt: skip

    @property
    def counts(self) -> Counts:
        """All streams together."""
        return sum(self.streams.values(), Counts())


class Writer:
    """The open work file. Everything it writes becomes visible to readers by a publish."""

    def __init__(self, home: Home, *, run_id: str) -> None:
        self.home, self.run_id = home, run_id
        self.mask: Mask = unmasked  # of samples of rejects
        self.mask_for: MaskFor | None = None  # set: texts are masked before they are stored
        self.barred: Barred | None = None  # set: what is never written again
        self.retired: Retired | None = None  # set: what is too old to be written again
        home.make()
        home.warehouse.mkdir(parents=True, exist_ok=True)
        self.path = home.warehouse / "work.duckdb"
        self.con: duckdb.DuckDBPyConnection
        self.open()

    def open(self) -> None:
        """Open the work file (again, after `close`)."""
        self.con = connect(self.path, self.home, read_only=False)
        try:
            migrations.upgrade(self.con)
        except BaseException:
            self.con.close()
            raise

    def interrupt(self) -> None:
        """Break off the statement that another thread is running; it raises there. One that is closed runs none."""
        import duckdb

        with suppress(duckdb.ConnectionException):
            self.con.interrupt()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Raises DiskFull when there was no room, MemoryLimit when a statement needs more than it may take."""
        import duckdb

        with in_our_words(self.home, "rows were written"):
            self.con.execute("BEGIN")
            try:
                yield
                self.con.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.TransactionException):  # a commit that failed has undone itself
                    self.con.execute("ROLLBACK")
                raise

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement. Raises DiskFull, MemoryLimit."""
        with in_our_words(self.home, "rows were written"):
            self.con.execute(sql, list(params))

    def query(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """Rows as an Arrow table."""
        return self.con.execute(sql, list(params)).to_arrow_table()

    def batches(
        self, sql: str, params: Sequence[Any] = (), *, rows: int = 20_000
    ) -> Iterator[pa.RecordBatch]:
        """Rows in batches of about `rows`, on a cursor of its own so that writes may go on between them."""
        cursor = self.con.cursor()
        try:
            yield from cursor.execute(sql, list(params)).to_arrow_reader(rows)
        finally:
            cursor.close()

    def insert(self, table: str, rows: pa.Table) -> None:
        """Append Arrow rows; columns are matched by name."""
        self.con.register("incoming_rows", rows)
        try:
            self.con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming_rows")
        finally:
            self.con.unregister("incoming_rows")

    def apply(
        self,
        source_id: str,
        items: Sequence[Batch | Page],
        *,
        checkpoints: Sequence[Checkpoint] = (),
        rejects: Sequence[Reject] = (),
        fingerprint: str = "",
    ) -> Applied:
        """One or more pages: rows, cursors, rejects and touched conversations in one transaction."""
        done = Applied(len(rejects), len(rejects))
        with self.transaction():
            aside = state.save_rejects(self.con, source_id, rejects, run_id=self.run_id, mask=self.mask)
            for item in items:
                told = (
                    self._apply_page(source_id, item)
                    if isinstance(item, Page)
                    else self._apply_batch(source_id, item)
                )
                done += told
            self._note(done.streams, aside=bool(aside) or done.new_rejects)
            for point in checkpoints:
                state.save_cursor(self.con, source_id, point, fingerprint=fingerprint, run_id=self.run_id)
        return done

    def _apply_batch(self, source_id: str, batch: Batch) -> Applied:
        if batch.stream == fields.STREAM:
            return Applied(0, 0, {fields.STREAM: fields.save(self.con, source_id, batch.rows)})
        aside = self._stage(batch, source_id)
        self._keep_out([batch.stream], source_id)
        self._cover(batch.stream)
        if batch.whole_for is not None:
            whole.note_whole(self.con, batch.whole_for)
            whole.complete(self.con, batch.stream, source_id=source_id)
        counts = merge(self.con, batch.stream, source_id=source_id, run_id=self.run_id)
        self.execute(f"DROP TABLE stage_{batch.stream}")
        fresh = state.save_rejects(self.con, source_id, aside, run_id=self.run_id, mask=self.mask)
        return Applied(batch.rows.num_rows, len(aside), {batch.stream: counts}, bool(fresh))

    def _apply_page(self, source_id: str, page: Page) -> Applied:
        from store.bulk import stage_page

        staged = stage_page(self.con, page, source_id=source_id, run_id=self.run_id)
        self._keep_out(staged, source_id)
        done = self._count_file(page.read, staged)
        streams: dict[str, Counts] = {}
        for stream in sorted(staged, key=list(KEYS).index):
            self._describe_stage(stream, page.read)
            self._cover(stream)
            if page.read.form == "tickets" and stream not in ("conversations", "people"):
                whole.complete(self.con, stream, source_id=source_id, part=page.read.source_file)
            elif page.read.form == "tickets" and stream == "conversations":
                whole.note_whole(self.con, self.query(_WHOLE))
            streams[stream] = merge(self.con, stream, source_id=source_id, run_id=self.run_id)
        fresh = state.add_staged_rejects(self.con, source_id, run_id=self.run_id, mask=self.mask)
        new = fields.note_columns(self.con, source_id, page.read.columns)
        self._drop_stages()
        return Applied(done.read, done.rejected, streams, fresh, new)

    def _keep_out(self, streams: Sequence[str], source_id: str) -> None:
        if self.barred:
            self.barred.keep_out(self.con, streams, source_id=source_id)
        if self.retired:
            self.retired.keep_out(self.con, streams, source_id=source_id)

    def _cover(self, stream: str) -> None:
        if self.mask_for is not None:
            cover(self.con, stream, self.mask_for)

    def apply_keys(self, source_id: str, seen: KeysSeen, *, first: bool) -> Applied:
        """Collect keys that the source holds; after the last ones, rows that it no longer holds are deleted."""
        whole.note_keys(self.con, seen, first=first)
        if not seen.last:
            return Applied()
        with self.transaction():
            counts = whole.merge_unnamed(self.con, seen, source_id=source_id, run_id=self.run_id)
            self._note({seen.stream: counts})
        return Applied(0, 0, {seen.stream: Counts(deleted=counts.deleted)})

    def missing(self, source_id: str, stream: str) -> pa.Table:
        """Keys that the source named and the store lacks, after `apply_keys` with the last ones."""
        found = whole.missing(self.con, stream, source_id=source_id)
        if self.retired and stream == "conversations":
            found = self.retired.without(self.con, found, source_id=source_id)
        if self.barred and stream == "conversations":
            return self.barred.without(found, source_id=source_id)
        return found

    def apply_file(self, source_id: str, file: FileRead) -> Applied:
        """One file, read by the database itself: rows, rejects and the file's mark in one transaction."""
        from store.bulk import stage_file

        staged = stage_file(self.con, file, source_id=source_id, run_id=self.run_id)
        self._keep_out(staged, source_id)
        whole = file.source_file if file.complete else None
        streams: dict[str, Counts] = {}
        with self.transaction():
            applied = self._count_file(file, staged)
            for stream in sorted(staged, key=list(KEYS).index):
                self._describe_stage(stream, file)
                self._cover(stream)
                streams[stream] = merge(
                    self.con, stream, source_id=source_id, run_id=self.run_id, complete_file=whole
                )
            if whole is not None:  # streams that the file delivered before and no longer does
                for stream in KEYS.keys() - set(staged):
                    streams[stream] = merge_away(
                        self.con, stream, source_id=source_id, run_id=self.run_id, file=whole
                    )
            aside = state.save_staged_rejects(
                self.con, source_id, file.source_file, run_id=self.run_id, mask=self.mask
            )
            self._note(streams, aside=aside)
            new = fields.note_columns(self.con, source_id, file.columns)
            state.save_file(self.con, source_id, file, rows=applied.read, run_id=self.run_id)
        self._drop_stages()
        told = {stream: counts for stream, counts in streams.items() if counts != Counts()}
        return Applied(applied.read, applied.rejected, told, new_columns=new)

    def apply_gone(self, source_id: str, gone: FileGone) -> Applied:
        """A file that no longer exists: its rows are marked deleted."""
        streams: dict[str, Counts] = {}
        with self.transaction():
            for stream in KEYS:
                streams[stream] = merge_away(
                    self.con, stream, source_id=source_id, run_id=self.run_id, file=gone.source_file
                )
            state.forget_file(self.con, source_id, gone.source_file)
            self._note(streams)
        return Applied(0, 0, {k: c for k, c in streams.items() if c != Counts()})

    def retire(self, source_id: str) -> Applied:
        """Mark everything of a source as deleted, as if it had never been configured."""
        with self.transaction():
            streams = {"conversations": retire(self.con, source_id, run_id=self.run_id)}
            self._note(streams)
        return Applied(0, 0, streams)

    def purge(self, source_id: str) -> None:
        """Remove every row of a source that was retired, once facts and search units were made without it."""
        tables = self.con.execute(
            "SELECT table_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name, database_name) "
            "WHERE column_name = 'source_id' AND NOT temporary AND table_name <> 'sync_runs'"
        ).fetchall()
        with self.transaction():
            for (table,) in tables:
                self.execute(f"DELETE FROM {table} WHERE source_id = ?", [source_id])

    def is_empty(self, *, besides: str | None = None, only: str | None = None) -> bool:
        """Whether no conversation is left that is not deleted (of other sources than one, or of one only)."""
        found = self.con.execute(
            "SELECT 1 FROM conversations WHERE NOT is_deleted AND source_id IS DISTINCT FROM $1 "
            "AND ($2 IS NULL OR source_id = $2) LIMIT 1",
            [besides, only],
        )
        return found.fetchone() is None

    def close(self) -> None:
        """Checkpoint and let go of the file. Raises DiskFull when there was no room; it is let go of all the same."""
        try:
            with in_our_words(self.home, "rows were written"):
                self.con.execute("CHECKPOINT")
        finally:
            self.con.close()

    def _note(self, streams: Mapping[str, Counts], *, aside: bool = False) -> None:
        if aside or any(counts.changed for counts in streams.values()):
            state.mark_changed(self.con, self.run_id)

    def _stage(self, batch: Batch, source_id: str) -> list[Reject]:
        """Put Arrow rows into the stage in the table's types; gives rows without a key as rejects."""
        import duckdb

        table = columns(self.con, batch.stream)
        unknown = [name for name in batch.rows.column_names if name not in table]
        if unknown:
            raise StoreError(
                f"rows of {batch.stream} have columns the warehouse does not know: {', '.join(unknown)}.",
                source=source_id,
            )
        given = {name: name for name in batch.rows.column_names}
        if batch.stream == "messages":  # their order needs a time, even where there is none
            given.setdefault("created_at", "NULL")
        select = ", ".join(f"{value}::{table[name]} AS {name}" for name, value in given.items())
        self.con.register("incoming_rows", batch.rows)
        try:
            self.execute(
                f"CREATE OR REPLACE TEMP TABLE stage_{batch.stream} AS SELECT {select} FROM incoming_rows"
            )
        except duckdb.ConversionException as error:
            raise SourceDataError(
                f"rows of {batch.stream} do not fit: {str(error).splitlines()[0]}", source=source_id
            ) from None
        finally:
            self.con.unregister("incoming_rows")
        needed = required_keys(batch.stream)
        missing = [name for name in needed if name not in batch.rows.column_names]
        if missing:
            raise StoreError(f"rows of {batch.stream} have no {', '.join(missing)}.", source=source_id)
        empty = " OR ".join(f"{name} IS NULL" for name in needed)
        count = self.con.execute(f"SELECT count(*) FROM stage_{batch.stream} WHERE {empty}").fetchone()
        return [Reject(batch.stream, f"no {' or '.join(needed)}")] * (count[0] if count else 0)

    def _count_file(self, file: FileRead, staged: Sequence[str]) -> Applied:
        """How many rows the file holds: usable ones and those set aside."""
        main = {"messages": "messages", "tickets": "conversations"}.get(file.form, file.stream or "")
        rows = self.con.execute(f"SELECT count(*) FROM stage_{main}").fetchone() if main in staged else (0,)
        aside = self.con.execute(
            "SELECT count(*) FROM stage_rejects WHERE NOT starts_with(reason, 'row kept: ')"
        ).fetchone()
        usable, rejected = (rows or (0,))[0], (aside or (0,))[0]
        return Applied(usable + rejected, rejected)

    def _describe_stage(self, stream: str, file: FileRead) -> None:
        """Add what the store wants to know about every row of a file, where the file does not say it."""
        staged = columns(self.con, f"stage_{stream}")
        if "source_version" not in staged and file.modified_at is not None:
            version = int(file.modified_at.timestamp() * 1_000_000)
            self.execute(f"ALTER TABLE stage_{stream} ADD COLUMN source_version HUGEINT DEFAULT {version}")
        derived = stream in ("conversations", "people") and file.stream != stream
        if derived and not (file.form == "tickets" and stream == "conversations"):
            self.execute(f"ALTER TABLE stage_{stream} ADD COLUMN is_derived BOOLEAN DEFAULT true")

    def _drop_stages(self) -> None:
        for stream in (*KEYS, "rejects"):
            self.execute(f"DROP TABLE IF EXISTS stage_{stream}")
