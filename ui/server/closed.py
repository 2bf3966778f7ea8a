"""Addresses that the pages' server brings along and that nobody may have: its own measures ask no sign-in."""

from __future__ import annotations

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

CLOSED: Final = ("/_stcore/metrics",)  # with any `server.baseUrlPath` before it


class Closed:
    """Answers 404 to them, with and without a slash at the end; `/metrics` is where measures are read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is open."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(CLOSED):
            await PlainTextResponse("Not found\n", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)
