"""What people have begun to write about: small dense groups of recent conversations that fit no topic.

Found anew whenever the conversations of the window are others than at the last look, from their texts alone. They
are no topics: every conversation keeps the one it has, and a later fit may make a topic of such a group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from enrich.base import Progress
from enrich.labels import name_topics
from enrich.redaction import known_names, mask
from enrich.topic_rows import insert
from enrich.topic_scan import new_branches
from enrich.topic_space import unit
from enrich.topic_texts import Compared, embedded, last_compared, topic_text
from store import state
from store.kept_values import recall, remember

if TYPE_CHECKING:
    import numpy as np

    from store.writer import Writer

VERSION = 1
_KEY = "emerging"  # under which the mark of the last look is kept
WINDOW_DAYS, BEFORE_DAYS = 28, 365
SCANNED = 2_500  # recent conversations, and as many from before
COUNTED = 8_000  # recent conversations, at most, are held against the groups that were found
FEWEST_PEOPLE = 3
OTHERS = 1_500  # texts that a label is set apart from
CLOSE = 0.1  # of a group's texts are further from its middle than a conversation that joins it may be

_WINDOW = f"""
    SELECT max(created_at) AS until, max(created_at) - INTERVAL {WINDOW_DAYS} DAY AS since FROM conversation_facts
    WHERE is_counted"""
# The same conversations in every refresh: those with the smallest hashes.
_HASH = "hash(source_id || conversation_id)"
_SIDE = f"""
    SELECT count(*) AS n, (SELECT max(h) FROM (SELECT {_HASH} AS h FROM {{rows}} ORDER BY h LIMIT {{most}})) AS most
    FROM {{rows}}"""
_ROWS = f"""
    (SELECT source_id, conversation_id, coalesce(requester_id, conversation_id) AS person, {_HASH} AS place,
      created_at >= TIMESTAMPTZ '{{since}}' AS is_recent
    FROM conversation_facts
    WHERE is_counted AND topic_id IS NOT NULL AND created_at >= TIMESTAMPTZ '{{since}}' - INTERVAL {BEFORE_DAYS} DAY
      AND {_HASH} <= CASE WHEN created_at >= TIMESTAMPTZ '{{since}}' THEN {{recent}} ELSE {{before}} END)"""
_FINGERPRINT = """
    SELECT count(*) AS n, coalesce(bit_xor(hash(s.source_id, s.conversation_id, t.content_hash)), 0) AS seen
    FROM {rows} s JOIN conversation_topics t USING (source_id, conversation_id) WHERE s.is_recent"""
TABLES = ("emerging_groups", "emerging_conversations")


@dataclass(frozen=True, slots=True)
class Window:
    """Recent days, the conversations to look at as SQL, and how many of all those are: one in so many."""

    since: datetime
    until: datetime
    rows: str
    one_in: int
    earlier_one_in: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """What is looked at, in the order of `keys`; `scanned` are the rows that groups are sought in."""

    keys: list[dict[str, Any]]
    texts: list[str]
    vectors: np.ndarray
    is_recent: np.ndarray
    scanned: np.ndarray


@dataclass(frozen=True, slots=True)
class Group:
    """A new group: its rows, the nearest to its middle first, and the chance of one as new without news."""

    rows: list[int]
    p: float


def find_emerging(writer: Writer, progress: Progress) -> int:
    """Look for new groups, unless the window is as it was; gives how many there are."""
    window = _window(writer)
    seen = {"n": 0, "seen": 0} if window is None else _one(writer, _FINGERPRINT.format(rows=window.rows))
    compared = last_compared(writer)
    mark = f"{VERSION} {seen['n']} {seen['seen']} {compared.mark}"
    if recall(writer, _KEY) != mark:
        progress("looking for new topics", 0, int(seen["n"]))
        told = None if window is None else _read(writer, window, compared)
        groups = [] if told is None else found(told)
        with writer.transaction():
            if groups or _one(writer, "SELECT count(*) AS n FROM emerging_groups")["n"]:
                state.mark_changed(writer.con, writer.run_id)
            for table in TABLES:
                writer.execute(f"DELETE FROM {table}")
            if window is not None and told is not None and groups:
                _write(writer, window, told, groups)
            remember(writer, _KEY, mark)
    return int(_one(writer, "SELECT count(*) AS n FROM emerging_groups")["n"])


def _one(writer: Writer, sql: str) -> dict[str, Any]:
    return dict(writer.query(sql).to_pylist()[0])


def _window(writer: Writer) -> Window | None:
    """The last days and what to look at; None where one side has nothing."""
    ends = _one(writer, _WINDOW)
    if ends["until"] is None:
        return None
    since = ends["since"].isoformat()
    counted = "(FROM conversation_facts WHERE is_counted AND topic_id IS NOT NULL AND created_at {} TIMESTAMPTZ '{}'{})"
    earlier = f" AND created_at >= TIMESTAMPTZ '{since}' - INTERVAL {BEFORE_DAYS} DAY"
    recent = _one(writer, _SIDE.format(rows=counted.format(">=", since, ""), most=COUNTED))
    before = _one(writer, _SIDE.format(rows=counted.format("<", since, earlier), most=SCANNED))
    if not recent["n"] or not before["n"]:
        return None
    rows = _ROWS.format(since=since, recent=recent["most"], before=before["most"])
    return Window(ends["since"], ends["until"], rows, -(-recent["n"] // COUNTED), -(-before["n"] // SCANNED))


def _read(writer: Writer, window: Window, compared: Compared) -> Scanned:
    """The texts and vectors of the rows to look at, those of before first."""
    import numpy as np

    known = {
        (row["source_id"], row["conversation_id"]): row
        for row in writer.query(f"FROM {window.rows}").to_pylist()
    }
    keys: list[dict[str, Any]] = []
    texts: list[str] = []
    vectors: list[np.ndarray] = []
    for rows, matrix in embedded(writer, window.rows, compared):
        keys += [known[key] for key in zip(rows["source_id"], rows["conversation_id"], strict=True)]
        texts += [topic_text(s, b) for s, b in zip(rows["subject"], rows["body"], strict=True)]
        vectors.append(matrix)
    order = sorted(range(len(keys)), key=lambda at: (keys[at]["is_recent"], keys[at]["place"]))
    keys, texts = [keys[at] for at in order], [texts[at] for at in order]
    matrix = np.concatenate(vectors)[order]
    is_recent = np.array([row["is_recent"] for row in keys])
    place = np.where(is_recent, np.arange(len(keys)) - (~is_recent).sum(), 0)
    return Scanned(keys, texts, unit(matrix - matrix.mean(axis=0)), is_recent, place < SCANNED)


def found(told: Scanned) -> list[Group]:
    """New groups, the surest first, of several people; conversations beyond the scan join the nearest."""
    import numpy as np

    at = np.flatnonzero(told.scanned)
    groups = []
    for branch in new_branches(told.vectors[at], told.is_recent[at]):
        rows = at[branch.rows]
        if len({told.keys[row]["person"] for row in rows if told.is_recent[row]}) >= FEWEST_PEOPLE:
            groups.append((rows, branch.p))
    if not groups:
        return []
    middles = unit(np.stack([told.vectors[rows].mean(axis=0) for rows, _ in groups]))
    closeness = told.vectors @ middles.T
    nearest, further = closeness.argmax(axis=1), told.is_recent & ~told.scanned
    made = []
    for place, (rows, p) in enumerate(groups):
        limit = np.quantile(closeness[rows, place], CLOSE)
        joined = np.flatnonzero(further & (nearest == place) & (closeness[:, place] >= limit))
        members = np.concatenate([rows, joined])
        made.append(Group(members[np.argsort(-closeness[members, place], kind="stable")].tolist(), p))
    return made


def _named(writer: Writer, told: Scanned, groups: list[Group]) -> list[tuple[str, list[str]]]:
    """A label and keywords for each group, set apart from what else people write."""
    import numpy as np

    inside = {row for group in groups for row in group.rows}
    others = [row for row in range(len(told.texts)) if row not in inside][:OTHERS]
    rows = [row for group in groups for row in group.rows] + others
    places = np.repeat(np.arange(len(groups) + 1), [*(len(group.rows) for group in groups), len(others)])
    people = known_names(writer)
    return name_topics([mask(told.texts[row], people) for row in rows], places, len(groups) + 1)[:-1]


def _write(writer: Writer, window: Window, told: Scanned, groups: list[Group]) -> None:
    """Groups that nothing sets apart in words are left out: nobody could tell what is new."""
    named = zip(groups, _named(writer, told, groups), strict=True)
    kept = [(group, label, words) for group, (label, words) in named if label]
    insert(writer, "emerging_groups", [
        {"group_no": no, "label": label, "keywords": words, "p": group.p, "window_start": window.since,
         "window_end": window.until, "one_in": window.one_in, "earlier_one_in": window.earlier_one_in}
        for no, (group, label, words) in enumerate(kept)
    ])  # fmt: skip
    insert(writer, "emerging_conversations", [
        {"group_no": no, "rank": rank, "source_id": told.keys[row]["source_id"],
         "conversation_id": told.keys[row]["conversation_id"]}
        for no, (group, _, _) in enumerate(kept)
        for rank, row in enumerate(group.rows)
    ])  # fmt: skip
