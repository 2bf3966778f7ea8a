"""What every remote language model must do, against a loopback server that speaks its protocol."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from core.errors import ConfigError, LLMError, LLMRefused, LLMUnavailable
from core.masking import Masking
from core.settings import LanguageModel, Settings
from llm.base import ChatModel, make_model
from tests.fakes.llm_server import KEY, Script, llm_server


class Word(BaseModel):
    word: str
    n: int


class ChatModelContract(ABC):
    """Subclass it, say which provider and how its address looks."""

    provider: str

    @abstractmethod
    def address(self, server: str) -> str:
        """base_url for this provider at a server."""

    def make(self, server: str, **more: Any) -> ChatModel:
        chosen: dict[str, Any] = {"provider": self.provider, "model": "small", "base_url": self.address(server),
                                  "api_key": SecretStr(KEY), "timeout_s": 5.0, "max_retries": 0}  # fmt: skip
        settings = Settings(llm=LanguageModel(**{**chosen, **more}))
        return make_model(settings, mask=lambda text: text.replace("Anna", "[name]"))

    def test_it_answers_and_counts_tokens(self) -> None:
        script = Script()
        with llm_server(script) as server:
            reply = self.make(server).complete("be brief", "what happened?")
        assert reply.text == "Parcels were late."
        assert (reply.usage.input_tokens, reply.usage.output_tokens) == (11, 5)
        assert script.requests[0]["model"] == "small"

    def test_it_gives_an_object_of_the_schema(self) -> None:
        with llm_server(Script()) as server:
            reply = self.make(server).complete("", "pick", Word)
        assert reply.parsed == Word(word="blue", n=3)

    @pytest.mark.parametrize("lacks", [("response_format", "output_config"), ("tools",)])
    def test_a_server_without_one_way_is_asked_another_way(self, lacks: tuple[str, ...]) -> None:
        with llm_server(Script(lacks=lacks)) as server:
            assert self.make(server).complete("", "pick", Word).parsed == Word(word="blue", n=3)

    def test_the_last_way_is_text_with_one_repair(self) -> None:
        script = Script(
            lacks=("response_format", "output_config", "tools"),
            replies=["no idea", 'Sure: {"word": "red", "n": 1}'],
        )
        with llm_server(script) as server:
            model = self.make(server)
            assert model.complete("", "pick", Word).parsed == Word(word="red", n=1)
            asked = len(script.requests)
            model.complete("", "pick", Word)
        assert len(script.requests) == asked + 1, "the way that works is remembered"

    def test_an_object_that_stays_wrong_is_an_error(self) -> None:
        script = Script(lacks=("response_format", "output_config", "tools"), replies=["no", "still no"])
        with llm_server(script) as server, pytest.raises(LLMError, match="did not give the asked form"):
            self.make(server).complete("", "pick", Word)

    def test_it_streams_pieces_that_are_never_empty(self) -> None:
        with llm_server(Script()) as server:
            pieces = list(self.make(server).stream("", "what happened?"))
        assert "".join(pieces).strip() == "Parcels were late."
        assert len(pieces) == 3 and all(pieces)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [(401, LLMRefused), (403, LLMRefused), (404, LLMRefused), (400, LLMRefused), (429, LLMUnavailable),
         (500, LLMUnavailable), (503, LLMUnavailable)],
    )  # fmt: skip
    def test_failures_are_our_own_and_say_no_secret(
        self, status: int, kind: type[LLMError], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, logger="llm")
        with llm_server(Script(status=status)) as server, pytest.raises(kind) as failed:
            self.make(server).complete("", "hello")
        assert KEY not in f"{failed.value} {failed.value.__cause__} {caplog.text}"
        assert failed.value.hint

    def test_a_refused_key_is_not_tried_another_way(self) -> None:
        script = Script(status=401)
        with llm_server(script) as server, pytest.raises(LLMRefused, match="refused the key"):
            self.make(server).complete("", "pick", Word)
        assert len(script.requests) == 1

    def test_a_passing_failure_is_tried_again(self) -> None:
        with llm_server(Script(fail_first=1)) as server:
            assert self.make(server, max_retries=1).complete("", "hello").text

    def test_a_slow_server_is_given_up(self) -> None:
        with (
            llm_server(Script(slow_s=1.0)) as server,
            pytest.raises(LLMUnavailable, match="did not answer within"),
        ):
            self.make(server, timeout_s=0.2).complete("", "hello")

    def test_nobody_there_is_unavailable(self) -> None:
        with llm_server(Script()) as server:
            pass
        with pytest.raises(LLMUnavailable, match="cannot be reached"):
            self.make(server).complete("", "hello")

    @pytest.mark.parametrize("raw", ["<html>proxy</html>", "[]", '"hello"', "{}"])
    def test_garbage_is_an_error_of_ours(self, raw: str) -> None:
        with llm_server(Script(raw=raw)) as server, pytest.raises(LLMError):
            self.make(server).complete("", "hello")

    def test_what_is_sent_is_masked(self) -> None:
        script = Script()
        with llm_server(script) as server:
            self.make(server).complete("system", "Anna wrote to us")
            list(self.make(server).stream("system", "Anna wrote to us"))
        assert "Anna" not in str(script.requests) and "[name] wrote" in str(script.requests)

    def test_masking_off_must_be_allowed_by_name(self) -> None:
        chosen = LanguageModel(provider=self.provider, model="small")  # type: ignore[arg-type]
        off = Masking(enabled=False)
        with pytest.raises(ConfigError, match="masking is off"):
            make_model(Settings(llm=chosen, masking=off))
        with pytest.raises(ConfigError, match="needs a masking function"):
            make_model(Settings(llm=chosen))
        allowed = Masking(enabled=False, allow_unmasked_remote=True)
        assert make_model(Settings(llm=chosen, masking=allowed)).name == "small"

    def test_without_a_key_the_first_call_says_so(self) -> None:
        model = make_model(Settings(llm=LanguageModel(provider=self.provider)), mask=str)  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="there is no key"):
            model.complete("", "hello")
