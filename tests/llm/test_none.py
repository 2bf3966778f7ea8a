import pytest

from core.errors import LLMRefused
from core.settings import Settings
from llm.base import ChatModel, make_model


def test_none_is_a_model_that_refuses() -> None:
    model = make_model(Settings())
    assert isinstance(model, ChatModel)
    assert model.provider == "none"
    with pytest.raises(LLMRefused, match="no language model is configured"):
        model.complete("", "hello")
    with pytest.raises(LLMRefused):
        model.complete("", "hello", heard=lambda _: None)
