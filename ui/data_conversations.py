"""Cached reads of the page Conversations: pages of the list, searches, one conversation, what is like it.

Where the settings mask what pages show, nothing leaves here unmasked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from core.filters import NONE
from core.keys import Key
from core.viewer import Viewer
from ui import masking, resources
from ui.caching import kept
from ui.data import stamp

if TYPE_CHECKING:
    import pyarrow as pa

    from analytics.conversation_list import ListPage, Totals
    from analytics.dossier import Dossier
    from analytics.experience import Experience
    from analytics.list_question import ListQuestion, Place
    from analytics.mentions import Told
    from rag.lookup import Found
    from rag.similar import Alike
    from rag.summary import Summary

_NOT_ABOUT_PEOPLE = ("assignee", "team", "status", "priority", "sla")
READ_AT_ONCE = 10_000  # rows in memory while a whole list is written to a file


@dataclass(frozen=True, slots=True)
class Behind:
    """A metric as the list names it: what its rows are, and in which unit their own value is."""

    name: str
    title: str
    description: str
    counted_on: str
    rows: str
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What is listed: the question, the words that must be found, and whether private notes are read for them.

    `label` and `evidence` (the number of a set) leave only what people put there.
    """

    question: ListQuestion
    text: str = ""
    notes: bool = False
    label: str = ""
    evidence: int | None = None


def metrics() -> dict[str, Behind]:
    """Every metric by name, those of the settings included; of a quotient what is counted above the line."""
    from analytics import catalogue

    return {
        metric.name: Behind(
            metric.name, metric.title, metric.description, metric.counted_on, metric.rows, metric.unit, metric.kind
        )
        for metric in sorted(catalogue.every(resources.settings()), key=lambda metric: metric.title)
    }  # fmt: skip


def found(listed: Listed) -> Found | None:
    """What a search finds, or None without words."""
    if not listed.text.strip():
        return None
    return _found(listed.text.strip(), listed.notes, resources.indexed(), resources.viewer(), *stamp())


@kept(16)
def _found(text: str, notes: bool, indexed: int, viewer: Viewer, place: str, generation: int) -> Found:
    from rag.lookup import lookup

    return lookup(resources.home(), resources.reader_of(generation), text, viewer=viewer, notes=notes)


def _among(listed: Listed) -> tuple[Key, ...] | None:
    """What people put under the label and into the set; None where neither is asked for. Read anew every time."""
    from ui import kept

    chosen = [set(kept.labelled(listed.label))] if listed.label else []
    chosen += [set(kept.evidence_of(listed.evidence))] if listed.evidence is not None else []
    return tuple(sorted(set.intersection(*chosen))) if chosen else None


def _matched(listed: Listed, among: tuple[Key, ...] | None) -> pa.Table | None:
    """The conversations that the list is limited to: those of a search, and those that people chose."""
    import pyarrow as pa

    search = found(listed)
    if among is None:
        return search.keys if search else None
    keys = among
    if search:
        hits = zip(*(search.keys[name].to_pylist() for name in search.keys.column_names), strict=True)
        keys = tuple(set(hits) & set(among))
    columns = ([source for source, _ in keys], [native for _, native in keys])
    return pa.table(
        [pa.array(column, pa.string()) for column in columns], names=["source_id", "conversation_id"]
    )


def page(
    listed: Listed,
    *,
    size: int,
    after: Place | None = None,
    before: Place | None = None,
    columns: tuple[str, ...] = (),
) -> ListPage:
    """A page of the list; `columns` are facts beside the usual ones."""
    return _page(
        listed,
        size,
        after,
        before,
        columns,
        _among(listed),
        resources.indexed(),
        resources.viewer(),
        *stamp(),
    )


@kept(200)
def _page(
    listed: Listed, size: int, after: Place | None, before: Place | None, columns: tuple[str, ...],
    among: tuple[Key, ...] | None, indexed: int, viewer: Viewer, place: str, generation: int,
) -> ListPage:  # fmt: skip
    from analytics import conversation_list as conversations

    result = conversations.page(
        resources.reader_of(generation), listed.question, settings=resources.settings(), viewer=viewer, size=size,
        after=after, before=before, matched=_matched(listed, among),
        columns=(*conversations.LISTED, *columns),
    )  # fmt: skip
    return replace(result, rows=masking.shown(result.rows))


def reading(listed: Listed, *, columns: tuple[str, ...] = ()) -> Callable[[], Iterator[list[dict[str, Any]]]]:
    """A function that reads the whole list, page by page, and may be called outside of a page's run."""
    from analytics import conversation_list as conversations

    reader, settings, viewer = resources.reader(), resources.settings(), resources.viewer()
    matched, shown = _matched(listed, _among(listed)), masking.made()

    def read() -> Iterator[list[dict[str, Any]]]:
        after: Place | None = None
        while True:
            page = conversations.page(
                reader, listed.question, settings=settings, viewer=viewer, size=READ_AT_ONCE, after=after,
                matched=matched, columns=(*conversations.LISTED, *columns),
            )  # fmt: skip
            yield list(shown(page.rows))
            if not page.has_next:
                return
            after = page.places[-1]

    return read


def totals(listed: Listed) -> Totals:
    """How long the list is, and what each quick filter would leave of it."""
    return _totals(listed, _among(listed), resources.indexed(), resources.viewer(), *stamp())


