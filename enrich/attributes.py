"""Attributes of customers, joined to requesters: plan, region, revenue become columns of the facts.

The attributes come from sources of people (a CRM, a customer file), or from the people of the requester's own
source. Only requesters of new and changed conversations are looked at, and all of them when somebody changed who
tells attributes; only facts of requesters whose values changed are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from enrich.attribute_kinds import Attribute, collect
from enrich.words import word_list
from store.kept_values import recall, remember

if TYPE_CHECKING:
    from store.writer import Writer

SQL = Path(__file__).with_suffix(".sql")
VERSION = 1  # raising it joins everybody anew
PREFIX = "attribute_"
KEY = "attributes_seen"
_MAIL = r"[^\s<>@\"'',;()]+@[^\s<>@\"'',;()]+\.[^\s<>@\"'',;().]{2,}"
_RULES = ("own", "external id", "e-mail", "organization", "domain")
# Whose word can become an attribute of somebody. A requester's own row that says nothing of the kind is looked at
# when the requester's conversations are dirty, which a change of the row makes them.
_TELLS = "(source_id NOT IN (FROM talking) OR coalesce(custom_fields::VARCHAR, '{}') <> '{}')"
_SEEN = f"""
  SELECT concat_ws('|', {VERSION},
    (SELECT coalesce(sum(hash(source_id, person_id, kind, email, handle, external_id, organization_id,
       custom_fields::VARCHAR, epoch_us(created_at), epoch_us(updated_at), coalesce(is_deleted, false))::HUGEINT), 0)
     FROM people WHERE {_TELLS} OR (source_id, person_id) IN (SELECT (source_id, person_id) FROM linked_people)),
    (SELECT coalesce(sum(hash(source_id, organization_id, domains, custom_fields::VARCHAR,
       coalesce(is_deleted, false))::HUGEINT), 0) FROM organizations WHERE {_TELLS}),
    (SELECT coalesce(sum(hash(l)::HUGEINT), 0) FROM linked_people l),
    (SELECT string_agg(source_id, ',' ORDER BY source_id) FROM talking)) AS mark"""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a refresh did: attributes that are dimensions, requesters looked at, requesters that changed."""

    attributes: int = 0
    requesters: int = 0
    changed: int = 0


def refresh_attributes(writer: Writer) -> Joined:
    """Bring matches, attributes and the facts' attribute columns up to date. Call inside a transaction.

    Leaves the temporary table `requester_columns`, which the facts of new conversations join.
    """
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE talking AS SELECT DISTINCT source_id FROM conversations WHERE NOT "
        "coalesce(is_deleted, false)"
    )
    mark = writer.query(_SEEN)["mark"][0].as_py()
    known = recall(writer, KEY) == mark
    used = _is_used(writer)
    if known and not used:
        return Joined()
    requesters = _scope(writer, used=used, everybody=not known)
    if requesters or not known:
        found = collect(writer)
        if not known:
            _note(writer, found if used else [], mark)
    usable = _usable(writer)
    if not known:
        _shape_facts(writer, usable)
    changed = _replace(writer) if requesters else 0
    _forget_leavers(writer)
    _pivot(writer, usable, "requester_columns", "requester_attributes")
    if changed and usable:
        _update_facts(writer, usable)
    return Joined(len(usable), requesters, changed)


def columns(writer: Writer) -> list[str]:
    """The attribute columns that the facts have now."""
    rows = writer.query(
        "SELECT column_name AS name FROM duckdb_columns() WHERE table_name = 'conversation_facts' "
        f"AND starts_with(column_name, '{PREFIX}') ORDER BY column_index"
    )
    return [str(name) for name in rows["name"].to_pylist()]


def _is_used(writer: Writer) -> bool:
    """Whether there is anybody to join: a source of people, or people of any source with fields of their own."""
    rows = writer.query(
        f"SELECT EXISTS (FROM people WHERE NOT coalesce(is_deleted, false) AND {_TELLS}) "
        f"OR EXISTS (FROM organizations WHERE NOT coalesce(is_deleted, false) AND {_TELLS}) AS used"
    )
    return bool(rows["used"][0].as_py())


def _scope(writer: Writer, *, used: bool, everybody: bool) -> int:
    """The temporary tables `requesters` (all there are) and `scope` (those to be matched now): its size."""
    asks = "requester_id IS NOT NULL AND trim(requester_id) <> ''" if used else "false"
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE requesters AS "
        f"SELECT DISTINCT source_id, requester_id AS person_id FROM conversations WHERE {asks}"
    )
    if everybody:
        writer.execute("CREATE OR REPLACE TEMP TABLE scope AS FROM requesters")
    else:
        writer.execute("""
            CREATE OR REPLACE TEMP TABLE scope AS
            FROM requesters SEMI JOIN (
              SELECT c.source_id, c.requester_id AS person_id FROM conversations c
              SEMI JOIN dirty_conversations USING (source_id, conversation_id)) USING (source_id, person_id)
            UNION FROM requesters ANTI JOIN people_matches USING (source_id, person_id)""")
    return int(writer.query("SELECT count(*) AS n FROM scope")["n"][0].as_py())


