"""What people want of topics is laid over every fit: names, groups, merges, splits, and what must stay.

The workspace holds the choices; the warehouse gets those in force (`topic_choices`). What the machine found stays
beside them: `found_label` and `found_group` of topics, `found_id` of conversations. So a choice that is undone leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store import state
from store.workspace.topic_choices import merged

if TYPE_CHECKING:
    from store.workspace import TopicChoice
    from store.writer import Writer

_TOLD = "id, kind, topic_id, target_id, words"


@dataclass(frozen=True, slots=True)
class Shown:
    """A topic as it is shown: its name, its group, and the topic that its conversations are counted under."""

    topic_id: int
    label: str
    group_id: int
    group_label: str
    counted_as: int


def take(writer: Writer, choices: Sequence[TopicChoice]) -> None:
    """Bring the warehouse's choices to these. Call inside a transaction."""
    wanted = [(c.id, c.kind, c.topic_id, c.target_id, c.words) for c in choices]
    have = writer.query(f"SELECT {_TOLD} FROM topic_choices ORDER BY id").to_pylist()
    if wanted == [tuple(row.values()) for row in have]:
        return
    writer.execute("DELETE FROM topic_choices")
    for c in choices:
        writer.execute(
            "INSERT INTO topic_choices VALUES (?, ?, ?, ?, ?, ?)",
            [c.id, c.kind, c.topic_id, c.target_id, c.words, c.at],
        )
    state.mark_changed(writer.con, writer.run_id)


def in_force(writer: Writer) -> list[TopicChoice]:
    """The choices that the warehouse knows, in their order; who chose is known to the workspace alone."""
    from store.workspace import TopicChoice

    rows = writer.query(f"SELECT {_TOLD}, '' AS viewer, chosen_at AS at FROM topic_choices ORDER BY id")
    return [TopicChoice(**row) for row in rows.to_pylist()]


def held(writer: Writer) -> set[int]:
    """Topics that people have spoken about, and the parts of those they split: a fit leaves their texts in them.

    A name that a language model gave holds nothing: it words topics, and has no say in what belongs to them.
    """
    rows = writer.query("""
        SELECT topic_id AS id FROM topic_choices WHERE topic_id IS NOT NULL AND kind <> 'word'
        UNION SELECT target_id FROM topic_choices WHERE kind = 'merge'
        UNION SELECT made_id FROM topic_splits""")
    return set(rows["id"].to_pylist())


def refit_wanted(writer: Writer, since: int) -> int | None:
    """The id of a wish to find topics again that is newer than `since`."""
    rows = writer.query("SELECT max(id) AS id FROM topic_choices WHERE kind = 'refit' AND id > ?", [since])
    value = rows["id"][0].as_py()
    return None if value is None else int(value)


def lay_over(writer: Writer, version: int) -> None:
    """Show the current topics as people want them; conversations that are shown otherwise become dirty."""
    rows = writer.query(
        "SELECT topic_id, found_label, found_group, found_group_label FROM topics WHERE topic_version = ? "
        "ORDER BY topic_id", [version],
    ).to_pylist()  # fmt: skip
    shown = as_wanted(rows, in_force(writer), _rejoined(writer))
    import pyarrow as pa

    fields = ("topic_id", "label", "group_id", "group_label", "counted_as")
    table = pa.Table.from_pylist([{name: getattr(one, name) for name in fields} for one in shown])
    with writer.transaction():
        writer.execute(
            "CREATE OR REPLACE TEMP TABLE topics_shown "
            "(topic_id INTEGER, label VARCHAR, group_id INTEGER, group_label VARCHAR, counted_as INTEGER)"
        )
        writer.insert("topics_shown", table)
        _mark_others(writer, version)
        writer.execute(f"""
            UPDATE topics t SET label = s.label, group_id = s.group_id, group_label = s.group_label,
              merged_into = CASE WHEN s.counted_as <> s.topic_id THEN s.counted_as END
            FROM topics_shown s WHERE s.topic_id = t.topic_id AND t.topic_version = {version}
              AND (t.label, t.group_id, t.group_label, coalesce(t.merged_into, t.topic_id))
                IS DISTINCT FROM (s.label, s.group_id, s.group_label, s.counted_as)""")
        writer.execute("""
            UPDATE conversation_topics c SET topic_id = s.counted_as FROM topics_shown s
            WHERE s.topic_id = c.found_id AND c.topic_id <> s.counted_as""")


def _mark_others(writer: Writer, version: int) -> None:
    """Those whose topic, or whose topic's name or group, is about to change."""
    writer.execute(f"""
        INSERT INTO dirty_conversations
        SELECT c.source_id, c.conversation_id FROM conversation_topics c
        JOIN topics_shown s ON s.topic_id = c.found_id
        JOIN topics_shown n ON n.topic_id = s.counted_as
        JOIN topics t ON t.topic_id = s.counted_as AND t.topic_version = {version}
        WHERE c.topic_id <> s.counted_as OR (t.label, t.group_label) IS DISTINCT FROM (n.label, n.group_label)""")
    # A topic that was corrected is known by its name: where one changes, those are laid over anew.
    writer.execute(f"""
        INSERT INTO dirty_conversations
        SELECT k.source_id, k.conversation_id FROM conversation_corrections k
        WHERE k.field = 'topic' AND EXISTS (
          FROM topics_shown s JOIN topics t ON t.topic_id = s.topic_id AND t.topic_version = {version}
          WHERE t.label <> s.label AND k.value IN (t.label, t.found_label, s.label))""")


def _rejoined(writer: Writer) -> dict[int, int]:
    """Parts of splits that were undone, and the topics they came from."""
    rows = writer.query("""
        SELECT made_id, topic_id FROM topic_splits s
        WHERE NOT EXISTS (FROM topic_choices c WHERE c.id = s.choice_id)""")
    return dict(zip(rows["made_id"].to_pylist(), rows["topic_id"].to_pylist(), strict=True))


def as_wanted(
    rows: Sequence[dict[str, Any]], choices: Sequence[TopicChoice], rejoined: dict[int, int]
) -> list[Shown]:
    """Topics of a version as choices want them. Choices about topics that are not there wait."""
    known = {row["topic_id"] for row in rows}
    names = {row["topic_id"]: row["found_label"] for row in rows}
    groups = {row["topic_id"]: (row["found_group"], row["found_group_label"]) for row in rows}
    given: set[int] = set()
    worded: dict[int, str] = {}
    for choice in choices:
        topic = choice.topic_id
        if topic is None or topic not in known or choice.words is None:
            continue
        if choice.kind == "rename":
            names[topic] = choice.words
            given.add(topic)
        elif choice.kind == "word":
            worded[topic] = choice.words
        elif choice.kind == "move":
            found = next((g for g in groups.values() if g[1] == choice.words), None)
            groups[topic] = found or (topic, choice.words)
    _word(names, {topic: words for topic, words in worded.items() if topic not in given})
    into = merged(choices)
    shown = []
    for topic in sorted(known):
        end = into.get(topic, topic)
        end = rejoined.get(end, end)
        end = into.get(end, end)
        shown.append(Shown(topic, names[topic], *groups[topic], end if end in known else topic))
    return shown


def _word(names: dict[int, str], worded: dict[int, str]) -> None:
    """Put a model's names in, but for those that another topic has by now: two topics of one name are no two topics."""
    for topic, words in sorted(worded.items()):
        others = {name.casefold() for other, name in names.items() if other != topic}
        if words.casefold() not in others:
            names[topic] = words
