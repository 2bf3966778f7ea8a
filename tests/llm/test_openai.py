from __future__ import annotations

from tests.fakes.llm_server import KEY, Script, llm_server
from tests.llm.contract import ChatModelContract


class TestOpenAI(ChatModelContract):
    provider = "openai"

    def address(self, server: str) -> str:
        return f"{server}/v1"

    def test_the_key_travels_as_a_bearer(self) -> None:
        script = Script()
        with llm_server(script) as server:
            self.make(server).complete("be brief", "hello")
        assert script.headers[0]["authorization"] == f"Bearer {KEY}"
        assert [message["role"] for message in script.requests[0]["messages"]] == ["system", "user"]

    def test_a_server_of_ones_own_needs_no_key(self) -> None:
        with llm_server(Script()) as server:
            assert self.make(server, api_key=None).complete("", "hello").text
