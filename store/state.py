"""How far each source has been read: cursors, files, rejects, finished runs. Written with the rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import clock
from core.stream import KEYS, Checkpoint, FileRead, Reject
from store.combine import PARTS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Mask = Callable[[str], str]
_OF_CONVERSATIONS = ("messages", "conversation_events", "csat", "conversation_tags", "attachments")
_SETTINGS = "*settings*"  # the row of sync_state that is no stream
SAMPLE_CHARACTERS = 500
# A file can be wrong from top to bottom: beyond this many, rejects keep their reason but no sample.
MASKED_SAMPLES = 5_000


@dataclass(frozen=True, slots=True)
class Position:
    """How far a stream was read: its cursor, and how the cursor is to be understood."""

    stream: str
    kind: str
    version: int
    cursor: Mapping[str, Any]


def cursors(con: duckdb.DuckDBPyConnection, source_id: str, fingerprint: str) -> list[Position]:
    """Positions as last committed; nothing when the source's settings have changed since."""
    rows = con.execute(
        "SELECT stream, cursor_kind, cursor_version, cursor FROM sync_state "
        "WHERE source_id = ? AND config_fingerprint = ? AND stream <> ?",
        [source_id, fingerprint, _SETTINGS],
    ).fetchall()
    return [Position(stream, kind, version, json.loads(cursor)) for stream, kind, version, cursor in rows]


