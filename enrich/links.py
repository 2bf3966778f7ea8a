"""Confirmed links between persons, brought into the warehouse: all handles of a person have one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.person_links import Key, confirmed

if TYPE_CHECKING:
    from store.writer import Writer


def refresh_links(writer: Writer) -> int:
    """Rewrite `linked_people` and mark conversations of persons whose link changed as dirty. Gives its size.

    Linked persons are called what the first of them that has a name is called, sources and ids in their order.
    Call inside a transaction.
    """
    writer.execute("CREATE OR REPLACE TEMP TABLE links_now AS FROM linked_people LIMIT 0")
    for group in _groups(confirmed(writer.home)):
        first = group[0]
        for source, person in group:
            writer.execute("INSERT INTO links_now VALUES (?, ?, ?, ?, NULL)", [source, person, *first])
    writer.execute("""
        UPDATE links_now SET name = n.name FROM (
          SELECT l.canonical_source_id, l.canonical_id,
            coalesce(arg_min(p.name, (l.source_id, l.person_id)), arg_min(p.handle, (l.source_id, l.person_id)),
              min(l.canonical_id)) AS name
          FROM links_now l LEFT JOIN people p ON p.source_id = l.source_id AND p.person_id = l.person_id
          GROUP BY ALL) n
        WHERE n.canonical_source_id = links_now.canonical_source_id AND n.canonical_id = links_now.canonical_id""")
    writer.execute("""
        INSERT INTO dirty_conversations
        SELECT c.source_id, c.conversation_id FROM conversations c
        WHERE (c.source_id, c.requester_id) IN (
          SELECT (source_id, person_id) FROM (
            (FROM linked_people EXCEPT FROM links_now) UNION ALL (FROM links_now EXCEPT FROM linked_people)))""")
    writer.execute("DELETE FROM linked_people")
    writer.execute("INSERT INTO linked_people FROM links_now")
    return int(writer.query("SELECT count(*) AS n FROM linked_people")["n"][0].as_py())


def _groups(pairs: list[tuple[Key, Key]]) -> list[list[Key]]:
    """Persons that are linked with each other, directly or through others, in order."""
    group_of: dict[Key, set[Key]] = {}
    for one, other in pairs:
        together = group_of.get(one, {one}) | group_of.get(other, {other})
        for person in together:
            group_of[person] = together
    return [list(group) for group in sorted({tuple(sorted(group)) for group in group_of.values()})]
