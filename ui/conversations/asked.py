"""What the list is asked for, as the address says it: the address is the only place where it is kept.

No widget is bound to it: a choice is written into the address, and every rerun begins by reading it. So the list
survives the opening of one conversation, a copied link and the browser's way back.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.list_question import QUICK, ListQuestion, Place, Sort, sorts_of
from core.filters import Filters
from ui import state
from ui.data_conversations import Listed
from ui.drill import HITS, OF, VALUES, read_span

AFTER, BEFORE, ROW = "after", "before", "row"
LABEL, EVIDENCE = "label", "evidence"
NARROWING = (OF, HITS, VALUES, "quick", "q", "notes", "uncounted", LABEL, EVIDENCE)
LIST = (*NARROWING, "sort", "columns", AFTER, BEFORE)
HIT_CHOICES = {"1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Page:
    """Where in the list one is: the place to read on from, on which side, and how many rows come before."""

    after: Place | None = None
    before: Place | None = None
    start: int = 0


def listed(filters: Filters) -> Listed:
    """The question of this rerun."""
    of = state.link(OF) or ""
    quick = tuple(name for name in dict.fromkeys(state.links("quick")) if name in QUICK)
    question = ListQuestion(
        filters, of=of, hits=HIT_CHOICES.get(state.link(HITS) or "") if of else None, quick=quick,
        counted=bool(of) or not is_on("uncounted"), sort=state.link("sort") or "newest",
        span=read_span(state.link(VALUES)) if of else None,
    )  # fmt: skip
    number = state.link(EVIDENCE) or ""
    evidence = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    return Listed(question, state.link("q") or "", is_on("notes"), state.link(LABEL) or "", evidence)


def is_on(name: str) -> bool:
    """Whether the address switches something on."""
    return (state.link(name) or "").lower() in ("1", "true")


def put(name: str, *values: str) -> None:
    """Write a choice into the address and begin at the first page; only from a callback."""
    state.set_links(name, [value for value in values if value])
    for cursor in (AFTER, BEFORE):
        state.set_link(cursor, None)


def writes(name: str, widget: str, usual: Any = None) -> Callable[[], None]:
    """An `on_change` that puts what a widget says into the address; nothing where that is the usual choice."""

    def callback() -> None:
        chosen = state.value(widget)
        if chosen is None or chosen == usual or chosen is False:
            put(name)
        elif chosen is True:
            put(name, "1")
        else:
            put(name, *(chosen if isinstance(chosen, list) else [str(chosen)]))

    return callback


def toggle_quick(name: str) -> None:
    """Switch a quick filter; only from a callback."""
    chosen = state.links("quick")
    put("quick", *([one for one in chosen if one != name] if name in chosen else [*chosen, name]))


def visit(key: tuple[str, str] | None, place: Place | None = None, chosen: Listed | None = None) -> None:
    """Go to a conversation, or with None back to the list, in one step of the browser's history.

    What the list is asked for goes along in the address; the bar's own choices are carried by the page
    (`ui.filters.within`).
    """
    import streamlit as st

    from ui import evidence, navigation

    found = [(name, value) for name in LIST for value in state.links(name)]
    if key:
        found.append((evidence.LINK, evidence.address(*key)))
    if key and place and chosen:
        found.append((ROW, encoded(place, chosen)))
    st.switch_page(navigation.CONVERSATIONS, query_params=found)


def reset() -> None:
    """The list of everything created in the period; only from a callback."""
    for name in (*NARROWING, "sort"):
        put(name)


def page_of(chosen: Listed) -> Page:
    """Where in the list the address is; the first page where it speaks of another list."""
    for side in (AFTER, BEFORE):
        found = _decoded(state.link(side), chosen)
        if found:
            place, start = found
            return Page(place, None, start) if side == AFTER else Page(None, place, start)
    return Page()


def row_of(chosen: Listed) -> Place | None:
    """The row of the list through which a conversation was opened."""
    found = _decoded(state.link(ROW), chosen)
    return found[0] if found else None


def encoded(place: Place, chosen: Listed, start: int = 0) -> str:
    """A place as a word of the address. Of another list, or another order, it will mean nothing."""
    value = place.value.isoformat() if isinstance(place.value, datetime) else place.value
    told = [_mark(chosen), start, value, place.source_id, place.conversation_id, place.part]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _mark(chosen: Listed) -> int:
    return zlib.crc32(repr(chosen).encode())


def _decoded(text: str | None, chosen: Listed) -> tuple[Place, int] | None:
    """The place and how many rows come before it; None for what somebody else wrote."""
    try:
        told = json.loads(base64.urlsafe_b64decode((text or "") + "=" * (-len(text or "") % 4)))
        mark, start, value, source_id, conversation_id, part = told
        fits = mark == _mark(chosen) and isinstance(source_id, str) and isinstance(conversation_id, str)
        if not fits or type(start) is not int or type(part) is not int:
            return None
        place = Place(_value(value, chosen.question.order), source_id, conversation_id, part)
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError):
        return None
    return place, max(0, start)


def _value(value: Any, order: Sort) -> datetime | float | None:
    if value is None:
        return None
    if order.kind == "moment":
        return datetime.fromisoformat(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    return value


def sorts(of: str) -> dict[str, str]:
    """The orders of the list in words."""
    return {name: sort.title for name, sort in sorts_of(of).items()}
