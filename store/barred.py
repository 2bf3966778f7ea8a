"""Erased persons stay away: what a source delivers of them again is left out before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import erase
from store.erasures import Erasures, Kind, Told, Tombstones, hash_sql, keys_of
from store.marks import Marks
from store.tables import columns

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from store.writer import Writer

# By which columns a row of a stage is known to be theirs.
_PERSONS = {"people": "person_id", "person_roles": "person_id", "conversations": "requester_id",
            "messages": "author_id", "csat": "person_id"}  # fmt: skip


class Barred:
    """What tombstones forbid, and what a refresh learns to belong to it: new ids and new conversations."""

    def __init__(self, tombstones: Tombstones) -> None:
        self._tombstones = tombstones
        self._new: set[Told] = set()
        self.rows = 0

    def __bool__(self) -> bool:
        return bool(self._tombstones.hashes)

    def keep_out(self, con: duckdb.DuckDBPyConnection, streams: Sequence[str], *, source_id: str) -> None:
        """Take rows of erased persons out of `stage_<stream>` of these streams."""
        self._bring(con)
        salts = {f"salt{n}": salt for n, salt in enumerate(self._tombstones.salts)}
        given = {**salts, "source": source_id}
        for stream in sorted(streams, key=lambda name: name != "people"):
            has = set(columns(con, f"stage_{stream}"))
            if stream == "people" and "email" in has:
                self._learn(
                    con,
                    "person",
                    stream,
                    "person_id",
                    self._hit(stream, "email", "lower(trim(email))", "''"),
                    given,
                )
            parts = [self._of(stream, _PERSONS[stream], "person")] if _PERSONS.get(stream) in has else []
            if parts and stream == "conversations":
                self._learn(con, "conversation", stream, "conversation_id", parts[0], given)
            if "conversation_id" in has:
                parts.append(self._of(stream, "conversation_id", "conversation"))
            if parts:
                sql = f"DELETE FROM stage_{stream} WHERE {' OR '.join(parts)}"
                row = _run(con, sql, given).fetchone()
                self.rows += int(row[0]) if row else 0

    def without(self, keys: pa.Table, *, source_id: str) -> pa.Table:
        """Keys of conversations that are not erased."""
        ids = keys.column("conversation_id").to_pylist()
        return keys.filter([("conversation", source_id, str(key)) not in self._tombstones for key in ids])

    def settle(self, writer: Writer) -> None:
        """Remember what was learned, and take out what was written before it was known."""
        fresh = {key for key in self._new if key not in self._tombstones}
        if not fresh:
            return
        people = [(source, value) for kind, source, value in fresh if kind == "person"]
        conversations = [(source, value) for kind, source, value in fresh if kind == "conversation"]
        Erasures(writer.home).add(keys_of(people, (), conversations))
        erase.name(writer.con, conversations, people)
        with writer.transaction():
            erase.remove(writer.con, Marks(), run_id=writer.run_id)

    def _learn(
        self,
        con: duckdb.DuckDBPyConnection,
        kind: Kind,
        stream: str,
        key: str,
        where: str,
        given: dict[str, str],
    ) -> None:
        rows = _run(
            con, f"SELECT DISTINCT {key} FROM stage_{stream} WHERE ({where}) AND {key} IS NOT NULL", given
        )
        for (value,) in rows.fetchall():
            self._new.add((kind, given["source"], value))
            con.execute("INSERT INTO barred_new VALUES (?, ?, ?)", [kind, given["source"], value])

    def _of(self, stream: str, column: str, kind: Kind) -> str:
        new = f"SELECT value FROM barred_new WHERE kind = '{kind}' AND source_id = $source"
        hits = self._hit(stream, kind, column, "$source")
        if kind == "person":  # an address may be the id
            hits += " OR " + self._hit(stream, "email", f"lower(trim({column}))", "''")
        return f"({hits} OR {column} IN ({new}))"

    def _hit(self, stream: str, kind: Kind, value: str, source: str) -> str:
        """SQL of whether a tombstone speaks of a value; each value is hashed once with each salt."""
        hashed = (
            hash_sql(kind, source, "value", salt=f"$salt{n}") for n in range(len(self._tombstones.salts))
        )
        known = " OR ".join(f"{one} IN (FROM barred_hashes)" for one in hashed)
        values = f"SELECT DISTINCT {value} AS value FROM stage_{stream}"
        return f"{value} IN (SELECT value FROM ({values}) WHERE {known})"

    def _bring(self, con: duckdb.DuckDBPyConnection) -> None:
        """The temp tables, which end with a connection."""
        import pyarrow as pa

        con.execute(
            "CREATE TEMP TABLE IF NOT EXISTS barred_new (kind VARCHAR, source_id VARCHAR, value VARCHAR)"
        )
        if con.execute(
            "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = 'barred_hashes'"
        ).fetchone():
            return
        con.register(
            "incoming_hashes", pa.table({"hash": pa.array(sorted(self._tombstones.hashes), pa.string())})
        )
        con.execute("CREATE TEMP TABLE barred_hashes AS FROM incoming_hashes")
        con.unregister("incoming_hashes")
        for key in self._new:
            con.execute("INSERT INTO barred_new VALUES (?, ?, ?)", list(key))


def _run(con: duckdb.DuckDBPyConnection, sql: str, given: dict[str, str]) -> duckdb.DuckDBPyConnection:
    return con.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql})
