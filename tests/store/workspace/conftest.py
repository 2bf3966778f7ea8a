"""A workspace on SQLite, as on one machine, and on PostgreSQL, as several machines share it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from core.home import Home
from store.database import engine_for
from store.workspace import Workspace
from tests.fakes.postgres import ACCOUNT, Postgres, postgres

__all__ = ["postgres"]


@pytest.fixture
def shared_url(postgres: Postgres) -> Iterator[str]:
    """An empty database of a PostgreSQL server."""
    name = f"w{uuid.uuid4().hex[:12]}"
    postgres.run(f"CREATE DATABASE {name}")
    url = f"postgresql+psycopg2://{ACCOUNT}@127.0.0.1:{postgres.port}/{name}"
    yield url
    engine_for(
        url, read_only=False
    ).dispose()  # the very engine that workspaces share: the cache tells calls apart


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, home: Home, now: datetime) -> Callable[[], Workspace]:
    """Opens the test's workspace, as often as a test likes."""
    url = request.getfixturevalue("shared_url") if request.param == "postgresql" else None
    return lambda: Workspace(home, url=url)


@pytest.fixture
def workspace(opened: Callable[[], Workspace]) -> Workspace:
    return opened()


@pytest.fixture
def at_once() -> Callable[..., None]:
    """Runs a function in several threads at the same time, and raises what one of them raised."""

    def run(work: Callable[[int], object], threads: int = 6) -> None:
        failed: list[BaseException] = []
        gate = threading.Barrier(threads)

        def one(n: int) -> None:
            gate.wait()
            try:
                work(n)
            except BaseException as error:  # shown by the test's own thread
                failed.append(error)

        running = [threading.Thread(target=one, args=(n,)) for n in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        if failed:
            raise failed[0]

    return run