@kept(200)
def _totals(
    listed: Listed, among: tuple[Key, ...] | None, indexed: int, viewer: Viewer, place: str, generation: int
) -> Totals:
    from analytics import conversation_list as conversations

    return conversations.totals(
        resources.reader_of(generation), listed.question, settings=resources.settings(), viewer=viewer,
        matched=_matched(listed, among),
    )  # fmt: skip


def neighbours(listed: Listed, key: Key, here: Place | None) -> tuple[Place | None, Place | None]:
    """The rows before and after a conversation in a list; None at its ends, and where it is not in the list.

    `here` is its own row where it is known: a metric's list can have several of one conversation.
    """
    return _neighbours(listed, key, here, _among(listed), resources.indexed(), resources.viewer(), *stamp())


@kept(200)
def _neighbours(
    listed: Listed,
    key: Key,
    here: Place | None,
    among: tuple[Key, ...] | None,
    indexed: int,
    viewer: Viewer,
    place: str,
    generation: int,
) -> tuple[Place | None, Place | None]:
    from analytics import conversation_list as conversations

    return conversations.neighbours(
        resources.reader_of(generation), listed.question, key, here, settings=resources.settings(), viewer=viewer,
        matched=_matched(listed, among),
    )  # fmt: skip


def dossier(source_id: str, conversation_id: str) -> Dossier | None:
    """One conversation with all that is known about it, or None."""
    return _dossier(source_id, conversation_id, resources.viewer(), *stamp())


@kept(100)
def _dossier(
    source_id: str, conversation_id: str, viewer: Viewer, place: str, generation: int
) -> Dossier | None:
    from analytics.dossier import opened

    settings = resources.settings()
    made = opened(
        resources.reader_of(generation), source_id, conversation_id, settings=settings, viewer=viewer
    )
    return _shown(made) if made else None


def _shown(made: Dossier) -> Dossier:
    """The conversation as the viewer may see it; who was assigned is no customer."""
    shown = masking.made()  # one for all parts: the same address has the same placeholder
    facts, said, ratings = shown(made.facts), shown(made.messages), shown(made.ratings)
    events = (row if row["field"] in _NOT_ABOUT_PEOPLE else shown(row) for row in made.events)
    return replace(made, facts=facts, messages=said, events=tuple(events), ratings=ratings)


def experience(opened: Dossier) -> Experience:
    """How a conversation went: the parts of its score with the messages that decided them."""
    key = (opened.facts["source_id"], opened.facts["conversation_id"])
    return _experience(*key, resources.viewer(), *stamp())


@kept(100)
def _experience(
    source_id: str, conversation_id: str, viewer: Viewer, place: str, generation: int
) -> Experience:
    from analytics.dossier import opened
    from analytics.experience import experience as went

    reader = resources.reader_of(generation)
    made = opened(reader, source_id, conversation_id, settings=resources.settings(), viewer=viewer)
    if made is None:
        raise StoreError("the conversation is not there any more.", hint="Go back to the list.")
    return went(reader, made, viewer=viewer)


def told(opened: Dossier) -> Told:
    """What a conversation names and what its customer wants, in the words that the viewer may see."""
    key = (opened.facts["source_id"], opened.facts["conversation_id"])
    return _told(*key, resources.viewer(), *stamp())


@kept(100)
def _told(source_id: str, conversation_id: str, viewer: Viewer, place: str, generation: int) -> Told:
    from analytics.mentions import told as found
    from ui import data

    made = _dossier(source_id, conversation_id, viewer, place, generation)
    if made is None:
        raise StoreError("the conversation is not there any more.", hint="Go back to the list.")
    products = tuple(value for value, _ in data.values("product") if value != NONE)
    return found(made.messages, products, subject=made.facts["subject"] or "")


def summary(opened: Dossier, *, asks: bool = False) -> Summary:
    """A conversation in five lines, of what the viewer may see of it.

    Only with `asks` is the language model asked; what it worded before is used all the same.
    """
    from rag.summary_wording import summary_of
    from ui import data

    products = tuple(value for value, _ in data.values("product") if value != NONE)
    return summary_of(resources.rag_context(), opened, products, asks=asks)


def has_model() -> bool:
    """Whether the settings name a language model."""
    return resources.settings().llm.provider != "none"


def found_by_machine(source_id: str, conversation_id: str) -> dict[str, str | None]:
    """What the machine found where the numbers have a person's word: field (topic, sentiment) to value."""
    return _found_by_machine(source_id, conversation_id, resources.viewer(), *stamp())


@kept(100)
def _found_by_machine(
    source_id: str, conversation_id: str, viewer: Viewer, place: str, generation: int
) -> dict[str, str | None]:
    from store import corrected

    reader = resources.reader_of(generation)
    return corrected.found_by_machine(reader, source_id, conversation_id, viewer=viewer)


def similar(source_id: str, conversation_id: str) -> list[Alike]:
    """The conversations that say the like of it, near-duplicates folded; empty without an index."""
    return _similar(source_id, conversation_id, resources.indexed(), resources.viewer(), *stamp())


@kept(100)
def _similar(
    source_id: str, conversation_id: str, indexed: int, viewer: Viewer, place: str, generation: int
) -> list[Alike]:
    from rag.similar import folded

    near = folded(resources.rag_context(), source_id, conversation_id, viewer=viewer)
    return masking.shown(near)


def topics() -> list[str]:
    """The topics that a conversation can be corrected to, the most frequent first."""
    from ui import data

    return [value for value, _ in data.values("topic") if value != NONE]
