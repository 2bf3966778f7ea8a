"""What people correct is laid over what the machine found, before anything is counted from it.

The workspace holds the corrections; the warehouse gets those in force (`conversation_corrections`), so that every
generation says by itself which values are people's. A score of mood stays what the words sound like: people
correct its class, which is what numbers are counted by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import state

if TYPE_CHECKING:
    from store.workspace import Correction
    from store.writer import Writer

_COLUMNS = "source_id, conversation_id, field, value, corrected_by, corrected_at"
_CHANGED = f"""
    (SELECT {_COLUMNS} FROM conversation_corrections EXCEPT SELECT {_COLUMNS} FROM corrections_now)
    UNION ALL (SELECT {_COLUMNS} FROM corrections_now EXCEPT SELECT {_COLUMNS} FROM conversation_corrections)"""
_OTHER_VALUES = """
    INSERT INTO dirty_conversations
    SELECT DISTINCT source_id, conversation_id FROM conversation_corrections o
    FULL JOIN corrections_now n USING (source_id, conversation_id, field)
    WHERE o.value IS DISTINCT FROM n.value"""
_OF_BATCH = """
    FROM conversation_facts f
    JOIN batch b ON b.source_id = f.source_id AND b.conversation_id = f.conversation_id
    WHERE f.source_id = k.source_id AND f.conversation_id = k.conversation_id"""
_FOUND = f"""
    UPDATE conversation_corrections k SET found = CASE k.field WHEN 'topic' THEN f.topic ELSE f.sentiment END
    {_OF_BATCH}"""
# A topic is corrected by its name: of a later fit, the topic of that name counts, or a name alone. What a topic was
# found as names it too, so that one which is called otherwise keeps those that were corrected to it.
_TOPICS = """
    UPDATE conversation_facts f SET topic = coalesce(t.label, k.value), topic_id = t.topic_id
    FROM conversation_corrections k
    JOIN batch b ON b.source_id = k.source_id AND b.conversation_id = k.conversation_id
    LEFT JOIN (
      SELECT name, arg_min(topic_id, (rank, topic_id)) AS topic_id, arg_min(label, (rank, topic_id)) AS label
      FROM (SELECT label AS name, topic_id, label, 0 AS rank FROM topics WHERE is_current
            UNION ALL SELECT found_label, topic_id, label, 1 FROM topics WHERE is_current)
      GROUP BY name) t ON t.name = k.value
    WHERE k.field = 'topic' AND f.source_id = k.source_id AND f.conversation_id = k.conversation_id"""
_MOODS = """
    UPDATE conversation_facts f SET sentiment = k.value
    FROM conversation_corrections k
    JOIN batch b ON b.source_id = k.source_id AND b.conversation_id = k.conversation_id
    WHERE k.field = 'sentiment' AND f.source_id = k.source_id AND f.conversation_id = k.conversation_id"""


def take(writer: Writer, corrections: Sequence[Correction]) -> int:
    """Bring the warehouse's corrections to these; conversations with another value become dirty.

    Those of conversations that are not there (yet, or any more) wait. Call inside a transaction. Gives how many
    corrections count.
    """
    import pyarrow as pa

    writer.execute("CREATE OR REPLACE TEMP TABLE corrections_now AS FROM conversation_corrections LIMIT 0")
    rows = {
        "source_id": [c.source_id for c in corrections],
        "conversation_id": [c.conversation_id for c in corrections],
        "field": [c.field for c in corrections],
        "value": [c.value for c in corrections],
        "corrected_by": [c.viewer for c in corrections],
    }
    columns = {name: pa.array(values, pa.string()) for name, values in rows.items()}
    columns["corrected_at"] = pa.array([c.at for c in corrections], pa.timestamp("us", "UTC"))
    writer.insert("corrections_now", pa.table(columns))
    writer.execute("""
        DELETE FROM corrections_now n WHERE NOT EXISTS (
          FROM conversations c WHERE c.source_id = n.source_id AND c.conversation_id = n.conversation_id)""")
    if writer.query(f"SELECT EXISTS ({_CHANGED}) AS changed")["changed"][0].as_py():
        writer.execute(_OTHER_VALUES)
        writer.execute(
            "UPDATE corrections_now n SET found = o.found FROM conversation_corrections o WHERE o.field = n.field "
            "AND o.source_id = n.source_id AND o.conversation_id = n.conversation_id"
        )
        writer.execute("DELETE FROM conversation_corrections")
        writer.execute("INSERT INTO conversation_corrections BY NAME FROM corrections_now")
        state.mark_changed(writer.con, writer.run_id)
    return int(writer.query("SELECT count(*) AS n FROM conversation_corrections")["n"][0].as_py())


def lay_over(writer: Writer) -> None:
    """Lay corrections over the facts of the temporary table `batch`. Call in the transaction that wrote them."""
    if writer.query("SELECT EXISTS (FROM conversation_corrections) AS any")["any"][0].as_py():
        for sql in (_FOUND, _TOPICS, _MOODS):
            writer.execute(sql)
