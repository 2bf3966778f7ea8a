"""What people have begun to write about: the refresh's emerging groups, counted as the viewer may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics.example import Example
from analytics.topic_list import EXAMPLES
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

_GROUPS = """
    SELECT g.group_no, g.label, g.keywords AS terms, g.p, g.window_start AS since, g.window_end AS until, g.one_in,
      g.earlier_one_in,
      count(*) FILTER (f.created_at >= g.window_start) AS n,
      count(*) FILTER (f.created_at < g.window_start) AS before,
      min(f.created_at) FILTER (f.created_at >= g.window_start) AS first_at,
      list(floor(date_diff('second', f.created_at, g.window_end) / 604800)::INTEGER) FILTER (f.created_at >= g.window_start)
        AS ages,
      mode(f.topic) AS topic, avg(t.fit) AS topic_fit
    FROM {emerging_groups} g
    JOIN {emerging_conversations} e USING (group_no)
    JOIN {conversation_facts} f ON f.source_id = e.source_id AND f.conversation_id = e.conversation_id
    LEFT JOIN {conversation_topics} t ON t.source_id = f.source_id AND t.conversation_id = f.conversation_id
    WHERE f.is_counted
    GROUP BY ALL HAVING count(*) FILTER (f.created_at >= g.window_start) > 0
    ORDER BY g.group_no"""
_WINDOWS = """
    SELECT g.group_no, count(*) AS n FROM {conversation_facts} f
    JOIN {emerging_groups} g ON f.created_at BETWEEN g.window_start AND g.window_end
    WHERE f.is_counted GROUP BY ALL"""
_EXAMPLES = """
    SELECT e.group_no, f.source_id, f.conversation_id, f.subject FROM {emerging_conversations} e
    JOIN {emerging_groups} g USING (group_no)
    JOIN {conversation_facts} f ON f.source_id = e.source_id AND f.conversation_id = e.conversation_id
    WHERE f.is_counted AND f.created_at >= g.window_start ORDER BY e.group_no, e.rank"""
WEEKS = 4


@dataclass(frozen=True, slots=True)
class Emerging:
    """A small dense group of recent conversations that fit no topic.

    `n` of them began from `since` to `until` (instants, UTC), `before` in the year before; `share` is of all
    conversations of that window. `weeks` are the `n` by week, the oldest first. `topic` is where most of them are
    counted now, `topic_fit` (0 to 1) how well they fit there. `p` is the chance of a group as new where nothing is.
    Of large workspaces one recent conversation in `one_in` was looked at, of earlier ones one in `earlier_one_in`.
    """

    label: str
    terms: tuple[str, ...]
    n: int
    share: float
    before: int
    since: datetime
    until: datetime
    first_at: datetime
    weeks: tuple[int, ...]
    topic: str | None
    topic_fit: float | None
    p: float
    one_in: int
    earlier_one_in: int
    examples: tuple[Example, ...]


def emerging_groups(reader: Reader, viewer: Viewer) -> tuple[Emerging, ...]:
    """The groups of this generation, the surest first; counts and examples are of the viewer's conversations.

    A refresh finds them among what counts by default, whatever kinds the settings count besides.
    """
    rows = reader.query(_GROUPS, viewer=viewer).to_pylist()
    if not rows:
        return ()
    of = {row["group_no"]: row["n"] for row in reader.query(_WINDOWS, viewer=viewer).to_pylist()}
    examples: dict[int, list[Example]] = {}
    for row in reader.query(_EXAMPLES, viewer=viewer).to_pylist():
        shown = examples.setdefault(row["group_no"], [])
        if len(shown) < EXAMPLES:
            shown.append(Example(row["source_id"], row["conversation_id"], row["subject"]))
    return tuple(_group(row, of[row["group_no"]], tuple(examples[row["group_no"]])) for row in rows)


def _group(row: dict[str, Any], of: int, examples: tuple[Example, ...]) -> Emerging:
    ages = [min(int(age), WEEKS - 1) for age in row["ages"]]
    return Emerging(
        row["label"], tuple(row["terms"] or ()), row["n"], row["n"] * row["one_in"] / of, row["before"], row["since"],
        row["until"], row["first_at"], tuple(ages.count(age) for age in reversed(range(WEEKS))), row["topic"],
        row["topic_fit"], row["p"], row["one_in"], row["earlier_one_in"], examples,
    )  # fmt: skip
