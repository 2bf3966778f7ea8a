"""A name for every request: in its answer, in the log lines it causes, and in those of the page's session it opened."""

from __future__ import annotations

import re
import uuid
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import log

HEADER: Final = "X-Request-ID"
_KEY: Final = HEADER.lower().encode()
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestIds:
    """Takes the id that a proxy gave where it is well-formed (8 to 64 letters, digits, dots, dashes), else makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id, and the answer back with it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name.lower() == _KEY]
        chosen = id_of(given[0].decode("latin-1") if len(given) == 1 else "")
        others = [pair for pair in scope["headers"] if pair[0].lower() != _KEY]
        # A page's session reads the headers of the request that opened it: there the id is found again.
        named = {**scope, "headers": [*others, (_KEY, chosen.encode())]}

        async def with_id(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[HEADER] = chosen
            await send(message)

        token = log.request_id.set(chosen)
        try:
            await self._app(named, receive, with_id)
        finally:
            log.request_id.reset(token)


def id_of(given: str) -> str:
    """The id that was given, where it is well-formed; a new one otherwise."""
    return given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def of_session() -> str:
    """The id of the request that opened the session whose page is being drawn; empty outside of one."""
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:
        return ""
    return st.context.headers.get(HEADER) or ""
