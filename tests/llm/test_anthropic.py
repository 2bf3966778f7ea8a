from __future__ import annotations

from tests.fakes.llm_server import KEY, Script, llm_server
from tests.llm.contract import ChatModelContract


class TestAnthropic(ChatModelContract):
    provider = "anthropic"

    def address(self, server: str) -> str:
        return server

    def test_the_key_travels_in_its_header(self) -> None:
        script = Script()
        with llm_server(script) as server:
            self.make(server).complete("be brief", "hello")
        sent = script.headers[0]
        assert KEY in (sent.get("x-api-key"), sent.get("authorization", "").removeprefix("Bearer "))
        assert script.requests[0]["system"] == "be brief"
        assert script.requests[0]["max_tokens"] == 1500
