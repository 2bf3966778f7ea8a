"""Conversations and people that several files speak of: what each file says is kept, the row combines them.

A conversation named by a ticket export and by a messages export has one row: the earliest start, the latest
activity, and for everything else the ticket export's word before what was derived from messages. Because the
row is a function of the kept parts, files may be read again in any order and nothing changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.tables import columns, keys

if TYPE_CHECKING:
    import duckdb

PARTS = {"conversations": "conversation_parts", "people": "people_parts"}
_EARLIEST = frozenset({"created_at"})
_LATEST = frozenset({"updated_at", "last_message_at", "source_version"})
_NOT_A_PART = ("content_hash", "is_deleted", "deleted_at", "first_seen_run", "last_seen_run")


def combine(
    con: duckdb.DuckDBPyConnection, stream: str, *, source_id: str, complete_file: str | None
) -> None:
    """Replace staged rows that other files also speak of by the combination of all that is said."""
    parts, stage = PARTS[stream], f"stage_{stream}"
    (key,) = keys(stream)
    staged = columns(con, stage)
    if "source_file" not in staged or not _find_shared(con, stream, key, source_id, complete_file):
        return
    con.execute(
        f"""INSERT INTO {parts} BY NAME SELECT t.* FROM {stream} t SEMI JOIN merge_shared USING ({key})
            ANTI JOIN (SELECT {key} FROM {parts} WHERE source_id = $source) p USING ({key})
            WHERE t.source_id = $source AND NOT t.is_deleted AND t.source_file IS NOT NULL""",
        {"source": source_id},
    )
    _replace_parts(con, stream, key, source_id, complete_file, staged)
    combined = ", ".join(_combined(name) for name in columns(con, parts) if name not in (*_NOT_A_PART, key))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE merge_stage AS
            SELECT * FROM {stage} ANTI JOIN merge_shared USING ({key})
            UNION ALL BY NAME
            SELECT {key}, {combined} FROM
              (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY coalesce(is_derived, false),
                 source_version DESC NULLS LAST, source_file DESC) AS rank
               FROM {parts} SEMI JOIN merge_shared USING ({key}) WHERE source_id = $source)
            GROUP BY {key}""",
        {"source": source_id},
    )
    con.execute(f"DROP TABLE {stage}")
    con.execute(f"ALTER TABLE merge_stage RENAME TO {stage}")


def _find_shared(
    con: duckdb.DuckDBPyConnection, stream: str, key: str, source_id: str, complete_file: str | None
) -> bool:
    """Collect the keys that more than one file speaks of, or spoke of until this reading."""
    parts, stage = PARTS[stream], f"stage_{stream}"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE merge_shared AS
            SELECT DISTINCT s.{key} FROM {stage} s JOIN {stream} t ON t.{key} = s.{key}
              WHERE t.source_id = $source AND NOT t.is_deleted AND s.source_file <> t.source_file
            UNION SELECT s.{key} FROM {stage} s JOIN {parts} p ON p.{key} = s.{key}
              WHERE p.source_id = $source AND s.source_file IS NOT NULL
            UNION SELECT p.{key} FROM {parts} p ANTI JOIN {stage} s ON p.{key} = s.{key}
              WHERE p.source_id = $source AND p.source_file = $file""",
        {"source": source_id, "file": complete_file},
    )
    return bool(con.execute("SELECT 1 FROM merge_shared LIMIT 1").fetchone())


def _replace_parts(
    con: duckdb.DuckDBPyConnection,
    stream: str,
    key: str,
    source_id: str,
    complete_file: str | None,
    staged: dict[str, str],
) -> None:
    parts = PARTS[stream]
    version = "source_version" if "source_version" in staged else "NULL::HUGEINT"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE merge_parts AS
            SELECT * REPLACE ($source AS source_id) FROM stage_{stream}
            SEMI JOIN merge_shared USING ({key})
            QUALIFY row_number() OVER
              (PARTITION BY {key}, source_file ORDER BY {version} DESC NULLS LAST, rowid DESC) = 1""",
        {"source": source_id},
    )
    told = "n.source_version" if "source_version" in staged else "NULL::HUGEINT"
    if complete_file is None:  # a page that is read again must not put an older word over a newer one
        con.execute(
            f"""DELETE FROM merge_parts n USING {parts} p WHERE p.source_id = $source AND p.{key} = n.{key}
                AND p.source_file = n.source_file AND p.source_version > {told}""",
            {"source": source_id},
        )
    con.execute(
        f"""DELETE FROM {parts} p USING merge_parts n WHERE p.source_id = $source AND p.{key} = n.{key}
            AND p.source_file = n.source_file""",
        {"source": source_id},
    )
    con.execute(
        f"""DELETE FROM {parts} p WHERE p.source_id = $source AND p.source_file = $file
            AND p.{key} NOT IN (SELECT {key} FROM stage_{stream} WHERE {key} IS NOT NULL)""",
        {"source": source_id, "file": complete_file},
    )
    con.execute(f"INSERT INTO {parts} BY NAME SELECT * FROM merge_parts")


def _combined(name: str) -> str:
    if name in _EARLIEST:
        return f"min({name}) AS {name}"
    if name in _LATEST:
        return f"max({name}) AS {name}"
    if name == "is_derived":
        return "bool_and(coalesce(is_derived, false)) AS is_derived"
    if name == "message_count":  # each messages file counts its own; a ticket export counts them all
        said = "arg_min(message_count, rank) FILTER (NOT coalesce(is_derived, false))"
        return f"coalesce({said}, sum(message_count))::INTEGER AS message_count"
    return f"arg_min({name}, rank) FILTER ({name} IS NOT NULL) AS {name}"
