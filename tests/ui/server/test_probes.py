"""What the server says to whoever keeps it running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.errors import StoreError
from core.home import Home
from store.workspace import Workspace
from tests.shared import copy_of
from ui import resources
from ui.__main__ import _app, options
from ui.server import closed, headers, meters, probes
from ui.server.workspace_meters import WorkspaceMeters

SIGNED_IN = """
[sign_in]
by = "proxy"
address = "https://support.example.com"
proxies = ["127.0.0.1"]
header = "X-Forwarded-Email"

[[access]]
who = ["ann@example.com"]
role = "admin"
"""


@pytest.fixture
def copy(sample_home: Home, tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The sample's workspace in a home of its own."""
    monkeypatch.setenv("SUPPORTLENS_HOME", str(tmp_path / "copy"))
    return copy_of(sample_home, tmp_path / "copy")


def asked(authorization: str = "") -> Request:
    header = [(b"authorization", authorization.encode())] if authorization else []
    return Request({"type": "http", "method": "GET", "path": "/metrics", "headers": header})


def measured(home: Home) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(WorkspaceMeters(lambda: home))
    text = bytes(probes.measures(asked(), registry).body).decode()
    return {
        (sample.name.removeprefix("supportlens_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_workspace_is_ready_when_its_generation_can_be_read(copy: Home) -> None:
    assert (probes.ready().status_code, json.loads(bytes(probes.ready().body))) == (200, {"status": "ready"})
    (copy.warehouse / "CURRENT").unlink()
    answer = probes.ready()
    assert answer.status_code == 503
    assert json.loads(bytes(answer.body)) == {"status": "not ready", "missing": ["generation"]}


def test_nothing_published_is_not_ready_and_no_failure(home: Home, now: Any) -> None:
    assert json.loads(bytes(probes.ready().body))["missing"] == ["generation"]
    seen = measured(home)
    assert seen["unread_parts",] == 0 and ("generation",) not in seen


def test_the_workspace_is_measured(copy: Home) -> None:
    from store.reader import open_reader
    from store.runs import RunLog

    seen, generation = measured(copy), open_reader(copy).generation
    (run,) = RunLog(copy).recent()
    assert run.finished_at is not None
    assert seen["generation",] == generation.number
    assert seen["generation_published_seconds",] == generation.published_at.timestamp()
    assert seen["refresh_succeeded_seconds",] == run.finished_at.timestamp()
    assert seen["source_rows", "sample", "read"] == run.sources[0].rows_read > 0
    assert (seen["refresh_ok",], seen["refresh_running",], seen["index_chunks_behind",]) == (1, 0, 0)


def test_what_was_read_well_long_ago_is_measured_however_much_failed_since(copy: Home, now: Any) -> None:
    from store.runs import WHOLE, RunLog

    log = RunLog(copy)
    read = measured(copy)
    for tried in range(60):
        log.start(f"r{tried}")
        log.start(f"r{tried}", "daily" if tried == 0 else "often")
        log.finish(f"r{tried}", "daily" if tried == 0 else "often", "ok" if tried == 0 else "failed")
        log.finish(f"r{tried}", WHOLE, "partial" if tried == 0 else "failed")
    seen = measured(copy)
    assert seen["source_read_seconds", "sample"] == read["source_read_seconds", "sample"]
    assert seen["source_read_seconds", "daily"] == seen["refresh_succeeded_seconds",] == now.timestamp()
    assert seen["source_rows", "daily", "read"] == 0 and seen["source_seconds", "often", "failed"] == 0


def test_a_refresh_that_read_nothing_does_not_say_that_all_is_well(copy: Home, now: Any) -> None:
    from store.runs import WHOLE, RunLog

    log = RunLog(copy)
    for tried, source in enumerate(["sample", None]):  # the source fails, and is then left alone
        log.start(f"r{tried}")
        if source:
            log.start(f"r{tried}", source)
            log.finish(f"r{tried}", source, "failed")
        log.finish(f"r{tried}", WHOLE, "failed" if source else "ok")
        assert measured(copy)["refresh_ok",] == 0
    log.start("r9")
    log.start("r9", "sample")
    assert measured(copy)["refresh_ok",] == 0, "it runs"
    log.finish("r9", "sample", "ok")
    log.finish("r9", WHOLE, "ok")
    assert measured(copy)["refresh_ok",] == 1


def test_a_part_that_cannot_be_read_is_counted_and_the_others_are_measured(
    copy: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise StoreError("the index is gone.")

    monkeypatch.setattr("rag.index.lag", broken)
    seen = measured(copy)
    assert seen["unread_parts",] == 1 and seen["generation",] >= 1 and ("index_chunks_behind",) not in seen


def test_where_people_sign_in_a_token_opens_the_measures(copy: Home) -> None:
    assert probes.measures(asked(), meters.registry).status_code == 200
    copy.settings_file.write_text(SIGNED_IN)
    workspace = Workspace(copy)
    made = workspace.make_token("prometheus", scopes=["metrics"], days=1, owner="ann")
    for header in ("", "Bearer", f"Basic {made}", f"Bearer {made}x"):
        answer = probes.measures(asked(header), meters.registry)
        assert answer.status_code == 401 and b"supportlens_" not in bytes(answer.body)
    assert probes.measures(asked(f"Bearer {made}"), meters.registry).status_code == 200
    workspace.revoke_token(workspace.tokens()[0].id)
    assert probes.measures(asked(f"Bearer {made}"), meters.registry).status_code == 401


def test_pages_and_failed_parts_are_counted() -> None:
    def value(name: str, **labels: str) -> float:
        return meters.registry.get_sample_value(name, labels) or 0.0

    before = (
        value("supportlens_page_seconds_count", page="Overview"),
        value("supportlens_parts_failed_total", code="x"),
    )
    with pytest.raises(ValueError, match="ends"), meters.page("Overview"):
        raise ValueError("however it ends")
    meters.failed("x")
    assert value("supportlens_page_seconds_count", page="Overview") == before[0] + 1
    assert value("supportlens_parts_failed_total", code="x") == before[1] + 1


def test_every_answer_tells_the_browser_what_it_may_not_do(copy: Home) -> None:
    app = Starlette(routes=probes.routes()[:2], middleware=[Middleware(headers.SafeHeaders)])
    with TestClient(app) as client:
        for path, status in (("/healthz", 200), ("/readyz", 200), ("/else", 404)):
            answer = client.get(path)
            assert answer.status_code == status
            assert {name: answer.headers[name] for name in headers.HEADERS} == headers.HEADERS
    assert "http:" not in headers.POLICY and "https:" not in headers.POLICY and "*" not in headers.POLICY


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore/%6detrics", "/base/_stcore/metrics"]
)
def test_measures_of_the_pages_server_are_nobody_s(path: str) -> None:
    """They ask for no sign-in, so they are there for nobody; our own server is what starts with this."""

    def others(request: Request) -> PlainTextResponse:
        return PlainTextResponse("open")

    made: Any = _app("app.py")
    assert closed.Closed in [one.cls for one in made._user_middleware]
    routes = [Route("/{rest:path}", others)]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(closed.Closed)])) as client:
        assert client.get(path).status_code == client.options(path).status_code == 404
        assert client.get("/_stcore/health").text == client.get("/metrics").text == "open"


def test_words_and_environment_of_the_server_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    words = [
        "--server.port=8502",
        "--server.headless",
        "true",
        "--server.allowedHosts=a",
        "--server.allowedHosts=b",
    ]
    assert options("app.py", words) == {
        "server.port": 8502, "server.headless": True, "server.allowedHosts": ("a", "b"), "server.address": "0.0.0.0",
    }  # fmt: skip


def test_the_server_is_for_this_home(copy: Home) -> None:
    assert resources.home().root == copy.root
