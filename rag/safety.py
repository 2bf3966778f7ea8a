"""What reaches a reader or a model beside checked sentences is plain: subjects without links, markup and orders."""

from __future__ import annotations

from rag.answer import Evidence
from rag.evidence import Pack
from rag.text import gives_orders, neutral

WITHHELD = "(withheld: it reads like instructions to a model)"


def plain_subject(subject: str | None) -> str | None:
    """A subject as it may be shown anywhere: as Markdown, in JSON, in a letter."""
    if subject is None:
        return None
    return WITHHELD if gives_orders(subject) else neutral(subject)


def make_plain(pack: Pack) -> None:
    """Make the subjects of the evidence plain; what was withheld is flagged there."""
    for items in (pack.items, pack.more):
        items[:] = [_plain(item) for item in items]


def _plain(item: Evidence) -> Evidence:
    subject = plain_subject(item.subject)
    return item.model_copy(update={"subject": subject, "suspicious": item.suspicious or subject == WITHHELD})
