"""Every request has an id: in its answer, in the headers that the program reads, and in the lines it causes."""

from __future__ import annotations

import json
import logging

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from core import log
from ui.server.request_ids import HEADER, RequestIds, id_of, of_session


async def seen(request: Request) -> PlainTextResponse:
    logging.getLogger("ui.test").warning("looked")
    return PlainTextResponse(request.headers[HEADER])


async def session(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.headers[HEADER])
    await socket.close()


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/seen", seen), WebSocketRoute("/session", session)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(RequestIds)]))


def test_a_proxys_id_is_kept_and_stands_in_answer_and_log(client: TestClient, capsys) -> None:
    log.set_up(as_json=True)
    answer = client.get("/seen", headers={HEADER: "edge-0001.42"})
    assert (answer.headers[HEADER], answer.text) == ("edge-0001.42", "edge-0001.42")
    (line,) = [json.loads(one) for one in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["request"]) == ("looked", "edge-0001.42")
    log.set_up(as_json=True)
    logging.getLogger("ui.test").warning("nobody asked")
    assert "request" not in json.loads(capsys.readouterr().err)


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "two words here", "line\\break", "<script>alert"])
def test_one_that_is_not_well_formed_is_replaced(client: TestClient, given: str) -> None:
    answer = client.get("/seen", headers={HEADER: given})
    assert answer.headers[HEADER] == answer.text != given
    assert len(answer.text) == 32 and id_of(answer.text) == answer.text


def test_requests_have_ids_of_their_own_and_two_given_ones_are_none(client: TestClient) -> None:
    assert client.get("/seen").text != client.get("/seen").text
    twice = client.get("/seen", headers=[(HEADER, "edge-0001.42"), (HEADER, "edge-0001.43")])
    assert not twice.text.startswith("edge")


def test_the_session_of_a_page_is_opened_under_the_id(client: TestClient) -> None:
    with client.websocket_connect("/session", headers={HEADER: "edge-0001.42"}) as socket:
        assert socket.receive_text() == "edge-0001.42"
        assert (b"x-request-id", b"edge-0001.42") in socket.extra_headers
    assert of_session() == "", "nobody looks at a page here"


def test_lines_of_a_page_carry_the_id_of_its_session(capsys) -> None:
    log.set_up(session=lambda: "edge-0001.42")
    logging.getLogger("ui.test").warning("drawn")
    assert "request=edge-0001.42" in capsys.readouterr().err
