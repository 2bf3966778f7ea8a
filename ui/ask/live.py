"""What is seen while an answer is made: the chips, then numbers and chart, then evidence, then checked sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import charts
from ui.ask import chips, evidence, numbers
from ui.tables import escaped

if TYPE_CHECKING:
    from rag.answer import Claim

STEPS = {
    "waiting": "Others are being answered; yours comes next …",
    "plan": "Computing the numbers …", "metrics": "Drawing …", "series": "Reading the conversations …",
    "evidence": "Writing the answer …", "claims": "Writing and checking, sentence by sentence …",
    "words": "Checking every sentence …", "verified": "Checked",
}  # fmt: skip


@contextmanager
def progress() -> Iterator[Callable[[str, Any], None]]:
    """A place that fills as the answer is made, and is gone when the whole of it is there.

    A language model's words appear here only after they were checked: nothing unchecked is ever shown.
    """
    place = st.empty()
    with place.container():
        status = st.status("Reading the question …", expanded=False)
        made, words, mark = st.container(), st.empty(), st.container()

    def on_event(kind: str, what: Any) -> None:
        if kind in ("claims", "verified"):
            with words.container():
                _sentences(what)
        if kind == "verified":
            mark.caption(
                ":material/verified: Every number, quote and direction in these sentences was checked."
            )
        with made:
            _draw(kind, what)
        if kind in STEPS:
            status.update(label=STEPS[kind])

    try:
        yield on_event
    finally:
        place.empty()


def _draw(kind: str, what: Any) -> None:
    if kind == "plan":
        chips.badges(what)
    elif kind == "metrics":
        numbers.cards(what)
    elif kind == "series" and what:
        charts.draw(charts.series(what[0]), key="live_series")
    elif kind == "evidence":
        evidence.counted(what)


def _sentences(claims: Sequence[Claim]) -> None:
    """What is written so far and holds; each sentence stands as soon as it was checked."""
    for claim in claims:
        st.markdown(escaped(claim.text) + "".join(f" :blue-badge[{n}]" for n in claim.citations))
