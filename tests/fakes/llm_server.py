"""A loopback server that speaks OpenAI's chat completions and Anthropic's messages, well or badly."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fakes.running import running

KEY = "sk-test-1234567890abcdef"


@dataclass
class Script:
    """How the server behaves. `lacks` are request fields that it answers with 400; `status` fails every call."""

    text: str = "Parcels were late."
    answer: dict[str, Any] = field(default_factory=lambda: {"word": "blue", "n": 3})
    status: int | None = None
    fail_first: int = 0
    slow_s: float = 0.0
    raw: str | None = None  # sent instead of any answer
    replies: list[str] = field(default_factory=list)  # texts of the next answers, before `text`
    lacks: tuple[str, ...] = ()
    break_stream: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    script: Script

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        script = self.script
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script.requests.append(body)
        script.headers.append({name.lower(): value for name, value in self.headers.items()})
        time.sleep(script.slow_s)
        if script.fail_first > 0:
            script.fail_first -= 1
            return self._send(500, {"error": {"message": "try again", "type": "server_error"}})
        if script.status:
            return self._send(
                script.status, {"error": {"message": f"no, not with {KEY}", "type": "bad", "code": "bad"}}
            )
        if any(field in body for field in script.lacks):
            return self._send(
                400, {"error": {"message": "unsupported field", "type": "invalid_request_error"}}
            )
        if script.raw is not None:
            return self._raw(script.raw, "application/json")
        speak = _anthropic if self.path.endswith("/messages") else _openai
        if body.get("stream"):
            return self._raw(speak(script, body, stream=True), "text/event-stream")
        return self._send(200, speak(script, body, stream=False))

    def _send(self, status: int, body: Any) -> None:
        self._raw(json.dumps(body), "application/json", status)

    def _raw(self, text: str, kind: str, status: int = 200) -> None:
        data = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data) + (50 if self.script.break_stream else 0)))
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up waiting


def _said(script: Script, body: dict[str, Any]) -> str:
    if script.replies:
        return script.replies.pop(0)
    asked_for_json = "response_format" in body or "output_config" in body or "JSON schema" in json.dumps(body)
    return json.dumps(script.answer) if asked_for_json else script.text


def _openai(script: Script, body: dict[str, Any], *, stream: bool) -> Any:
    base = {"id": "c1", "created": 1, "model": body["model"]}
    usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
    if stream:
        pieces = [
            {"role": "assistant", "content": ""},
            *({"content": w + " "} for w in script.text.split()),
            {},
        ]
        lines = [
            {**base, "object": "chat.completion.chunk",
             "choices": [{"index": 0, "delta": piece, "finish_reason": None if piece else "stop"}]}
            for piece in pieces
        ]  # fmt: skip
        return "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + "data: [DONE]\n\n"
    message: dict[str, Any] = {"role": "assistant", "content": _said(script, body), "refusal": None}
    if body.get("tools"):
        call = {"name": body["tools"][0]["function"]["name"], "arguments": json.dumps(script.answer)}
        message |= {"content": None, "tool_calls": [{"id": "t1", "type": "function", "function": call}]}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {**base, "object": "chat.completion", "choices": [choice], "usage": usage}


def _anthropic(script: Script, body: dict[str, Any], *, stream: bool) -> Any:
    base = {"id": "m1", "type": "message", "role": "assistant", "model": body["model"], "stop_sequence": None}
    usage = {"input_tokens": 11, "output_tokens": 5}
    if stream:
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": {**base, "content": [], "stop_reason": None, "usage": usage}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": w + " "}}
              for w in script.text.split()),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
             "usage": {"output_tokens": 5}},
            {"type": "message_stop"},
        ]  # fmt: skip
        return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    content = [{"type": "text", "text": _said(script, body)}]
    if body.get("tools"):
        content = [{"type": "tool_use", "id": "t1", "name": body["tools"][0]["name"], "input": script.answer}]
    return {**base, "content": content, "stop_reason": "end_turn", "usage": usage}


@contextmanager
def llm_server(script: Script) -> Iterator[str]:
    """The server's address while the block runs."""
    handler = type("Handler", (_Handler,), {"script": script})
    with running(handler) as address:
        yield address
