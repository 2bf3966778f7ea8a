"""The tokens of texts, word by word: support mail repeats its words, and each is cut into tokens once."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from itertools import chain
from typing import Any

_SPACE = "\u2581"  # how SentencePiece writes it
_WORD = re.compile(f"{_SPACE}+[^{_SPACE}]*")
MOST_REMEMBERED = 50_000  # words: about 20 MB
_LONGEST = 40  # characters of a word that is worth remembering


class Tokens:
    """A SentencePiece tokenizer that remembers words and gives the very ids that it gives for whole texts.

    No token of its vocabulary has a space after a letter, so merges (byte pair encoding, Sennrich et al. 2016)
    never cross from one word into the next, and a word has the same tokens in every text.
    """

    def __init__(self, tokenizer: Any, *, remember: int = MOST_REMEMBERED) -> None:
        self._tokenizer, self._remember = tokenizer, remember
        self._names = tuple(str(token) for token in tokenizer.get_added_tokens_decoder().values())
        self._space = (int(tokenizer.token_to_id(_SPACE)),)
        self._known: dict[str, tuple[int, ...]] = {}
        self._guard = threading.Lock()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without those that mark where a text begins and ends."""
        words = [_WORD.findall(_SPACE + text.replace(" ", _SPACE)) if text else [] for text in texts]
        of = self._of_words(set(chain.from_iterable(words)))
        found = [list(chain.from_iterable(map(of.__getitem__, some))) for some in words]
        for at, text in enumerate(texts):
            if any(name in text for name in self._names):  # <s> in a text is one token, wherever it stands
                found[at] = self._encoded([text])[0]
        return found

    def _of_words(self, words: set[str]) -> dict[str, tuple[int, ...]]:
        """The ids of each of these words, which begin with a space."""
        with self._guard:
            new = [word for word in words if word not in self._known]
            # The tokenizer puts a space before what it is given.
            fresh = dict(zip(new, map(tuple, self._encoded([word[1:] for word in new])), strict=True))
            found = {word: fresh[word] if word in fresh else self._known[word] for word in words}
            found[_SPACE] = self._space
            if len(self._known) + len(fresh) > self._remember:
                self._known = {}
            self._known.update((word, ids) for word, ids in fresh.items() if len(word) <= _LONGEST)
        return found

    def _encoded(self, texts: list[str]) -> list[list[int]]:
        return [one.ids for one in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
