"""What the bar says, in the address of a page that has no bar: one parameter, so that a reload and a link keep it.

The bar's own parameters belong to its widgets, and Streamlit takes them out of an address where no widget is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlencode

from core.errors import AppError
from ui import data, state
from ui.filters import chips, choices

WITHIN = "within"
_USUAL = {
    "period": choices.USUAL_PERIOD,
    "compare": "previous",
    "grain": "auto",
    "hours": "calendar",
    "click": "open",
}


def carry() -> None:
    """On a page without the bar: take what the address says of it where this tab knows nothing yet, and say it there."""
    said = state.link(WITHIN)
    # Where nothing is published, or conditions cannot be read, the page says so or needs none.
    with suppress(AppError):
        if said and (not choices.are_read() or state.way_back() is not None):
            _take(parse_qs(said))
    state.set_link(WITHIN, _told(state.value(chips.KEPT) or {}) or None)


def drop() -> None:
    """On a page with the bar, which says it all by itself."""
    state.set_link(WITHIN, None)


def _take(said: Mapping[str, Sequence[str]]) -> None:
    chips.restore(said)
    state.put(chips.KEPT, chips.chosen())
    choices.read(*data.span())


def _told(kept: Mapping[str, Any]) -> str:
    """The bar's choices as an address has them, those at their default left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in kept.items():
        several = value if isinstance(value, list | tuple) else [value]
        is_idle = name == "dates" and kept.get("period") != "custom"
        if value != _USUAL.get(name) and not is_idle:
            pairs += [(name, str(one)) for one in several if one not in (None, "")]
    return urlencode(pairs)
