"""A loopback server that speaks OpenAI's chat completions and Anthropic's messages, well or badly."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fakes.running import running

KEY = "sk-test-1234567890abcdef"


Answer = dict[str, Any]


@dataclass
class Script:
    """How the server behaves. `lacks` are request fields that it answers with 400; `status` fails every call.

    `failures` are the statuses and headers of the first answers; `answer` may be made from a request; `said` stands in
    place of the next objects, whatever the form they are asked for in; `pace_s` lies between the pieces of a stream.
    """

    text: str = "Parcels were late."
    answer: Answer | Callable[[Answer], Answer] = field(default_factory=lambda: {"word": "blue", "n": 3})
    status: int | None = None
    fail_first: int = 0
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    slow_s: float = 0.0
    pace_s: float = 0.0
    raw: str | None = None  # sent instead of any answer
    replies: list[str] = field(default_factory=list)  # texts of the next answers, before `text`
    said: list[str] = field(default_factory=list)
    lacks: tuple[str, ...] = ()
    no_streams: bool = False
    cut: bool = False  # every answer reaches the longest allowed
    break_stream: bool = False
    requests: list[Answer] = field(default_factory=list)
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
        if script.failures:
            status, more = script.failures.pop(0)
            return self._send(status, {"error": {"message": "not now", "type": "busy"}}, more)
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
        if body.get("stream") and not script.no_streams:
            return self._raw(speak(script, body, stream=True), "text/event-stream")
        return self._send(200, speak(script, body, stream=False))

    def _send(self, status: int, body: Any, more: dict[str, str] | None = None) -> None:
        self._raw([json.dumps(body)], "application/json", status, more)

    def _raw(
        self, texts: str | Sequence[str], kind: str, status: int = 200, more: dict[str, str] | None = None
    ) -> None:
        pieces = [text.encode() for text in ([texts] if isinstance(texts, str) else texts)]
        length = sum(map(len, pieces))
        if self.script.break_stream:
            pieces = pieces[: len(pieces) // 2]
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(length), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(self.script.pace_s)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up waiting


def _object(script: Script, body: Answer) -> str:
    if script.said:
        return script.said.pop(0)
    return json.dumps(script.answer(body) if callable(script.answer) else script.answer)


def _said(script: Script, body: Answer) -> str:
    if script.replies:
        return script.replies.pop(0)
    asked_for_json = "response_format" in body or "output_config" in body or "JSON schema" in json.dumps(body)
    return _object(script, body) if asked_for_json else script.text


def _pieces(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)


def _openai(script: Script, body: Answer, *, stream: bool) -> Any:
    base = {"id": "c1", "created": 1, "model": body["model"]}
    usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
    end = "length" if script.cut else "stop"
    tool = body["tools"][0]["function"]["name"] if body.get("tools") else None
    said = _object(script, body) if tool else _said(script, body)
    call = {"id": "t1", "type": "function", "function": {"name": tool, "arguments": ""}}
    if stream:
        deltas: list[Answer] = [{"role": "assistant", "content": None if tool else ""}]
        if tool:
            deltas.append({"tool_calls": [{"index": 0, **call}]})
        for piece in _pieces(said):
            more = {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
            deltas.append(more if tool else {"content": piece})
        lines = [
            {**base, "object": "chat.completion.chunk",
             "choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else end}]}
            for delta in [*deltas, {}]
        ]  # fmt: skip
        return [*(f"data: {json.dumps(line)}\n\n" for line in lines), "data: [DONE]\n\n"]
    message: Answer = {"role": "assistant", "content": None if tool else said, "refusal": None}
    if tool:
        message |= {"tool_calls": [{**call, "function": {"name": tool, "arguments": said}}]}
    choice = {"index": 0, "message": message, "finish_reason": end}
    return {**base, "object": "chat.completion", "choices": [choice], "usage": usage}


def _anthropic(script: Script, body: Answer, *, stream: bool) -> Any:
    base = {"id": "m1", "type": "message", "role": "assistant", "model": body["model"], "stop_sequence": None}
    usage = {"input_tokens": 11, "output_tokens": 5}
    end = "max_tokens" if script.cut else "end_turn"
    tool = body["tools"][0]["name"] if body.get("tools") else None
    said = _object(script, body) if tool else _said(script, body)
    if stream:
        block: Answer = {"type": "text", "text": ""}
        if tool:
            block = {"type": "tool_use", "id": "t1", "name": tool, "input": {}}
        kind, name = ("input_json_delta", "partial_json") if tool else ("text_delta", "text")
        events: list[Answer] = [
            {"type": "message_start", "message": {**base, "content": [], "stop_reason": None, "usage": usage}},
            {"type": "content_block_start", "index": 0, "content_block": block},
            *({"type": "content_block_delta", "index": 0, "delta": {"type": kind, name: piece}}
              for piece in _pieces(said)),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": end, "stop_sequence": None},
             "usage": {"output_tokens": 5}},
            {"type": "message_stop"},
        ]  # fmt: skip
        return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events]
    content: list[Answer] = [{"type": "text", "text": said}]
    if tool:
        try:
            content = [{"type": "tool_use", "id": "t1", "name": tool, "input": json.loads(said)}]
        except ValueError:
            content = [{"type": "text", "text": said}]  # what is no JSON cannot be the input of a tool
    return {**base, "content": content, "stop_reason": end, "usage": usage}


@contextmanager
def llm_server(script: Script) -> Iterator[str]:
    """The server's address while the block runs."""
    handler = type("Handler", (_Handler,), {"script": script})
    with running(handler) as address:
        yield address
