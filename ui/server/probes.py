"""`/healthz`, `/readyz` and `/metrics`: for whoever keeps the dashboard running, person or machine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.errors import AppError
from core.home import Home
from ui import resources
from ui.server import meters
from ui.server.workspace_meters import WorkspaceMeters

SCOPE = "metrics"
_SHUT = {"WWW-Authenticate": 'Bearer realm="supportlens"'}
logger = logging.getLogger(__name__)


def routes() -> list[Route]:
    """The three addresses, for the server."""
    registry = meters.registry
    registry.register(WorkspaceMeters(resources.home))

    async def metrics(request: Request) -> Response:
        return await run_in_threadpool(measures, request, registry)

    return [
        Route("/healthz", _alive, methods=["GET"]),
        Route("/readyz", _ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def _alive(_: Request) -> Response:
    """The process answers: nothing is read."""
    return JSONResponse({"status": "ok"})


async def _ready(_: Request) -> Response:
    return await run_in_threadpool(ready)


def ready() -> Response:
    """200 where a page could show numbers now, 503 with the parts that stand in the way.

    It is answered without a sign-in: it names parts, and neither paths nor rows.
    """
    missing = [name for name, works in _needs() if not works()]
    state = {"status": "not ready", "missing": missing} if missing else {"status": "ready"}
    return JSONResponse(state, status_code=503 if missing else 200)


def _needs() -> Iterator[tuple[str, Callable[[], object]]]:
    yield "settings", lambda: _works(resources.settings)
    yield "workspace", lambda: _works(lambda: resources.workspace().views("readyz"))
    yield "generation", lambda: _works(_is_readable)


def _works(look: Callable[[], object]) -> bool:
    try:
        look()
    except AppError as error:
        logger.warning("not ready", extra={"error": str(error)})
        return False
    return True


def _is_readable() -> None:
    """A row of the newest generation can be read. Raises NothingPublished, StoreError."""
    from analytics import periods
    from store import generations

    number = generations.current(resources.home()).number
    periods.last_day(resources.reader_of(number), resources.settings())


def measures(request: Request, registry: CollectorRegistry) -> Response:
    """OpenMetrics. Where people sign in, a token with the scope `metrics` opens it."""
    try:
        if resources.is_guarded() and not _is_let_in(
            resources.home(), request.headers.get("authorization", "")
        ):
            return PlainTextResponse("A token with the scope metrics opens this.\n", 401, headers=_SHUT)
    except AppError as error:
        logger.warning("metrics refused", extra={"error": str(error)})
        return PlainTextResponse("It cannot be told who may look.\n", 503)
    written: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]  # the client has no annotation here
    return Response(written, media_type=CONTENT_TYPE_LATEST)


def _is_let_in(home: Home, header: str) -> bool:
    kind, _, secret = header.partition(" ")
    return kind.lower() == "bearer" and resources.workspace(home).token_opens(secret.strip(), SCOPE)
