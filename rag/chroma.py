"""Which Chroma is asked, the one in the home or the server of CHROMA_URL, and how it fails. The only file that knows Chroma."""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any

from core.home import Home

_SERVER_WAIT_S = 30.0  # for one answer
# One client a server for the process: Chroma keeps every one that is ever made, with its connections.
_of_servers: dict[str, Any] = {}
_making = threading.Lock()


def on_server() -> bool:
    """Whether the index lies on a server that somebody else keeps."""
    return bool(os.environ.get("CHROMA_URL"))


def client_of(home: Home) -> Any:
    """The client of the home's Chroma. Raises one of `damages` where a server does not answer."""
    url = os.environ.get("CHROMA_URL", "").rstrip("/")
    if url:
        with _making:
            if url not in _of_servers:
                _of_servers[url] = _made(url)
            return _of_servers[url]
    import chromadb

    folder = home.index / "chroma"
    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(str(folder), settings=_quiet())


def _made(url: str) -> Any:
    import chromadb
    import httpx

    secure, _, place = url.partition("://")
    host, _, port = place.partition(":")
    default = 443 if secure == "https" else 8000
    # Its client asks the server while it is made, and waits for ever until it can be told not to.
    httpx.get(f"{url}/api/v2/heartbeat", timeout=_SERVER_WAIT_S)
    client = chromadb.HttpClient(host, int(port or default), ssl=secure == "https", settings=_quiet())
    client._server._session.timeout = _SERVER_WAIT_S  # type: ignore[attr-defined]
    return client


def _quiet() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def held(client: Any, name: str) -> Any:
    """A collection, None where there is none."""
    from chromadb.errors import NotFoundError

    try:
        return client.get_collection(name, embedding_function=None)
    except (NotFoundError, ValueError):
        return None


def let_go() -> None:
    """Have Chroma forget what it holds in memory of the home's files, which others write or delete."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()


def damages() -> tuple[type[Exception], ...]:
    """What asking a damaged index, or a server that is gone, raises."""
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    return ChromaError, HTTPError, ValueError, RuntimeError, OSError, sqlite3.Error
