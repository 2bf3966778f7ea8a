"""From staged rows to canonical rows: de-duplicate, compare fingerprints, write only what changed."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from core import clock
from core.stream import KEYS
from store import dirty
from store.combine import PARTS, combine
from store.tables import columns, content_hash, keys, required_keys, same_key

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of one stream."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def changed(self) -> bool:
        """Whether any canonical row is different now."""
        return bool(self.inserted or self.updated or self.deleted)


@dataclass(frozen=True, slots=True)
class _Merge:
    """One merge: the connection, the stream and the shapes of both sides."""

    con: duckdb.DuckDBPyConnection
    stream: str
    source_id: str
    run_id: str
    table: dict[str, str]
    staged: dict[str, str]

    @property
    def stage(self) -> str:
        return f"stage_{self.stream}"

    @property
    def keys(self) -> str:
        return ", ".join(keys(self.stream))

    def hash(self) -> str:
        known = {name: kind for name, kind in self.table.items() if name in self.staged}
        return content_hash(self.stream, known, alias="s")

    def has(self, column: str, otherwise: str) -> str:
        return f"s.{column}" if column in self.staged else otherwise

    def run(self, sql: str, **params: object) -> None:
        self.con.execute(sql, {name: value for name, value in params.items() if f"${name}" in sql} or None)

    def count(self, sql: str, **params: object) -> int:
        row = self.con.execute(sql, params or None).fetchone()
        return int(row[0]) if row else 0


def merge(
    con: duckdb.DuckDBPyConnection,
    stream: str,
    *,
    source_id: str,
    run_id: str,
    complete_file: str | None = None,
) -> Counts:
    """Write `stage_<stream>` into the table of that name; call it inside a transaction.

    Of rows with one key the highest source_version wins, then the last to arrive; an older version never
    replaces a newer one. With `complete_file`, rows of that file which are no longer staged are marked
    deleted. Conversations that a change touches go to dirty_conversations.
    """
    staged = columns(con, f"stage_{stream}")
    first = _is_empty(con, stream, source_id)
    if stream in PARTS and not first:
        combine(con, stream, source_id=source_id, complete_file=complete_file)
        staged = columns(con, f"stage_{stream}")
    work = _Merge(con, stream, source_id, run_id, columns(con, stream), staged)
    if first and not _has_duplicates(work):
        return _insert_all(work, complete_file)
    return _merge_changes(work, complete_file)


def merge_away(
    con: duckdb.DuckDBPyConnection, stream: str, *, source_id: str, run_id: str, file: str
) -> Counts:
    """Mark the rows of a stream that came from a file as deleted; what other files say of them stays."""
    if not _speaks_of(con, stream, source_id, file):
        return Counts()
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage_{stream} AS FROM {stream} LIMIT 0")
    counts = merge(con, stream, source_id=source_id, run_id=run_id, complete_file=file)
    con.execute(f"DROP TABLE stage_{stream}")
    return counts


def retire(con: duckdb.DuckDBPyConnection, source_id: str, *, run_id: str) -> Counts:
    """Mark everything a source delivered as deleted, and forget how far it was read."""
    deleted = 0
    for stream in KEYS:
        row = con.execute(
            f"UPDATE {stream} SET is_deleted = true, deleted_at = ?, last_seen_run = ? "
            "WHERE source_id = ? AND NOT is_deleted",
            [clock.now(), run_id, source_id],
        ).fetchone()
        deleted += int(row[0]) if row else 0
    if deleted:
        con.execute(
            """INSERT INTO dirty_conversations SELECT source_id, conversation_id FROM conversations
               ANTI JOIN dirty_conversations USING (source_id, conversation_id) WHERE source_id = $source""",
            {"source": source_id},
        )
    for table in (*PARTS.values(), "sync_state", "sync_files", "sync_rejects"):
        con.execute(f"DELETE FROM {table} WHERE source_id = ?", [source_id])
    return Counts(deleted=deleted)


def _speaks_of(con: duckdb.DuckDBPyConnection, stream: str, source_id: str, file: str) -> bool:
    tables = [stream, PARTS[stream]] if stream in PARTS else [stream]
    hidden = {stream: "AND NOT is_deleted"}
    return any(
        con.execute(
            f"SELECT 1 FROM {table} WHERE source_id = ? AND source_file = ? {hidden.get(table, '')} LIMIT 1",
            [source_id, file],
        ).fetchone()
        for table in tables
    )


def _is_empty(con: duckdb.DuckDBPyConnection, stream: str, source_id: str) -> bool:
    return not con.execute(f"SELECT 1 FROM {stream} WHERE source_id = ? LIMIT 1", [source_id]).fetchone()


def _has_duplicates(work: _Merge) -> bool:
    key = keys(work.stream)
    one = key[0] if len(key) == 1 else f"({work.keys})"
    empty = " OR ".join(f"{name} IS NULL" for name in required_keys(work.stream))
    row = work.con.execute(
        f"SELECT count(*) <> count(DISTINCT {one}) OR count_if({empty}) > 0 FROM {work.stage}"
    ).fetchone()
    return bool(row and row[0])


def _insert_all(work: _Merge, complete_file: str | None) -> Counts:
    """The first rows of a source: nothing to compare with, so a straight insert."""
    row = _full_row(work, fingerprint=work.hash())
    if work.stream == "messages":
        row += f", {work.has('seq', _FRESH_SEQ) if complete_file else _FRESH_SEQ} AS seq"
    elif "seq" in work.table:
        row += f", {work.has('seq', 'NULL')} AS seq"
    work.run(f"INSERT INTO {work.stream} BY NAME SELECT {row} FROM {work.stage} s", **_params(work))
    inserted = work.count(f"SELECT count(*) FROM {work.stage}")
    if "conversation_id" in work.table:
        dirty.mark(work.con, work.source_id, f"SELECT conversation_id FROM {work.stage}")
    elif inserted:
        work.run(f"CREATE OR REPLACE TEMP TABLE merge_delta AS SELECT {work.keys} FROM {work.stage}")
        dirty.mark_referring(work.con, work.source_id, work.stream)
    return Counts(inserted=inserted)


# The order of messages that pages bring follows from the rows alone, so that pages may come in any order:
# by time, and at one time by id, the shorter first, as ids that are counted up go.
_BY_ID = "created_at NULLS LAST, length(message_id), message_id"
_FRESH_SEQ = f"row_number() OVER (PARTITION BY s.conversation_id ORDER BY {_BY_ID})"


def _full_row(work: _Merge, *, fingerprint: str, first_seen: str = "$run") -> str:
    """Select-list of a complete row from the stage `s`, its place (seq) aside."""
    given = {
        "seq",
        "source_id",
        "content_hash",
        "is_deleted",
        "deleted_at",
        "first_seen_run",
        "last_seen_run",
    }
    plain = [f"s.{name}" for name in work.staged if name in work.table and name not in given]
    deleted = (
        work.has("s.is_deleted", "false")
        if "is_deleted" not in work.staged
        else "coalesce(s.is_deleted, false)"
    )
    return ", ".join(
        [
            *plain,
            "$source AS source_id",
            f"{fingerprint} AS content_hash",
            f"{deleted} AS is_deleted",
            f"CASE WHEN {deleted} THEN $now END::TIMESTAMPTZ AS deleted_at",
            f"{first_seen} AS first_seen_run",
            "$run AS last_seen_run",
        ]
    )


def _params(work: _Merge) -> dict[str, object]:
    return {"source": work.source_id, "run": work.run_id, "now": clock.now()}


def _merge_changes(work: _Merge, complete_file: str | None) -> Counts:
    _stage_keys(work)
    _classify(work, complete_file)
    if complete_file is not None:
        _add_missing(work, complete_file)
    if "conversation_id" in work.table:
        dirty.mark(work.con, work.source_id, _touched(work))
    if work.stream == "messages":
        _place_messages(work, complete_file)
    _write(work, complete_file)
    if "conversation_id" not in work.table and work.count(
        "SELECT count(*) FROM merge_delta WHERE action <> 'touch'"
    ):
        dirty.mark_referring(work.con, work.source_id, work.stream)
    return _counted(work)


def _stage_keys(work: _Merge) -> None:
    """One narrow row per key: which staged row wins, its fingerprint and its version."""
    extra = ", conversation_id" if _has_conversation(work) else ""
    version, file = work.has("source_version", "NULL::HUGEINT"), work.has("source_file", "NULL::VARCHAR")
    deleted = f"coalesce({work.has('is_deleted', 'NULL')}, false)"
    present = " AND ".join(f"{name} IS NOT NULL" for name in required_keys(work.stream))
    first = f"PARTITION BY {work.keys} ORDER BY {version} DESC NULLS LAST, s.rowid DESC"
    winner = f"QUALIFY row_number() OVER ({first}) = 1" if _has_duplicates(work) else ""
    work.run(
        f"""CREATE OR REPLACE TEMP TABLE merge_keys AS
            SELECT s.rowid AS stage_row, {work.keys}{extra}, {version} AS source_version, {file} AS source_file,
              {deleted} AS is_deleted, {work.hash()} AS content_hash
            FROM {work.stage} s WHERE {present} {winner}"""
    )


def _classify(work: _Merge, complete_file: str | None) -> None:
    """Compare with the stored rows. `touch`: equal content of another version, not counted as a change.

    Versions decide between sources of a row; what one file says is what it said when it was last read, and
    combined rows follow from their parts. A row that another file holds too belongs to the one read last, so
    that a renamed file takes its rows along.
    """
    other = "t.source_file IS DISTINCT FROM $file"
    by_version = "false" if complete_file and work.stream in PARTS else f"{other} AND NOT t.is_deleted"
    moved = "OR t.source_file IS DISTINCT FROM k.source_file" if complete_file else ""
    older = (
        "k.source_version < t.source_version OR (k.source_version IS NULL AND t.source_version IS NOT NULL)"
    )
    ignored = f"({by_version if complete_file else 'true'}) AND ({older})"
    extra = ", t.conversation_id AS old_conversation_id" if _has_conversation(work) else ""
    work.run(
        f"""CREATE OR REPLACE TEMP TABLE merge_delta AS SELECT * FROM (
              SELECT k.*, t.first_seen_run AS old_first_seen_run{extra},
                CASE WHEN t.source_id IS NULL THEN 'insert'
                     WHEN {ignored} THEN NULL
                     WHEN k.is_deleted THEN CASE WHEN t.is_deleted THEN NULL ELSE 'delete' END
                     WHEN t.is_deleted OR k.content_hash <> t.content_hash THEN 'update'
                     WHEN k.source_version IS DISTINCT FROM t.source_version {moved} THEN 'touch' END AS action
              FROM merge_keys k LEFT JOIN (SELECT * FROM {work.stream} WHERE source_id = $source) t
                ON {same_key("k", "t", work.stream)})
            WHERE action IS NOT NULL""",
        source=work.source_id,
        file=complete_file,
    )


def _add_missing(work: _Merge, complete_file: str) -> None:
    """Rows of a file that is read whole and no longer holds them."""
    extra = ", t.conversation_id, t.conversation_id AS old_conversation_id" if _has_conversation(work) else ""
    names = ", ".join(f"t.{key}" for key in keys(work.stream))
    work.run(
        f"""INSERT INTO merge_delta BY NAME SELECT {names}{extra}, 'delete' AS action FROM {work.stream} t
            ANTI JOIN merge_keys k ON {same_key("k", "t", work.stream)}
            WHERE t.source_id = $source AND t.source_file = $file AND NOT t.is_deleted""",
        source=work.source_id,
        file=complete_file,
    )


def _has_conversation(work: _Merge) -> bool:
    """Whether rows name a conversation outside their key."""
    return "conversation_id" in work.table and "conversation_id" not in keys(work.stream)


def _touched(work: _Merge) -> str:
    changed = "FROM merge_delta WHERE action <> 'touch'"
    old = f" UNION SELECT old_conversation_id {changed}" if _has_conversation(work) else ""
    return f"SELECT conversation_id {changed}{old}"


def _place_messages(work: _Merge, complete_file: str | None) -> None:
    """Number the conversations that gained or changed messages.

    A conversation that a file holds whole has the order of the file, which knows the source's own sequence.
    Else by time, and at equal times by the place so far, then in the file.
    """
    seq = work.has("seq", "NULL::INTEGER")
    in_file = """CASE WHEN whole THEN new_seq END NULLS LAST, created_at NULLS LAST, old_seq NULLS LAST,
      new_seq NULLS LAST, stage_row, message_id"""
    order = in_file if complete_file else _BY_ID
    in_stage = f"""LEFT JOIN merge_keys k ON k.message_id = t.message_id AND k.conversation_id = t.conversation_id
              LEFT JOIN {work.stage} s ON s.rowid = k.stage_row"""
    work.run(
        f"""CREATE OR REPLACE TEMP TABLE merge_seq AS
            WITH changed AS (FROM merge_delta WHERE action IN ('insert', 'update')),
            gone AS (SELECT message_id FROM merge_delta WHERE action = 'delete'),
            arriving AS (
              SELECT d.message_id, s.conversation_id, s.created_at, t.seq AS old_seq, {seq} AS new_seq,
                d.stage_row, false AS is_gone
              FROM changed d JOIN {work.stage} s ON s.rowid = d.stage_row
              LEFT JOIN messages t ON t.source_id = $source AND t.message_id = d.message_id),
            staying AS (
              SELECT t.message_id, t.conversation_id, t.created_at, t.seq AS old_seq,
                {seq if complete_file else "NULL::INTEGER"} AS new_seq,
                NULL::BIGINT AS stage_row, t.is_deleted OR g.message_id IS NOT NULL AS is_gone
              FROM messages t ANTI JOIN changed USING (message_id)
              LEFT JOIN gone g ON g.message_id = t.message_id
              {in_stage if complete_file else ""}
              WHERE t.source_id = $source AND t.conversation_id IN
                (SELECT conversation_id FROM changed UNION SELECT old_conversation_id FROM changed)),
            every AS (
              SELECT *, bool_and(new_seq IS NOT NULL OR is_gone) OVER (PARTITION BY conversation_id) AS whole
              FROM (FROM arriving UNION ALL BY NAME FROM staying))
            SELECT message_id, stage_row, old_seq,
              row_number() OVER (PARTITION BY conversation_id ORDER BY {order}) AS seq
            FROM every""",
        source=work.source_id,
    )


def _write(work: _Merge, complete_file: str | None) -> None:
    on, table = same_key("t", "d", work.stream), work.stream
    work.run(
        f"""DELETE FROM {table} t USING merge_delta d
            WHERE t.source_id = $source AND d.action = 'update' AND {on}""",
        source=work.source_id,
    )
    row = _full_row(work, fingerprint="d.content_hash", first_seen="coalesce(d.old_first_seen_run, $run)")
    join = ""
    if table == "messages":
        row, join = f"{row}, q.seq", "JOIN merge_seq q ON q.stage_row = s.rowid"
    elif "seq" in work.staged:
        row += ", s.seq"
    work.run(
        f"""INSERT INTO {table} BY NAME SELECT {row} FROM {work.stage} s
            JOIN (FROM merge_delta WHERE action IN ('insert', 'update')) d ON s.rowid = d.stage_row {join}""",
        **_params(work),
    )
    _flag(work, on, complete_file)


def _flag(work: _Merge, on: str, complete_file: str | None) -> None:
    """What needs no new row: deletions, newer versions of equal content, moved message numbers."""
    moved = ", source_file = d.source_file" if complete_file else ""
    work.run(
        f"""UPDATE {work.stream} t SET is_deleted = true, deleted_at = $now, last_seen_run = $run,
              source_version = coalesce(d.source_version, t.source_version)
            FROM merge_delta d WHERE t.source_id = $source AND d.action = 'delete' AND {on}""",
        **_params(work),
    )
    work.run(
        f"""UPDATE {work.stream} t SET source_version = d.source_version{moved}
            FROM merge_delta d WHERE t.source_id = $source AND d.action = 'touch' AND {on}""",
        source=work.source_id,
    )
    if work.stream == "messages":
        work.run(
            """UPDATE messages t SET seq = q.seq FROM merge_seq q WHERE t.source_id = $source
               AND t.message_id = q.message_id AND q.stage_row IS NULL
               AND q.seq IS DISTINCT FROM q.old_seq""",
            source=work.source_id,
        )


def _counted(work: _Merge) -> Counts:
    found = dict(work.con.execute("SELECT action, count(*) FROM merge_delta GROUP BY action").fetchall())
    staged = work.count("SELECT count(*) FROM merge_keys")
    seen = work.count("SELECT count(*) FROM merge_delta WHERE action <> 'touch' AND stage_row IS NOT NULL")
    return Counts(found.get("insert", 0), found.get("update", 0), staged - seen, found.get("delete", 0))
