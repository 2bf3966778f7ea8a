"""The topics as they are counted now: names, what sets them apart, sizes, fit, and conversations that show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from analytics.example import Example
from analytics.population import counted_sql
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

# A conversation that was corrected to a name that no topic has is of that name alone, without a number or a fit.
_TOPICS = f"""
    WITH counted AS (
      SELECT f.topic_id, f.topic, ct.fit FROM {{conversation_facts}} f
      LEFT JOIN {{conversation_topics}} ct ON ct.source_id = f.source_id AND ct.conversation_id = f.conversation_id
        AND ct.topic_id = f.topic_id
      WHERE {counted_sql("f")} AND f.topic IS NOT NULL),
    sizes AS (SELECT topic_id, topic, count(*) AS n, avg(fit) AS fit FROM counted GROUP BY ALL)
    SELECT s.topic_id, s.topic AS label, s.n, s.fit, t.keywords AS terms, t.group_label AS "group",
      CASE WHEN t.label <> t.found_label THEN t.found_label END AS found_label
    FROM sizes s LEFT JOIN (FROM {{topics}} WHERE is_current) t USING (topic_id)
    ORDER BY s.n DESC, s.topic, s.topic_id"""
_EXAMPLES = f"""
    SELECT f.topic_id, f.topic, e.source_id, e.conversation_id, f.subject FROM {{topic_examples}} e
    JOIN {{topics}} t ON t.topic_version = e.topic_version AND t.topic_id = e.topic_id AND t.is_current
    JOIN {{conversation_facts}} f ON f.source_id = e.source_id AND f.conversation_id = e.conversation_id
    WHERE {counted_sql("f")} AND coalesce(t.merged_into, t.topic_id) = f.topic_id
    ORDER BY e.topic_id <> f.topic_id, e.rank, e.source_id, e.conversation_id"""
_TOLD = f"SELECT count(*) AS n, count(topic) AS told FROM {{conversation_facts}} f WHERE {counted_sql('f')}"
_FIT = """
    SELECT topic_version AS version, made_at, conversations, agreement FROM {topic_fits}
    ORDER BY topic_version DESC LIMIT 1"""
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `n`: counted conversations of all time; `fit`: their mean cosine to its middle, 0 to 1.

    `topic_id` is None for a name that corrections alone have given. `found_label` is the machine's name, where people
    gave another. `terms` set it apart from other topics, the strongest first.
    """

    topic_id: int | None
    label: str
    group: str | None
    n: int
    share: float
    fit: float | None
    terms: tuple[str, ...]
    examples: tuple[Example, ...]
    found_label: str | None = None


@dataclass(frozen=True, slots=True)
class TopicList:
    """Topics, the largest first, and the fit that they rest on; `agreement` (0 to 1) of its halves."""

    topics: tuple[Topic, ...]
    n: int
    without: int
    version: int | None = None
    made_at: datetime | None = None
    fitted_on: int | None = None
    agreement: float | None = None


def topic_list(reader: Reader, viewer: Viewer, *, include: tuple[str, ...]) -> TopicList:
    """Every topic of this generation, as the viewer may see them: sizes and examples are of their conversations.

    `include` names kinds that count although they are left out by default, as the settings have them.
    """
    kinds = [list(include)]
    rows = reader.query(_TOPICS, kinds, viewer=viewer).to_pylist()
    shown: dict[tuple[int, str], list[Example]] = {}
    for row in reader.query(_EXAMPLES, kinds, viewer=viewer).to_pylist():
        found = shown.setdefault((row["topic_id"], row["topic"]), [])
        if len(found) < EXAMPLES:
            found.append(Example(row["source_id"], row["conversation_id"], row["subject"]))
    counted = reader.query(_TOLD, kinds, viewer=viewer).to_pylist()[0]
    topics = tuple(
        Topic(
            row["topic_id"], row["label"], row["group"], row["n"], row["n"] / counted["told"], row["fit"],
            tuple(row["terms"] or ()), tuple(shown.get((row["topic_id"], row["label"]), ())), row["found_label"],
        )
        for row in rows
    )  # fmt: skip
    fits = reader.query(_FIT, viewer=viewer).to_pylist()
    fit = fits[0] if fits else {}
    return TopicList(
        topics, counted["told"], counted["n"] - counted["told"], fit.get("version"), fit.get("made_at"),
        fit.get("conversations"), fit.get("agreement"),
    )  # fmt: skip
