"""What customers rated: how many of each score on each scale, and what those wrote who rated badly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from analytics.rows import chosen
from core.filters import Filters
from core.keys import KEYS
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

METRIC = (
    "csat_share"  # whose conversations these are: rated in the period, counted, of sources that have ratings
)
# Of scores from 0 to 1: from here on a rating is good, and below it it is bad (or low): one limit for every
# number, list and word. It is Zendesk's: of five points 4 and 5 are good, of three the third, of two the better.
GOOD = 0.75
GOOD_TOLD = "4 or 5 of 5, 3 of 3, or the better of two"
BAD_TOLD = "1 to 3 of 5, 1 or 2 of 3, or the worse of two"


@dataclass(frozen=True, slots=True)
class Score:
    """So many conversations whose last rating is `score` (0 to 1) on a scale."""

    scale: str
    score: float
    n: int

    @property
    def is_bad(self) -> bool:
        """Whether it is below good."""
        return self.score < GOOD


@dataclass(frozen=True, slots=True)
class Comment:
    """What a customer wrote with a bad rating; `rated_at` is wall-clock time of the reporting zone."""

    source: str
    conversation_id: str
    subject: str | None
    rated_at: datetime
    score: float
    agent: str | None
    text: str


def scores(reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer) -> list[Score]:
    """Last ratings of the period by scale and score, low scores first."""
    rows = _rated(reader, filters, settings, viewer, "csat_kind", "csat_score")
    counts = rows.group_by(["csat_kind", "csat_score"]).aggregate(n=rows.count())
    found = reader.run(counts.order_by([counts.csat_kind, counts.csat_score])).to_pylist()
    return [Score(row["csat_kind"] or "", row["csat_score"], row["n"]) for row in found]


def bad_comments(
    reader: Reader, filters: Filters, *, settings: Settings, viewer: Viewer, limit: int = 20
) -> list[Comment]:
    """Bad ratings of the period with a comment, the latest first; of each conversation the last rating alone."""
    rated = _rated(
        reader, filters, settings, viewer, *KEYS, "subject", "csat_score", "csat_agent", "csat_rated_at"
    )
    bad = rated.filter(rated.csat_score < GOOD)
    told = reader.table("csat", viewer)
    told = told.filter(~told.is_deleted, told.comment.notnull(), told.comment.strip() != "")
    both = bad.inner_join(
        told.select(*KEYS, "comment", rated_at="rated_at"),
        [*KEYS, bad.csat_rated_at == told.rated_at],
    )
    latest = both.order_by([both["at"].desc(), both.source_id, both.conversation_id]).limit(limit)
    return [
        Comment(
            row["source_id"], row["conversation_id"], row["subject"], row["at"], row["csat_score"], row["csat_agent"],
            row["comment"],
        )
        for row in reader.run(latest).to_pylist()
    ]  # fmt: skip


def _rated(reader: Reader, filters: Filters, settings: Settings, viewer: Viewer, *columns: str) -> ir.Table:
    from analytics.compute import ask  # the metrics and the list read the limit above and ask for nothing

    question = ask(reader, METRIC, filters, settings=settings, viewer=viewer).question
    return chosen(partial(reader.table, viewer=viewer), question, (), *columns, both=False)
