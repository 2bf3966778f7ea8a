"""The boundary around a card: a failure is said in its place and the page lives on."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import AppError, InputError, NotEnoughData, QuestionError
from ui import sheet, tables
from ui.server import meters

logger = logging.getLogger(__name__)


def show(error: AppError, *, title: str = "") -> None:
    """Say what failed and what to try, with the id under which the log has it."""
    sheet.say(f"{tables.escaped(title)}: {words(error)}")
    if isinstance(error, NotEnoughData | QuestionError):
        # Not a failure: these filters and this number do not go together, or leave too little.
        st.info(words(error), icon=":material/data_alert:")
        return
    number = _number(error.code)
    logger.warning(
        "card failed", extra={"card": title, "code": error.code, "id": number, "error": str(error)}
    )
    source = f" ({tables.escaped(error.source)})" if error.source else ""
    head = f"**{tables.escaped(title or 'This part')} could not be shown{source}.**"
    st.error(f"{head} {words(error)} Log id `{number}`.", icon=":material/error:")


def _number(code: str) -> str:
    """Count a part that could not be shown; gives the id that page and log have in common."""
    meters.failed(code)
    return uuid.uuid4().hex[:8]


def _show_bug(title: str) -> None:
    """Say that a part has a fault of ours. What it was is told to the log alone: it may hold customers' words."""
    number = _number("unexpected")
    logger.exception("card failed unexpectedly", extra={"card": title, "id": number})
    title = tables.escaped(title or "This part")
    head = f"**{title} could not be shown:** an unexpected error in this card."
    sheet.say(f"{title}: an unexpected error in this card.")
    st.error(f"{head} The other parts hold. Log id `{number}`.", icon=":material/error:")


def words(error: AppError) -> str:
    """What failed and what to try, as markdown that obeys nothing which the error quotes."""
    return tables.told(plain(error))


def plain(error: AppError) -> str:
    """The same as it is, for what is kept now and made markdown where it is shown."""
    return f"{sentence(error.message)} {error.hint}".strip()


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    return (
        (text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")) if text else ""
    )


@contextmanager
def boundary(title: str = "") -> Iterator[None]:
    """Run one card; a failure is shown in its place, a bug goes to the log with its trace and is said in words.

    What Streamlit raises to stop or rerun a page is no `Exception`, and passes.
    """
    try:
        yield
    except AppError as error:
        show(error, title=title)
    except Exception:
        _show_bug(title)


@contextmanager
def refusals() -> Iterator[None]:
    """Keep what somebody wrote; where it cannot be kept, say why beside the field."""
    try:
        yield
    except InputError as error:
        st.warning(words(error), icon=":material/edit_off:")
