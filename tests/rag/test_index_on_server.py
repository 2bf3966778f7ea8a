"""The search index on a Chroma server: it follows the generation, and a server that is gone stops nobody."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from core.errors import StoreError
from core.home import Home
from core.settings import Settings
from rag import chroma
from rag.context import RagContext
from rag.index import lag, nearest_many, update
from rag.search import search
from store.reader import Reader
from tests.fakes.chroma import chroma_server, close_clients

Publish = Callable[..., Reader]
TALKS = {
    "a": ["My parcel never arrived and the courier is silent."],
    "b": ["The invoice shows the wrong amount for March."],
    "c": ["The thermostat in the hall is stuck at twelve degrees."],
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """Closed, the server is gone."""
    with ExitStack() as running:
        monkeypatch.setenv("CHROMA_URL", running.enter_context(chroma_server(tmp_path / "chroma")))
        yield running
    close_clients()


def found(home: Home, reader: Reader, words: str) -> list[str]:
    return [hit.conversation_id for hit in search(RagContext(home, Settings(), reader), words, k=3)]


def by_meaning(home: Home, reader: Reader, words: str) -> list[list[tuple[int, float]]] | None:
    embedder = RagContext(home, Settings(), reader).embedder
    return nearest_many(home, embedder, embedder.embed([words]), 3)


def test_it_follows_the_generation_and_one_client_serves_every_search(
    publish: Publish, home: Home, server: ExitStack
) -> None:
    from chromadb.api.shared_system_client import SharedSystemClient

    report = update(home, Settings(), publish(TALKS))
    assert (report.added, report.embedded) == (3, 3) and not (home.index / "chroma").exists()
    reader = publish({"b": ["The gift card is refused at the till."]}, gone=["c"])
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded, report.deleted) == (1, 1, 1)
    assert lag(home, reader).chunks_behind == 0
    held = len(SharedSystemClient._identifier_to_system)
    for _ in range(3):
        (near,) = by_meaning(home, reader, "gift card refused") or [[]]
        assert len(near) == 2 and near[0][1] > near[1][1]
    assert found(home, reader, "gift card refused")[0] == "b"
    assert len(SharedSystemClient._identifier_to_system) == held


def test_a_server_that_is_gone_is_said_and_search_goes_on(
    publish: Publish, home: Home, server: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    assert by_meaning(home, reader, "parcel")
    server.close()
    assert by_meaning(home, reader, "parcel") is None and "chroma cannot be asked" in caplog.text
    assert found(home, reader, "parcel courier")[0] == "a"
    with pytest.raises(StoreError, match="Chroma server that CHROMA_URL names cannot be used"):
        update(home, Settings(), publish({"d": ["The gift card is refused."]}))
    close_clients()
    assert by_meaning(home, reader, "parcel") is None
    assert found(home, reader, "parcel courier")[0] == "a"


def test_it_is_filled_again_from_stored_vectors_where_the_server_lost_it(
    publish: Publish, home: Home, server: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    server.close()
    close_clients()
    monkeypatch.setenv("CHROMA_URL", server.enter_context(chroma_server(tmp_path / "another")))
    assert by_meaning(home, reader, "parcel") is None
    report = update(home, Settings(), reader)
    assert (report.added, report.embedded) == (3, 0)
    assert by_meaning(home, reader, "parcel")


def test_a_server_that_never_answers_is_not_waited_for(
    publish: Publish, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = publish(TALKS)
    update(home, Settings(), reader)
    monkeypatch.setattr(chroma, "_SERVER_WAIT_S", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        monkeypatch.setenv("CHROMA_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert by_meaning(home, reader, "parcel") is None
        assert found(home, reader, "parcel courier")[0] == "a"