def _replace(writer: Writer) -> int:
    """Match everybody in `scope` anew; gives the number of requesters whose values are others now."""
    domains = ", ".join(f"('{domain}')" for domain in sorted(word_list("free_mail_domains")))
    writer.execute(f"CREATE OR REPLACE TEMP TABLE free_mail AS FROM (VALUES {domains}) t (domain)")
    text = SQL.read_text(encoding="utf-8")
    writer.execute(text.replace(":only_mail", f"'^{_MAIL}$'").replace(":mail", f"'{_MAIL}'"))
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE changed_people AS
        WITH before AS (FROM requester_attributes SEMI JOIN scope USING (source_id, person_id))
        SELECT DISTINCT source_id, person_id FROM (
          (FROM before EXCEPT FROM values_now) UNION ALL (FROM values_now EXCEPT FROM before))""")
    for table in ("people_matches", "requester_attributes"):
        writer.execute(
            f"DELETE FROM {table} t USING scope s WHERE t.source_id = s.source_id AND t.person_id = s.person_id"
        )
    rule = " ".join(f"WHEN {rank} THEN '{word}'" for rank, word in enumerate(_RULES))
    writer.execute(f"""
        INSERT INTO people_matches BY NAME
        SELECT s.source_id, s.person_id, m.matched_source_id, m.matched_kind, m.matched_id,
          CASE m.rank {rule} END AS rule
        FROM scope s LEFT JOIN matches m USING (source_id, person_id)""")
    writer.execute("INSERT INTO requester_attributes BY NAME FROM values_now")
    return int(writer.query("SELECT count(*) AS n FROM changed_people")["n"][0].as_py())


def _forget_leavers(writer: Writer) -> None:
    """Requesters that no conversation names any more."""
    for table in ("people_matches", "requester_attributes"):
        writer.execute(
            f"DELETE FROM {table} WHERE (source_id, person_id) NOT IN (SELECT (source_id, person_id) FROM requesters)"
        )


def _update_facts(writer: Writer, usable: list[str]) -> None:
    """Facts that exist; those of new and changed conversations are written by themselves."""
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE changed_values AS
        SELECT source_id, person_id, name, value FROM changed_people
        LEFT JOIN requester_attributes USING (source_id, person_id)""")
    _pivot(writer, usable, "changed_columns", "changed_values")
    values = ", ".join(f'"{PREFIX}{name}" = c."{PREFIX}{name}"' for name in usable)
    writer.execute(
        f"UPDATE conversation_facts f SET {values} FROM changed_columns c "
        "WHERE f.source_id = c.source_id AND f.requester_id = c.person_id"
    )


def _usable(writer: Writer) -> list[str]:
    rows = writer.query("SELECT name FROM attributes WHERE is_dimension ORDER BY name")
    return [str(name) for name in rows["name"].to_pylist()]


def _note(writer: Writer, found: list[Attribute], mark: str) -> None:
    writer.execute("DELETE FROM attributes")
    for a in found:
        writer.execute(
            "INSERT INTO attributes VALUES (?, ?, ?, ?::DOUBLE[], ?, ?, ?, ?)",
            [a.name, a.title, a.kind, list(a.edges), a.holders, a.distinct_values, a.is_dimension, a.reason],
        )
    remember(writer, KEY, mark)


def _shape_facts(writer: Writer, usable: list[str]) -> None:
    """Give the facts one column an attribute, and take away those of attributes that are gone."""
    have, wanted = set(columns(writer)), {PREFIX + name for name in usable}
    for column in sorted(have - wanted):
        writer.execute(f'ALTER TABLE conversation_facts DROP COLUMN "{column}"')
    for column in sorted(wanted - have):
        writer.execute(f'ALTER TABLE conversation_facts ADD COLUMN "{column}" VARCHAR')


def _pivot(writer: Writer, usable: list[str], table: str, values: str) -> None:
    """A temporary table with one row a requester and one column an attribute."""
    chosen = "".join(f", any_value(value) FILTER (name = '{name}') AS \"{PREFIX}{name}\"" for name in usable)
    writer.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT source_id, person_id{chosen} FROM {values} GROUP BY ALL"
    )