def save_cursor(
    con: duckdb.DuckDBPyConnection, source_id: str, point: Checkpoint, *, fingerprint: str, run_id: str
) -> None:
    """Remember a checkpoint."""
    con.execute("DELETE FROM sync_state WHERE source_id = ? AND stream = ?", [source_id, point.stream])
    con.execute(
        """INSERT INTO sync_state (source_id, stream, cursor, cursor_kind, cursor_version, config_fingerprint,
             high_water, horizon, updated_at, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            source_id, point.stream, json.dumps(dict(point.cursor), default=str), point.kind, point.version,
            fingerprint, point.high_water, point.horizon, clock.now(), run_id,
        ],
    )  # fmt: skip


def files(con: duckdb.DuckDBPyConnection, source_id: str) -> dict[str, dict[str, Any]]:
    """Loaded files with their size, time and digest, so that unchanged ones need no reading."""
    rows = con.execute(
        "SELECT path, size, epoch_us(modified_at), sha256, rows, etag FROM sync_files "
        "WHERE source_id = ? AND status = 'loaded'",
        [source_id],
    ).fetchall()
    return {
        path: {"size": size, "modified_at": _instant(micros), "sha256": sha256, "rows": count, "etag": etag}
        for path, size, micros, sha256, count, etag in rows
    }


def hidden_rows(con: duckdb.DuckDBPyConnection, source_id: str, run_id: str) -> bool:
    """Whether a row that left one file in this run may still stand in another.

    Either a loaded file holds rows that now belong to one that was read after it (rows that were set aside count as
    such); or the conversation of what left is another file's, which brings rows of that kind too.
    """
    owned: dict[str, int] = {}
    for stream in ("conversations", "messages", *KEYS):
        own = "AND NOT coalesce(is_derived, false)" if stream in (*PARTS, "conversation_events") else ""
        rows = con.execute(
            f"SELECT source_file, count(*) FROM {stream} WHERE source_id = ? AND NOT is_deleted {own} "
            "AND source_file IS NOT NULL GROUP BY 1",
            [source_id],
        ).fetchall()
        for path, count in rows:  # the first stream that a file has is the one its rows are of
            owned.setdefault(path, count)
    if any(known["rows"] > owned.get(path, 0) for path, known in files(con, source_id).items()):
        return True
    return any(_left_another(con, stream, source_id, run_id) for stream in _OF_CONVERSATIONS)


def _left_another(con: duckdb.DuckDBPyConnection, stream: str, source_id: str, run_id: str) -> bool:
    found = con.execute(
        f"""SELECT 1 FROM {stream} t JOIN conversations c USING (source_id, conversation_id)
            WHERE source_id = $source AND t.is_deleted AND t.last_seen_run = $run AND NOT c.is_deleted
              AND c.source_file IS DISTINCT FROM t.source_file AND c.source_file IN
                (SELECT source_file FROM {stream} WHERE source_id = $source AND NOT is_deleted) LIMIT 1""",
        {"source": source_id, "run": run_id},
    )
    return found.fetchone() is not None


def ownerless_files(con: duckdb.DuckDBPyConnection, source_id: str) -> list[str]:
    """Files that rows say they came from and that are not loaded any more. Not those of whose rows another file speaks."""
    rows = " UNION ALL ".join(
        f"SELECT source_file, {_is_shared(stream)} AS shared FROM {stream} t "
        "WHERE source_id = $source AND NOT is_deleted AND source_file IS NOT NULL"
        for stream in KEYS
    )
    found = con.execute(
        f"SELECT source_file FROM ({rows}) ANTI JOIN (SELECT path FROM sync_files WHERE source_id = $source) "
        "ON path = source_file GROUP BY 1 HAVING NOT bool_or(shared) ORDER BY 1",
        {"source": source_id},
    )
    return [name for (name,) in found.fetchall()]


def _is_shared(stream: str) -> str:
    if stream not in PARTS:
        return "false"
    (key,) = KEYS[stream]
    return f"EXISTS (FROM {PARTS[stream]} p WHERE p.source_id = t.source_id AND p.{key} = t.{key})"


def save_file(
    con: duckdb.DuckDBPyConnection, source_id: str, file: FileRead, *, rows: int, run_id: str
) -> None:
    """Remember that a file was loaded as it is now."""
    forget_file(con, source_id, file.source_file)
    con.execute(
        """INSERT INTO sync_files BY NAME SELECT ? AS source_id, ? AS path, ? AS size,
             ?::TIMESTAMPTZ AS modified_at, ? AS sha256, ? AS etag, ? AS rows, 'loaded' AS status, ? AS run_id,
             ?::TIMESTAMPTZ AS processed_at""",
        [
            source_id,
            file.source_file,
            file.size,
            file.modified_at,
            file.sha256,
            file.etag,
            rows,
            run_id,
            clock.now(),
        ],
    )


def forget_file(con: duckdb.DuckDBPyConnection, source_id: str, path: str) -> None:
    """Forget that a file was loaded."""
    con.execute("DELETE FROM sync_files WHERE source_id = ? AND path = ?", [source_id, path])


def save_rejects(
    con: duckdb.DuckDBPyConnection, source_id: str, rejects: Iterable[Reject], *, run_id: str, mask: Mask
) -> int:
    """Keep the rows that a connector set aside, samples masked; gives how many were not known before."""
    moment, new = clock.now(), 0
    for r in rejects:
        told = [source_id, r.stream, r.native_id, r.source_file, r.line, r.reason, r.field]
        known = con.execute(
            """SELECT 1 FROM sync_rejects WHERE source_id = ? AND stream IS NOT DISTINCT FROM ?
               AND native_id IS NOT DISTINCT FROM ? AND source_file IS NOT DISTINCT FROM ?
               AND line IS NOT DISTINCT FROM ? AND reason IS NOT DISTINCT FROM ? AND field IS NOT DISTINCT FROM ? LIMIT 1""",
            told,
        ).fetchone()
        if not known:
            new += 1
            con.execute(
                "INSERT INTO sync_rejects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [run_id, source_id, r.stream, r.native_id, r.source_file, r.line, r.reason, r.field,
                 _sample(r.sample, mask), moment],
            )  # fmt: skip
    return new


def add_staged_rejects(con: duckdb.DuckDBPyConnection, source_id: str, *, run_id: str, mask: Mask) -> bool:
    """Add a page's rejects to those of other pages; a row that is read again is listed once.

    Returns whether one of them is new.
    """
    con.execute(
        """DELETE FROM stage_rejects s USING sync_rejects r WHERE r.source_id = ?
           AND s.stream IS NOT DISTINCT FROM r.stream AND s.native_id IS NOT DISTINCT FROM r.native_id
           AND s.source_file IS NOT DISTINCT FROM r.source_file AND s.reason IS NOT DISTINCT FROM r.reason
           AND s.field IS NOT DISTINCT FROM r.field""",
        [source_id],
    )
    return _insert_staged_rejects(con, run_id=run_id, mask=mask)


def save_staged_rejects(
    con: duckdb.DuckDBPyConnection, source_id: str, source_file: str, *, run_id: str, mask: Mask
) -> bool:
    """Replace a file's rejects by those in `stage_rejects`: the list always speaks of the last reading.

    Returns whether the list is another one now.
    """
    same = "SELECT count(*), bit_xor(hash(stream, native_id, line, reason, field)) FROM"
    before = con.execute(
        f"{same} sync_rejects WHERE source_id = ? AND source_file = ?", [source_id, source_file]
    ).fetchone()
    if before == con.execute(f"{same} stage_rejects").fetchone():
        return False
    con.execute("DELETE FROM sync_rejects WHERE source_id = ? AND source_file = ?", [source_id, source_file])
    _insert_staged_rejects(con, run_id=run_id, mask=mask)
    return True


def _insert_staged_rejects(con: duckdb.DuckDBPyConnection, *, run_id: str, mask: Mask) -> bool:
    table = con.execute(
        "SELECT rowid AS n, sample FROM stage_rejects WHERE sample IS NOT NULL ORDER BY rowid LIMIT ?",
        [MASKED_SAMPLES],
    ).to_arrow_table()
    con.register("incoming_samples", _masked(table, mask))
    try:
        con.execute(
            """INSERT INTO sync_rejects BY NAME
               SELECT r.* EXCLUDE (sample), m.sample, ? AS run_id, ?::TIMESTAMPTZ AS occurred_at
               FROM stage_rejects r LEFT JOIN incoming_samples m ON m.n = r.rowid ORDER BY r.line""",
            [run_id, clock.now()],
        )
    finally:
        con.unregister("incoming_samples")
    row = con.execute("SELECT count(*) FROM stage_rejects").fetchone()
    return bool(row and row[0])


def mark_changed(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Note, in the transaction of a change, that the content is no longer what was published."""
    con.execute("DELETE FROM settings_kv WHERE key = 'content_changed_by'")
    # One run may change and publish several times, so its name alone would not tell them apart.
    con.execute("INSERT INTO settings_kv VALUES ('content_changed_by', ? || ' ' || uuid())", [run_id])


def content_state(con: duckdb.DuckDBPyConnection) -> str:
    """A fingerprint of what a generation would show: the last change, versions, zone and search units."""
    row = con.execute(
        """SELECT md5(concat_ws('|',
             (SELECT string_agg(key || '=' || value, '|' ORDER BY key) FROM settings_kv),
             (SELECT max(version) FROM schema_version),
             (SELECT count(*) || ':' || coalesce(bit_xor(hash(c)), 0) FROM chunks c)))"""
    ).fetchone()
    return str(row[0]) if row else ""


def settings_fingerprint(con: duckdb.DuckDBPyConnection, source_id: str) -> str | None:
    """The fingerprint of the source's settings when it was last read to the end."""
    row = con.execute(
        "SELECT config_fingerprint FROM sync_state WHERE source_id = ? AND stream = ?", [source_id, _SETTINGS]
    ).fetchone()
    return row[0] if row else None


def save_settings_fingerprint(
    con: duckdb.DuckDBPyConnection, source_id: str, fingerprint: str, *, run_id: str
) -> None:
    """Note that the source was read to the end with these settings."""
    point = Checkpoint(_SETTINGS, {}, "settings")
    save_cursor(con, source_id, point, fingerprint=fingerprint, run_id=run_id)


def save_source(
    con: duckdb.DuckDBPyConnection, source_id: str, kind: str, config: Mapping[str, Any], *, enabled: bool
) -> None:
    """Keep what a source is; `config` must hold no secrets."""
    known = con.execute("SELECT created_at FROM sources WHERE source_id = ?", [source_id]).fetchone()
    con.execute("DELETE FROM sources WHERE source_id = ?", [source_id])
    con.execute(
        """INSERT INTO sources BY NAME SELECT ? AS source_id, ? AS kind, ? AS label, ?::JSON AS config,
             ?::BOOLEAN AS enabled, ?::TIMESTAMPTZ AS created_at""",
        [
            source_id,
            kind,
            source_id,
            json.dumps(config, default=str),
            enabled,
            known[0] if known else clock.now(),
        ],
    )


def save_runs(con: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep finished runs beside the data they made."""
    for row in rows:
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        con.execute(f"INSERT INTO sync_runs ({names}) VALUES ({marks})", list(row.values()))


def _masked(table: pa.Table, mask: Mask) -> pa.Table:
    import pyarrow as pa

    samples = [_sample(text, mask) for text in table.column("sample").to_pylist()]
    return pa.table({"n": table.column("n"), "sample": pa.array(samples, pa.string())})


def _sample(text: str | None, mask: Mask) -> str | None:
    # Masked before it is cut: half an address is no longer recognised as one.
    return None if text is None else mask(text[: 4 * SAMPLE_CHARACTERS])[:SAMPLE_CHARACTERS]


def _instant(micros: int | None) -> Any:
    from datetime import UTC, datetime

    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)
