"""One person with several handles: proposed where sources say the same, confirmed or rejected by a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Column, MetaData, String, Table, delete, insert, select

from core import clock
from core.errors import QuestionError
from core.home import Home
from core.viewer import Viewer
from store.database import Instant, database, is_kept

if TYPE_CHECKING:
    from store.reader import Reader

Verdict = Literal["confirmed", "rejected"]
Key = tuple[str, str]  # source, person

_KEY = ("source_id", "person_id", "other_source_id", "other_id")
metadata = MetaData()
LINKS = Table(
    "person_links",
    metadata,
    Column("source_id", String(200), primary_key=True),
    Column("person_id", String(500), primary_key=True),
    Column("other_source_id", String(200), primary_key=True),
    Column("other_id", String(500), primary_key=True),
    Column("verdict", String(10), nullable=False),
    Column("viewer", String(200), nullable=False),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Link:
    """Two persons who are, or are not, the same; the lower key first."""

    source_id: str
    person_id: str
    other_source_id: str
    other_id: str
    verdict: Verdict
    viewer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two persons who may be the same, and what both have: e-mail, external id or handle."""

    source_id: str
    person_id: str
    name: str
    other_source_id: str
    other_id: str
    other_name: str
    rule: str


class PersonLinks:
    """The verdicts of a workspace."""

    def __init__(self, home: Home) -> None:
        self._engine = database(home, metadata, part="person_links", version=1)

    def decide(self, one: Key, other: Key, verdict: Verdict, *, viewer: str) -> Link:
        """Keep a verdict; a later one replaces it. Raises QuestionError for a person and themself."""
        first, second = sorted((one, other))
        if first == second:
            raise QuestionError("a person is themself already.", hint="Name two different persons.")
        link = Link(*first, *second, verdict, viewer, clock.now())
        row = asdict(link)
        same = [LINKS.c[name] == row[name] for name in _KEY]
        with self._engine.begin() as con:
            con.execute(delete(LINKS).where(*same))
            con.execute(insert(LINKS).values(row))
        return link

    def all(self) -> list[Link]:
        """Every verdict, in the order of its keys."""
        query = select(LINKS).order_by(*(LINKS.c[name] for name in _KEY))
        with self._engine.connect() as con:
            return [Link(**row) for row in con.execute(query).mappings()]


def confirmed(home: Home) -> list[tuple[Key, Key]]:
    """The links that hold; none where nobody has used the workspace yet."""
    if not is_kept(home):
        return []
    return [
        ((link.source_id, link.person_id), (link.other_source_id, link.other_id))
        for link in PersonLinks(home).all()
        if link.verdict == "confirmed"
    ]


def proposals(reader: Reader, decided: list[Link], *, viewer: Viewer, limit: int = 100) -> list[Proposal]:
    """Customers of sources with conversations that share an e-mail address, external id or handle, undecided ones only."""
    rows = reader.query(
        """WITH customers AS (
             SELECT source_id, person_id, coalesce(name, handle, person_id) AS name,
               nullif(lower(trim(email)), '') AS email, nullif(trim(external_id), '') AS external_id,
               nullif(lower(ltrim(trim(handle), '@')), '') AS handle
             FROM {people} WHERE NOT coalesce(is_deleted, false) AND coalesce(kind, 'customer') NOT IN ('agent', 'bot')
               AND source_id IN (SELECT DISTINCT source_id FROM {conversation_facts})),
           found AS (
             SELECT a.source_id, a.person_id, a.name, b.source_id AS other_source_id, b.person_id AS other_id,
               b.name AS other_name, r.rule
             FROM (SELECT *, unnest(['e-mail', 'external id', 'handle']) AS rule, unnest([email, external_id, handle]) AS said
                   FROM customers) a
             JOIN (SELECT 'e-mail' AS rule UNION SELECT 'external id' UNION SELECT 'handle') r ON r.rule = a.rule
             JOIN (SELECT *, unnest(['e-mail', 'external id', 'handle']) AS rule, unnest([email, external_id, handle]) AS said
                   FROM customers) b
               ON b.rule = a.rule AND b.said = a.said AND (a.source_id, a.person_id) < (b.source_id, b.person_id))
           SELECT source_id, person_id, name, other_source_id, other_id, other_name,
             string_agg(DISTINCT rule, ', ' ORDER BY rule) AS rule
           FROM found GROUP BY ALL ORDER BY ALL""",
        viewer=viewer,
    ).to_pylist()
    known = {(d.source_id, d.person_id, d.other_source_id, d.other_id) for d in decided}
    found = [Proposal(**row) for row in rows]
    fresh = [p for p in found if (p.source_id, p.person_id, p.other_source_id, p.other_id) not in known]
    return fresh[:limit]
