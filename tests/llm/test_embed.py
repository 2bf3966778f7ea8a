from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ConfigError, LLMRefused, LLMUnavailable
from core.settings import Settings
from enrich.redaction import mask
from llm.embed import LOCAL_DIMS, MOST_CHARACTERS, REMOTE_BATCH, make_embedder


class FakeServer:
    """Speaks /v1/embeddings on loopback and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.status = 200
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.requests.append({"path": self.path, **body})
                fake.keys.append(self.headers["Authorization"])
                rows = [
                    {"object": "embedding", "index": i, "embedding": [float(len(text)), 1.0, 0.0]}
                    for i, text in enumerate(body["input"])
                ]
                answer = {"object": "list", "data": rows[::-1], "model": body["model"], "usage": {}}
                data = json.dumps(answer if fake.status == 200 else {"error": {"message": "no"}}).encode()
                self.send_response(fake.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def texts(self) -> list[str]:
        return [text for request in self.requests for text in request["input"]]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    yield fake
    fake.close()


def remote(server: FakeServer, **masking: bool) -> Settings:
    return Settings(
        embeddings={
            "provider": "openai",
            "model": "tiny",
            "base_url": server.url,
            "api_key": "env:EMBED_KEY",
        },
        masking=masking,
        llm={"max_retries": 0, "timeout_s": 5},
    )


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBED_KEY", "sesame-street")


def test_the_built_in_model_gives_unit_rows() -> None:
    embedder = make_embedder(Settings())
    matrix = embedder.embed(["my parcel is late", "", "where is my package", "the invoice has no VAT number"])
    assert matrix.shape == (4, LOCAL_DIMS) and matrix.dtype == np.float32
    assert np.allclose(np.linalg.norm(matrix, axis=1), [1, 0, 1, 1], atol=1e-5)
    assert matrix[0] @ matrix[2] > matrix[0] @ matrix[3]
    assert embedder.embed([]).shape == (0, LOCAL_DIMS)


def test_a_row_depends_on_its_text_alone() -> None:
    embedder = make_embedder(Settings())
    texts = ["short", "a much longer text about parcels " * 50, "", "x" * 1_000_000]
    together = embedder.embed(texts)
    for at, text in enumerate(texts):
        assert np.array_equal(embedder.embed([text])[0], together[at])


def test_the_built_in_model_agrees_with_its_library() -> None:
    import wordllama

    folder = Path(wordllama.__file__).parent
    library = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
    texts = ["my parcel is late", "Backup fails at 40 percent"]
    theirs = library.embed(texts, norm=True)
    assert np.allclose(make_embedder(Settings()).embed(texts), theirs, atol=1e-5)


def test_loading_writes_nothing_and_needs_no_network(tmp_path: Path) -> None:
    before = logging.getLogger().handlers[:]
    program = (
        "import socket, logging\n"
        "def refuse(*a, **k): raise SystemExit('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from core.settings import Settings\n"
        "from llm.embed import make_embedder\n"
        "print(make_embedder(Settings()).embed(['hello there']).shape, logging.getLogger().handlers)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == f"(1, {LOCAL_DIMS}) []", done.stderr
    assert list(tmp_path.rglob("*")) == []
    assert logging.getLogger().handlers == before


def test_a_server_sees_masked_texts_only(server: FakeServer) -> None:
    embedder = make_embedder(remote(server), mask=mask)
    matrix = embedder.embed(["write to ann@mail.example", "", "call +44 20 7946 0958"])
    assert server.texts[1:] == ["write to [email]", "call [phone]"]
    assert embedder.name == "openai:tiny" and embedder.dims == 3
    assert np.allclose(np.linalg.norm(matrix, axis=1), [1, 0, 1])
    assert matrix[0][0] > matrix[2][0]  # in the order asked, whatever the order of the answer
    assert server.requests[0]["path"] == "/v1/embeddings" and server.requests[0]["model"] == "tiny"
    assert set(server.keys) == {"Bearer sesame-street"}


def test_a_secret_at_the_cut_is_not_sent_in_half(server: FakeServer) -> None:
    address = "ann.with.a.long.name@mail.example"
    before = "word " * ((MOST_CHARACTERS - 12) // 5)
    make_embedder(remote(server), mask=mask).embed([f"{before}{address} and more"])
    (sent,) = server.texts[1:]
    assert len(sent) <= MOST_CHARACTERS and "ann" not in sent and "[email] and" in sent


def test_many_texts_go_in_batches(server: FakeServer) -> None:
    embedder = make_embedder(remote(server), mask=mask)
    assert embedder.embed([f"text {n}" for n in range(REMOTE_BATCH * 2 + 1)]).shape == (
        REMOTE_BATCH * 2 + 1,
        3,
    )
    assert [len(r["input"]) for r in server.requests] == [1, REMOTE_BATCH, REMOTE_BATCH, 1]


def test_without_masking_nothing_leaves(server: FakeServer) -> None:
    with pytest.raises(ConfigError, match="masking is off"):
        make_embedder(remote(server, enabled=False), mask=mask)
    with pytest.raises(ConfigError, match="masking function"):
        make_embedder(remote(server))
    assert server.requests == []
    allowed = make_embedder(remote(server, enabled=False, allow_unmasked_remote=True))
    allowed.embed(["ann@mail.example"])
    assert server.texts[-1] == "ann@mail.example"


def test_a_missing_model_or_key_is_said(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"embeddings\.model"):
        make_embedder(Settings(embeddings={"provider": "openai"}), mask=mask)
    monkeypatch.delenv("EMBED_KEY")
    with pytest.raises(ConfigError, match="EMBED_KEY"):
        make_embedder(remote(server), mask=mask)


@pytest.mark.parametrize(
    ("status", "error"), [(401, LLMRefused), (404, LLMRefused), (429, LLMUnavailable), (503, LLMUnavailable)]
)
def test_failures_keep_the_key_to_themselves(server: FakeServer, status: int, error: type[Exception]) -> None:
    server.status = status
    with pytest.raises(error) as caught:
        make_embedder(remote(server), mask=mask).embed(["x"])
    assert "sesame" not in str(caught.value)


def test_a_server_that_is_down_is_unavailable(server: FakeServer) -> None:
    server.close()
    with pytest.raises(LLMUnavailable):
        make_embedder(remote(server), mask=mask).embed(["x"])
