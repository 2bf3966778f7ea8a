"""What every remote language model must do, against a loopback server that speaks its protocol."""

from __future__ import annotations

import itertools
import json
import logging
from abc import ABC, abstractmethod
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from core.errors import ConfigError, LLMError, LLMRefused, LLMUnavailable
from core.masking import Masking
from core.settings import LanguageModel, Settings
from llm._patience import Patience
from llm.base import ChatModel, Usage, make_model
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

    def make(self, server: str, patience: Patience | None = None, **more: Any) -> ChatModel:
        chosen: dict[str, Any] = {"provider": self.provider, "model": "small", "base_url": self.address(server),
                                  "api_key": SecretStr(KEY), "timeout_s": 5.0, "max_retries": 0}  # fmt: skip
        settings = Settings(llm=LanguageModel(**{**chosen, **more}))
        return make_model(settings, mask=lambda text: text.replace("Anna", "[name]"), patience=patience)

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

    @pytest.mark.parametrize("lacks", [(), ("response_format", "output_config"),
                                       ("response_format", "output_config", "tools")])  # fmt: skip
    def test_an_object_is_heard_as_it_comes(self, lacks: tuple[str, ...]) -> None:
        heard: list[str] = []
        with llm_server(Script(lacks=lacks)) as server:
            reply = self.make(server).complete("", "pick", Word, heard=heard.append)
        assert reply.parsed == Word(word="blue", n=3)
        pieces = [text for text in dict.fromkeys(heard) if text]
        assert len(pieces) >= 3 and all(b.startswith(a) for a, b in itertools.pairwise(pieces))
        assert json.loads(pieces[-1]) == {"word": "blue", "n": 3}

    def test_text_is_heard_as_it_comes(self) -> None:
        heard: list[str] = []
        with llm_server(Script()) as server:
            reply = self.make(server).complete("", "what happened?", heard=heard.append)
        assert reply.text == "Parcels were late."
        assert [text for text in dict.fromkeys(heard) if text] == ["Parcels ", "Parcels were ", reply.text]

    def test_a_server_without_streams_is_asked_for_the_whole(self) -> None:
        with llm_server(Script(no_streams=True)) as server:
            assert self.make(server).complete("", "pick", Word, heard=lambda _: None).parsed == Word(
                word="blue", n=3
            )

    def test_the_form_that_was_used_is_told_and_why_it_was_not_the_first(self) -> None:
        script = Script()
        with llm_server(script) as server:
            model = self.make(server)
            first = model.complete("", "pick", Word)
            script.said = ["{broken"]
            unread = model.complete("", "pick", Word)
            again = model.complete("", "pick", Word)
            script.lacks = ("response_format", "output_config")
            lacking, still = (model.complete("", "pick", Word) for _ in range(2))
        assert (first.form, first.instead) == ("schema", "") == (again.form, again.instead)
        assert (unread.form, unread.instead) == ("tools", "its structured output could not be read")
        assert (lacking.form, lacking.instead) == ("tools", f"{self.provider} refuses structured output")
        assert (still.form, still.instead) == (lacking.form, lacking.instead)
        assert unread.usage == Usage(22, 10), "what was not read was paid for, too"

    def test_an_answer_that_is_cut_off_is_told_as_that_and_not_asked_again(self) -> None:
        script = Script(cut=True, said=['{"word": "bl'] * 4)
        with llm_server(script) as server, pytest.raises(LLMError, match="longer than"):
            self.make(server).complete("", "pick", Word)
        assert len(script.requests) == 1

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

    def patient(self, server: str, waited: list[float], again: int = 2, total_s: float = 60.0) -> ChatModel:
        """A model whose pauses pass at once and are written down; chance is in the middle."""
        # Time passes in the pauses alone.
        return self.make(server, Patience(again, total_s, waited.append, lambda: sum(waited), lambda: 0.5))

    def test_a_passing_failure_is_tried_again_after_longer_and_longer_pauses(self) -> None:
        waited: list[float] = []
        with llm_server(Script(fail_first=2)) as server:
            assert self.patient(server, waited).complete("", "hello").text
        assert waited == [0.375, 0.75]

    def test_a_failure_that_stays_is_told_after_the_last_try(self) -> None:
        waited: list[float] = []
        script = Script(status=500)
        with llm_server(script) as server, pytest.raises(LLMUnavailable, match="status 500"):
            self.patient(server, waited).complete("", "hello")
        assert len(script.requests) == 3 and len(waited) == 2, "the client itself tries nothing again"

    @pytest.mark.usefixtures("now")
    def test_a_pause_that_the_server_asks_for_is_kept(self) -> None:
        waited: list[float] = []
        script = Script(
            failures=[(429, {"Retry-After": "7"}), (503, {"Retry-After": "Mon, 16 Nov 2026 09:00:04 GMT"})]
        )
        with llm_server(script) as server:
            assert self.patient(server, waited).complete("", "hello").text
        assert waited == [7.0, 4.0]

    def test_who_is_asked_to_wait_longer_than_anybody_does_gives_up_at_once(self) -> None:
        waited: list[float] = []
        script = Script(failures=[(429, {"Retry-After": "3600"})])
        with llm_server(script) as server, pytest.raises(LLMUnavailable, match="asks to wait 3600 s"):
            self.patient(server, waited).complete("", "hello")
        assert waited == [] and len(script.requests) == 1

    def test_all_tries_and_steps_share_one_limit(self) -> None:
        waited: list[float] = []
        script = Script(
            lacks=("response_format", "output_config"), failures=[(429, {"Retry-After": "6"})] * 9
        )
        with llm_server(script) as server, pytest.raises(LLMUnavailable):
            self.patient(server, waited, again=9, total_s=20.0).complete("", "pick", Word)
        assert waited == [6.0, 6.0, 6.0]

    def test_a_stream_that_breaks_is_begun_anew(self) -> None:
        waited: list[float] = []
        with (
            llm_server(Script(break_stream=True)) as server,
            pytest.raises(LLMUnavailable),
        ):
            self.patient(server, waited, again=1).complete("", "hello", heard=lambda _: None)
        assert len(waited) == 1

    def test_a_stream_that_drips_ends_at_the_limit(self) -> None:
        now = itertools.count()
        with llm_server(Script()) as server, pytest.raises(LLMUnavailable, match="was not done after 4 s"):
            model = self.make(server, Patience(0, 4.0, now=lambda: float(next(now))))
            model.complete("", "hello", heard=lambda _: None)

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
            self.make(server).complete("system", "Anna wrote to us", heard=lambda _: None)
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
