from __future__ import annotations

import random
from typing import Any

import pytest

from llm.embed import LocalEmbedder
from llm.tokens import Tokens

ODD = (
    "", " ", "  ", "\n", "tail ", " lead", "a   b  c", "My parcel, PT-376520, is late.\nIs it lost?",
    "\u2581", "a\u2581\u2581b \u2581", "<s> in a text </s>", "a<s>b c <unk>", "日本語 テスト 😀", "où\tça\u00a0va", "x" * 500,
)  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return LocalEmbedder()._model()[0]._tokenizer


def whole(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    """What the tokenizer makes of whole texts."""
    return [one.ids for one in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def random_texts(count: int) -> list[str]:
    chance = random.Random(5)
    letters = "ab \u2581\n\té日😀<s>/ .,0"
    return ["".join(chance.choices(letters, k=chance.randint(0, 40))) for _ in range(count)]


def test_words_have_the_tokens_that_whole_texts_have(tokenizer: Any) -> None:
    texts = [*ODD, *random_texts(2_000)]
    tokens = Tokens(tokenizer)
    assert tokens.ids(texts) == whole(tokenizer, texts)
    assert tokens.ids(texts[::-1]) == whole(tokenizer, texts[::-1])  # from memory this time


def test_no_token_joins_two_words(tokenizer: Any) -> None:
    vocabulary = tokenizer.get_vocab()
    assert len(vocabulary) > 30_000
    assert [token for token in vocabulary if "\u2581" in token.lstrip("\u2581")] == []


def test_what_is_remembered_stays_bounded(tokenizer: Any) -> None:
    tokens = Tokens(tokenizer, remember=50)
    for start in range(0, 400, 40):
        texts = [f"word{number} again" for number in range(start, start + 40)] + ["y" * 100]
        assert tokens.ids(texts) == whole(tokenizer, texts)
        assert len(tokens._known) <= 50 and not any(len(word) > 40 for word in tokens._known)
