"""Which persons of the warehouse one requester is, and what is theirs: for erasing it and for handing it out.

`find` and `collect` leave temp tables on the connection: requester_found (source_id, person_id),
requester_conversations (source_id, conversation_id) and requester_messages (source_id, message_id,
conversation_id), the last being what they wrote in conversations of others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import QuestionError
from core.home import Home
from store import person_fields
from store.erasures import hash_sql
from store.marks import Marks, runs_of
from store.person_links import PersonLinks
from store.tables import columns

if TYPE_CHECKING:
    import duckdb

Key = tuple[str, str]  # source and person

_KNOWN = """CREATE OR REPLACE TEMP TABLE requester_known AS
  SELECT source_id, person_id, max(name) AS name, max(kind) AS kind,
    lower(coalesce(max(nullif(trim(email), '')),
      CASE WHEN person_id LIKE '%_@_%.%' AND person_id NOT LIKE '% %' THEN person_id END)) AS email,
    max(nullif(trim(external_id), '')) AS external_id, max(nullif(lower(ltrim(trim(handle), '@')), '')) AS handle
  FROM (
    SELECT source_id, person_id, name, kind, email, external_id, handle FROM people
    UNION ALL BY NAME SELECT DISTINCT source_id, requester_id AS person_id FROM conversations
    UNION ALL BY NAME SELECT DISTINCT source_id, author_id AS person_id, author_name AS name FROM messages
      WHERE author_role = 'customer')
  WHERE person_id IS NOT NULL GROUP BY source_id, person_id"""
_SEED = """SELECT source_id, person_id FROM requester_known
  WHERE source_id || '/' || person_id = $1 OR person_id = $1 OR external_id = $1
    OR email = lower($1) OR handle = lower(ltrim($1, '@')) ORDER BY ALL"""
_STAFF = "coalesce(k.kind, 'customer') IN ('agent', 'bot')"
# Who is the same person as one of those found: the same address, confirmed links, customers of a CRM.
_SAME = (
    """SELECT n.source_id, n.person_id FROM (
    SELECT k.source_id, k.person_id FROM requester_known k JOIN requester_known s ON s.email = k.email
      SEMI JOIN requester_found f ON f.source_id = s.source_id AND f.person_id = s.person_id
      WHERE NOT EXISTS (FROM requester_rejected r WHERE (r.source_id, r.person_id, r.other_source_id, r.other_id)
        IN ((k.source_id, k.person_id, s.source_id, s.person_id), (s.source_id, s.person_id, k.source_id, k.person_id)))
    UNION SELECT other_source_id, other_id FROM requester_edges e SEMI JOIN requester_found USING (source_id, person_id)
  ) n JOIN requester_known k ON k.source_id = n.source_id AND k.person_id = n.person_id AND NOT """
    + _STAFF
)
_EDGES = """CREATE OR REPLACE TEMP TABLE requester_edges AS
  WITH told AS (
    SELECT source_id, person_id, other_source_id, other_id FROM requester_links
    UNION SELECT source_id, person_id, canonical_source_id, canonical_id FROM linked_people
    UNION SELECT source_id, person_id, matched_source_id, matched_id FROM people_matches
      WHERE matched_kind = 'person' AND matched_id IS NOT NULL)
  FROM told UNION SELECT other_source_id, other_id, source_id, person_id FROM told"""
# Where a source does not say who asked: who wrote first, of the conversations they wrote in.
_BEGUN = """SELECT source_id, conversation_id, arg_min(author_id, seq) AS opener FROM messages
  WHERE (source_id, conversation_id) IN (SELECT source_id, conversation_id FROM conversations WHERE requester_id IS NULL)
    AND (source_id, conversation_id) IN
      (SELECT source_id, conversation_id FROM messages WHERE (source_id, author_id) IN (FROM requester_found))
  GROUP BY ALL"""


@dataclass(frozen=True, slots=True)
class Requester:
    """One of the persons that a requester is."""

    source_id: str
    person_id: str
    name: str | None
    email: str | None

    def __str__(self) -> str:
        return f"{self.source_id}/{self.person_id}"


Find = Callable[["duckdb.DuckDBPyConnection"], tuple[Requester, ...]]


def by_name(home: Home, wanted: str) -> Find:
    """Finds whom a text names (`find`), with the links that people confirmed and rejected."""

    def found(con: duckdb.DuckDBPyConnection) -> tuple[Requester, ...]:
        told: dict[str, list[tuple[Key, Key]]] = {"confirmed": [], "rejected": []}
        for one in PersonLinks(home).all():
            told[one.verdict].append(((one.source_id, one.person_id), (one.other_source_id, one.other_id)))
        return find(con, wanted, links=told["confirmed"], rejected=told["rejected"])

    return found


def by_certificate(salt: str, hashes: Sequence[str]) -> Find:
    """Finds whom the tombstones of a certificate speak of."""
    return lambda con: find_again(con, salt, hashes)


def find(
    con: duckdb.DuckDBPyConnection,
    wanted: str,
    *,
    links: Sequence[tuple[Key, Key]] = (),
    rejected: Sequence[tuple[Key, Key]] = (),
) -> tuple[Requester, ...]:
    """All persons that a SOURCE/PERSON, an id, an e-mail address or a handle stands for, linked ones included.

    Raises QuestionError for nobody, for several who are not known to be one, and for an agent.
    """
    con.execute(_KNOWN)
    for name, pairs in (("requester_links", links), ("requester_rejected", rejected)):
        _pairs(con, name, pairs)
    con.execute(_EDGES)
    seeds = con.execute(_SEED, [wanted.strip()]).fetchall()
    if not seeds:
        raise QuestionError(
            "nobody is known by this.",
            hint="Name an e-mail address, an id, or SOURCE/PERSON as in `jobs people`.",
        )
    found = spread(con, seeds[:1])
    apart = [key for key in seeds if key not in {(one.source_id, one.person_id) for one in found}]
    if apart and "@" in wanted:  # one address: whoever has it
        found = spread(con, seeds)
    elif apart:
        raise QuestionError(
            "several persons are known by this: " + ", ".join("/".join(key) for key in seeds) + ".",
            hint="Name one of them so.",
        )
    return found


def find_again(con: duckdb.DuckDBPyConnection, salt: str, hashes: Sequence[str]) -> tuple[Requester, ...]:
    """Whom a certificate speaks of, where an older state was put back. Raises QuestionError for nobody."""
    con.execute(_KNOWN)
    for name in ("requester_links", "requester_rejected"):
        _pairs(con, name, ())
    con.execute(_EDGES)
    seeds = con.execute(
        f"""SELECT source_id, person_id FROM requester_known
            WHERE {hash_sql("person", "source_id", "person_id")} IN (SELECT unnest($hashes::VARCHAR[]))
              OR {hash_sql("email", "''", "email")} IN (SELECT unnest($hashes::VARCHAR[]))""",
        {"salt": salt, "hashes": list(hashes)},
    ).fetchall()
    if not seeds:
        raise QuestionError("nobody of this certificate is here.", hint="There is nothing to erase again.")
    return spread(con, seeds)


def spread(con: duckdb.DuckDBPyConnection, seeds: Sequence[Key]) -> tuple[Requester, ...]:
    """These persons and everybody who is the same, after `find`. Raises QuestionError for an agent."""
    con.execute("CREATE OR REPLACE TEMP TABLE requester_found (source_id VARCHAR, person_id VARCHAR)")
    con.executemany("INSERT INTO requester_found VALUES (?, ?)", [list(key) for key in seeds])
    before = -1
    while (now := _count(con, "requester_found")) != before:
        before = now
        con.execute(
            f"INSERT INTO requester_found FROM ({_SAME}) ANTI JOIN requester_found USING (source_id, person_id)"
        )
    rows = con.execute(
        f"""SELECT k.source_id, k.person_id, k.name, k.email, {_STAFF} FROM requester_known k
            SEMI JOIN requester_found USING (source_id, person_id) ORDER BY ALL"""
    ).fetchall()
    if staff := [row for row in rows if row[4]]:
        raise QuestionError(
            f"{staff[0][0]}/{staff[0][1]} is an agent or a bot, and no requester.",
            hint="What agents wrote belongs to the conversations of those who asked.",
        )
    return tuple(Requester(*row[:4]) for row in rows)


def collect(con: duckdb.DuckDBPyConnection) -> None:
    """Note the conversations of those in requester_found, copies of them, and their messages elsewhere."""
    theirs = "(source_id, requester_id) IN (FROM requester_found)"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE requester_conversations AS
            SELECT source_id, conversation_id FROM conversations WHERE {theirs}
            UNION SELECT source_id, conversation_id FROM conversation_parts WHERE {theirs}
            UNION SELECT source_id, conversation_id FROM conversation_facts WHERE {theirs}
            UNION SELECT source_id, conversation_id FROM ({_BEGUN}) WHERE (source_id, opener) IN (FROM requester_found)"""
    )
    con.execute(
        """INSERT INTO requester_conversations
           SELECT DISTINCT c.* FROM (
             SELECT source_id, conversation_id, original_source_id AS of_source, original_id AS of_id FROM conversation_copies
             UNION ALL SELECT original_source_id, original_id, source_id, conversation_id FROM conversation_copies) p,
             LATERAL (SELECT p.source_id, p.conversation_id) c(source_id, conversation_id)
           WHERE (p.of_source, p.of_id) IN (FROM requester_conversations)
             AND (c.source_id, c.conversation_id) NOT IN (FROM requester_conversations)"""
    )
    note_messages(con)


