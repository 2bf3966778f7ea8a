"""What buttons do: a refusal is said and the page stays, where an exception in a callback would take its place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from core.errors import AppError
from ui import errors

logger = logging.getLogger(__name__)
Given = ParamSpec("Given")


def safely(work: Callable[Given, object]) -> Callable[Given, None]:
    """`work` as the callback of a button: what it refuses, or cannot do, is said in a moment's message.

    For a right that was taken away, and a workspace that cannot be written, since the button was drawn.
    """

    @wraps(work)
    def callback(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            work(*args, **kwargs)
        except AppError as error:
            logger.warning("not done", extra={"code": error.code, "error": str(error)})
            st.toast(errors.words(error), icon=":material/error:")

    return callback
