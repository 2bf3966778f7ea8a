import pytest
from pydantic import BaseModel

from core.errors import LLMError, LLMUnavailable
from llm.base import ChatModel
from llm.fake import FakeModel


class Word(BaseModel):
    word: str


def test_it_says_its_script_and_records_what_it_was_asked() -> None:
    model = FakeModel(
        ["one two", Word(word="blue"), '{"word": "red"}'], mask=lambda text: text.replace("Anna", "[name]")
    )
    assert isinstance(model, ChatModel)
    heard: list[str] = []
    assert model.complete("s", "Anna?", heard=heard.append).text == "one two"
    assert heard == ["one ", "one two"]
    assert model.complete("s", "u", Word).parsed == Word(word="blue")
    assert model.complete("s", "u", Word).parsed == Word(word="red")
    assert [asked.user for asked in model.asked] == ["[name]?", "u", "u"]
    assert model.asked[1].schema is Word


def test_it_fails_as_told_and_when_the_script_does_not_fit() -> None:
    model = FakeModel([LLMUnavailable("down"), "no object"])
    with pytest.raises(LLMUnavailable):
        model.complete("", "")
    with pytest.raises(LLMError, match="does not fit Word"):
        model.complete("", "", Word)


def test_a_line_may_answer_what_it_is_asked() -> None:
    assert FakeModel([lambda system, user: user.upper()]).complete("", "hello").text == "HELLO"