def note_messages(con: duckdb.DuckDBPyConnection) -> None:
    """Note what those in requester_found wrote outside of requester_conversations."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE requester_messages AS
           SELECT source_id, message_id, conversation_id FROM messages
           WHERE (source_id, author_id) IN (FROM requester_found)
             AND (source_id, conversation_id) NOT IN (FROM requester_conversations)"""
    )


def conditions(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Which rows of which table are theirs, as SQL over the table, after `collect`."""
    tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY 1").fetchall()
    found = {table: list(_theirs(table, set(columns(con, table)))) for (table,) in tables}
    return {table: " OR ".join(parts) for table, parts in found.items() if parts}


def _theirs(table: str, has: set[str]) -> Iterator[str]:
    person, talk = "IN (FROM requester_found)", "IN (FROM requester_conversations)"
    said = "(source_id, message_id) IN (SELECT source_id, message_id FROM requester_messages)"
    if has >= {"source_id", "conversation_id"}:
        yield f"(source_id, conversation_id) {talk}"
    if has >= {"source_id", "message_id"}:
        yield said
    if has >= {"source_id", "person_id"}:
        yield f"(source_id, person_id) {person}"
    if table == "people_matches":
        yield f"(matched_kind = 'person' AND (matched_source_id, matched_id) {person})"
    if table == "linked_people":
        yield f"(canonical_source_id, canonical_id) {person}"
    if table == "conversation_copies":
        yield f"(original_source_id, original_id) {talk}"
    if table == "sync_rejects":
        yield f"(source_id, native_id) {person}"
        yield f"(source_id, native_id) {talk}"
        yield said.replace("message_id)", "native_id)", 1)


def marks(con: duckdb.DuckDBPyConnection, also: Sequence[str] = ()) -> Marks:
    """By what they are recognised in texts of others: names of several words that nobody else has, addresses, handles,
    numbers, words that were given besides; and what they wrote. Names and numbers also stand in fields of their rows.
    """
    known = con.execute(
        """SELECT name, email, handle, person_id FROM requester_known k SEMI JOIN requester_found USING (source_id, person_id)
            UNION SELECT author_name, NULL, NULL, NULL FROM messages WHERE (source_id, author_id) IN (FROM requester_found)
            UNION SELECT name, email, handle, NULL FROM people WHERE (source_id, person_id) IN (FROM requester_found)"""
    ).fetchall()
    fields = person_fields.found(con)
    names = {name.strip() for name, *_ in known if name and len(name.split()) > 1} | fields.names
    others = con.execute(
        r"""SELECT DISTINCT array_to_string(list_sort(string_split_regex(lower(trim(k.name)), '[\s,]+')), ' ') AS one_name
           FROM requester_known k ANTI JOIN requester_found USING (source_id, person_id)
           WHERE one_name IN (SELECT unnest(?::VARCHAR[]))""",
        [[person_fields.one_name(name) for name in names]],
    ).fetchall()
    alone = (name for name in names if (person_fields.one_name(name),) not in others)
    names = {written for name in alone for written in (name, *person_fields.turned(name))}
    told = {
        text.strip() for _, *rest in known for text in rest if text and ("@" in text or len(text.strip()) > 5)
    }
    ids = {person for *_, person in known if person and "@" not in person and not person.startswith("+")}
    given = {word.strip() for word in also if word.strip()}
    words = names | (told - ids) | fields.numbers | given
    return Marks(tuple(sorted(words)), runs_of(_written(con)))


def _written(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        """SELECT body_text FROM messages WHERE body_text IS NOT NULL AND (source_id, author_id) IN (FROM requester_found)
           UNION SELECT comment FROM csat WHERE comment IS NOT NULL
             AND (source_id, conversation_id) IN (FROM requester_conversations)"""
    ).fetchall()
    return [text for (text,) in rows]


def _pairs(con: duckdb.DuckDBPyConnection, name: str, pairs: Sequence[tuple[Key, Key]]) -> None:
    four = "source_id VARCHAR, person_id VARCHAR, other_source_id VARCHAR, other_id VARCHAR"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({four})")
    if pairs:
        con.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", [[*one, *other] for one, other in pairs])


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int((con.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,))[0])
